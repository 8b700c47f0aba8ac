// Runs a process to its end and says what it took: wall time, processor time, peak memory.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const reporter = fileURLToPath(new URL('resources.cjs', import.meta.url));

/** A Node program: `args` as after `node`. Its standard output is kept. */
export function measuredNode(args, options = {}) {
  const report = join(tmpdir(), `lago-cli-bench-${process.pid}.json`);
  const env = { ...process.env, LAGO_CLI_BENCH_REPORT: report };
  const run = measured(process.execPath, ['--require', reporter, ...args], { ...options, env });
  const resources = JSON.parse(readFileSync(report, 'utf8'));
  rmSync(report);
  return { ...run, ...resources };
}

/** Any program: wall time alone. Standard output goes to `output`, a file descriptor, else is kept. */
export function measured(command, args, { env = process.env, output = 'pipe', input, accept = [0] } = {}) {
  const started = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env,
    input,
    stdio: ['pipe', output, 'pipe'],
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  const seconds = (performance.now() - started) / 1000;
  if (error !== undefined) throw error;
  if (!accept.includes(status)) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`);
  return { seconds, stdout };
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs the contestants in turn, `rounds` times, so that whatever else the machine does falls on all of them alike;
 * answers the median of each figure for each of them.
 */
export function interleaved(rounds, contestants) {
  const results = Object.fromEntries(Object.keys(contestants).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) results[name].push(run(round));
  }
  const medians = (runs) => {
    const figures = Object.keys(runs[0]).filter((figure) => typeof runs[0][figure] === 'number');
    return Object.fromEntries(figures.map((figure) => [figure, median(runs.map((run) => run[figure]))]));
  };
  return Object.fromEntries(Object.entries(results).map(([name, runs]) => [name, medians(runs)]));
}
