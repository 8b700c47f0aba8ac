/** The prices of a percentage charge as figures (usage-and-pricing §4.5). */
import { Decimal } from '../../money/decimal.js';
import type { PricesOf } from '../types.js';
import { once } from './once.js';

export interface PercentageTerms {
  /** Percent. */
  readonly rate: Decimal;
  readonly fixedAmount: Decimal;
  /** N; 0 is none. */
  readonly freeEvents: number;
  /** T; 0 is none. */
  readonly freeTotal: Decimal;
  readonly minAmount: Decimal | null;
  readonly maxAmount: Decimal | null;
}

export function rated(units: Decimal, terms: PercentageTerms): Decimal {
  return units.times(terms.rate).div(100);
}

export const percentageTerms = once(
  (prices: PricesOf<'percentage'>): PercentageTerms => ({
    rate: new Decimal(prices.rate),
    fixedAmount: new Decimal(prices.fixedAmount ?? 0),
    freeEvents: prices.freeUnitsPerEvents ?? 0,
    freeTotal: new Decimal(prices.freeUnitsPerTotalAggregation ?? 0),
    minAmount: prices.perTransactionMinAmount === null ? null : new Decimal(prices.perTransactionMinAmount),
    maxAmount: prices.perTransactionMaxAmount === null ? null : new Decimal(prices.perTransactionMaxAmount),
  }),
);
