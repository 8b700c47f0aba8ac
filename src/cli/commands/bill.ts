/** `bill`: issues every invoice that is due. */
import type { Command } from 'commander';
import type { Session } from '../context.js';
import { prepareFolder } from '../documentFiles.js';
import { changing, examples, given } from '../flags.js';
import { billWithSummary, invoiceColumns, writeIssued } from '../invoiceFiles.js';
import { printList } from '../output.js';

interface BillFlags {
  readonly customer?: string;
  readonly catchUp: boolean;
  readonly out?: string;
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  changing(program.command('bill'))
    .summary('issue every invoice that is due')
    .description(
      'Issues everything that is due at this instant and was not issued before, oldest first; starts pending ' +
        'subscriptions, ends those whose time has come, and finalizes drafts. Running it twice issues nothing twice.',
    )
    .option('--customer <external_id>', 'only this customer')
    .option('--no-catch-up', 'only what falls due today')
    .option('--out <dir>', 'write each issued invoice there, as JSON and PDF by its number')
    .addHelpText('after', examples('bill', 'bill --out invoices', 'bill --at 2026-11-01 --dry-run --json'))
    .action(async (flags: BillFlags) => {
      const input = given({
        external_customer_id: flags.customer,
        catch_up: flags.catchUp ? undefined : false,
      });
      const writes = flags.out !== undefined && flags.dryRun !== true;
      if (writes) prepareFolder(flags.out);
      const run = { input, dryRun: flags.dryRun, ...given({ folder: flags.out }) };
      const { issued, shown } = await billWithSummary(session, run);
      printList(session, 'invoices', shown, invoiceColumns, 'no invoices');
      if (writes) await writeIssued(session, issued, flags.out);
    });
}
