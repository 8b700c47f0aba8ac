/** `fees`: what invoices are made of, and the fees that wait for one. */
import type { Command } from 'commander';
import { notFound } from '../../errors.js';
import type { FeeJson } from '../../render/json/fee.js';
import type { Session } from '../context.js';
import { examples, given, runQuery } from '../flags.js';
import { type Columns, money, printList, printOne } from '../output.js';

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

interface FeeFlags {
  readonly customer?: string;
  readonly subscription?: string;
  readonly type?: string;
}

export function register(program: Command, session: Session): void {
  const fees = program
    .command('fees')
    .summary('list fees')
    .description('The lines of invoices, and fees not invoiced yet.');

  fees
    .command('list')
    .description('Lists fees, oldest first.')
    .option('--customer <external_id>')
    .option('--subscription <external_id>')
    .option('--type <type>', 'charge, subscription, add_on, credit, commitment or fixed_charge')
    .addHelpText('after', examples('fees list --subscription acme-pro --type charge'))
    .action(async (flags: FeeFlags) => {
      const fields = given({
        external_customer_id: flags.customer,
        external_subscription_id: flags.subscription,
        fee_type: flags.type,
      });
      printList(session, 'fees', await list(fields), feeColumns, 'no fees');
    });

  fees
    .command('get')
    .argument('<lago_id>')
    .description('Shows one fee.')
    .addHelpText('after', examples('fees get 0c9a7cd4-3f3b-5a0f-9c52-6cf4c8f4d3a1 --json'))
    .action(async (id: string) => {
      const fee = (await list({})).find((candidate) => candidate.lago_id === id);
      if (fee === undefined) throw notFound('fee', id);
      printOne(session, 'fee', fee);
    });

  async function list(fields: Record<string, unknown>): Promise<FeeJson[]> {
    const views = await import('../../operations/views.js');
    return runQuery(session, (context) => views.fees(context, fields));
  }
}
