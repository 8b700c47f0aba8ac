/**
 * Percentage: a rate on the units and a fixed amount on each event, both after what is free.
 *
 * Free are the first N events, or events until their running total passes T. Units and events are freed apart: with 5 %,
 * fixed 1 and T 250, the events 100, 150, 50 have 250 free units but one free event only, since the second lands exactly
 * on T: 50 × 5 % + 2 × 1 = 4.50. With a minimum or maximum per transaction every event is priced by itself instead
 * (`percentagePerTransaction.ts`).
 * Source: usage-and-pricing §4.5; P-5.
 */
import { Decimal, toJsonDecimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { amountPerTransaction } from './percentagePerTransaction.js';
import { type PercentageTerms, percentageTerms, rated } from './percentageTerms.js';
import { perUnit } from './perUnit.js';
import { readRunningTotals } from './runningTotals.js';

/** `totalsOf` is the usage whose running totals say what is free: an event's own, in both terms of its fee (§6.2). */
export function percentage(
  prices: PricesOf<'percentage'>,
  usage: MeteredUsage,
  totalsOf: MeteredUsage = usage,
): Priced {
  const terms = percentageTerms(prices);
  const free = freeAllowance(terms, totalsOf);
  const percentagePart = free.units.gt(usage.units) ? ZERO : rated(usage.units.minus(free.units), terms);
  const paidEvents = Math.max(usage.eventsCount - free.events, 0);
  const fixedPart = usage.units.isZero() ? ZERO : terms.fixedAmount.times(paidEvents);
  const plain = percentagePart.plus(fixedPart);
  const bounded = terms.minAmount !== null || terms.maxAmount !== null;
  const amount = bounded ? amountPerTransaction(terms, usage) : plain;
  return {
    amount,
    unitAmount: perUnit(amount, usage),
    amountDetails: {
      units: toJsonDecimal(usage.units),
      free_units: toJsonDecimal(free.units),
      free_events: free.events,
      paid_units: toJsonDecimal(Decimal.max(usage.units.minus(free.units), ZERO)),
      rate: toJsonDecimal(terms.rate),
      per_unit_total_amount: toJsonDecimal(percentagePart),
      paid_events: paidEvents,
      fixed_fee_unit_amount: toJsonDecimal(paidEvents === 0 ? ZERO : terms.fixedAmount),
      fixed_fee_total_amount: toJsonDecimal(fixedPart),
      min_max_adjustment_total_amount: toJsonDecimal(amount.minus(plain)),
    },
  };
}

function freeAllowance(terms: PercentageTerms, usage: MeteredUsage): { units: Decimal; events: number } {
  const { freeEvents, freeTotal } = terms;
  const totals = readRunningTotals(usage, freeEvents, freeTotal);
  // With both limits, the one that is reached first; a limit of 0 is no limit, and so is a total that no event stays
  // below: an only event of 300 under T 250 leaves N alone (P-5).
  const limits = [freeEvents, totals.below].filter((limit) => limit !== 0);
  const events = limits.length === 0 ? 0 : Math.min(...limits);
  if (totals.last.isZero()) return { units: ZERO, events };
  if (totals.atFreeEvents !== null) return { units: totals.atFreeEvents, events };
  if (freeTotal.isZero() || totals.last.lte(freeTotal)) return { units: totals.last, events };
  return { units: freeTotal, events };
}
