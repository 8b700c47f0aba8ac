/**
 * Usage that nobody had: lots of units, answered to the engine as if events had brought them. With it, the very code that
 * bills a period prices any number of units without storing an event for each.
 *
 * A lot is one number of units that share their properties. It counts as `eventsCount` events of equal size; a counted
 * metric's lot is as many events as units, a metric of different values as many values.
 */
import type { AggregationType } from '../catalog/types.js';
import type {
  EventSelection,
  FilterValues,
  GroupCount,
  GroupedBy,
  UsageEvent,
  UsageReader,
  UsageValue,
} from '../metering/usageReader.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';

export interface ImaginedLot {
  /** The billable metric's code. */
  readonly code: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly units: Decimal;
  /** How many events brought them; at least 1. */
  readonly eventsCount: number;
  readonly at: Instant;
}

/** How many events a lot of these units is, where nobody says. */
export function eventsOf(aggregationType: AggregationType, units: Decimal): number {
  const isCounted = aggregationType === 'count_agg' || aggregationType === 'unique_count_agg';
  return isCounted ? units.toNumber() : 1;
}

export function imaginedUsage(lots: readonly ImaginedLot[]): UsageReader {
  return new ImaginedUsage(lots);
}

class ImaginedUsage implements UsageReader {
  readonly #lots: readonly ImaginedLot[];

  constructor(lots: readonly ImaginedLot[]) {
    this.#lots = [...lots].sort((a, b) => a.at - b.at);
  }

  count(selection: EventSelection): GroupCount[] {
    return this.#groups(selection).map(({ groupedBy, lots }) => ({ groupedBy, eventsCount: events(lots) }));
  }

  sum(selection: EventSelection) {
    return this.#groups(selection).map(({ groupedBy, lots }) => ({
      groupedBy,
      eventsCount: events(lots),
      sum: total(lots),
    }));
  }

  max(selection: EventSelection) {
    return this.#groups(selection).map(({ groupedBy, lots }) => ({
      groupedBy,
      eventsCount: events(lots),
      value: lots.length === 0 ? null : Decimal.max(...lots.map((lot) => lot.units)),
    }));
  }

  latest(selection: EventSelection) {
    return this.#groups(selection).map(({ groupedBy, lots }) => ({
      groupedBy,
      eventsCount: events(lots),
      value: lots.at(-1)?.units ?? null,
    }));
  }

  uniqueCount(selection: EventSelection): GroupCount[] {
    return this.#groups(selection).map(({ groupedBy, lots }) => ({ groupedBy, eventsCount: total(lots).toNumber() }));
  }

  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]) {
    return this.#groups(selection).flatMap(({ groupedBy, lots }) =>
      lots.map((lot) => ({
        groupedBy,
        eventsCount: lot.eventsCount,
        sum: lot.units,
        day: dayStarts.findLastIndex((start) => start <= lot.at),
      })),
    );
  }

  sumWithPreciseAmount(selection: EventSelection) {
    return this.sum(selection).map((row) => ({ ...row, preciseTotalAmountCents: ZERO }));
  }

  *values(selection: EventSelection): Iterable<UsageValue> {
    for (const { groupedBy, timestamp, value } of this.events(selection)) {
      if (value !== null) yield { groupedBy, timestamp, millionths: null, value };
    }
  }

  *events(selection: EventSelection): Iterable<UsageEvent> {
    for (const { groupedBy, lots } of this.#groups(selection)) {
      for (const [place, lot] of lots.entries()) yield* eventsOfLot(lot, place, groupedBy);
    }
  }

  #groups(selection: EventSelection): { readonly groupedBy: GroupedBy; readonly lots: readonly ImaginedLot[] }[] {
    const wanted = this.#lots.filter((lot) => isSelected(lot, selection));
    if (selection.groupKeys.length === 0) return [{ groupedBy: {}, lots: wanted }];
    const groups = new Map<string, { readonly groupedBy: GroupedBy; readonly lots: ImaginedLot[] }>();
    for (const lot of wanted) {
      const groupedBy = Object.fromEntries(selection.groupKeys.map((key) => [key, lot.properties[key] || null]));
      const name = JSON.stringify(groupedBy);
      const known = groups.get(name);
      if (known === undefined) groups.set(name, { groupedBy, lots: [lot] });
      else known.lots.push(lot);
    }
    return [...groups.values()];
  }
}

function isSelected(lot: ImaginedLot, { code, from, to, bucket, group }: EventSelection): boolean {
  if (lot.code !== code || lot.at > to || (from !== null && lot.at < from)) return false;
  if (group !== null && Object.entries(group).some(([key, value]) => (lot.properties[key] || null) !== value)) {
    return false;
  }
  if (bucket === null) return true;
  const { matching, ignored } = bucket;
  return (matching === null || satisfies(lot, matching)) && !ignored.some((filter) => satisfies(lot, filter));
}

function satisfies({ properties }: ImaginedLot, filter: FilterValues): boolean {
  return Object.entries(filter).every(([key, accepted]) => accepted.includes(properties[key] ?? ''));
}

function events(lots: readonly ImaginedLot[]): number {
  return lots.reduce((sum, lot) => sum + lot.eventsCount, 0);
}

function total(lots: readonly ImaginedLot[]): Decimal {
  return lots.reduce((sum, lot) => sum.plus(lot.units), ZERO);
}

/** Equal parts of whole millionths; the last event has what is left. */
function* eventsOfLot(lot: ImaginedLot, place: number, groupedBy: GroupedBy): Iterable<UsageEvent> {
  const part = lot.units.div(lot.eventsCount).toDecimalPlaces(6, Decimal.ROUND_DOWN);
  for (let index = 0; index < lot.eventsCount; index += 1) {
    const isLast = index === lot.eventsCount - 1;
    const value = isLast ? lot.units.minus(part.times(lot.eventsCount - 1)) : part;
    yield {
      groupedBy,
      timestamp: lot.at,
      sequence: place + 1,
      transactionId: `imagined-${place + 1}-${index + 1}`,
      text: value.toFixed(),
      value,
      operation: 'add',
      preciseTotalAmountCents: null,
    };
  }
}
