/** `sql`: asks the ledger in SQL, on a connection that cannot write. */
import type { Command } from 'commander';
import { BillingError } from '../../errors.js';
import type { Session } from '../context.js';
import { examples, readText } from '../flags.js';
import { printList } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('sql')
    .summary('ask the ledger in SQL, reading only')
    .description('Runs one SELECT on the ledger. The connection is read-only: nothing can be changed.')
    .argument('<query>', 'the statement; - reads it from stdin')
    .addHelpText(
      'after',
      examples('sql "select code, count(*) from events group by code"', 'sql "select name from sqlite_schema" -o csv'),
    )
    .action(async (query: string) => {
      const { default: Database } = await import('better-sqlite3');
      const database = new Database(session.paths().ledger, { readonly: true, fileMustExist: true });
      try {
        const statement = prepare(database, query === '-' ? readText(query) : query);
        const rows = statement.all() as Record<string, unknown>[];
        const names = statement.columns().map((column) => column.name);
        printList(
          session,
          'rows',
          rows,
          names.map((name) => ({ path: name, header: name })),
          'no rows',
        );
      } finally {
        database.close();
      }
    });
}

function prepare(database: import('better-sqlite3').Database, query: string) {
  try {
    const statement = database.prepare(query);
    if (statement.reader && statement.readonly) return statement;
  } catch (error) {
    throw new BillingError('invalid_sql', { message: (error as Error).message });
  }
  throw new BillingError('invalid_sql', { message: 'only one statement that reads is accepted' });
}
