import { linkSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { rejectsFile } from '../../src/ingest/rejectsFile.js';

const folder = mkdtempSync(join(tmpdir(), 'lago-cli-rejects-'));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

it('replaces the rejects of the run before, and nothing else: no input, no ledger, no log, no definitions', () => {
  const input = file('events.ndjson', 'events');
  const linked = join(folder, 'linked.ndjson');
  linkSync(input, linked);
  const others = { 'lago.db': 'SQLite format 3\0and more', 'lago.db-wal': '7\x7f\x06\x82', 'lago.yaml': 'name: X\n' };
  const rejectLike = file('like.ndjson', '{"file":"x"}\n');
  const paths = Object.entries(others).map(([name, text]) => file(name, text));
  for (const path of [input, linked, rejectLike, ...paths]) {
    expect(() => rejectsFile(path, ['-', input, rejectLike])).toThrow('would replace a file that holds something else');
  }
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(Object.values(others));
  expect(readFileSync(input, 'utf8')).toBe('events');

  const rejects = file('rejects.ndjson', '{"file":"events.ndjson","line":1}\n');
  rejectsFile(rejects, ['-', input]).close();
  expect(readFileSync(rejects, 'utf8')).toBe('');
});
