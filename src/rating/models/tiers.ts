/**
 * Tiers of graduated, graduated percentage and volume charges as decimals, and the figures that every tier shows in
 * `amount_details`.
 * Source: usage-and-pricing §4.0, §4.2, §4.3.
 */
import type { PercentageRange, PriceRange } from '../../catalog/types.js';
import { Decimal, type DecimalText } from '../../money/decimal.js';
import { once } from './once.js';

export interface Tier {
  readonly from: Decimal;
  /** Null is ∞. */
  readonly to: Decimal | null;
  /** Per unit: an amount, or a percentage where the model is one. */
  readonly price: Decimal;
  readonly flat: Decimal;
  /** The bounds as `amount_details` shows them. */
  readonly bounds: { readonly from_value: number | string; readonly to_value: number | string | null };
}

/** The tiers in the order of the definition. */
export const priceTiers = once((ranges: readonly PriceRange[]): readonly Tier[] =>
  ranges.map((range) => tier(range, range.perUnitAmount)),
);

export const percentageTiers = once((ranges: readonly PercentageRange[]): readonly Tier[] =>
  ranges.map((range) => tier(range, range.rate)),
);

function tier(range: PriceRange | PercentageRange, price: DecimalText): Tier {
  return {
    from: new Decimal(range.fromValue),
    to: range.toValue === null ? null : new Decimal(range.toValue),
    price: new Decimal(price),
    flat: new Decimal(range.flatAmount),
    bounds: {
      from_value: bound(range.fromValue),
      to_value: range.toValue === null ? null : bound(range.toValue),
    },
  };
}

/** A JSON number where it says the same, else the text. */
function bound(text: DecimalText): number | string {
  const value = new Decimal(text);
  return value.equals(value.toNumber()) ? value.toNumber() : value.toFixed();
}
