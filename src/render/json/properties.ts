/** Charge prices in the written form of Lago's `properties` (usage-and-pricing §4; invoicing §7.10). */
import type { ChargePrices, ChargeProperties, PercentageRange, PriceRange } from '../../catalog/types.js';
import { unreachable } from '../../errors.js';
import type { DecimalText } from '../../money/decimal.js';

/** `grouped_by` is the old name of `pricing_group_keys`; Lago prints both. */
export function propertiesJson(properties: ChargeProperties): Record<string, unknown> {
  const { pricingGroupKeys: keys, presentationGroupKeys: presentation } = properties;
  return {
    ...pricesJson(properties.prices),
    ...(keys.length === 0 ? {} : { pricing_group_keys: keys, grouped_by: keys }),
    ...(presentation.length === 0
      ? {}
      : {
          presentation_group_keys: presentation.map(({ value, displayInInvoice }) => ({
            value,
            options: { display_in_invoice: displayInInvoice },
          })),
        }),
  };
}

export function pricesJson(prices: ChargePrices): Record<string, unknown> {
  switch (prices.model) {
    case 'standard':
      return { amount: prices.amount };
    case 'graduated':
      return { graduated_ranges: prices.ranges.map(priceRangeJson) };
    case 'graduated_percentage':
      return { graduated_percentage_ranges: prices.ranges.map(percentageRangeJson) };
    case 'package':
      return { amount: prices.amount, package_size: prices.packageSize, free_units: prices.freeUnits };
    case 'percentage':
      return withoutNulls({
        rate: prices.rate,
        fixed_amount: prices.fixedAmount,
        free_units_per_events: prices.freeUnitsPerEvents,
        free_units_per_total_aggregation: prices.freeUnitsPerTotalAggregation,
        per_transaction_min_amount: prices.perTransactionMinAmount,
        per_transaction_max_amount: prices.perTransactionMaxAmount,
      });
    case 'volume':
      return { volume_ranges: prices.ranges.map(priceRangeJson) };
    case 'dynamic':
      return {};
    default:
      return unreachable(prices);
  }
}

function priceRangeJson(range: PriceRange) {
  return {
    from_value: bound(range.fromValue),
    to_value: range.toValue === null ? null : bound(range.toValue),
    per_unit_amount: range.perUnitAmount,
    flat_amount: range.flatAmount,
  };
}

function percentageRangeJson(range: PercentageRange) {
  return {
    from_value: bound(range.fromValue),
    to_value: range.toValue === null ? null : bound(range.toValue),
    rate: range.rate,
    flat_amount: range.flatAmount,
  };
}

/** Tier bounds are JSON numbers; one that a number cannot hold exactly stays text. */
function bound(value: DecimalText): number | string {
  const number = Number(value);
  return String(number) === value ? number : value;
}

function withoutNulls(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
