/**
 * Written prices → working prices, with the defaults of usage-and-pricing §4.0 where properties are missing altogether.
 * What comes in has passed `checkProperties`.
 */
import { Decimal, toText } from '../money/decimal.js';
import { decimalOf, hasProperties, pricingGroupKeys } from './propertiesRules.js';
import type { ChargeModel, ChargePrices, ChargeProperties, PercentageRange, PriceRange } from './types.js';

type Written = Readonly<Record<string, unknown>>;

export function normalizeProperties(model: ChargeModel, properties: unknown, inFilter: boolean): ChargeProperties {
  const written = (hasProperties(properties) ? properties : {}) as Written;
  const presentation = inFilter ? [] : ((written.presentation_group_keys ?? []) as readonly PresentationKey[]);
  return {
    prices: normalizePrices(model, properties),
    pricingGroupKeys: pricingGroupKeys(written) as readonly string[],
    presentationGroupKeys: presentation.map(({ value, options }) => ({
      value,
      displayInInvoice: options?.display_in_invoice ?? false,
    })),
  };
}

interface PresentationKey {
  readonly value: string;
  readonly options?: { readonly display_in_invoice?: boolean } | null;
}

const FREE_TIER = [{ from_value: 0, to_value: null, per_unit_amount: '0', rate: '0', flat_amount: '0' }];

const DEFAULTS: Readonly<Record<ChargeModel, Written>> = {
  standard: { amount: '0' },
  graduated: { graduated_ranges: FREE_TIER },
  graduated_percentage: { graduated_percentage_ranges: FREE_TIER },
  package: { amount: '0', package_size: 1, free_units: 0 },
  percentage: { rate: '0' },
  volume: { volume_ranges: FREE_TIER },
  dynamic: {},
};

export function normalizePrices(model: ChargeModel, properties: unknown): ChargePrices {
  const written = (hasProperties(properties) ? properties : DEFAULTS[model]) as Written;
  switch (model) {
    case 'standard':
      return { model, amount: decimalText(written.amount) };
    case 'graduated':
      return { model, ranges: rangesOf(written.graduated_ranges).map(priceRange) };
    case 'graduated_percentage':
      return { model, ranges: rangesOf(written.graduated_percentage_ranges).map(percentageRange) };
    case 'package':
      return {
        model,
        amount: decimalText(written.amount),
        packageSize: written.package_size as number,
        freeUnits: written.free_units as number,
      };
    case 'percentage':
      return {
        model,
        rate: decimalText(written.rate),
        fixedAmount: optionalText(written.fixed_amount),
        freeUnitsPerEvents: (written.free_units_per_events ?? null) as number | null,
        freeUnitsPerTotalAggregation: optionalText(written.free_units_per_total_aggregation),
        perTransactionMinAmount: optionalText(written.per_transaction_min_amount),
        perTransactionMaxAmount: optionalText(written.per_transaction_max_amount),
      };
    case 'volume':
      return { model, ranges: rangesOf(written.volume_ranges).map(priceRange) };
    case 'dynamic':
      return { model };
  }
}

function rangesOf(ranges: unknown): readonly Written[] {
  return ranges as readonly Written[];
}

function priceRange(range: Written): PriceRange {
  return {
    ...bounds(range),
    perUnitAmount: decimalText(range.per_unit_amount),
    flatAmount: decimalText(range.flat_amount),
  };
}

function percentageRange(range: Written): PercentageRange {
  return { ...bounds(range), rate: decimalText(range.rate), flatAmount: decimalText(range.flat_amount) };
}

function bounds(range: Written): Pick<PriceRange, 'fromValue' | 'toValue'> {
  const { from_value: from, to_value: to } = range;
  return {
    fromValue: toText(new Decimal(from as number)),
    toValue: to === null || to === undefined ? null : toText(new Decimal(to as number)),
  };
}

/** Plain text of the same decimal: `1e-3` → `0.001`, `+5` → `5`, `12.50` → `12.5`. */
function decimalText(text: unknown): string {
  return toText(decimalOf(text as string));
}

function optionalText(text: unknown): string | null {
  return text === null || text === undefined ? null : decimalText(text);
}
