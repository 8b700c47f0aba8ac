/** `test`: runs scenario files, each scenario on a fresh in-memory ledger, and shows what differs. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exitCodes, notFound } from '../../errors.js';
import { parseScenarios } from '../../scenarios/parse.js';
import { formatReport, type ReportStyle, reportJson, summary } from '../../scenarios/report.js';
import { runScenario, type ScenarioResult } from '../../scenarios/run.js';
import type { Session } from '../context.js';
import { examples, readText } from '../flags.js';
import { printDocument } from '../output.js';

interface TestOptions {
  readonly filter?: string;
  readonly verbose?: boolean;
}

export function register(program: Command, session: Session): void {
  program
    .command('test')
    .summary('run scenario files: tests of your pricing')
    .description(
      'Runs scenario files: definitions, dated steps, and what must be true after them. Each scenario has a fresh ' +
        'in-memory ledger; yours is never touched. A folder means every .yaml and .yml file in it, nested ones too.',
    )
    .argument('<paths...>', 'scenario files or folders; - is stdin')
    .option('--filter <text>', 'only scenarios whose name contains this text')
    .option('-v, --verbose', 'name the scenarios that pass, too')
    .addHelpText(
      'after',
      `${examples('test tests/', 'test tests/pro.yaml --filter trial --json')}\n\nExit code 9 when a scenario fails or a file does not parse.`,
    )
    .action((paths: string[], options: TestOptions) => {
      const results = runFiles(paths.flatMap(scenarioFiles), options);
      if (session.format === 'table') {
        if (options.verbose === true) {
          for (const result of results) if (result.failures.length === 0) session.stdout.write(`ok ${result.name}\n`);
        }
        session.stdout.write(`${formatReport(results, styleOf(session))}\n`);
      } else printDocument(session, reportJson(results), summary(results));
      if (results.some((result) => result.failures.length > 0)) process.exitCode = exitCodes.findings;
    });
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
  if (stats === undefined) throw notFound('scenario_file', path);
  if (!stats.isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return scenarioFiles(join(path, entry.name));
    return /\.ya?ml$/.test(entry.name) ? [join(path, entry.name)] : [];
  });
}

function styleOf(session: Session): ReportStyle {
  const { colors } = session;
  return { failed: colors.red.bold, expected: colors.green, actual: colors.red, quiet: colors.dim };
}
