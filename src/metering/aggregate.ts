/**
 * From events to units: the aggregation of a bucket, group by group, rounded as the metric says.
 *
 * Groups come in the order of their values, so that fees do not depend on the order in which events arrived. A bucket
 * without any event is one group of null values at zero, which a flat fee still charges (§5.4).
 * Source: usage-and-pricing §2.4, §2.8, §3, §5.4.
 */
import type { BillableMetric } from '../catalog/types.js';
import { ceil, type Decimal, floor, round, ZERO } from '../money/decimal.js';
import { aggregateCount } from './count.js';
import { aggregateLatest } from './latest.js';
import { aggregateMax } from './max.js';
import { type AggregationInput, emptyGroup, type Metered, metered } from './metered.js';
import { aggregateProratedSum } from './proratedSum.js';
import { aggregateProratedUniqueCount } from './proratedUniqueCount.js';
import { aggregateSum } from './sum.js';
import { aggregateUniqueCount } from './uniqueCount.js';
import { aggregateWeightedSum } from './weightedSum.js';

/** The groups of a bucket with their figures before metric rounding; at least one. */
export function aggregate(input: AggregationInput): Metered[] {
  const groups = byAggregationType(input);
  if (groups.length === 0) return [emptyUsage(input)];
  return groups.sort((a, b) => compareGroups(a, b, input.groupKeys));
}

/** The metric's rounding, on what is priced and on what is shown (§2.8). */
export function roundedUsage(metric: BillableMetric, usage: Metered): Metered {
  if (metric.roundingFunction === null) return usage;
  return { ...usage, units: roundUnits(metric, usage.units), fullUnits: roundUnits(metric, usage.fullUnits) };
}

/** 123.456: round 2 → 123.46; ceil → 124; ceil −2 → 200; round −2 → 100. */
export function roundUnits(metric: BillableMetric, units: Decimal): Decimal {
  const places = metric.roundingPrecision ?? 0;
  switch (metric.roundingFunction) {
    case 'round':
      return round(units, places);
    case 'ceil':
      return ceil(units, places);
    case 'floor':
      return floor(units, places);
    case null:
      return units;
  }
}

function byAggregationType(input: AggregationInput): Metered[] {
  switch (input.metric.aggregationType) {
    case 'count_agg':
      return aggregateCount(input);
    case 'sum_agg':
      return input.prorated ? aggregateProratedSum(input) : aggregateSum(input);
    case 'max_agg':
      return aggregateMax(input);
    case 'latest_agg':
      return aggregateLatest(input);
    case 'unique_count_agg':
      return input.prorated ? aggregateProratedUniqueCount(input) : aggregateUniqueCount(input);
    case 'weighted_sum_agg':
      return aggregateWeightedSum(input);
  }
}

function emptyUsage(input: AggregationInput): Metered {
  return metered(input, {
    groupedBy: input.group ?? emptyGroup(input.groupKeys),
    units: ZERO,
    eventsCount: 0,
    prorated: input.prorated,
    level: input.metric.aggregationType === 'weighted_sum_agg' ? ZERO : null,
  });
}

/** By the values of the keys in turn; null first. */
function compareGroups(a: Metered, b: Metered, keys: readonly string[]): number {
  for (const key of keys) {
    const [x, y] = [a.groupedBy[key] ?? null, b.groupedBy[key] ?? null];
    if (x === y) continue;
    if (x === null) return -1;
    if (y === null) return 1;
    return x < y ? -1 : 1;
  }
  return 0;
}
