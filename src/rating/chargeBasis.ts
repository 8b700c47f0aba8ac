/**
 * What the fees of one charge are made from, and the question that it puts to metering for each bucket.
 * Source: usage-and-pricing §7.1 (options of current usage), §9.
 */
import type { BillableMetric, Charge } from '../catalog/types.js';
import type { ChargeBucket } from '../metering/buckets.js';
import type { AggregationInput } from '../metering/metered.js';
import type { Bucket, UsageReader } from '../metering/usageReader.js';
import type { UsageWindow } from '../metering/window.js';
import type { InAdvanceUsage, WeightedLevel } from '../model.js';
import { type LevelScope, startLevels } from './weightedLevels.js';

/** Narrows current usage: one value of a group key, or no groups at all. */
interface UsageNarrowing {
  /** Keeps the events of this value, and drops its key from the grouping. */
  readonly group: Readonly<Record<string, string>> | null;
  readonly skipGrouping: boolean;
}

const NOT_NARROWED: UsageNarrowing = { group: null, skipGrouping: false };

export interface ChargeBasis {
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly currency: string;
  readonly externalSubscriptionId: string;
  /** The subscription replaced another of the same external id. */
  readonly previousSubscriptionExists: boolean;
  readonly window: UsageWindow;
  readonly usage: UsageReader;
  /** Of any charge and subscription of the customer: what does not belong is passed over. */
  readonly inAdvanceUsages: readonly InAdvanceUsage[];
  readonly weightedLevels: readonly WeightedLevel[];
  readonly narrowing?: UsageNarrowing;
}

export function aggregationInput(basis: ChargeBasis, bucket: ChargeBucket, isProrated: boolean): AggregationInput {
  const narrowing = basis.narrowing ?? NOT_NARROWED;
  const input: AggregationInput = {
    metric: basis.metric,
    reader: basis.usage,
    externalSubscriptionId: basis.externalSubscriptionId,
    window: basis.window,
    bucket: narrowedBucket(bucket.bucket, narrowing),
    groupKeys: narrowedKeys(bucket.groupKeys, narrowing),
    group: null,
    upTo: null,
    prorated: isProrated,
    withPreciseAmount: basis.charge.chargeModel === 'dynamic',
    startLevels: [],
  };
  const scope = levelScope(basis, bucket);
  return {
    ...input,
    startLevels: startLevels(input, scope, basis.weightedLevels, basis.previousSubscriptionExists),
  };
}

export function levelScope(basis: ChargeBasis, bucket: ChargeBucket): LevelScope {
  return {
    externalSubscriptionId: basis.externalSubscriptionId,
    chargeId: basis.charge.id,
    chargeFilterId: bucket.chargeFilter?.id ?? null,
  };
}

function narrowedKeys(keys: readonly string[], { group, skipGrouping }: UsageNarrowing): readonly string[] {
  if (skipGrouping) return [];
  return group === null ? keys : keys.filter((key) => !(key in group));
}

function narrowedBucket(bucket: Bucket | null, { group }: UsageNarrowing): Bucket | null {
  if (group === null) return bucket;
  const matching: Record<string, readonly string[]> = { ...bucket?.matching };
  for (const [key, value] of Object.entries(group)) {
    const accepted = matching[key];
    matching[key] = accepted === undefined || accepted.includes(value) ? [value] : [];
  }
  return { matching, ignored: bucket?.ignored ?? [] };
}
