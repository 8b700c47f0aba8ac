/**
 * The base fee (`subscription` fee): the plan's amount, whole or by the day (periods §4).
 *
 * Proration runs in doubles in Lago's order, price = amount / days of the period, then price × days, then one rounding:
 * 122 cents over 28 days, 7 days: 30.499999999999996 → 30, where exact arithmetic would say 31.
 */
import type { BillingSituation } from '../model.js';
import { Decimal } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { billedDays } from '../time/zone.js';
import type { SubscriptionTerms } from './terms.js';
import type { Trial } from './trial.js';

export interface BaseFeeWindow {
  readonly fromDatetime: Instant;
  readonly toDatetime: Instant;
  /** Days of the whole grid period. */
  readonly basePeriodDays: number;
}

export interface ProratedAmount {
  readonly amountCents: number;
  readonly preciseAmountCents: Decimal;
}

export function baseFeeAmount(
  terms: SubscriptionTerms,
  window: BaseFeeWindow,
  situation: BillingSituation,
  trial: Trial | null,
): ProratedAmount {
  const { plan } = terms;
  const trialLeft = trialPart(window, trial);
  if (trialLeft === 'all') return whole(0);
  if (trialLeft === null && isAlwaysWhole(terms, situation)) return whole(plan.amountCents);

  let days = billedDays(trialLeft ?? window.fromDatetime, window.toDatetime, terms.zone);
  // The day of an upgrade belongs to the new plan.
  if (situation === 'upgraded') days = Math.max(days - 1, 0);
  if (days === window.basePeriodDays) return whole(plan.amountCents);
  return prorate(plan.amountCents, days, window.basePeriodDays);
}

/** `amount / periodDays × days` in doubles, rounded half up: 1000 / 31 × 17 = 548.38… → 548. */
export function prorate(amountCents: number, days: number, periodDays: number): ProratedAmount {
  const precise = (amountCents / periodDays) * days;
  return { amountCents: Math.round(precise), preciseAmountCents: new Decimal(String(precise)) };
}

function whole(amountCents: number): ProratedAmount {
  return { amountCents, preciseAmountCents: new Decimal(amountCents) };
}

/** Where billing starts when a trial touches the window; `all` when it covers it; null when it does not touch it. */
function trialPart(window: BaseFeeWindow, trial: Trial | null): Instant | 'all' | null {
  if (trial === null || trial.endsAt <= window.fromDatetime) return null;
  return trial.endsAt >= window.toDatetime ? 'all' : trial.endsAt;
}

/**
 * A plan in advance on anniversary dates that follows no other subscription is billed whole even when it was activated
 * after the start of its first period (periods §4.3, late activation).
 */
function isAlwaysWhole(terms: SubscriptionTerms, situation: BillingSituation): boolean {
  const { plan, subscription } = terms;
  return (
    plan.payInAdvance &&
    subscription.billingTime === 'anniversary' &&
    subscription.previousSubscriptionId === null &&
    situation !== 'upgraded' &&
    situation !== 'terminated'
  );
}
