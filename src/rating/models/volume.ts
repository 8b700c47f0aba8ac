/**
 * Volume: all units at the price of the one tier that the total falls into, plus that tier's flat fee.
 *
 * Tiers 0–100 @2 flat 10, 101–200 @1 flat 0: 100.5 units are beyond the first tier and cost 100.5 × 1. A prorated charge
 * finds the tier by its full units and multiplies the prorated ones: full 300 @0.5 flat 50, prorated 198.6 → 149.30.
 * Source: usage-and-pricing §4.6, §3.4. Units of −1 and less, which match no tier, cost nothing (D-3).
 */
import { ceil, type Decimal, toJsonDecimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { once } from './once.js';
import { perUnit, share } from './perUnit.js';
import { priceTiers, type Tier } from './tiers.js';

export function volume(prices: PricesOf<'volume'>, usage: MeteredUsage): Priced {
  const total = usage.prorated ? usage.fullUnits : usage.units;
  const tier = volumeTier(prices, total);
  const flat = tier?.flat ?? ZERO;
  const priced = usage.units.times(tier?.price ?? ZERO);
  const amount = priced.plus(flat);
  return {
    amount,
    unitAmount: perUnit(amount, usage),
    amountDetails: {
      flat_unit_amount: toJsonDecimal(flat),
      per_unit_amount: toJsonDecimal(share(priced, total)),
      per_unit_total_amount: toJsonDecimal(priced),
    },
  };
}

/** The tier of a total; undefined below −1. */
export function volumeTier(prices: PricesOf<'volume'>, units: Decimal): Tier | undefined {
  const reached = ceil(units);
  return ascending(priceTiers(prices.ranges)).find(
    ({ from, to }) => from.lte(reached) && (to === null || units.lte(to)),
  );
}

const ascending = once((tiers: readonly Tier[]): readonly Tier[] =>
  [...tiers].sort((a, b) => a.from.comparedTo(b.from)),
);
