/**
 * Dynamic: each event brings its own price, `precise_total_amount_cents`; without units nothing is charged.
 * Events of 5 units for 1234.56 and 1 unit for 2.1 cents → 12.3666 EUR.
 * Source: usage-and-pricing §4.7.
 */
import { fromCents } from '../../money/currency.js';
import { ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced } from '../types.js';
import { perUnit } from './perUnit.js';

export function dynamic(usage: MeteredUsage, currency: string): Priced {
  const amount = usage.units.isZero() ? ZERO : fromCents(usage.preciseTotalAmountCents, currency);
  return { amount, unitAmount: perUnit(amount, usage), amountDetails: {} };
}
