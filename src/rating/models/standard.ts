/**
 * Standard: every unit at one price. 12.345 × 0.0175 = 0.2160375. A prorated charge multiplies its prorated units.
 * Source: usage-and-pricing §4.1, §3.4.
 */
import { Decimal } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { once } from './once.js';
import { perUnit } from './perUnit.js';

const parsed = once((prices: PricesOf<'standard'>) => new Decimal(prices.amount));

export function standard(prices: PricesOf<'standard'>, usage: MeteredUsage): Priced {
  const amount = usage.units.times(parsed(prices));
  return { amount, unitAmount: perUnit(amount, usage), amountDetails: {} };
}
