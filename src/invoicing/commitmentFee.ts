/**
 * The minimum commitment: when a period's fees stay below what the plan commits to, a fee makes up the difference
 * (periods §7.1). A plan in arrears settles on the invoice that bills the period; a plan in advance on the next one.
 */
import type { Plan } from '../catalog/types.js';
import type { Fee } from '../model.js';
import { fromCents } from '../money/currency.js';
import { toText } from '../money/decimal.js';
import { isFirstMonth } from '../subscriptions/boundaries.js';
import { periodEnd, periodStart, previousPeriodStart } from '../subscriptions/periodGrid.js';
import { isSplit, planGrid } from '../subscriptions/terms.js';
import type { Instant } from '../time/instant.js';
import { DAY } from '../time/instant.js';
import type { LocalDate } from '../time/localDate.js';
import { billedDays, endOfDay, localDateOf, startOfDay } from '../time/zone.js';
import { earlierFees, type FeeScope, putFee, standingFees } from './feeScope.js';

/** A whole period of the plan, as instants. */
interface CommittedPeriod {
  readonly from: Instant;
  readonly to: Instant;
}

export function addCommitmentFee(scope: FeeScope): void {
  const { plan, subscription } = scope.terms;
  const commitment = plan.minimumCommitment;
  if (commitment === null || !settlesCommitment(scope)) return;
  const committed = committedPeriod(scope);
  if (committed === null || isSettled(scope, committed)) return;
  const requiredCents = Math.round(commitment.amountCents * coefficient(scope, committed));
  const countedCents = countedFees(scope, committed).reduce((sum, fee) => sum + fee.amountCents, 0);
  const amountCents = requiredCents - countedCents;
  if (amountCents <= 0) return;
  const name = commitment.invoiceDisplayName ?? 'Minimum commitment';
  putFee(scope, {
    feeType: 'commitment',
    item: { id: subscription.id, type: 'Subscription', code: plan.code, name, invoiceDisplayName: name },
    amountCents,
    unitAmountCents: amountCents,
    preciseUnitAmount: toText(fromCents(amountCents, plan.amountCurrency)),
    units: '1',
    fromAt: committed.from,
    toAt: committed.to,
  });
}

function settlesCommitment({ period, terms }: FeeScope): boolean {
  const ending = period.situation === 'terminated' || period.situation === 'upgraded';
  if (!ending && period.situation !== 'periodic' && period.situation !== 'downgraded') return false;
  const { plan } = terms;
  if (plan.interval !== 'yearly' && plan.interval !== 'semiannual') return true;
  if (plan.payInAdvance) return isFirstMonth(terms, period.billingDate);
  return ending || !isSplit(plan) || isFirstMonth(terms, period.billingDate);
}

/** The plan period that this invoice settles; null when there is none (the first invoice of a plan in advance). */
function committedPeriod(scope: FeeScope): CommittedPeriod | null {
  const { period, terms } = scope;
  const grid = planGrid(terms);
  if (!terms.plan.payInAdvance) {
    // The base window lies in the period settled: the running one at an end, the one before at a boundary.
    const ending = period.situation === 'terminated' || period.situation === 'upgraded';
    if (ending) return wholePeriod(scope, periodStart(grid, localDateOf(period.fromDatetime, terms.zone)));
    return wholePeriod(scope, previousPeriodStart(grid, period.billingDate));
  }
  const paid = earlierFees(scope, ['subscription']).findLast((fee) => fee.fromAt !== null);
  if (paid?.fromAt == null) return null;
  return wholePeriod(scope, periodStart(grid, localDateOf(paid.fromAt, terms.zone)));
}

/** By an invoice before: the final one, when the boundary that follows the period was missed and is billed after it. */
function isSettled(scope: FeeScope, committed: CommittedPeriod): boolean {
  return earlierFees(scope, ['commitment']).some((fee) => fee.fromAt === committed.from);
}

function wholePeriod({ terms }: FeeScope, first: LocalDate): CommittedPeriod {
  return { from: startOfDay(first, terms.zone), to: endOfDay(periodEnd(planGrid(terms), first), terms.zone) };
}

/** Days from the start (or the first day of the subscription) to the end (or the termination), of the whole period. */
function coefficient({ terms }: FeeScope, committed: CommittedPeriod): number {
  const { subscription, zone } = terms;
  const started = subscription.startedAt ?? subscription.subscriptionAt;
  const from = started > committed.from ? startOfDay(localDateOf(started, zone), zone) : committed.from;
  const ended = subscription.terminatedAt;
  const to = ended !== null && ended < committed.to ? ended : committed.to;
  return billedDays(from, to, zone) / billedDays(committed.from, committed.to, zone);
}

/** Base, usage and fixed-charge fees that cover the period, before coupons and taxes. */
function countedFees({ work, terms }: FeeScope, committed: CommittedPeriod): Fee[] {
  return standingFees(work, terms.subscription.id, ['subscription', 'charge', 'fixed_charge']).filter((fee) => {
    if (fee.fromAt === null || fee.toAt === null) return false;
    // What a threshold billed early stands on the invoice of the period too, and is credited there.
    if (fee.invoiceId !== null && work.account.get('invoice', fee.invoiceId)?.invoiceType === 'progressive_billing') {
      return false;
    }
    // A recurring charge in advance is renewed for the period that follows the window it was measured over.
    if (isRenewal(terms.plan, fee)) return fee.toAt < committed.from && committed.from - fee.toAt <= DAY;
    return fee.fromAt >= committed.from && fee.toAt <= committed.to;
  });
}

function isRenewal(plan: Plan, fee: Fee): boolean {
  if (fee.feeType !== 'charge' || !fee.recurring || fee.eventTransactionId !== null) return false;
  return plan.charges.some((charge) => charge.id === fee.chargeId && charge.payInAdvance);
}
