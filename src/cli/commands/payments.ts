/** `payments`: money that came in, recorded by hand. */
import type { Command } from 'commander';
import type { Payment } from '../../model.js';
import type { OperationContext } from '../../operations/context.js';
import type { PaymentJson } from '../../render/json/payment.js';
import type { Session } from '../context.js';
import { changing, examples, given, integer, runQuery, runVerb } from '../flags.js';
import { type Columns, money, printList, printOne } from '../output.js';

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
      const views = await import('../../operations/views.js');
      const view = (context: OperationContext, result: Payment) =>
        views.payments(context, {}).find((payment) => payment.lago_id === result.id) as PaymentJson;
      const run = { verb: 'record_payment', input, dryRun: flags.dryRun, view };
      printOne(session, 'payment', await runVerb<Payment, PaymentJson>(session, run));
    });

  payments
    .command('list')
    .description('Lists payments, oldest first.')
    .option('--customer <external_id>')
    .addHelpText('after', examples('payments list --customer acme'))
    .action(async (flags: Partial<PaymentFlags>) => {
      const views = await import('../../operations/views.js');
      const fields = given({ external_customer_id: flags.customer });
      printList(
        session,
        'payments',
        await runQuery(session, (context) => views.payments(context, fields)),
        columns,
        'no payments',
      );
    });
}
