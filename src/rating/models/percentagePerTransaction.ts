/**
 * Percentage with a minimum or a maximum per transaction: every event is priced by itself and bounded.
 *
 * 2.99 %, fixed 2, min 1.75, max 12 on 10, 80, 10000: 2.299 + 4.392 + 12 = 18.691. While a free total T lasts, events take
 * from it and cost nothing; N counts only where there is no T. An event that uses T up exactly is priced on 0 units, and so
 * still costs the fixed amount and the minimum.
 * Source: usage-and-pricing §4.5, §4.5.1.
 */
import { type Decimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage } from '../types.js';
import { type PercentageTerms, rated } from './percentageTerms.js';

export function amountPerTransaction(terms: PercentageTerms, usage: MeteredUsage): Decimal {
  let freeEventsLeft = terms.freeEvents;
  let freeTotalLeft = terms.freeTotal;
  let amount = ZERO;
  for (const value of usage.eventValues()) {
    let paid = value;
    if (freeEventsLeft > 0 || freeTotalLeft.gt(ZERO)) {
      freeEventsLeft -= 1;
      if (freeTotalLeft.lte(ZERO)) continue;
      if (freeTotalLeft.gt(value)) {
        freeTotalLeft = freeTotalLeft.minus(value);
        continue;
      }
      paid = value.minus(freeTotalLeft);
      freeTotalLeft = ZERO;
      freeEventsLeft = 0;
    }
    amount = amount.plus(bounded(rated(paid, terms).plus(terms.fixedAmount), terms));
  }
  return amount;
}

/**
 * The first of the values, as far as they decide what of a later one is free. Those after them cost what they cost, whatever
 * follows: the fee of an event, a difference of two amounts, does without them.
 */
export function* decidingValues(terms: PercentageTerms, values: () => Iterable<Decimal>): Iterable<Decimal> {
  let { freeEvents: freeEventsLeft, freeTotal: freeTotalLeft } = terms;
  if (freeEventsLeft === 0 && freeTotalLeft.isZero()) return;
  for (const value of values()) {
    yield value;
    if (freeTotalLeft.isZero()) {
      freeEventsLeft -= 1;
      if (freeEventsLeft === 0) return;
    } else {
      if (freeTotalLeft.lte(value)) return;
      freeTotalLeft = freeTotalLeft.minus(value);
    }
  }
}

function bounded(amount: Decimal, { minAmount, maxAmount }: PercentageTerms): Decimal {
  if (minAmount?.gt(amount)) return minAmount;
  if (maxAmount?.lt(amount)) return maxAmount;
  return amount;
}
