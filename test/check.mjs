#!/usr/bin/env node
// Everything that must hold, one step after the other: lint, dead code, types, build, tests, conformance scenarios.
// Ends with `N passed, N failed`, where each static step counts as one, and with exit code 1 when something failed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'lago-cli-check-'));
const results = [];

function run(command, args, options = {}) {
  process.stdout.write(`\n> ${[command, ...args].join(' ')}\n`);
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
}

/** A step that passes or fails as a whole. */
function step(name, command, args) {
  const started = Date.now();
  const passed = run(command, args).status === 0;
  results.push({ name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, seconds: (Date.now() - started) / 1000 });
  return passed;
}

function vitest() {
  const started = Date.now();
  const report = join(scratch, 'vitest.json');
  const { status } = run('npx', [
    'vitest',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  let passed = 0;
  let failed = status === 0 ? 0 : 1;
  try {
    const json = JSON.parse(readFileSync(report, 'utf8'));
    passed = json.numPassedTests;
    failed = Math.max(json.numFailedTests + json.numFailedTestSuites, failed);
  } catch {
    failed = 1;
  }
  results.push({ name: 'tests', passed, failed, seconds: (Date.now() - started) / 1000 });
}

/**
 * Scenario files: Lago's figures in test/conformance, our own in test/scenarios. Those named in known-failures.txt are
 * expected to fail, and to be taken off the list as soon as they pass.
 */
function scenarios() {
  const started = Date.now();
  const folders = ['test/conformance', 'test/scenarios'].filter((folder) => existsSync(join(root, folder)));
  const { stdout } = run('node', ['bin/lago-cli.js', 'test', '--json', ...folders], {
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const known = new Set(
    readFileSync(join(root, 'test/conformance/known-failures.txt'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  );
  let passed = 0;
  let failed = 0;
  const expected = new Set();
  try {
    const report = JSON.parse(stdout);
    passed = report.passed;
    for (const failure of report.failures) {
      const name = `${failure.location.file.replace(/^.*test\//, '')}: ${failure.scenario}`;
      if (known.has(name)) expected.add(name);
      else {
        failed += 1;
        process.stdout.write(`FAILED: ${name}\n${JSON.stringify(failure, null, 2)}\n`);
      }
    }
  } catch (error) {
    process.stdout.write(`the scenario report could not be read: ${error.message}\n`);
    failed += 1;
  }
  for (const name of known) {
    if (expected.has(name)) continue;
    process.stdout.write(`known-failures.txt names a scenario that does not fail: ${name}\n`);
    failed += 1;
  }
  results.push({ name: 'scenarios', passed, failed, known: known.size, seconds: (Date.now() - started) / 1000 });
}

step('lint and format', 'npx', ['biome', 'check', '--error-on-warnings', '.']);
step('dead code', 'npx', ['knip']);
step('types', 'npx', ['tsc', '-p', 'tsconfig.json', '--noEmit']);
if (step('build', 'npm', ['run', '--silent', 'build'])) {
  vitest();
  scenarios();
}
rmSync(scratch, { recursive: true, force: true });

process.stdout.write('\n');
for (const { name, passed, failed, known, seconds } of results) {
  const note = known ? `, ${known} known failures` : '';
  process.stdout.write(`${name.padEnd(16)} ${passed} passed, ${failed} failed${note} (${seconds.toFixed(1)} s)\n`);
}
const total = (key) => results.reduce((sum, each) => sum + each[key], 0);
process.exitCode = total('failed') > 0 ? 1 : 0;
process.stdout.write(`${total('passed')} passed, ${total('failed')} failed\n`);
