/** `test`: runs scenario files, each scenario on a fresh in-memory ledger, and shows what differs. */
import { readdirSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { BillingError, exitCodes, notFound } from '../../errors.js';
import { reportFor, type TestReporter, testReporters } from '../../experiments/testReporters.js';
import { parseScenarios } from '../../scenarios/parse.js';
import { formatReport, type ReportStyle, reportJson, summary } from '../../scenarios/report.js';
import { runScenario, type ScenarioResult } from '../../scenarios/run.js';
import type { Session } from '../context.js';
import { examples, oneOf, readText } from '../flags.js';
import { printDocument } from '../output.js';

interface TestOptions {
  readonly filter?: string;
  readonly verbose?: boolean;
  readonly reporter?: TestReporter;
  readonly update?: boolean;
  readonly watch?: boolean;
}

export function register(program: Command, session: Session): void {
  program
    .command('test')
    .summary('run scenario files: tests of your pricing')
    .description(
      'Runs scenario files: definitions, dated steps, and what must be true after them. Each scenario has a fresh ' +
        'in-memory ledger; yours is never touched. A folder means every .yaml and .yml file in it that holds scenarios, ' +
        'nested ones too.',
    )
    .argument('<paths...>', 'scenario files or folders; - is stdin')
    .option('--filter <text>', 'only scenarios whose name contains this text')
    .option('-v, --verbose', 'name the scenarios that pass, too')
    .addOption(oneOf('--reporter <name>', 'for continuous integration', testReporters))
    .option('--update', 'take the figures that differ as the expected ones, in the files')
    .option('--watch', 'run again whenever a file changes, until Ctrl-C')
    .addHelpText(
      'after',
      `${examples('test tests/', 'test tests/pro.yaml --filter trial --json', 'test tests/ --reporter junit > results.xml', 'test tests/ --update')}\n\nExit code 9 when a scenario fails or a file does not parse.`,
    )
    .action(async (paths: string[], options: TestOptions) => {
      if (options.update === true) await update(session, paths, options);
      run(session, paths, options);
      if (options.watch === true) await rerun(session, paths, options);
    });
}

function run(session: Session, paths: readonly string[], options: TestOptions): void {
  const results = runFiles(paths.flatMap(scenarioFiles), options);
  if (results.length === 0) throw noScenario(paths, options);
  if (options.reporter !== undefined) session.stdout.write(`${reportFor(options.reporter, results)}\n`);
  else if (session.format === 'table') {
    if (options.verbose === true) {
      for (const result of results) if (result.failures.length === 0) session.stdout.write(`ok ${result.name}\n`);
    }
    session.stdout.write(`${formatReport(results, styleOf(session))}\n`);
  } else printDocument(session, reportJson(results), summary(results));
  process.exitCode = results.some((result) => result.failures.length > 0) ? exitCodes.findings : exitCodes.done;
}

/** A path or a filter that is wrong must not pass for pricing that was tested. */
function noScenario(paths: readonly string[], { filter }: TestOptions): BillingError {
  const named = filter === undefined ? '' : ` whose name contains ${JSON.stringify(filter)}`;
  return new BillingError('scenario_not_found', {
    message: `there is no scenario${named} in ${paths.join(', ')}`,
    suggestion: 'Check the path and the --filter.',
  });
}

async function update(session: Session, paths: readonly string[], { filter }: TestOptions): Promise<void> {
  const { updateScenarios } = await import('../../experiments/updateScenarios.js');
  for (const file of paths.flatMap(scenarioFiles)) {
    if (file === '-') continue;
    const isWanted = (name: string) => filter === undefined || name.includes(filter);
    const { text, updated } = updateScenarios(readText(file), file, isWanted);
    if (updated === 0) continue;
    writeFileSync(file, text);
    session.note(`${file}: ${updated} ${updated === 1 ? 'figure' : 'figures'} updated`);
  }
}

/** Editors write a file in several steps: a run waits until they are done. */
const SETTLED_MS = 150;

function rerun(session: Session, paths: readonly string[], options: TestOptions): Promise<void> {
  let waiting: NodeJS.Timeout | undefined;
  for (const path of paths.filter((each) => each !== '-')) {
    watch(path, { recursive: statSync(path).isDirectory() }, () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        session.stdout.write('\n');
        try {
          run(session, paths, options);
        } catch (error) {
          // A file that is gone, or half written: the next change runs again.
          session.note((error as Error).message);
        }
      }, SETTLED_MS);
    });
  }
  session.note('watching for changes; Ctrl-C ends');
  return new Promise(() => {});
}

function runFiles(files: readonly string[], options: TestOptions): ScenarioResult[] {
  const results: ScenarioResult[] = [];
  for (const file of files) {
    for (const scenario of parseScenarios(readText(file), file)) {
      if (options.filter === undefined || scenario.name.includes(options.filter)) results.push(runScenario(scenario));
    }
  }
  return results;
}

function scenarioFiles(path: string): string[] {
  if (path === '-') return [path];
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw notFound('scenario_file', path, 'The README shows one; `lago-cli journal --as scenario` writes one.');
  if (!stats.isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const inside = join(path, entry.name);
    if (entry.isDirectory()) return scenarioFiles(inside);
    return /\.ya?ml$/.test(entry.name) && TOP_FIELD.test(readText(inside)) ? [inside] : [];
  });
}

/** Either field makes a file one of scenarios, however broken; definitions and workflows beside them have neither. */
const TOP_FIELD = /^(?:\{\s*)?["']?(?:scenario|steps)["']?\s*:/m;

function styleOf(session: Session): ReportStyle {
  const { colors } = session;
  return { failed: colors.red.bold, expected: colors.green, actual: colors.red, quiet: colors.dim };
}
