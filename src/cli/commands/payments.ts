/** `payments`: money that came in, recorded by hand. */
import type { Command } from 'commander';
import type { Payment } from '../../model.js';
import type { PaymentJson } from '../../render/json/payment.js';
import type { Session } from '../context.js';
import { changing, examples, given, integer, runQuery, runVerb } from '../flags.js';
import { type Columns, money, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';

const columns: Columns<PaymentJson> = [
  { path: 'invoice_numbers', header: 'invoice', show: (payment) => payment.invoice_numbers.join(', ') },
  { path: 'external_customer_id', header: 'customer' },
  {
    path: 'amount_cents',
    header: 'amount',
    align: 'right',
    show: (payment) => money(payment.amount_cents, payment.amount_currency),
  },
  { path: 'reference', header: 'reference' },
  { path: 'created_at', header: 'recorded', shrinks: false },
];

interface PaymentFlags {
  readonly amountCents: number;
  readonly reference: string;
  readonly paidAt?: string;
  readonly customer?: string;
  readonly dryRun?: boolean;
}

export function register(program: Command, session: Session): void {
  const payments = program
    .command('payments')
    .summary('record payments')
    .description('Money that came in for an invoice, recorded by hand.');

  changing(payments.command('record').argument('<invoice>', 'its number'))
    .description('Records a payment. The invoice is settled when nothing is due any more.')
    .requiredOption('--amount-cents <cents>', 'what was paid, in minor units', integer)
    .requiredOption('--reference <text>', 'such as the bank transfer')
    .option('--paid-at <instant>', 'when it was paid')
    .addHelpText('after', examples('payments record ACM-1234-001-003 --amount-cents 12000 --reference "wire 8812"'))
    .action(async (invoice: string, flags: PaymentFlags) => {
      const input = given({
        invoice,
        amount_cents: flags.amountCents,
        reference: flags.reference,
        paid_at: flags.paidAt,
      });
      const views = await import('../../operations/creditViews.js');
      const run = { verb: 'record_payment', input, dryRun: flags.dryRun, view: views.payment };
      printOne(session, 'payment', await runVerb<Payment, PaymentJson>(session, run));
    });

  paged(payments.command('list'))
    .description('Lists payments, oldest first.')
    .option('--customer <external_id>')
    .addHelpText('after', examples('payments list --customer acme'))
    .action(async (flags: Pick<PaymentFlags, 'customer'> & PageFlags) => {
      const views = await import('../../operations/creditViews.js');
      const fields = given({ external_customer_id: flags.customer });
      await printPage(session, flags, {
        root: 'payments',
        columns,
        empty: 'no payments',
        read: (part) => runQuery(session, (context) => views.payments(context, { ...fields, ...part })),
      });
    });
}
