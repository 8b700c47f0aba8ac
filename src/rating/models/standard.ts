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
  const price = parsed(prices);
  const amount = usage.units.times(price);
  // Without proration the amount by the units is the price again: no need to divide.
  const unitAmount = usage.prorated || amount.isZero() ? perUnit(amount, usage) : price;
  return { amount, unitAmount, amountDetails: {} };
}
