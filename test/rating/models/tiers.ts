/** Short forms of tiers: `[from, to, price, flat]`, where `to` null is ∞. */
import type { PercentageRange, PriceRange } from '../../../src/catalog/types.js';

type ShortTier = readonly [from: number, to: number | null, price: string, flat: string];

export function ranges(...tiers: ShortTier[]): PriceRange[] {
  return tiers.map(([from, to, perUnitAmount, flatAmount]) => ({
    fromValue: String(from),
    toValue: to === null ? null : String(to),
    perUnitAmount,
    flatAmount,
  }));
}

export function percentageRanges(...tiers: ShortTier[]): PercentageRange[] {
  return tiers.map(([from, to, rate, flatAmount]) => ({
    fromValue: String(from),
    toValue: to === null ? null : String(to),
    rate,
    flatAmount,
  }));
}
