/** The shapes that plans and metrics have, or once had, in Lago's API, turned into the written form of today. */
import { z } from 'zod';
import { Decimal } from '../money/decimal.js';
import {
  chargeFilterSchema,
  chargeSchema,
  fixedChargeSchema,
  minimumCommitmentSchema,
  planSchema,
  usageThresholdSchema,
} from './planSchema.js';
import { isMapping, shown } from './problems.js';
import { chargePropertiesSchema } from './propertiesSchema.js';
import { itemSchemas } from './schema.js';
import { nearest } from './suggest.js';

export type ImportWarnings = string[];
type Json = Readonly<Record<string, unknown>>;

/** `lago_id` → code of metrics in the same document, for plans that name them by id. */
export function metricCodes(metrics: readonly Json[]): Map<unknown, string> {
  return new Map(metrics.flatMap(({ lago_id: id, code }) => (typeof code === 'string' && id ? [[id, code]] : [])));
}

export function readMetric(json: Json, warnings: ImportWarnings): Json {
  const name = `billable metric ${shown(json.code)}`;
  return fields(itemSchemas.billable_metrics, json, name, warnings, {
    filters: listOf((filter) => fields(metricFilterSchema, filter, `${name}, filter ${shown(filter.key)}`, warnings)),
  });
}

const metricFilterSchema = z.object({ key: z.unknown(), values: z.unknown() });

export function readPlan(json: Json, codes: ReadonlyMap<unknown, string>, warnings: ImportWarnings): Json {
  const name = `plan ${shown(json.code)}`;
  return fields(planSchema, json, name, warnings, {
    amount_cents: wholeNumber,
    charges: listOf((charge) => readCharge(charge, codes, name, warnings)),
    fixed_charges: listOf((charge) => readFixedCharge(charge, name, warnings)),
    minimum_commitment: (value) =>
      isMapping(value) && Object.keys(value).length > 0
        ? fields(minimumCommitmentSchema, value, `${name}, minimum commitment`, warnings, { amount_cents: wholeNumber })
        : null,
    usage_thresholds: listOf((threshold) =>
      fields(usageThresholdSchema, threshold, `${name}, usage threshold`, warnings, { amount_cents: wholeNumber }),
    ),
  });
}

function readCharge(json: Json, codes: ReadonlyMap<unknown, string>, plan: string, warnings: ImportWarnings): Json {
  const { billable_metric_id: id, lago_billable_metric_id: lagoId, ...written } = json;
  const metric = metricCode(json.billable_metric_code, id ?? lagoId, codes, plan, warnings);
  const name = `${plan}, charge ${shown(json.code ?? metric)}`;
  const model = String(json.charge_model ?? 'standard');
  return fields(chargeSchema, { billable_metric_code: metric, ...written }, name, warnings, {
    min_amount_cents: wholeNumber,
    properties: (value) => readProperties(value, model, name, warnings),
    filters: listOf((filter) =>
      fields(chargeFilterSchema, filter, `${name}, filter`, warnings, {
        properties: (value) => readProperties(value, model, `${name}, filter`, warnings),
      }),
    ),
  });
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Older plans named the metric's code in `billable_metric_id`; newer ones its id, which is of use beside the metric only. */
function metricCode(
  code: unknown,
  id: unknown,
  codes: ReadonlyMap<unknown, string>,
  plan: string,
  warnings: ImportWarnings,
): unknown {
  const known = code ?? codes.get(id);
  if (known !== undefined && known !== null) return known;
  if (typeof id === 'string' && UUID.test(id)) {
    warnings.push(`${plan}: a charge names its metric by the id ${id}; put the metric's code in its place`);
  }
  return id;
}

function readFixedCharge(json: Json, plan: string, warnings: ImportWarnings): Json {
  const { add_on_id: id, lago_add_on_id: lagoId, ...written } = json;
  const addOn = json.add_on_code ?? id ?? lagoId;
  if (typeof addOn === 'string' && UUID.test(addOn)) {
    warnings.push(`${plan}: a fixed charge names its add-on by the id ${addOn}; put the add-on's code in its place`);
  }
  const name = `${plan}, fixed charge ${shown(json.code ?? addOn)}`;
  const model = String(json.charge_model ?? 'standard');
  return fields(fixedChargeSchema, { add_on_code: addOn, ...written }, name, warnings, {
    properties: (value) => readProperties(value, model, name, warnings),
  });
}

/** Once a bare list for graduated charges, and `ranges` for every tiered model. */
function readProperties(value: unknown, model: string, name: string, warnings: ImportWarnings): Json | null {
  const rangesKey = `${model}_ranges`;
  if (Array.isArray(value)) return { [rangesKey]: value.filter(isMapping).map(readRange) };
  if (!isMapping(value)) return null;
  const { ranges, grouped_by: groupedBy, ...written } = value;
  const properties: Json = {
    ...(ranges === undefined ? {} : { [rangesKey]: ranges }),
    ...(groupedBy === undefined || groupedBy === null ? {} : { pricing_group_keys: groupedBy }),
    ...written,
  };
  return fields(chargePropertiesSchema, properties, `${name}, properties`, warnings, {
    ...Object.fromEntries(DECIMALS.map((key) => [key, decimalText])),
    ...Object.fromEntries(INTEGERS.map((key) => [key, wholeNumber])),
    graduated_ranges: listOf(readRange),
    volume_ranges: listOf(readRange),
    graduated_percentage_ranges: listOf(readRange),
  });
}

const DECIMALS = [
  'amount',
  'rate',
  'fixed_amount',
  'free_units_per_total_aggregation',
  'per_transaction_min_amount',
  'per_transaction_max_amount',
];
const INTEGERS = ['package_size', 'free_units', 'free_units_per_events'];

function readRange(range: Json): Json {
  const { from_value: from, to_value: to, per_unit_amount: unit, rate, flat_amount: flat, ...rest } = range;
  return {
    from_value: wholeNumber(from),
    to_value: wholeNumber(to) ?? null,
    ...(unit === undefined ? {} : { per_unit_amount: decimalText(unit) }),
    ...(rate === undefined ? {} : { rate: decimalText(rate) }),
    flat_amount: decimalText(flat ?? '0'),
    ...rest,
  };
}

type Reader = (value: unknown) => unknown;

function listOf(read: (item: Json) => unknown): Reader {
  return (value) => (Array.isArray(value) && value.length > 0 ? value.filter(isMapping).map(read) : null);
}

/**
 * The fields that the schema knows, in its order, each through its reader. What is null, empty, or the default anyway is
 * left out.
 */
function fields(
  schema: z.ZodObject,
  json: Json,
  name: string,
  warnings: ImportWarnings,
  readers: Readonly<Record<string, Reader>> = {},
): Json {
  const written = withTaxCodes(json);
  for (const key of Object.keys(written)) {
    if (key in schema.shape || isOfAnswersOnly(key)) continue;
    const near = nearest(key, Object.keys(schema.shape));
    warnings.push(
      `${name}: ${key} is not known and was left out${near === undefined ? '' : `; did you mean ${near}?`}`,
    );
  }
  const read = Object.entries(schema.shape).flatMap(([key, field]) => {
    const value = readers[key] === undefined ? written[key] : readers[key](written[key]);
    const isDefault = value === z.globalRegistry.get(field as z.ZodType)?.default;
    const isEmpty = value === null || value === undefined || (Array.isArray(value) && value.length === 0);
    return isEmpty || (isDefault && key !== 'charge_model') ? [] : [[key, value]];
  });
  return Object.fromEntries(read);
}

/** Answers of the API hold the taxes themselves. */
function withTaxCodes(json: Json): Json {
  const { taxes, ...rest } = json;
  if (!Array.isArray(taxes) || json.tax_codes !== undefined) return rest;
  return { ...rest, tax_codes: taxes.filter(isMapping).map((tax) => tax.code) };
}

/** Ids, dates and counters: true of one organization's database, not of the definition. */
function isOfAnswersOnly(key: string): boolean {
  return /^(lago_|parent_id$|created_at$|updated_at$|deleted_at$|id$|plan_code$|has_|pending_deletion$)|_count$/.test(
    key,
  );
}

/** Every digit of a price, as the text that prices are written in. */
function decimalText(value: unknown): unknown {
  if (typeof value === 'number' && Number.isFinite(value)) return new Decimal(String(value)).toFixed();
  return typeof value === 'string' ? value.trim() : value;
}

/** Whole numbers and tier bounds are numbers; some answers quote them. */
function wholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}
