/** `db`: the ledger's file itself: is it sound, a copy of it, its present form, and its reading projection anew. */
import type { Command } from 'commander';
import { BillingError, exitCodes } from '../../errors.js';
import { type OpenOptions, openLedger } from '../../ledger/open.js';
import type { SqliteLedger } from '../../ledger/sqliteLedger.js';
import type { Session } from '../context.js';
import { changing, examples } from '../flags.js';
import { counted, printDocument } from '../output.js';

export function register(program: Command, session: Session): void {
  const db = program
    .command('db')
    .summary("look after the ledger's file")
    .description("Looks after the ledger's file.");

  db.command('verify')
    .description(
      'Checks the whole file, and works out again what can be: sums of invoices, balances, numbers, the keys of events ' +
        'and their reading projection.',
    )
    .addHelpText('after', `${examples('db verify')}\n\nExit code 9 when something is wrong.`)
    .action(() => {
      const { ledger: file } = session.paths();
      const problems = withLedger(file, { readOnly: true }, (ledger) => ledger.integrityProblems());
      const text = problems.length === 0 ? `${file} is sound` : problems.join('\n');
      printDocument(session, { ledger: file, sound: problems.length === 0, problems }, text);
      if (problems.length > 0) process.exitCode = exitCodes.findings;
    });

  db.command('backup')
    .argument('<file>', 'a file that does not exist yet')
    .description('Writes a consistent, compact copy of the ledger; others may work with it meanwhile.')
    .addHelpText('after', examples('db backup backups/2026-11-01.db'))
    .action((file: string) => {
      const { ledger: source } = session.paths();
      withLedger(source, { readOnly: true }, (ledger) => ledger.backup(file));
      printDocument(session, { ledger: source, backup: file }, `wrote ${file}`);
    });

  changing(db.command('migrate'))
    .description(
      'Brings a ledger that an older lago-cli made into the present form, all steps or none. A command that writes does ' +
        'it by itself; one that only reads asks for it. An older lago-cli cannot use the ledger afterwards.',
    )
    .addHelpText('after', examples('db backup before-update.db && lago-cli db migrate', 'db migrate --dry-run'))
    .action((flags: { dryRun?: boolean }) => {
      const { ledger: file } = session.paths();
      const isOlder = isOfOlderVersion(file);
      const migrated = isOlder && flags.dryRun !== true;
      if (migrated) openLedger(file).close();
      const done = migrated ? `migrated ${file}` : `${file} would be migrated`;
      printDocument(session, { ledger: file, migrated }, isOlder ? done : `${file} has the present form already`);
      if (flags.dryRun === true) session.note('dry run: nothing was changed');
    });

  db.command('rebuild')
    .description('Makes the reading projection of the events anew. No figure changes.')
    .addHelpText('after', examples('db rebuild'))
    .action(async () => {
      const { rebuildProjection } = await import('../../operations/define.js');
      const { ledger: file } = session.paths();
      const catalog = await session.catalog();
      const events = withLedger(file, {}, (ledger) => {
        rebuildProjection({ ledger, catalog, at: session.at() });
        return ledger.eventCount();
      });
      printDocument(session, { ledger: file, events }, `${counted(events, 'event')} projected`);
    });
}

/** Read only, so that a ledger that is missing, foreign or newer is refused and left alone. */
function isOfOlderVersion(file: string): boolean {
  try {
    openLedger(file, { readOnly: true }).close();
    return false;
  } catch (error) {
    if (error instanceof BillingError && error.code === 'ledger_older_version') return true;
    throw error;
  }
}

function withLedger<T>(file: string, options: OpenOptions, work: (ledger: SqliteLedger) => T): T {
  const ledger = openLedger(file, options);
  try {
    return work(ledger);
  } finally {
    ledger.close();
  }
}
