#!/usr/bin/env node
// The long form of the torture tests:
//
//   npm run torture -- [--rounds N] [--seed S] [FILE...]
//
// N is how often the ledger is killed at random and at chosen moments (1,000 when left out); the other tests take shares
// of it. Without a seed each run takes another one, and says which.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_007) },
  },
  allowPositionals: true,
});
for (const [name, value] of Object.entries(values)) {
  if (/^[1-9]\d*$/.test(value)) continue;
  process.stderr.write(`--${name} is a number, 1 or more\n`);
  process.exit(2);
}
const known = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts'));
const files =
  positionals.length === 0 ? known : known.filter((name) => positionals.some((part) => name.includes(part)));
const started = Date.now();
process.stdout.write(`${values.rounds} rounds, seed ${values.seed}: ${files.join(', ')}\n`);
const { status } = spawnSync(
  'npx',
  ['vitest', 'run', '--maxWorkers=2', ...files.map((name) => `test/torture/${name}`)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TORTURE_ROUNDS: values.rounds, TORTURE_SEED: values.seed },
  },
);
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
process.stdout.write(`${status === 0 ? 'passed' : 'FAILED'} after ${minutes} minutes, seed ${values.seed}\n`);
process.exitCode = status === 0 ? 0 : 1;
