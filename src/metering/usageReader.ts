/**
 * What metering asks of the store of events, in metering's own terms.
 *
 * The ledger answers with its cheapest sound query; an in-memory reader in the tests answers by plain loops and is the
 * oracle that the ledger is compared with. Rules shared by every answer (usage-and-pricing §1.4, §1.5, §2.2):
 *
 * - a window includes both ends; order is timestamp, then order of arrival;
 * - a property's value is read as text: JSON strings without quotes, numbers in plain notation as written, true/false
 *   as such; missing and null are null;
 * - numeric means that the text matches `^-?\d+(\.\d+)?$`; sums, maxima and latest values see numeric events only, and
 *   count only those; figures are exact;
 * - grouping partitions by the tuple of property texts, where missing, null and "" are one group (null);
 * - an answer has one row per group that has an event; without group keys, exactly one row, events or not.
 */
import type { Decimal } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';

/** Property key → accepted texts. An event satisfies it when every key's value is in its list. */
export type FilterValues = Readonly<Record<string, readonly string[]>>;

/** Tuple of group values by key; `{}` without grouping. */
export type GroupedBy = Readonly<Record<string, string | null>>;

/** Which events of the metric a charge filter (or the default bucket) receives (usage-and-pricing §5.2). */
export interface Bucket {
  /** Must satisfy all of it; null: no condition. */
  readonly matching: FilterValues | null;
  /** Must satisfy none of these. */
  readonly ignored: readonly FilterValues[];
  /** All filters of the charge, which its buckets share: the store may read its events once for all of them. */
  readonly filters?: readonly FilterValues[];
}

export interface EventSelection {
  readonly externalSubscriptionId: string;
  /** The billable metric's code. */
  readonly code: string;
  /** The property aggregated; null for counts. */
  readonly fieldName: string | null;
  /** Inclusive; null reaches back to the first event. */
  readonly from: Instant | null;
  /** Inclusive. */
  readonly to: Instant;
  /** Of the events exactly at `to`, only those up to this arrival number count. Null: all. */
  readonly toSequence: number | null;
  /** Only events up to this arrival number, wherever they lie in the window: usage as it was known then. */
  readonly throughSequence?: number;
  readonly bucket: Bucket | null;
  readonly groupKeys: readonly string[];
  /** Only this group (its keys are `groupKeys`). Null: all groups. */
  readonly group: GroupedBy | null;
}

export interface GroupCount {
  readonly groupedBy: GroupedBy;
  readonly eventsCount: number;
}

export interface GroupSum extends GroupCount {
  readonly sum: Decimal;
}

export interface PreciseSum extends GroupSum {
  readonly preciseTotalAmountCents: Decimal;
}

export interface GroupValue extends GroupCount {
  /** Null without a numeric event. */
  readonly value: Decimal | null;
}

export interface UsageEvent {
  readonly groupedBy: GroupedBy;
  readonly timestamp: Instant;
  /** Order of arrival in the ledger. */
  readonly sequence: number;
  readonly transactionId: string;
  /** The aggregated property as text; null when missing. */
  readonly text: string | null;
  /** The same as a number; null when not numeric. */
  readonly value: Decimal | null;
  /** `properties.operation_type`: `add` when missing or "add", else `remove`. */
  readonly operation: 'add' | 'remove';
  readonly preciseTotalAmountCents: Decimal | null;
}

/** A numeric value of the aggregated property. */
export interface UsageValue {
  readonly groupedBy: GroupedBy;
  readonly timestamp: Instant;
  /** The value in millionths, where that is a safe integer and the reader knows it; else null. */
  readonly millionths: number | null;
  readonly value: Decimal;
}

export interface DaySum extends GroupSum {
  /** Index into the given day starts: the event lies at or after it and before the next. −1: before the first. */
  readonly day: number;
}

export interface UsageReader {
  count(selection: EventSelection): GroupCount[];
  sum(selection: EventSelection): GroupSum[];
  max(selection: EventSelection): GroupValue[];
  /** The last numeric value by time, then arrival. */
  latest(selection: EventSelection): GroupValue[];
  /**
   * Values present at the end of the window, by replay of adds and removes from "absent"; a missing property is one
   * value of its own. `eventsCount` is the number of values present, as in Lago.
   */
  uniqueCount(selection: EventSelection): GroupCount[];
  /** Sums per local day, given the first instants of the days, ascending: what proration weighs. */
  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]): DaySum[];
  /** Σ precise_total_amount_cents (null = 0) of the numeric events, beside their sum: the dynamic charge model. */
  sumWithPreciseAmount(selection: EventSelection): PreciseSum[];
  /** The numeric values one by one, ordered by group-independent time, then arrival. */
  values(selection: EventSelection): Iterable<UsageValue>;
  /** The events themselves, ordered by group-independent time, then arrival. For what no aggregate can answer. */
  events(selection: EventSelection): Iterable<UsageEvent>;
}
