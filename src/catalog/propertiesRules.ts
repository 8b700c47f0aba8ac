/**
 * Prices of a charge (`properties`): what each charge model asks for, with Lago's codes, all under the field
 * `properties`. Properties that are missing altogether take the model's defaults; a key that is missing does not.
 * Source: usage-and-pricing §4, §5.4, §5.5, §10.
 */
import { Decimal, isNonNegativeDecimalText } from '../money/decimal.js';
import { type Finding, isBlank, isMapping, type Path, type ProblemList, shown } from './problems.js';
import { chargePropertiesSchema } from './propertiesSchema.js';
import { checkRanges, notADecimal, type Report } from './rangeRules.js';
import { unknownProperties } from './shape.js';
import { nearest } from './suggest.js';
import type { AggregationType, ChargeModel } from './types.js';

export interface PricedBy {
  readonly model: ChargeModel;
  /** Undefined for fixed charges, and where the metric is unknown. */
  readonly aggregationType?: AggregationType | undefined;
  readonly inFilter: boolean;
}

/** Missing, null or empty: the model's defaults apply. */
export function hasProperties(properties: unknown): boolean {
  if (isBlank(properties)) return false;
  return !isMapping(properties) || Object.keys(properties).length > 0;
}

export function checkProperties(properties: unknown, pricedBy: PricedBy, path: Path, list: ProblemList): void {
  const report: Report = (below, finding) => list.report([...path, ...below], { ...finding, field: 'properties' });
  const { model, aggregationType } = pricedBy;
  if (aggregationType === 'latest_agg' && (model === 'percentage' || model === 'graduated_percentage')) {
    report([], {
      code: 'invalid_value',
      message: `the ${model} model cannot price a latest_agg metric`,
      suggestion: 'Use another charge model, or another aggregation.',
    });
  }
  if (!hasProperties(properties)) return;
  if (!isMapping(properties)) {
    report([], { code: 'invalid_type', message: `${shown(properties)} is not a mapping of prices` });
    return;
  }
  checkPrices(properties, pricedBy, report);
  checkPricingGroupKeys(properties, report);
  if (pricedBy.inFilter) warnOfPresentationKeys(properties, path, list);
  else checkPresentationGroupKeys(properties.presentation_group_keys, report);
  warnOfUnknownKeys(properties, path, list);
}

function checkPrices(properties: Record<string, unknown>, { model, aggregationType }: PricedBy, report: Report): void {
  switch (model) {
    case 'standard':
      checkDecimal(properties, 'amount', 'invalid_amount', report);
      break;
    case 'graduated':
    case 'graduated_percentage':
    case 'volume':
      checkRanges(model, properties[`${model}_ranges`], report);
      break;
    case 'package':
      checkPackage(properties, report);
      break;
    case 'percentage':
      checkPercentage(properties, aggregationType, report);
      break;
    case 'dynamic':
      break;
  }
}

function checkDecimal(properties: Record<string, unknown>, key: string, code: string, report: Report): void {
  if (!isNonNegativeDecimalText(properties[key])) report([key], { code, ...notADecimal(key, properties[key]) });
}

function checkOptionalDecimal(properties: Record<string, unknown>, key: string, code: string, report: Report): void {
  if (properties[key] !== null && properties[key] !== undefined) checkDecimal(properties, key, code, report);
}

function checkPackage(properties: Record<string, unknown>, report: Report): void {
  checkDecimal(properties, 'amount', 'invalid_amount', report);
  const { package_size: size, free_units: free } = properties;
  if (!isIntegerFrom(size, 1)) {
    report(['package_size'], {
      code: 'invalid_package_size',
      message: isBlank(size) ? 'package_size is missing' : `package_size ${shown(size)} is not a whole number above 0`,
      suggestion: 'Write the units of one package: 1000.',
    });
  }
  if (!isIntegerFrom(free, 0)) {
    report(['free_units'], {
      code: 'invalid_free_units',
      message: isBlank(free) ? 'free_units is missing' : `free_units ${shown(free)} is not a whole number of 0 or more`,
      suggestion: 'Write 0 when no unit is free.',
    });
  }
}

function checkPercentage(
  properties: Record<string, unknown>,
  aggregationType: AggregationType | undefined,
  report: Report,
): void {
  checkDecimal(properties, 'rate', 'invalid_rate', report);
  checkOptionalDecimal(properties, 'fixed_amount', 'invalid_fixed_amount', report);
  const { free_units_per_events: freeEvents } = properties;
  if (freeEvents !== null && freeEvents !== undefined && !isIntegerFrom(freeEvents, 1)) {
    report(['free_units_per_events'], {
      code: 'invalid_free_units_per_events',
      message: `free_units_per_events ${shown(freeEvents)} is not a whole number above 0`,
      suggestion: 'Leave it out when no event is free.',
    });
  }
  const freeTotal = 'free_units_per_total_aggregation';
  checkOptionalDecimal(properties, freeTotal, `invalid_${freeTotal}`, report);
  checkOptionalDecimal(properties, 'per_transaction_min_amount', 'invalid_amount', report);
  checkOptionalDecimal(properties, 'per_transaction_max_amount', 'invalid_amount', report);
  const { per_transaction_min_amount: min, per_transaction_max_amount: max } = properties;
  if (isNonNegativeDecimalText(min) && isNonNegativeDecimalText(max) && decimalOf(max).lt(decimalOf(min))) {
    report(['per_transaction_max_amount'], {
      code: 'per_transaction_max_lower_than_per_transaction_min',
      message: `the highest price of an event, ${max}, is below the least, ${min}`,
    });
  }
  if (aggregationType === 'weighted_sum_agg' && !(isBlank(min) && isBlank(max))) {
    report([isBlank(min) ? 'per_transaction_max_amount' : 'per_transaction_min_amount'], {
      code: 'invalid_value',
      message: 'a weighted sum has no price per event, so none can be bounded',
      suggestion: 'Remove per_transaction_min_amount and per_transaction_max_amount.',
    });
  }
}

/** `grouped_by` is the old name; the new one goes first where both are given. */
export function pricingGroupKeys(properties: Record<string, unknown>): unknown {
  return properties.pricing_group_keys ?? properties.grouped_by ?? [];
}

function checkPricingGroupKeys(properties: Record<string, unknown>, report: Report): void {
  const keys = pricingGroupKeys(properties);
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string' && key.trim() !== '')) return;
  report([properties.pricing_group_keys == null ? 'grouped_by' : 'pricing_group_keys'], {
    code: 'invalid_type',
    message: 'pricing_group_keys is not a list of event property names',
    suggestion: 'Write a list of texts: [region, cloud].',
  });
}

const MAX_PRESENTATION_KEYS = 2;

function checkPresentationGroupKeys(written: unknown, report: Report): void {
  if (written === null || written === undefined) return;
  const key = 'presentation_group_keys';
  if (!Array.isArray(written) || !written.every(isPresentationKey)) {
    report([key], {
      code: 'invalid_type',
      message: `${key} is not a list of {value, options: {display_in_invoice}}`,
      suggestion: 'Write - value: region.',
    });
    return;
  }
  if (written.length > MAX_PRESENTATION_KEYS) {
    report([key], { code: 'too_many_keys', message: `${key} names ${written.length} properties; two is the most` });
  }
  if (new Set(written.map(({ value }) => value)).size < written.length) {
    report([key], { code: 'value_is_duplicated', message: `${key} names a property twice` });
  }
}

function isPresentationKey(entry: unknown): entry is { readonly value: string } {
  if (!isMapping(entry) || typeof entry.value !== 'string' || entry.value.trim() === '') return false;
  if (!hasOnly(entry, ['value', 'options'])) return false;
  const { options } = entry;
  if (options === null || options === undefined) return true;
  if (!isMapping(options) || !hasOnly(options, ['display_in_invoice'])) return false;
  return options.display_in_invoice === undefined || typeof options.display_in_invoice === 'boolean';
}

function hasOnly(mapping: Record<string, unknown>, keys: readonly string[]): boolean {
  return Object.keys(mapping).every((key) => keys.includes(key));
}

function warnOfPresentationKeys(properties: Record<string, unknown>, path: Path, list: ProblemList): void {
  if (isBlank(properties.presentation_group_keys)) return;
  list.warn([...path, 'presentation_group_keys'], {
    code: 'has_no_effect',
    field: 'properties',
    message: 'presentation_group_keys of a filter are not used',
    suggestion: "Move them to the charge's own properties.",
  });
}

function warnOfUnknownKeys(properties: Record<string, unknown>, path: Path, list: ProblemList): void {
  for (const key of unknownProperties(properties, PROPERTY_KEYS)) {
    const near = nearest(key, PROPERTY_KEYS);
    const finding: Finding = {
      code: 'unknown_property',
      field: 'properties',
      message: `${JSON.stringify(key)} is not a property of any charge model and is not used`,
      suggestion: near === undefined ? 'Remove it.' : `Did you mean ${near}?`,
    };
    list.warn([...path, key], finding);
  }
}

const PROPERTY_KEYS = Object.keys(chargePropertiesSchema.shape);

function isIntegerFrom(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}

/** Decimal of a text that `isNonNegativeDecimalText` accepted. */
export function decimalOf(text: string): Decimal {
  return new Decimal(text.trim().replace(/^\+/, ''));
}
