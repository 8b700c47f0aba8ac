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
import { floorToMillisecond, type Instant } from '../time/instant.js';

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
 * The records of an account by bucket and group, each list in the order of event time, those of one time as they were made:
 * a mark is found without a look at the others, however many events were billed before.
 */
export class InAdvanceRecords {
  readonly #byGroup = new Map<string, InAdvanceUsage[]>();

  constructor(records: readonly InAdvanceUsage[]) {
    for (const record of records) this.add(record);
  }

  /** A record that was made after all that were added before. */
  add(record: InAdvanceUsage): void {
    const name = nameOf(record, record.groupedBy);
    const known = this.#byGroup.get(name);
    if (known === undefined) this.#byGroup.set(name, [record]);
    else known.splice(countUntil(known, record.eventTimestamp), 0, record);
  }

  /** The mark of one group; null before the period's first event. */
  mark(scope: InAdvanceScope, groupedBy: GroupedBy): HighWaterMark | null {
    const ofGroup = this.#byGroup.get(nameOf(scope, groupedBy)) ?? [];
    const latest = ofGroup[countUntil(ofGroup, scope.window.to) - 1];
    if (latest === undefined || latest.eventTimestamp < floorToMillisecond(scope.window.from)) return null;
    return markOf(latest);
  }
}

function nameOf(
  { externalSubscriptionId, chargeId, chargeFilterId }: Omit<InAdvanceScope, 'window'>,
  groupedBy: GroupedBy,
): string {
  return JSON.stringify([externalSubscriptionId, chargeId, chargeFilterId, groupKey(groupedBy)]);
}

/** How many of the records are of this time or before; nearly always all of them. */
function countUntil(records: readonly InAdvanceUsage[], at: Instant): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle] as InAdvanceUsage).eventTimestamp <= at) low = middle + 1;
    else high = middle;
  }
  return low;
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
