/**
 * update_fee: what became of a fee that is paid by itself. Fees of invoices follow their invoice's payment.
 * Source: usage-and-pricing §6.3 (fees of charges that are not invoiced).
 */
import { z } from 'zod';
import { BillingError, invalid, notFound } from '../errors.js';
import type { Fee, FeePaymentStatus } from '../model.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';

const STATUSES: readonly string[] = ['pending', 'succeeded', 'failed', 'refunded'] satisfies FeePaymentStatus[];

/** A fee of no invoice: its id, or the fee of an event, by its place among the fees of the subscription. */
const standaloneFeeReference = z.union([
  z.string().min(1),
  z.strictObject({
    external_subscription_id: z.string().min(1),
    event_transaction_id: z.string().nullish(),
    /** Among the fees that fit, in order of creation; −1 is the newest. */
    index: z.number().int().default(0),
  }),
]);

const schema = z.strictObject({ fee: standaloneFeeReference, payment_status: z.string().nullish() });

/** The fee as it stands then. */
export function updateFee(context: OperationContext, raw: unknown): Fee {
  const { fee: reference, payment_status: status } = parseInput(schema, raw);
  const account =
    typeof reference === 'string'
      ? context.ledger.accountOfFee(reference)
      : context.ledger.accountOfSubscription(reference.external_subscription_id);
  const fee = account?.all('fee').filter(fits(reference)).at(placeOf(reference));
  if (account === undefined || fee === undefined) {
    throw notFound('fee', typeof reference === 'string' ? reference : JSON.stringify(reference));
  }
  if (fee.invoiceable) {
    throw new BillingError('invoiceable_fee', {
      message: `fee ${fee.id} belongs to an invoice, whose payment it follows`,
      suggestion: 'Record a payment of the invoice, or update its payment status.',
    });
  }
  if (status == null) return fee;
  if (!STATUSES.includes(status)) {
    const message = `must be one of ${STATUSES.join(', ')}`;
    throw invalid({ field: 'payment_status', code: 'value_is_invalid', message });
  }
  const updated: Fee = { ...fee, paymentStatus: status as FeePaymentStatus, ...datesOf(status, context) };
  const work = billingWork(context, account);
  work.account.put('fee', updated);
  saveWork(context, work);
  return updated;
}

type Reference = z.output<typeof standaloneFeeReference>;

function fits(reference: Reference): (fee: Fee) => boolean {
  if (typeof reference === 'string') return (fee) => fee.id === reference;
  const { external_subscription_id: subscription, event_transaction_id: transaction } = reference;
  return (fee) =>
    fee.externalSubscriptionId === subscription && (transaction == null || fee.eventTransactionId === transaction);
}

function placeOf(reference: Reference): number {
  return typeof reference === 'string' ? 0 : reference.index;
}

function datesOf(status: string, { at }: OperationContext): Partial<Fee> {
  switch (status) {
    case 'succeeded':
      return { succeededAt: at };
    case 'failed':
      return { failedAt: at };
    case 'refunded':
      return { refundedAt: at };
    default:
      return {};
  }
}
