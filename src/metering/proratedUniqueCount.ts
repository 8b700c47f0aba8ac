/**
 * Prorated unique_count_agg: every value weighs the days on which it was present, its first and last day included.
 *
 * 9 July to 8 August (31 days), A present since June, B added on 19 July: RATIO(31, 31) + RATIO(21, 31) → 1.67742; the fee
 * shows 2. Added and removed on one day is one day, however often.
 *
 * Every event up to the window's end is read: which events change a value's state depends on all before them.
 * Source: usage-and-pricing §3.3, §3.5; D-1, P-2.
 */
import { ceil5, Decimal, ratio, truncate, ZERO } from '../money/decimal.js';
import type { ProratedEntry } from '../rating/types.js';
import { addMicroseconds, DAY, type Instant } from '../time/instant.js';
import { daysBetween, type LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import { type AggregationInput, groupKey, type Metered, metered, periodStart, selectionOf } from './metered.js';
import { rawEventValues } from './uniqueCount.js';
import type { GroupedBy, UsageEvent } from './usageReader.js';

/** An event that changes its value's state, once same-day returns are merged. */
interface StateChange {
  readonly text: string | null;
  readonly operation: 'add' | 'remove';
  readonly timestamp: Instant;
  readonly sequence: number;
  /** Share of the period from an `add` to the next change; 0 for a `remove`. */
  readonly weight: Decimal;
}

interface Group {
  readonly groupedBy: GroupedBy;
  readonly values: Map<string | null, UsageEvent[]>;
}

export function aggregateProratedUniqueCount(input: AggregationInput): Metered[] {
  const groups = new Map<string, Group>();
  const keyOf = input.groupKeys.length === 0 ? () => '' : groupKey;
  for (const event of input.reader.events(selectionOf(input, null))) {
    const key = keyOf(event.groupedBy);
    let group = groups.get(key);
    if (group === undefined) {
      group = { groupedBy: event.groupedBy, values: new Map() };
      groups.set(key, group);
    }
    const events = group.values.get(event.text);
    if (events === undefined) group.values.set(event.text, [event]);
    // Adding what is there changes nothing, and most events do no more.
    else if (event.operation === 'remove' || events.at(-1)?.operation === 'remove') events.push(event);
  }
  return [...groups.values()].map((group) => meteredGroup(input, group));
}

function meteredGroup(input: AggregationInput, { groupedBy, values }: Group): Metered {
  const changes: StateChange[] = [];
  let present = 0;
  for (const events of values.values()) {
    const kept = stateChanges(events, input);
    changes.push(...kept);
    if (kept.at(-1)?.operation === 'add') present += 1;
  }
  const units = ceil5(changes.reduce((sum, change) => sum.plus(change.weight), ZERO));
  return metered(input, {
    groupedBy,
    units,
    fullUnits: new Decimal(present),
    prorated: true,
    eventsCount: truncate(units).toNumber(),
    eventValues: () => rawEventValues(input, groupedBy),
    proratedEntries: () => proratedEntries(changes),
  });
}

/** The adds and removes of one value that count, in turn, each add with the share of the period that it lasts. */
function stateChanges(events: readonly UsageEvent[], input: AggregationInput): StateChange[] {
  const kept: UsageEvent[] = [];
  for (const event of withoutSameDayReturns(events, input.window.zone)) {
    const isPresent = kept.at(-1)?.operation === 'add';
    if (isPresent === (event.operation === 'remove')) kept.push(event);
  }
  return kept.map((event, index) => ({
    text: event.text,
    operation: event.operation,
    timestamp: event.timestamp,
    sequence: event.sequence,
    weight: event.operation === 'add' ? weight(event.timestamp, kept[index + 1]?.timestamp, input) : ZERO,
  }));
}

/** Without each `remove` that an `add` follows on the same local day. */
function withoutSameDayReturns(events: readonly UsageEvent[], zone: string): UsageEvent[] {
  const kept: UsageEvent[] = [];
  let dayOfLaterAdd: LocalDate | null = null;
  for (const event of [...events].reverse()) {
    const day = localDateOf(event.timestamp, zone);
    if (event.operation === 'add') dayOfLaterAdd = day;
    else if (day === dayOfLaterAdd) continue;
    kept.push(event);
  }
  return kept.reverse();
}

/** The removal's day counts: 24 hours are added to it, in elapsed time as Lago does. */
function weight(addedAt: Instant, removedAt: Instant | undefined, { window }: AggregationInput): Decimal {
  const from = periodStart({ window });
  const end = removedAt ?? window.to;
  if (end < from) return ZERO;
  const dayAfter = localDateOf(addMicroseconds(end, DAY), window.zone);
  const start = localDateOf(addedAt > from ? addedAt : from, window.zone);
  return ratio(daysBetween(start, dayAfter), window.durationDays);
}

/** By time, then value; a removal takes a full unit away and no prorated one. */
function proratedEntries(changes: readonly StateChange[]): ProratedEntry[] {
  const ordered = [...changes].sort(
    (a, b) => a.timestamp - b.timestamp || compareText(a.text, b.text) || a.sequence - b.sequence,
  );
  return ordered.map(({ operation, weight: share }) =>
    operation === 'add' ? { full: new Decimal(1), prorated: ceil5(share) } : { full: new Decimal(-1), prorated: ZERO },
  );
}

function compareText(a: string | null, b: string | null): number {
  const [x, y] = [a ?? '', b ?? ''];
  return x < y ? -1 : x > y ? 1 : 0;
}
