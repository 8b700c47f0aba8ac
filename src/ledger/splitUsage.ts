/**
 * Answers the buckets of a charge with filters by one pass over its events, where each bucket for itself would read them all
 * again. Which way is taken changes no figure.
 *
 * What was read is kept for the buckets to come, until an event is stored, by whomever. Unique counts, and questions about
 * one group or place, are for the bucket alone.
 */
import type { DaySum, EventSelection, GroupCount, GroupSum, GroupValue, UsageReader } from '../metering/usageReader.js';
import { ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import type { Projection } from './projection.js';
import type { PropertySplits, Split } from './propertySplits.js';
import type { SqlUsageReader } from './sqlUsageReader.js';
import { empty, Groups } from './usageAnswers.js';
import type { PlacedValue } from './usageRows.js';

/** Answers kept: the buckets of a charge are asked one after the other. */
const KEPT = 8;

export class SplitUsage implements UsageReader {
  readonly #single: SqlUsageReader;
  readonly #projection: Projection;
  readonly #splits: PropertySplits;
  readonly #kept = new Map<string, readonly unknown[]>();
  #version = '';

  constructor(single: SqlUsageReader, projection: Projection, splits: PropertySplits) {
    this.#single = single;
    this.#projection = projection;
    this.#splits = splits;
  }

  count(selection: EventSelection): GroupCount[] {
    const split = this.#splitOf(selection);
    if (split === null) return this.#single.count(selection);
    const counts = new Groups<GroupCount>();
    for (const row of this.#rows('count', selection, split, (all) => this.#single.count(all))) {
      const eventsCount = (counts.get(row.groupedBy)?.eventsCount ?? 0) + row.eventsCount;
      counts.set({ groupedBy: row.groupedBy, eventsCount });
    }
    return answered(selection, counts, { eventsCount: 0 });
  }

  sum(selection: EventSelection): GroupSum[] {
    const split = this.#splitOf(selection);
    if (split === null) return this.#single.sum(selection);
    const sums = new Groups<GroupSum>();
    for (const row of this.#rows('sum', selection, split, (all) => this.#single.sum(all))) addTo(sums, row);
    return answered(selection, sums, { eventsCount: 0, sum: ZERO });
  }

  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]): DaySum[] {
    const split = this.#splitOf(selection);
    if (split === null) return this.#single.sumPerDay(selection, dayStarts);
    const name = `sum per day ${JSON.stringify(dayStarts)}`;
    const sums = new Groups<DaySum>();
    for (const row of this.#rows(name, selection, split, (all) => this.#single.sumPerDay(all, dayStarts))) {
      addTo(sums, row, row.day);
    }
    return sums.all();
  }

  max(selection: EventSelection): GroupValue[] {
    const split = this.#splitOf(selection);
    if (split === null) return this.#single.max(selection);
    const largest = new Groups<GroupValue>();
    for (const row of this.#rows('max', selection, split, (all) => this.#single.max(all))) {
      const known = largest.get(row.groupedBy);
      const { value } = known === undefined || isMore(row, known) ? row : known;
      largest.set({ ...row, value, eventsCount: row.eventsCount + (known?.eventsCount ?? 0) });
    }
    return answered(selection, largest, { eventsCount: 0, value: null });
  }

  latest(selection: EventSelection): GroupValue[] {
    const split = this.#splitOf(selection);
    if (split === null) return this.#single.latest(selection);
    const latest = new Groups<PlacedValue>();
    for (const row of this.#rows('latest', selection, split, (all) => this.#single.latestPlaced(all))) {
      const known = latest.get(row.groupedBy);
      const later = known === undefined || isLater(row, known) ? row : known;
      latest.set({ ...later, eventsCount: row.eventsCount + (known?.eventsCount ?? 0) });
    }
    const values = latest.all().map(({ groupedBy, eventsCount, value }) => ({ groupedBy, eventsCount, value }));
    return values.length > 0 ? values : empty(selection, { eventsCount: 0, value: null });
  }

  uniqueCount(selection: EventSelection) {
    return this.#single.uniqueCount(selection);
  }

  sumWithPreciseAmount(selection: EventSelection) {
    return this.#single.sumWithPreciseAmount(selection);
  }

  values(selection: EventSelection) {
    return this.#single.values(selection);
  }

  events(selection: EventSelection) {
    return this.#single.events(selection);
  }

  points(...asked: Parameters<SqlUsageReader['points']>) {
    return this.#single.points(...asked);
  }

  #splitOf({ bucket, group, toSequence }: EventSelection): Split | null {
    return group !== null || toSequence !== null ? null : this.#splits.of(bucket);
  }

  /** The rows of a bucket, by their own groups: a group comes once for each number that the bucket takes. */
  #rows<T extends GroupCount>(
    aggregate: string,
    selection: EventSelection,
    split: Split,
    read: (all: EventSelection) => readonly T[],
  ): T[] {
    const { bucket, ...others } = selection;
    const all: EventSelection = { ...others, bucket: null, groupKeys: [...selection.groupKeys, split.key] };
    const rows = this.#keptOr(`${aggregate} ${JSON.stringify(all)}`, () => read(all));
    return rows.flatMap((row) => {
      const { [split.key]: number, ...groupedBy } = row.groupedBy;
      return bucket !== null && split.isIn(Number(number), bucket) ? [{ ...row, groupedBy }] : [];
    });
  }

  #keptOr<T>(name: string, read: () => readonly T[]): readonly T[] {
    const version = this.#projection.version();
    if (version !== this.#version) this.#kept.clear();
    this.#version = version;
    const kept = this.#kept.get(name);
    if (kept !== undefined) return kept as readonly T[];
    const rows = read();
    if (this.#kept.size >= KEPT) this.#kept.clear();
    // Reading may have made the points anew, which changes nothing that was read.
    this.#version = this.#projection.version();
    this.#kept.set(name, rows);
    return rows;
  }
}

function answered<T extends GroupCount>(selection: EventSelection, groups: Groups<T>, none: Omit<T, 'groupedBy'>): T[] {
  const answers = groups.all();
  return answers.length > 0 ? answers : (empty(selection, none) as unknown as T[]);
}

function addTo<T extends GroupSum>(sums: Groups<T>, row: T, day?: number): void {
  const known = sums.get(row.groupedBy, day);
  if (known === undefined) sums.set(row);
  else sums.set({ ...row, eventsCount: known.eventsCount + row.eventsCount, sum: known.sum.plus(row.sum) });
}

function isMore(a: GroupValue, b: GroupValue): boolean {
  return b.value === null || a.value?.gt(b.value) === true;
}

function isLater(a: PlacedValue, b: PlacedValue): boolean {
  return a.timestamp > b.timestamp || (a.timestamp === b.timestamp && a.sequence > b.sequence);
}
