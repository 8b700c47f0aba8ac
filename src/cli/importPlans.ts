/**
 * Lago's plan and billable metric payloads, current and legacy, as definitions in the written form of this version.
 *
 * Legacy: graduated `properties` as a bare list of tiers, volume `ranges`, a `billable_metric_id` that holds a code.
 * Answers of the API carry what only a server knows (ids, counters, dates): those fields are left out, and named.
 */
import type { z } from 'zod';
import {
  chargeFilterSchema,
  chargeSchema,
  fixedChargeSchema,
  minimumCommitmentSchema,
  planSchema,
  usageThresholdSchema,
} from '../catalog/planSchema.js';
import { itemSchemas } from '../catalog/schema.js';
import { BillingError } from '../errors.js';

type Json = Record<string, unknown>;

export interface Imported {
  readonly definitions: { billable_metrics?: Json[]; plans?: Json[] };
  /** Fields that definitions have no place for, and that are not the server's own. */
  readonly leftOut: readonly string[];
}

/** Takes `{plan}`, `{plans}`, `{billable_metric}`, `{billable_metrics}`, a bare plan, or a list of plans. */
export function importPlans(payload: unknown): Imported {
  const leftOut = new Set<string>();
  const source: Json = Array.isArray(payload) ? { plans: payload } : isRecord(payload) ? payload : {};
  const metrics = listOf(source.billable_metrics ?? source.billable_metric);
  const bare = isRecord(source) && source.charges !== undefined ? source : undefined;
  const plans = listOf(source.plans ?? source.plan ?? bare);
  if (metrics.length + plans.length === 0) {
    throw new BillingError('nothing_to_import', {
      message: 'the file holds neither a plan nor a billable metric',
      suggestion: 'Give the JSON that GET /api/v1/plans answers, or the body of a POST.',
    });
  }
  const metricCodes = new Map(metrics.map((metric) => [String(metric.lago_id ?? metric.code), String(metric.code)]));
  const definitions: Imported['definitions'] = {};
  if (metrics.length > 0) {
    definitions.billable_metrics = metrics.map((metric) =>
      known(itemSchemas.billable_metrics, metric, 'metric', leftOut),
    );
  }
  if (plans.length > 0) definitions.plans = plans.map((plan) => planOf(plan, metricCodes, leftOut));
  return { definitions, leftOut: [...leftOut].sort() };
}

function planOf(plan: Json, metricCodes: ReadonlyMap<string, string>, leftOut: Set<string>): Json {
  const charges = listOf(plan.charges).map((charge) => chargeOf(charge, metricCodes, leftOut));
  const fixedCharges = listOf(plan.fixed_charges).map((charge) =>
    known(fixedChargeSchema, withTaxCodes(withProperties(charge)), 'fixed charge', leftOut),
  );
  const commitment = plan.minimum_commitment;
  return known(
    planSchema,
    without({
      ...withTaxCodes(plan),
      charges,
      fixed_charges: fixedCharges.length > 0 ? fixedCharges : undefined,
      minimum_commitment:
        isRecord(commitment) && Object.keys(commitment).length > 0
          ? known(minimumCommitmentSchema, withTaxCodes(commitment), 'minimum commitment', leftOut)
          : undefined,
      usage_thresholds:
        Array.isArray(plan.usage_thresholds) && plan.usage_thresholds.length > 0
          ? listOf(plan.usage_thresholds).map((each) => known(usageThresholdSchema, each, 'usage threshold', leftOut))
          : undefined,
    }),
    'plan',
    leftOut,
  );
}

function chargeOf(charge: Json, metricCodes: ReadonlyMap<string, string>, leftOut: Set<string>): Json {
  const { billable_metric_id: id, billable_metric_code: code, filters } = charge;
  const ofId = id === undefined || id === null ? undefined : (metricCodes.get(String(id)) ?? String(id));
  const written = withTaxCodes(withProperties({ ...charge, billable_metric_code: code ?? ofId }));
  delete written.billable_metric_id;
  const model = charge.charge_model;
  return known(
    chargeSchema,
    without({
      ...written,
      filters:
        Array.isArray(filters) && filters.length > 0
          ? listOf(filters).map((filter) =>
              known(chargeFilterSchema, withProperties({ charge_model: model, ...filter }), 'filter', leftOut),
            )
          : undefined,
    }),
    'charge',
    leftOut,
  );
}

/** The two legacy shapes, and what responses mirror for old readers. */
function withProperties(charge: Json): Json {
  const { properties, charge_model: model } = charge;
  if (Array.isArray(properties)) {
    const key = model === 'volume' ? 'volume_ranges' : 'graduated_ranges';
    return { ...charge, properties: { [key]: properties } };
  }
  if (!isRecord(properties)) return charge;
  const { ranges, grouped_by: groupedBy, ...rest } = properties;
  const named = without({
    ...rest,
    volume_ranges: model === 'volume' ? (rest.volume_ranges ?? ranges) : rest.volume_ranges,
    graduated_ranges: model === 'graduated' ? (rest.graduated_ranges ?? ranges) : rest.graduated_ranges,
    pricing_group_keys: rest.pricing_group_keys ?? groupedBy,
  });
  return { ...charge, properties: named };
}

function withTaxCodes(item: Json): Json {
  const { taxes, ...rest } = item;
  const codes = Array.isArray(taxes) ? taxes.flatMap((tax) => (isRecord(tax) ? [tax.code] : [])) : [];
  return without({ ...rest, tax_codes: rest.tax_codes ?? (codes.length > 0 ? codes : undefined) });
}

/** Fields that the server alone knows, or repeats. */
const SERVERS_OWN =
  /^(lago_.*|.*_count|created_at|updated_at|parent_id|pending_deletion|entitlements|metadata|applicable_.*|plan_code|interval|charge_code|charge_model|customers_count|billable_metric_id)$/;

/** The fields that the schema has, in its order, without nulls and empty lists. */
function known(schema: z.ZodObject, item: Json, what: string, leftOut: Set<string>): Json {
  const fields = Object.keys(schema.shape);
  for (const key of Object.keys(item)) {
    if (!fields.includes(key) && !SERVERS_OWN.test(key) && !isEmpty(item[key])) leftOut.add(`${what}: ${key}`);
  }
  return Object.fromEntries(fields.flatMap((key) => (isEmpty(item[key]) ? [] : [[key, item[key]]])));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function without(item: Json): Json {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined));
}

function listOf(value: unknown): Json[] {
  const list = Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
  return list.filter(isRecord);
}

function isRecord(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
