/** `sql`: asks the ledger in SQL, on a connection that cannot write. */
import type { Command } from 'commander';
import { BillingError } from '../../errors.js';
import type { SqliteLedger } from '../../ledger/sqliteLedger.js';
import type { Session } from '../context.js';
import { examples, readText } from '../flags.js';
import { printList } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('sql')
    .summary('ask the ledger in SQL, reading only')
    .description(
      'Runs one SELECT on the ledger. The connection is read-only: nothing can be changed. ' +
        'property_text(properties, key) reads a property of an event.',
    )
    .argument('<query>', 'the statement; - reads it from stdin')
    .addHelpText(
      'after',
      examples(
        'sql "select status, count(*), sum(total_amount_cents) from invoices group by status"',
        'sql "select name, sql from sqlite_schema" -o csv',
      ),
    )
    .action(async (query: string) => {
      const { openLedger } = await import('../../ledger/open.js');
      const ledger = openLedger(session.paths().ledger, { readOnly: true });
      try {
        const { columns, rows } = ledger.select(query === '-' ? readText(query) : query);
        const named = uniqueNames(columns);
        printList(
          session,
          'rows',
          rows.map((row) => Object.fromEntries(named.map((name, index) => [name, row[index]]))),
          named.map((name) => ({ path: name, header: name })),
          'no rows',
        );
      } catch (error) {
        if (!(error instanceof BillingError) || error.code !== 'invalid_sql') throw error;
        const suggestion = `There are ${relationsOf(ledger)}.`;
        throw new BillingError(error.code, { message: error.message, suggestion, cause: error });
      } finally {
        ledger.close();
      }
    });
}

/** Views first: they have the columns of the tables of records behind them, which are left out. */
function relationsOf(ledger: SqliteLedger): string {
  const { rows } = ledger.select(`
    SELECT name FROM sqlite_schema
    WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%\\_records' ESCAPE '\\'
    ORDER BY type DESC, rowid`);
  return rows.map(([name]) => String(name)).join(', ');
}

/** `n`, `n` → `n`, `n_2`: two columns may bear one name, two fields of an object may not. */
function uniqueNames(columns: readonly string[]): string[] {
  return columns.map((name, index) => {
    const nth = columns.slice(0, index).filter((other) => other === name).length + 1;
    return nth === 1 ? name : `${name}_${nth}`;
  });
}
