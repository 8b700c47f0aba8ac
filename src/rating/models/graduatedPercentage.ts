/**
 * Graduated percentage: each tier takes its percentage of the units that fall into it, and its flat fee.
 *
 * Tiers 0–100 20 % flat 10, 101–200 30 % flat 7: 100.5 units → 100 × 20 % + 10 + 0.5 × 30 % + 7 = 37.15. Tiers that share
 * a bound bill one unit too much at each (P-4).
 * Source: usage-and-pricing §4.3.
 */
import { type Decimal, toJsonDecimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { perUnit } from './perUnit.js';
import { percentageTiers, type Tier } from './tiers.js';

export function graduatedPercentage(
  prices: PricesOf<'graduated_percentage'>,
  usage: MeteredUsage,
  suppressFlatAtZero: boolean,
): Priced {
  const withoutFlat = suppressFlatAtZero && usage.units.isZero();
  const details: Record<string, unknown>[] = [];
  let amount = ZERO;
  for (const tier of percentageTiers(prices.ranges)) {
    const units = unitsInTier(tier, usage.units);
    const flat = withoutFlat ? ZERO : tier.flat;
    const priced = units.times(tier.price).div(100);
    amount = amount.plus(priced).plus(flat);
    details.push({
      ...tier.bounds,
      flat_unit_amount: toJsonDecimal(flat),
      rate: toJsonDecimal(tier.price),
      units: toJsonDecimal(units),
      per_unit_total_amount: toJsonDecimal(priced),
      total_with_flat_amount: toJsonDecimal(priced.plus(flat)),
    });
    if (tier.to === null || tier.to.gte(usage.units)) break;
  }
  return { amount, unitAmount: perUnit(amount, usage), amountDetails: { graduated_percentage_ranges: details } };
}

function unitsInTier({ from, to }: Tier, units: Decimal): Decimal {
  if (to !== null && units.gte(to)) return to.minus(from.isZero() ? 1 : from).plus(1);
  return from.isZero() ? units : units.minus(from).plus(1);
}
