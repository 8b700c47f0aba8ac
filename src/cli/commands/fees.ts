/** `fees`: what invoices are made of, and the fees that wait for one. */
import type { Command } from 'commander';
import type { Fee, FeePaymentStatus, FeeType } from '../../model.js';
import type { OperationContext } from '../../operations/context.js';
import type { FeeJson } from '../../render/json/fee.js';
import type { Session } from '../context.js';
import { changing, examples, given, oneOf, runQuery, runVerb } from '../flags.js';
import { type Columns, money, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';

export const feeColumns: Columns<FeeJson> = [
  { path: 'external_subscription_id', header: 'subscription' },
  { path: 'item.type', header: 'type', shrinks: false },
  { path: 'item.code', header: 'code' },
  { path: 'units', header: 'units', align: 'right' },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (fee) => money(fee.amount_cents, fee.amount_currency),
  },
  {
    path: 'taxes_amount_cents',
    header: 'taxes',
    align: 'right',
    show: (fee) => money(fee.taxes_amount_cents, fee.amount_currency),
  },
  { path: 'created_at', header: 'created', shrinks: false },
];

interface FeeFlags extends PageFlags {
  readonly customer?: string;
  readonly subscription?: string;
  readonly type?: string;
}

const types: readonly FeeType[] = ['charge', 'subscription', 'add_on', 'credit', 'commitment', 'fixed_charge'];
const paymentStatuses: readonly FeePaymentStatus[] = ['pending', 'succeeded', 'failed', 'refunded'];

export function register(program: Command, session: Session): void {
  const fees = program
    .command('fees')
    .summary('list fees, say what was paid')
    .description('The lines of invoices, and fees not invoiced yet.');

  paged(fees.command('list'))
    .description('Lists fees, oldest first.')
    .option('--customer <external_id>')
    .option('--subscription <external_id>')
    .addOption(oneOf('--type <type>', 'only these', types))
    .addHelpText('after', examples('fees list --subscription acme-pro --type charge'))
    .action(async (flags: FeeFlags) => {
      const fields = given({
        external_customer_id: flags.customer,
        external_subscription_id: flags.subscription,
        fee_type: flags.type,
      });
      const views = await import('../../operations/views.js');
      await printPage(session, flags, {
        root: 'fees',
        columns: feeColumns,
        empty: 'no fees',
        read: (part) => runQuery(session, (context) => views.fees(context, { ...fields, ...part })),
      });
    });

  fees
    .command('get')
    .argument('<lago_id>')
    .description('Shows one fee.')
    .addHelpText('after', examples('fees get 0c9a7cd4-3f3b-5a0f-9c52-6cf4c8f4d3a1 --json'))
    .action(async (id: string) => {
      const views = await import('../../operations/views.js');
      printOne(session, 'fee', await runQuery(session, (context) => views.fee(context, id)));
    });

  changing(fees.command('update').argument('<lago_id>'))
    .description('Says what became of a fee that is paid by itself: one of a charge that is not invoiced.')
    .addOption(oneOf('--payment-status <status>', 'what became of it', paymentStatuses).makeOptionMandatory())
    .addHelpText('after', examples('fees update 0c9a7cd4-3f3b-5a0f-9c52-6cf4c8f4d3a1 --payment-status succeeded'))
    .action(async (id: string, flags: { paymentStatus: string; dryRun?: boolean }) => {
      const views = await import('../../operations/views.js');
      const view = (context: OperationContext, fee: Fee) => views.fee(context, fee.id);
      const input = { fee: id, payment_status: flags.paymentStatus };
      const run = { verb: 'update_fee', input, dryRun: flags.dryRun, view };
      printOne(session, 'fee', await runVerb<Fee, FeeJson>(session, run));
    });
}
