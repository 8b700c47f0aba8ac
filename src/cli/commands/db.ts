/** `db`: the ledger's file itself: is it sound, a copy of it, and its reading projection anew. */
import type { Command } from 'commander';
import { exitCodes } from '../../errors.js';
import { type OpenOptions, openLedger } from '../../ledger/open.js';
import type { SqliteLedger } from '../../ledger/sqliteLedger.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
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

function withLedger<T>(file: string, options: OpenOptions, work: (ledger: SqliteLedger) => T): T {
  const ledger = openLedger(file, options);
  try {
    return work(ledger);
  } finally {
    ledger.close();
  }
}
