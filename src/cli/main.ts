/**
 * The command line's entry: the table of command groups, and the one place where errors are caught and become a message
 * and an exit code. A group's module is loaded only when its command is called, so that `--version` and `--help` load
 * nothing of the engine.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { processSession, type Session } from './context.js';
import { exitCodeOf, writeError } from './failure.js';

export type Register = (program: Command, session: Session) => void;

interface Group {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly register: Register }>;
}

const groups: readonly Group[] = [
  { name: 'init', summary: 'make a new project folder from a template', load: () => import('./commands/init.js') },
  { name: 'validate', summary: 'check the definition files', load: () => import('./commands/validate.js') },
  {
    name: 'schema',
    summary: 'print or write the JSON Schemas of the files',
    load: () => import('./commands/schema.js'),
  },
  {
    name: 'status',
    summary: 'what the project and its ledger hold, what is due and what comes next',
    load: () => import('./commands/status.js'),
  },
  {
    name: 'billable-metrics',
    summary: 'list and try billable metrics',
    load: () => import('./commands/billableMetrics.js'),
  },
  { name: 'plans', summary: 'list, show, import and export plans', load: () => import('./commands/plans.js') },
  { name: 'taxes', summary: 'list taxes', load: () => import('./commands/taxes.js') },
  { name: 'add-ons', summary: 'list add-ons', load: () => import('./commands/addOns.js') },
  {
    name: 'customers',
    summary: 'create and change customers, see their usage',
    load: () => import('./commands/customers.js'),
  },
  { name: 'subscriptions', summary: 'subscribe customers to plans', load: () => import('./commands/subscriptions.js') },
  { name: 'events', summary: 'ingest and look at usage events', load: () => import('./commands/events.js') },
  { name: 'ingest', summary: 'the same as `events ingest`', load: () => import('./commands/ingest.js') },
  { name: 'usage', summary: 'the current usage of a subscription', load: () => import('./commands/usage.js') },
  {
    name: 'backtest',
    summary: "the ledger's real history under other prices",
    load: () => import('./commands/backtest.js'),
  },
  {
    name: 'simulate',
    summary: 'a plan lived through with imagined usage',
    load: () => import('./commands/simulate.js'),
  },
  { name: 'diff', summary: 'changes of definitions in pricing words', load: () => import('./commands/diff.js') },
  {
    name: 'compare',
    summary: 'what the same usage costs under several plans',
    load: () => import('./commands/compare.js'),
  },
  { name: 'explain', summary: 'the arithmetic of every figure', load: () => import('./commands/explain.js') },
  { name: 'bill', summary: 'issue every invoice that is due', load: () => import('./commands/bill.js') },
  {
    name: 'invoices',
    summary: 'list, preview, finalize, void and download invoices',
    load: () => import('./commands/invoices.js'),
  },
  { name: 'fees', summary: 'list fees', load: () => import('./commands/fees.js') },
  { name: 'coupons', summary: 'list coupons and apply them to customers', load: () => import('./commands/coupons.js') },
  { name: 'wallets', summary: 'prepaid credits', load: () => import('./commands/wallets.js') },
  { name: 'credit-notes', summary: 'give money back on an invoice', load: () => import('./commands/creditNotes.js') },
  { name: 'payments', summary: 'record payments', load: () => import('./commands/payments.js') },
  { name: 'test', summary: 'run scenario files: tests of your pricing', load: () => import('./commands/test.js') },
  { name: 'doctor', summary: 'check this machine and this project', load: () => import('./commands/doctor.js') },
  { name: 'db', summary: "look after the ledger's file", load: () => import('./commands/db.js') },
  { name: 'journal', summary: 'every operation that changed the ledger', load: () => import('./commands/journal.js') },
  { name: 'sql', summary: 'ask the ledger in SQL, reading only', load: () => import('./commands/sql.js') },
  {
    name: 'completion',
    summary: 'print a completion script for a shell',
    load: () => import('./commands/completion.js'),
  },
];

/** Global options that take a value, so that the command's name can be found behind them. */
const valued = new Set(['--project', '--ledger', '--plans', '--at', '-o', '--output']);

export async function main(argv: readonly string[]): Promise<void> {
  const session = processSession();
  const json = wantsJson(argv);
  process.stdout.on('error', (error) => outputFailed(error, session, json));
  // Nobody is left to tell.
  process.stderr.on('error', () => {});
  try {
    await run(argv, session, json);
  } catch (error) {
    // Help and version are no failure.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = exitCodeOf(error);
    // The help of a group without a command has been printed, and says more.
    if (json || !(error instanceof CommanderError && error.code === 'commander.help')) {
      writeError(error, session, json);
    }
  } finally {
    session.close();
  }
}

/** `| head` has seen enough: the command goes on, so that files it was going to write are written. A full disk is told. */
function outputFailed(error: NodeJS.ErrnoException, session: Session, json: boolean): void {
  if (error.code === 'EPIPE' || process.exitCode !== undefined) return;
  process.exitCode = exitCodeOf(error);
  writeError(Object.assign(error, { path: 'standard output' }), session, json);
}

/** Known before the command line is parsed, because it may be wrong. */
function wantsJson(argv: readonly string[]): boolean {
  const given = argv.flatMap((argument, index) => {
    if (argument === '--json') return ['json'];
    if (argument === '-o' || argument === '--output') return [argv[index + 1]];
    const inline = /^(?:-o|--output=)(.+)$/.exec(argument);
    return inline === null ? [] : [inline[1]];
  });
  return given.length === 0 ? process.env.LAGO_CLI_OUTPUT === 'json' : given.includes('json');
}

async function run(argv: readonly string[], session: Session, json: boolean): Promise<void> {
  const program = programOf();
  program.configureOutput({
    // A wrong command line is told by `writeError`, as every failure is; help asked for by mistake is no JSON.
    outputError: () => {},
    writeErr: (text) => {
      if (!json) process.stderr.write(text);
    },
  });
  const name = commandName(argv);
  const group = groups.find((candidate) => candidate.name === name);
  for (const { name: other, summary } of groups) {
    if (other !== group?.name) program.command(other).summary(summary).description(summary);
  }
  if (group !== undefined) (await group.load()).register(program, session);
  for (const command of program.commands.flatMap(({ commands }) => commands)) summarize(command);
  program.hook('preAction', (_program, command) => session.configure(command.optsWithGlobals()));
  await program.parseAsync(argv, { from: 'user' });
}

/** In the list of its group a command has one line: what its description says first. */
function summarize(command: Command): void {
  if (command.summary() === '') command.summary(/^.*?(?=[.:;](?: |$)|$)/.exec(command.description())?.[0] ?? '');
}

function programOf(): Command {
  const program = new Command('lago-cli');
  program
    .description(
      'Usage-based billing in a terminal: plans in YAML, events in a local ledger, invoices as JSON and PDF.',
    )
    .version(version(), '-V, --version', 'print the version')
    .option('--project <dir>', 'the project folder (default: the nearest with a lago.yaml, going up)')
    .option('--ledger <file>', 'the ledger (default: lago.db in the project)')
    .option('--plans <dir>', 'the definitions folder (default: plans in the project)')
    .option('--at <instant>', 'the clock of the command, ISO 8601 (default: now)')
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices([
        'table',
        'json',
        'ndjson',
        'csv',
        'yaml',
        'markdown',
      ]),
    )
    .option('--json', 'the same as -o json')
    .option('--no-color', 'no colour, even at a terminal')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .addHelpText(
      'after',
      `
Start here:
  $ lago-cli init acme --template basic && cd acme
  $ lago-cli customers create globex
  $ lago-cli subscriptions create globex-basic --customer globex --plan basic
  $ lago-cli ingest events.ndjson
  $ lago-cli bill --out invoices`,
    );
  return program;
}

function commandName(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] as string;
    if (argument === 'help') continue;
    if (valued.has(argument)) index += 1;
    else if (!argument.startsWith('-')) return argument;
  }
  return undefined;
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
