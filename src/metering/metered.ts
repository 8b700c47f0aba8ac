/**
 * What every aggregation takes and gives, and the window that it reads.
 *
 * Source: usage-and-pricing §2.3 (windows), §5.4 (groups).
 */
import type { BillableMetric } from '../catalog/types.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { MeteredUsage } from '../rating/types.js';
import { floorToMillisecond, type Instant } from '../time/instant.js';
import type { Bucket, EventSelection, GroupedBy, UsageReader } from './usageReader.js';
import type { UsageWindow } from './window.js';

/**
 * Up to and including this place in the order of events, of those that had arrived by then; `sequence` null is every event up
 * to that instant.
 */
interface EventPosition {
  readonly timestamp: Instant;
  readonly sequence: number | null;
}

export interface AggregationInput {
  readonly metric: BillableMetric;
  readonly reader: UsageReader;
  readonly externalSubscriptionId: string;
  readonly window: UsageWindow;
  readonly bucket: Bucket | null;
  readonly groupKeys: readonly string[];
  /** Only this group; null: all. */
  readonly group: GroupedBy | null;
  /** An earlier end than the window's; null: the window's. */
  readonly upTo: EventPosition | null;
  /** Weigh units by the days that they were held (§3). */
  readonly prorated: boolean;
  /** Add up precise_total_amount_cents beside the units: the dynamic charge model. */
  readonly withPreciseAmount: boolean;
  /** Levels that a recurring weighted sum starts with, by group (§2.5). */
  readonly startLevels: readonly StartLevel[];
}

export interface StartLevel {
  readonly groupedBy: GroupedBy;
  readonly level: Decimal;
}

/** The usage of one group of a bucket. */
export interface Metered extends MeteredUsage {
  readonly groupedBy: GroupedBy;
  /** What was aggregated where units are something else: the closing level of a weighted sum. Null: the units. */
  readonly level: Decimal | null;
  /** The last event inside the window, for weighted sums. */
  readonly lastEventAt: Instant | null;
}

/** The window's events, or for recurring metrics all history up to its end. */
export function selectionOf(input: AggregationInput, from: Instant | null = windowStart(input)): EventSelection {
  return {
    externalSubscriptionId: input.externalSubscriptionId,
    code: input.metric.code,
    fieldName: input.metric.fieldName,
    from,
    to: input.upTo?.timestamp ?? input.window.eventsTo ?? input.window.to,
    toSequence: input.upTo?.sequence ?? null,
    ...asKnownAt(input.upTo),
    bucket: input.bucket,
    groupKeys: input.groupKeys,
    group: input.group,
  };
}

/** An event is priced as if it were the last to arrive: one that comes later with an earlier date is not there yet. */
function asKnownAt(position: EventPosition | null): Pick<EventSelection, 'throughSequence'> {
  return position === null || position.sequence === null ? {} : { throughSequence: position.sequence };
}

/** The events of the period alone, whatever history a recurring metric reaches back to. */
export function periodSelection(input: AggregationInput, group: GroupedBy): EventSelection {
  return { ...selectionOf(input, periodStart(input)), group };
}

/** The first instant of the period, to the millisecond. */
export function periodStart(input: Pick<AggregationInput, 'window'>): Instant {
  return floorToMillisecond(input.window.from);
}

function windowStart(input: AggregationInput): Instant | null {
  return input.metric.recurring ? null : periodStart(input);
}

/** A group's figures from what its aggregation knows. */
export function metered(
  input: AggregationInput,
  given: Pick<Metered, 'groupedBy' | 'units' | 'eventsCount'> & Partial<Metered>,
): Metered {
  return {
    aggregationType: input.metric.aggregationType,
    fullUnits: given.units,
    prorated: false,
    eventValues: () => [],
    proratedEntries: () => [],
    preciseTotalAmountCents: ZERO,
    level: null,
    lastEventAt: null,
    ...given,
  };
}

/** A group by which its figures are found again: equal for equal values, whatever the order of the keys. */
export function groupKey(groupedBy: GroupedBy): string {
  return JSON.stringify(Object.entries(groupedBy).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The group of an empty bucket: every key null. */
export function emptyGroup(groupKeys: readonly string[]): GroupedBy {
  return Object.fromEntries(groupKeys.map((key) => [key, null]));
}

/** `count` times 1: one value per event where events have none. */
export function* ones(count: number): Iterable<Decimal> {
  const one = new Decimal(1);
  for (let index = 0; index < count; index++) yield one;
}
