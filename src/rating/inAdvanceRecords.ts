/**
 * The high-water marks of a charge paid in advance: what the events of the period were billed for so far.
 *
 * One record stands for each event, bucket and group; the one with the latest event time in the period speaks for it, the
 * later made of two at one time.
 * Source: usage-and-pricing §6.2, §7.3; D-7 (records are scoped by bucket and group).
 */
import { groupKey } from '../metering/metered.js';
import type { GroupedBy } from '../metering/usageReader.js';
import type { UsageWindow } from '../metering/window.js';
import type { InAdvanceUsage } from '../model.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { floorToMillisecond } from '../time/instant.js';

export interface InAdvanceScope {
  readonly externalSubscriptionId: string;
  readonly chargeId: string;
  /** Null: the default bucket. */
  readonly chargeFilterId: string | null;
  readonly window: UsageWindow;
}

export interface HighWaterMark {
  readonly current: Decimal;
  readonly max: Decimal;
  readonly maxProrated: Decimal;
}

/**
 * The mark of one group; null before the period's first event. Records are in the order in which they were made: from the
 * newest backwards, nearly all are passed over by their time alone.
 */
export function highWaterMark(
  records: readonly InAdvanceUsage[],
  scope: InAdvanceScope,
  groupedBy: GroupedBy,
): HighWaterMark | null {
  let latest: InAdvanceUsage | null = null;
  for (let index = records.length - 1; index >= 0; index--) {
    const record = records[index] as InAdvanceUsage;
    if (latest !== null && record.eventTimestamp <= latest.eventTimestamp) continue;
    if (isOf(record, scope) && isSameGroup(record.groupedBy, groupedBy)) latest = record;
  }
  return latest === null ? null : markOf(latest);
}

/**
 * The marks of a bucket by the groups that are asked for. Usage seen without grouping, or for one value of a key, adds up
 * the marks of the groups that it covers.
 */
export function highWaterMarks(
  records: readonly InAdvanceUsage[],
  scope: InAdvanceScope,
  groupKeys: readonly string[],
  onlyGroup: GroupedBy,
): Map<string, HighWaterMark> {
  const latest = new Map<string, InAdvanceUsage>();
  for (const record of records) {
    if (!isOf(record, scope)) continue;
    const key = groupKey(record.groupedBy);
    const known = latest.get(key);
    if (known === undefined || record.eventTimestamp >= known.eventTimestamp) latest.set(key, record);
  }
  const marks = new Map<string, HighWaterMark>();
  for (const record of latest.values()) {
    if (!Object.entries(onlyGroup).every(([key, value]) => record.groupedBy[key] === value)) continue;
    const key = groupKey(Object.fromEntries(groupKeys.map((name) => [name, record.groupedBy[name] ?? null])));
    const known = marks.get(key);
    marks.set(key, known === undefined ? markOf(record) : added(known, markOf(record)));
  }
  return marks;
}

function isOf(record: InAdvanceUsage, { externalSubscriptionId, chargeId, chargeFilterId, window }: InAdvanceScope) {
  return (
    record.chargeId === chargeId &&
    record.chargeFilterId === chargeFilterId &&
    record.externalSubscriptionId === externalSubscriptionId &&
    record.eventTimestamp >= floorToMillisecond(window.from) &&
    record.eventTimestamp <= window.to
  );
}

function isSameGroup(a: GroupedBy, b: GroupedBy): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

function markOf(record: InAdvanceUsage): HighWaterMark {
  return {
    current: new Decimal(record.current),
    max: new Decimal(record.max),
    maxProrated: record.maxProrated === null ? ZERO : new Decimal(record.maxProrated),
  };
}

function added(a: HighWaterMark, b: HighWaterMark): HighWaterMark {
  return {
    current: a.current.plus(b.current),
    max: a.max.plus(b.max),
    maxProrated: a.maxProrated.plus(b.maxProrated),
  };
}
