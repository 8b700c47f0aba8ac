/** `customers import`: customers of files, created or changed by their external id, all or none. */
import type { Command } from 'commander';
import { type InputFormat, inputFormats } from '../../ingest/format.js';
import type { ImportedCustomer } from '../../operations/importCustomers.js';
import { printable } from '../../render/printable.js';
import type { Session } from '../context.js';
import { changing, examples, oneOf, usage } from '../flags.js';
import { printDocument } from '../output.js';
import { ProgressLine, progressText } from '../progressLine.js';

interface ImportFlags {
  readonly format?: InputFormat;
  readonly dryRun?: boolean;
}

const NOTES = `
CSV: the first row names fields of Lago's API: external_id, name, currency, timezone,
tax_codes (several with commas), shipping_address.city, billing_configuration.document_locale,
metadata.KEY (replaces all metadata). An empty cell leaves its field as it is; in JSON,
null takes a value away.
JSON and NDJSON: customers as Lago's API takes or prints them.
While anything is wrong, nothing is imported: exit code 5, every problem with its line.`;

export function registerImport(customers: Command, session: Session): void {
  changing(
    customers.command('import').argument('[files...]', 'files; - is stdin, which is read too when a pipe names none'),
  )
    .summary('Creates or changes customers from CSV, JSON or NDJSON')
    .description(
      'Creates customers, and changes those that are there by their external id, from CSV, JSON or NDJSON files, gzip or ' +
        'not: all of them or, when anything is wrong, none. Running it again changes nothing.',
    )
    .addOption(oneOf('--format <format>', 'of the files (default: told from the content)', inputFormats))
    .addHelpText(
      'after',
      `${examples('customers import customers.csv', 'customers import crm.ndjson --dry-run', 'customers import - < customers.json')}\n${NOTES}`,
    )
    .action(async (named: string[], flags: ImportFlags) => {
      if (named.length === 0 && process.stdin.isTTY) throw usage('no files', 'Name files; - is stdin.');
      const [{ readCustomers }, { performImport }] = await Promise.all([
        import('../../ingest/customerFile.js'),
        import('../../operations/perform.js'),
      ]);
      const customers = await readCustomers(named.length === 0 ? ['-'] : named, flags.format ?? null);
      const line = new ProgressLine(session);
      const context = {
        ...(await session.context()),
        onProgress: (done: number, total: number) =>
          line.show((seconds) => progressText(done, total, 'customers', seconds)),
      };
      const dryRun = flags.dryRun ?? false;
      let imported: ImportedCustomer[];
      try {
        imported = performImport(context, customers, { dryRun });
      } finally {
        line.clear();
      }
      report(session, imported, dryRun);
    });
}

function report(session: Session, imported: readonly ImportedCustomer[], dryRun: boolean): void {
  const of = (outcome: ImportedCustomer['outcome']) => imported.filter((each) => each.outcome === outcome);
  const [created, updated, unchanged] = [of('created'), of('updated'), of('unchanged')];
  const counts = [
    [created, 'created'],
    [updated, 'updated'],
    [unchanged, 'unchanged'],
  ] as const;
  const summary = counts
    .filter(([of]) => of.length > 0)
    .map(([of, outcome]) => `${of.length.toLocaleString('en')} ${outcome}`);
  // What would happen to whom is what a trial is for.
  const each = dryRun ? [...created, ...updated].map(described) : [];
  const document = {
    import: {
      customers: imported.length,
      created: created.length,
      updated: updated.length,
      unchanged: unchanged.length,
      committed: !dryRun,
      changes: [...created, ...updated].map(({ externalId, outcome, changed }) => ({
        external_id: externalId,
        outcome,
        changed,
      })),
    },
  };
  printDocument(session, document, [...each, summary.join(', ') || 'no customers'].join('\n'));
  if (dryRun) session.note('dry run: nothing was changed');
}

function described({ externalId, outcome, changed }: ImportedCustomer): string {
  const what = outcome === 'created' ? 'create' : 'update';
  return `${what} ${printable(externalId)}${changed.length === 0 ? '' : `: ${changed.join(', ')}`}`;
}
