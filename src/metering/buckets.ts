/**
 * Which events a charge's filters take, and which are left to the charge's own price.
 *
 * In arrears and in current usage there is one bucket per filter, as defined, and a default one at the end (§5.2). A filter
 * loses the events of every filter that refines it; filters that merely overlap both keep a common event (P-7). An event
 * paid in advance goes to one bucket only: the satisfied filter with the most keys (§5.3).
 * Source: usage-and-pricing §5.2–5.4.
 */
import {
  ALL_FILTER_VALUES,
  type BillableMetric,
  type Charge,
  type ChargeFilter,
  type ChargeProperties,
} from '../catalog/types.js';
import type { Bucket, FilterValues } from './usageReader.js';

export interface ChargeBucket {
  /** Null: the default bucket. */
  readonly chargeFilter: ChargeFilter | null;
  readonly properties: ChargeProperties;
  /** The keys that split the bucket into groups of their own price. */
  readonly groupKeys: readonly string[];
  /** Null: every event of the metric (a charge without filters). */
  readonly bucket: Bucket | null;
}

/** The group key of charges that let an event name the wallet that pays for it. */
const TARGET_WALLET_KEY = 'target_wallet_code';

export function chargeBuckets(charge: Charge, metric: BillableMetric): ChargeBucket[] {
  const expanded = charge.filters.map((filter) => expandedValues(filter, metric));
  const ofFilters = charge.filters.map((filter, index) =>
    chargeBucket(charge, filter, {
      matching: at(expanded, index),
      ignored: refinements(expanded, index),
      filters: expanded,
    }),
  );
  return [...ofFilters, defaultBucket(charge, expanded)];
}

/** The bucket of one event, given its properties as text. */
export function bucketOfEvent(
  charge: Charge,
  metric: BillableMetric,
  property: (key: string) => string | null,
): ChargeBucket {
  const buckets = chargeBuckets(charge, metric);
  let best: ChargeBucket | undefined;
  for (const candidate of buckets) {
    if (candidate.bucket?.matching === null || candidate.bucket === null) continue;
    if (!satisfies(candidate.bucket.matching, property)) continue;
    if (best === undefined || keyCount(candidate) > keyCount(best)) best = candidate;
  }
  return best ?? (buckets.at(-1) as ChargeBucket);
}

function satisfies(values: FilterValues, property: (key: string) => string | null): boolean {
  return Object.entries(values).every(([key, accepted]) => {
    const text = property(key);
    return text !== null && accepted.includes(text);
  });
}

function chargeBucket(charge: Charge, filter: ChargeFilter | null, bucket: Bucket | null): ChargeBucket {
  const properties = filter?.properties ?? charge.properties;
  const keys = properties.pricingGroupKeys;
  const groupKeys =
    charge.acceptsTargetWallet && !keys.includes(TARGET_WALLET_KEY) ? [...keys, TARGET_WALLET_KEY] : keys;
  return { chargeFilter: filter, properties, groupKeys, bucket };
}

function defaultBucket(charge: Charge, expanded: readonly FilterValues[]): ChargeBucket {
  return chargeBucket(
    charge,
    null,
    expanded.length === 0 ? null : { matching: null, ignored: expanded, filters: expanded },
  );
}

function expandedValues(filter: ChargeFilter, metric: BillableMetric): FilterValues {
  return Object.fromEntries(
    Object.entries(filter.values).map(([key, values]) => {
      if (!values.includes(ALL_FILTER_VALUES)) return [key, values];
      return [key, metric.filters.find((declared) => declared.key === key)?.values ?? []];
    }),
  );
}

/** The filters whose events leave filter `index`. */
function refinements(filters: readonly FilterValues[], index: number): FilterValues[] {
  const filter = at(filters, index);
  return filters.filter((other, otherIndex) => otherIndex !== index && takesFrom(other, otherIndex < index, filter));
}

function takesFrom(other: FilterValues, isOlder: boolean, filter: FilterValues): boolean {
  const keys = Object.keys(filter);
  if (!keys.every((key) => other[key]?.some((value) => filter[key]?.includes(value)))) return false;
  if (Object.keys(other).length > keys.length) return true;
  const within = keys.every((key) => isSubset(other[key], filter[key]));
  if (!within) return false;
  const identical = keys.every((key) => isSubset(filter[key], other[key]));
  return identical ? isOlder : true;
}

function isSubset(values: readonly string[] = [], of: readonly string[] = []): boolean {
  return values.every((value) => of.includes(value));
}

function keyCount(bucket: ChargeBucket): number {
  return Object.keys(bucket.bucket?.matching ?? {}).length;
}

function at(filters: readonly FilterValues[], index: number): FilterValues {
  return filters[index] as FilterValues;
}
