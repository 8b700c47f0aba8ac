/** `status`: what the project and its ledger hold, and what waits. */
import type { Command } from 'commander';
import { formatInstant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { examples, runQuery } from '../flags.js';
import { printDocument } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('status')
    .summary('what the project and its ledger hold')
    .description('Shows where the project is, what its definitions and its ledger hold, and which drafts wait.')
    .addHelpText('after', examples('status', 'status --json'))
    .action(async () => {
      const paths = session.paths();
      const catalog = await session.catalog();
      const counts = await runQuery(session, (context) => {
        const accounts = context.ledger.customers().map((customer) => context.ledger.accountOf(customer));
        const subscriptions = accounts.flatMap((account) => account.all('subscription'));
        const invoices = accounts.flatMap((account) => account.all('invoice'));
        return {
          customers: accounts.length,
          active_subscriptions: subscriptions.filter(({ status }) => status === 'active').length,
          pending_subscriptions: subscriptions.filter(({ status }) => status === 'pending').length,
          events: context.ledger.lastSequence(),
          invoices: invoices.filter(({ status }) => status !== 'closed').length,
          draft_invoices: invoices.filter(({ status }) => status === 'draft').length,
          unpaid_invoices: invoices.filter(isUnpaid).length,
        };
      });
      const status = {
        project: paths.root,
        ledger: paths.ledger,
        at: formatInstant(session.at()),
        organization: catalog.organization.name,
        plans: catalog.plans.size,
        billable_metrics: catalog.billableMetrics.size,
        ...counts,
      };
      const width = Math.max(...Object.keys(status).map((key) => key.length));
      const lines = Object.entries(status).map(([key, value]) => `${key.replaceAll('_', ' ').padEnd(width)}  ${value}`);
      printDocument(session, { status }, lines.join('\n'));
    });
}

function isUnpaid(invoice: { status: string; paymentStatus: string; totalAmountCents: number }): boolean {
  return invoice.status === 'finalized' && invoice.paymentStatus !== 'succeeded' && invoice.totalAmountCents > 0;
}
