/**
 * Warnings: definitions that are allowed and do exactly what they say, which is seldom what was meant.
 * Source: usage-and-pricing P-4, P-7, §4.0; periods §1.1.
 */
import type { Definitions } from './definitions.js';
import type { WrittenCharge, WrittenPlan } from './planSchema.js';
import { isMapping, type Path, type ProblemList } from './problems.js';
import { hasProperties } from './propertiesRules.js';
import type { WrittenBillableMetric } from './schema.js';
import { ALL_FILTER_VALUES } from './types.js';

export function lint(definitions: Definitions, list: ProblemList): void {
  const metrics = new Map(definitions.billable_metrics.map((metric) => [metric.code ?? '', metric]));
  for (const [index, plan] of definitions.plans.entries()) {
    const path = ['plans', index];
    lintPlan(plan, path, list);
    for (const [position, charge] of (plan.charges ?? []).entries()) {
      lintCharge(charge, metrics.get(charge.billable_metric_code ?? ''), [...path, 'charges', position], list);
    }
    for (const [position, charge] of (plan.fixed_charges ?? []).entries()) {
      lintPrices(charge, [...path, 'fixed_charges', position], list);
    }
  }
}

function lintPlan(plan: WrittenPlan, path: Path, list: ProblemList): void {
  if (plan.amount_cents === 0 && !plan.charges?.length && !plan.fixed_charges?.length && !plan.minimum_commitment) {
    list.warn(path, {
      code: 'plan_without_prices',
      field: 'amount_cents',
      message: 'bills nothing and meters nothing',
      suggestion: 'If it is free, a charge of amount "0" still shows the usage.',
    });
  }
  const hasMonthlyParts = plan.interval === 'yearly' || plan.interval === 'semiannual';
  for (const key of ['bill_charges_monthly', 'bill_fixed_charges_monthly'] as const) {
    if (plan[key] !== true || hasMonthlyParts) continue;
    list.warn([...path, key], {
      code: 'has_no_effect',
      message: `${key} is for yearly and semiannual plans and is not used here`,
      suggestion: `Remove ${key}.`,
    });
  }
}

function lintCharge(
  charge: WrittenCharge,
  metric: WrittenBillableMetric | undefined,
  path: Path,
  list: ProblemList,
): void {
  lintPrices(charge, path, list);
  for (const [index, filter] of (charge.filters ?? []).entries()) {
    lintPrices({ charge_model: charge.charge_model, properties: filter.properties }, [...path, 'filters', index], list);
  }
  if (metric !== undefined) lintOverlaps(charge, metric, path, list);
}

function lintPrices(
  charge: { readonly charge_model?: string | null | undefined; readonly properties?: unknown },
  path: Path,
  list: ProblemList,
): void {
  const model = charge.charge_model ?? 'standard';
  if (!hasProperties(charge.properties)) {
    if (model === 'dynamic') return;
    list.warn([...path, 'properties'], {
      code: 'charge_without_prices',
      message: 'has no properties, so that every unit is priced at 0',
      suggestion: 'Give the prices, or write them as "0" to say so.',
    });
    return;
  }
  if (!isMapping(charge.properties)) return;
  const key = `${model}_ranges`;
  const ranges = charge.properties[key];
  if (Array.isArray(ranges) && ranges.every(isMapping)) lintRanges(model, ranges, [...path, 'properties', key], list);
}

function lintRanges(model: string, ranges: readonly Record<string, unknown>[], path: Path, list: ProblemList): void {
  const joints = ranges.slice(1).map((range, index) => range.from_value === ranges[index]?.to_value);
  const adjacent = joints.filter(Boolean).length;
  const allAdjacent = model === 'graduated' && adjacent > 0 && adjacent === joints.length;
  if (ranges[0]?.from_value === 1 && (model === 'volume' || allAdjacent)) {
    list.warn([...path, 0, 'from_value'], {
      code: 'first_tier_from_one',
      field: 'properties',
      message:
        model === 'volume'
          ? 'starts at 1, so that no tier holds a usage of 0'
          : 'starts at 1 and ends where the next one starts, so that the first unit is not billed',
      suggestion: 'Start the first tier at 0.',
    });
  }
  const overcounts = model === 'graduated_percentage' ? adjacent > 0 : model === 'graduated' && adjacent > 0;
  if (!overcounts || allAdjacent) return;
  list.warn([...path, joints.indexOf(true) + 1, 'from_value'], {
    code: 'mixed_adjacency',
    field: 'properties',
    message: 'starts where the previous tier ends, so that one more unit is billed at that joint',
    suggestion: 'Start every tier at the previous to_value + 1.',
  });
}

/**
 * Two filters that share an event, neither a refinement of the other: the event is billed in both (P-7). With the same
 * keys one may hold the other's values; with fewer keys, a common value on each shared key makes it the wider one.
 */
function lintOverlaps(charge: WrittenCharge, metric: WrittenBillableMetric, path: Path, list: ProblemList): void {
  const declared = new Map((metric.filters ?? []).map((filter) => [filter.key ?? '', filter.values ?? []]));
  const filters = (charge.filters ?? []).map((filter) => valuesOf(filter.values, declared));
  for (const [index, filter] of filters.entries()) {
    for (const [earlier, other] of filters.slice(0, index).entries()) {
      const at = [...path, 'filters', index, 'values'];
      if (filter === null || other === null || !share(filter, other)) continue;
      if (isIdentical(filter, other)) {
        list.warn(at, {
          code: 'identical_filters',
          field: 'values',
          message: `is the same as filter ${earlier + 1}, which takes all its events`,
          suggestion: 'Remove one of them.',
        });
      } else if (!refines(filter, other) && !refines(other, filter)) {
        list.warn(at, {
          code: 'overlapping_filters',
          field: 'values',
          message: `shares events with filter ${earlier + 1}, and neither is a part of the other: they are billed twice`,
          suggestion: 'Add a filter for what both hold, or make their values distinct.',
        });
      }
    }
  }
}

type FilterValues = ReadonlyMap<string, ReadonlySet<string>>;

function valuesOf(values: unknown, declared: ReadonlyMap<string, readonly string[]>): FilterValues | null {
  if (!isMapping(values)) return null;
  const sets = Object.entries(values).map(([key, wanted]) => {
    const texts = Array.isArray(wanted) ? wanted.map(String) : [];
    return [key, new Set(texts[0] === ALL_FILTER_VALUES ? declared.get(key) : texts)] as const;
  });
  return new Map(sets);
}

/** Whether one event can satisfy both. */
function share(a: FilterValues, b: FilterValues): boolean {
  return [...a].every(([key, values]) => {
    const others = b.get(key);
    return others === undefined || [...values].some((value) => others.has(value));
  });
}

/** Whether `a` takes the events that it shares with `b` out of it. */
function refines(a: FilterValues, b: FilterValues): boolean {
  if (![...b.keys()].every((key) => a.has(key))) return false;
  if (a.size > b.size) return true;
  return [...a].every(([key, values]) => [...values].every((value) => b.get(key)?.has(value) === true));
}

function isIdentical(a: FilterValues, b: FilterValues): boolean {
  return a.size === b.size && refines(a, b) && refines(b, a);
}
