/**
 * What a base fee paid in advance gives back when its subscription ends early (periods §5.3, invoicing §5.5).
 *
 * price = plan amount / days of the period and price × days run in doubles, then are cut after the fifth decimal:
 * 999 / 30 × 15 = 499.49999999999994 → 499.49999.
 */
import { Decimal, truncate } from '../money/decimal.js';
import { type Instant, later } from '../time/instant.js';
import { addDays, daysBetween, type LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import { periodDays, periodEnd, periodStart } from './periodGrid.js';
import { planGrid, type SubscriptionTerms } from './terms.js';
import type { Trial } from './trial.js';

/** The base fee that was paid: its amount and the plan amount in force when it was billed. */
export interface PaidBaseFee {
  readonly amountCents: number;
  readonly planAmountCents: number;
  readonly fromAt: Instant;
}

export interface UnusedAdvance {
  /** Minor units at five decimals, before what was already credited on the fee is deducted. */
  readonly unusedCents: Decimal;
  /** The part of the fee that was used, for refunds: same price, days from the start of the window to the end day. */
  readonly usedCents: Decimal;
}

export function unusedAdvance(
  terms: SubscriptionTerms,
  fee: PaidBaseFee,
  terminatedAt: Instant,
  byUpgrade: boolean,
  trial: Trial | null,
): UnusedAdvance {
  const grid = planGrid(terms);
  const terminationDate = localDateOf(terminatedAt, terms.zone);
  const end = periodEnd(grid, terminationDate);
  const dayPrice = fee.planAmountCents / periodDays(grid, terminationDate);
  const lastUsed = lastUsedDate(terms, terminationDate, end, byUpgrade, trial);
  const unusedDays = Math.max(0, daysBetween(lastUsed, end));
  const usedFrom = localDateOf(trial === null ? fee.fromAt : later(trial.endsAt, fee.fromAt), terms.zone);
  const usedDays = Math.max(0, daysBetween(usedFrom, terminationDate) + 1);
  return { unusedCents: dayAmount(dayPrice, unusedDays, fee), usedCents: dayAmount(dayPrice, usedDays, fee) };
}

/** `b`: the last day that stays billed. Days of a trial were never billed and are never given back. */
function lastUsedDate(
  terms: SubscriptionTerms,
  terminationDate: LocalDate,
  end: LocalDate,
  byUpgrade: boolean,
  trial: Trial | null,
): LocalDate {
  const last = byUpgrade ? addDays(terminationDate, -1) : terminationDate;
  if (trial === null) return last;
  const trialEnd = localDateOf(trial.endsAt, terms.zone);
  if (trialEnd < last) return last;
  return trialEnd > end ? end : addDays(trialEnd, -1);
}

function dayAmount(dayPrice: number, days: number, fee: PaidBaseFee): Decimal {
  const amount = new Decimal(String(dayPrice * days));
  return truncate(Decimal.min(amount, fee.amountCents), 5);
}

/** First day of the period that the termination falls in: the base fee of another period is not credited. */
export function periodOfTermination(terms: SubscriptionTerms, terminatedAt: Instant): LocalDate {
  return periodStart(planGrid(terms), localDateOf(terminatedAt, terms.zone));
}
