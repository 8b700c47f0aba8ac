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

it('replaces the rejects of the run before, and no file that is in use', () => {
  const input = file('events.ndjson', 'events');
  const linked = join(folder, 'linked.ndjson');
  linkSync(input, linked);
  const ledger = file('lago.db', 'SQLite format 3\0and more');
  for (const path of [input, linked, ledger]) {
    expect(() => rejectsFile(path, ['-', input])).toThrow('would replace a file that is in use');
  }
  expect([input, ledger].map((path) => readFileSync(path, 'utf8'))).toEqual(['events', 'SQLite format 3\0and more']);

  const rejects = file('rejects.ndjson', 'of the run before');
  rejectsFile(rejects, ['-', input]).close();
  expect(readFileSync(rejects, 'utf8')).toBe('');
});
