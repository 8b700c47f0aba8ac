/** Whether an invoice bears the subscription's base fee (periods §3.6, §4.1), and the fee itself. */
import type { BillingSituation } from '../model.js';
import { fromCents } from '../money/currency.js';
import { toText } from '../money/decimal.js';
import { baseFeeAmount } from '../subscriptions/baseFee.js';
import { isFirstMonth } from '../subscriptions/boundaries.js';
import { isInTrial } from '../subscriptions/trial.js';
import { localDateOf } from '../time/zone.js';
import { type FeeScope, putFee, standingFees, trialOfTerms } from './feeScope.js';

export function addBaseFee(scope: FeeScope): void {
  if (!bearsBaseFee(scope)) return;
  const { period, terms } = scope;
  const { plan, subscription } = terms;
  const amount = baseFeeAmount(terms, period, period.situation, trialOfTerms(scope.work, terms));
  putFee(scope, {
    feeType: 'subscription',
    item: {
      id: subscription.id,
      type: 'Subscription',
      code: plan.code,
      name: plan.name,
      description: plan.description,
      invoiceDisplayName: plan.invoiceDisplayName ?? plan.name,
    },
    amountCents: amount.amountCents,
    preciseAmountCents: toText(amount.preciseAmountCents),
    unitAmountCents: amount.amountCents,
    preciseUnitAmount: toText(fromCents(amount.amountCents, plan.amountCurrency)),
    units: '1',
    payInAdvance: plan.payInAdvance,
    amountDetails: { plan_amount_cents: plan.amountCents },
    fromAt: period.fromDatetime,
    toAt: period.toDatetime,
  });
}

function bearsBaseFee(scope: FeeScope): boolean {
  const { work, period, terms } = scope;
  const { plan } = terms;
  if (!BASE_FEE_SITUATIONS.has(period.situation)) return false;
  if (period.situation === 'starting' && !plan.payInAdvance) return false;
  if (plan.payInAdvance && (ENDING_SITUATIONS.has(period.situation) || endedOnThatDay(scope))) return false;
  if (plan.payInAdvance && hasBaseFeeOfSameDay(scope)) return false;
  if (!passesYearlyGate(scope)) return false;
  const trial = trialOfTerms(work, terms);
  if (trial === null || !isInTrial(terms.subscription, trial, work.at)) return true;
  return localDateOf(trial.endsAt, terms.zone) === period.billingDate;
}

/**
 * A boundary billed after the fact does not start a period for a subscription whose end, that very day, is billed already.
 * The draft of a boundary that was billed before the end keeps its fee.
 */
function endedOnThatDay({ work, invoice, period, terms }: FeeScope): boolean {
  const { id, terminatedAt } = terms.subscription;
  if (terminatedAt === null || localDateOf(terminatedAt, terms.zone) !== period.billingDate) return false;
  return work.account.all('billing_period').some((other) => {
    if (other.subscriptionId !== id || !ENDING_SITUATIONS.has(other.situation)) return false;
    return (work.account.get('invoice', other.invoiceId)?.ordinal ?? invoice.ordinal) < invoice.ordinal;
  });
}

const BASE_FEE_SITUATIONS: ReadonlySet<BillingSituation> = new Set<BillingSituation>([
  'starting',
  'trial_end',
  'periodic',
  'terminated',
  'upgraded',
  'downgraded',
]);

const ENDING_SITUATIONS: ReadonlySet<BillingSituation> = new Set<BillingSituation>([
  'terminated',
  'upgraded',
  'downgraded',
]);

/** A trial end and a boundary on one day bill the base fee once (periods §4.1, 1). */
function hasBaseFeeOfSameDay({ work, invoice, period, terms }: FeeScope): boolean {
  return standingFees(work, terms.subscription.id, ['subscription']).some((fee) => {
    if (fee.invoiceId === null || fee.invoiceId === invoice.id) return false;
    return work.account
      .all('billing_period')
      .some((other) => other.invoiceId === fee.invoiceId && other.billingDate === period.billingDate);
  });
}

/**
 * Yearly and semiannual plans bear it in the month that opens a period, in arrears also at the end, in advance also when
 * the subscription never had one. A backdated start counts as paid for the period that holds it.
 */
function passesYearlyGate({ work, period, terms }: FeeScope): boolean {
  const { plan, subscription } = terms;
  if (plan.interval !== 'yearly' && plan.interval !== 'semiannual') return true;
  const first = isFirstMonth(terms, period.billingDate);
  if (!plan.payInAdvance) return first || ENDING_SITUATIONS.has(period.situation);
  if (first) return true;
  const backdated =
    subscription.startedAt !== null &&
    localDateOf(subscription.startedAt, terms.zone) < localDateOf(subscription.createdAt, terms.zone);
  return !backdated && standingFees(work, subscription.id, ['subscription']).length === 0;
}
