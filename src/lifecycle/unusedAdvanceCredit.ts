/** The credit note for the days of an advance base fee that its subscription will not use (periods §5.3). */
import { createTerminationCreditNote } from '../credits/terminationCreditNote.js';
import { assert } from '../errors.js';
import { standingFees, trialOfTerms } from '../invoicing/feeScope.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Fee, Subscription } from '../model.js';
import type { SubscriptionTerms } from '../subscriptions/terms.js';
import { periodOfTermination, unusedAdvance } from '../subscriptions/unusedAdvance.js';
import { startOfDay } from '../time/zone.js';

/** `ended` is already terminated in the account. No note when nothing was paid for the period, or nothing is left. */
export function creditUnusedAdvance(
  work: BillingWork,
  ended: Subscription,
  option: 'credit' | 'refund' | 'offset',
): void {
  const terms = termsOf(work, ended);
  const terminatedAt = ended.terminatedAt;
  assert(terminatedAt !== null, 'only a terminated subscription gives time back');
  const baseFee = paidBaseFee(work, terms);
  if (baseFee === null) return;
  const unused = unusedAdvance(
    terms,
    {
      amountCents: baseFee.amountCents,
      planAmountCents: planAmountOf(baseFee),
      fromAt: baseFee.fromAt ?? terminatedAt,
    },
    terminatedAt,
    ended.endedBy === 'upgrade',
    trialOfTerms(work, terms),
  );
  createTerminationCreditNote(work, {
    baseFee,
    itemPreciseAmount: unused.unusedCents,
    usedPreciseAmount: unused.usedCents,
    option,
  });
}

/** The latest base fee, when it paid for the period that the subscription ends in. */
function paidBaseFee(work: BillingWork, terms: SubscriptionTerms): Fee | null {
  const { subscription, zone } = terms;
  const fee = standingFees(work, subscription.id, ['subscription']).at(-1);
  if (fee === undefined || fee.amountCents === 0 || fee.fromAt === null || subscription.terminatedAt === null)
    return null;
  const periodStart = startOfDay(periodOfTermination(terms, subscription.terminatedAt), zone);
  return fee.toAt !== null && fee.toAt >= periodStart ? fee : null;
}

function planAmountOf(fee: Fee): number {
  const { plan_amount_cents: amount } = fee.amountDetails;
  return typeof amount === 'number' ? amount : fee.amountCents;
}
