/**
 * Graduated: each tier prices the units that fall into it, and charges its flat fee once it is reached.
 *
 * Tiers 0–10 @10 flat 2, 11–20 @5 flat 3: 10.5 units → 10×10 + 2 + 0.5×5 + 3 = 107.5. The unit between 10 and 11 belongs
 * to the second tier, so a tier that starts at 11 counts from 10. Tiers that share their bounds (0–10, 10–20) count from
 * the bound itself, but only if all of them do; where only some do, each shared bound bills one unit too much (P-4).
 * Source: usage-and-pricing §4.2.
 */
import { type Decimal, toJsonDecimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { once } from './once.js';
import { perUnit } from './perUnit.js';
import { priceTiers, type Tier } from './tiers.js';

export function graduated(prices: PricesOf<'graduated'>, usage: MeteredUsage, suppressFlatAtZero: boolean): Priced {
  const tiers = priceTiers(prices.ranges);
  const gap = allAdjacent(tiers) ? 0 : 1;
  const withoutFlat = suppressFlatAtZero && usage.units.isZero();
  const details: Record<string, unknown>[] = [];
  let amount = ZERO;
  for (const tier of tiers) {
    const units = unitsInTier(tier, usage.units, gap);
    const flat = withoutFlat ? ZERO : tier.flat;
    const priced = units.times(tier.price);
    amount = amount.plus(priced).plus(flat);
    details.push({
      ...tier.bounds,
      flat_unit_amount: toJsonDecimal(flat),
      per_unit_amount: toJsonDecimal(units.isZero() ? ZERO : tier.price),
      units: toJsonDecimal(units),
      per_unit_total_amount: toJsonDecimal(priced),
      total_with_flat_amount: toJsonDecimal(priced.plus(flat)),
    });
    if (tier.to === null || tier.to.gte(usage.units)) break;
  }
  return { amount, unitAmount: perUnit(amount, usage), amountDetails: { graduated_ranges: details } };
}

function unitsInTier(tier: Tier, units: Decimal, gap: number): Decimal {
  const reach = tier.to !== null && units.gte(tier.to) ? tier.to : units;
  return tier.from.isZero() ? reach : reach.minus(tier.from).plus(gap);
}

const allAdjacent = once((tiers: readonly Tier[]): boolean => {
  const joints = tiers.slice(1).map((tier, index) => tiers[index]?.to?.equals(tier.from) ?? false);
  return joints.length > 0 && joints.every(Boolean);
});
