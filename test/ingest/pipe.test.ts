/** Pipes: what has come so far is stored while the other end is still open, and nobody is locked out meanwhile. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import { ingestFiles } from '../../src/operations/ingest.js';
import { line, noon, type World, world } from './ingestWorld.js';

let w: World;
let ledger: SqliteLedger;
let pipe: string;
beforeEach(() => {
  w = world();
  const folder = dirname(w.file('none', ''));
  ledger = openLedger(join(folder, 'lago.db'));
  pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
});
afterEach(() => {
  ledger.close();
  w.close();
});

/** Reads the pipe while `write` writes to it. */
async function ingesting(write: (descriptor: number) => Promise<void>, signal?: AbortSignal) {
  // Opened for both, so that neither side waits for the other.
  const keeper = openSync(pipe, 'r+');
  const reading = ingestFiles({ ...w.context, ledger }, [pipe], signal === undefined ? {} : { signal });
  await write(keeper);
  closeSync(keeper);
  return reading;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries += 1) {
    if (tries === 200) throw new Error('it never came to be');
    await setTimeout(50);
  }
}

test('events of a slow pipe are stored within seconds, and others may write', { timeout: 30_000 }, async () => {
  const summary = await ingesting(async (descriptor) => {
    writeSync(descriptor, `${line('t1')}\n${line('t2')}\n${line('t3').slice(0, 20)}`);
    await until(() => ledger.lastSequence() === 2);
    const other = openLedger(ledger.file, { busyTimeoutMs: 0 });
    other.putSetting('a', 'b');
    other.close();
    writeSync(descriptor, `${line('t3').slice(20)}\n`);
    await until(() => ledger.lastSequence() === 3);
  });
  expect(summary).toMatchObject({ stored: 3, records: 3, lines: 3, interrupted: false, committed: true });
  expect(ledger.event('t3')?.receivedAt).toBe(noon);
});

test('an interrupt ends the wait, and keeps what came', { timeout: 30_000 }, async () => {
  const stop = new AbortController();
  const summary = await ingesting(async (descriptor) => {
    writeSync(descriptor, `${line('t1')}\n`);
    await until(() => ledger.lastSequence() === 1);
    stop.abort();
    await setTimeout(1_500);
  }, stop.signal);
  expect(summary).toMatchObject({ stored: 1, interrupted: true });
});

test('a packed pipe is unpacked', async () => {
  const events = Array.from({ length: 50 }, (_, i) => line(`t${i}`)).join('\n');
  const summary = await ingesting(async (descriptor) => {
    writeSync(descriptor, gzipSync(events));
  });
  expect(summary).toMatchObject({ stored: 50, records: 50 });
});

test('standard input is named once', async () => {
  await expect(ingestFiles(w.context, ['-', '-'])).rejects.toMatchObject({ problems: [{ field: 'files' }] });
});
