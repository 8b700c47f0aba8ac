/** The rows of usage queries: in pages, in order, and what is made of each. The groups are always the first columns. */
import type { EventSelection, GroupedBy, GroupValue, UsageEvent, UsageValue } from '../metering/usageReader.js';
import { Decimal } from '../money/decimal.js';
import { type Instant, instant } from '../time/instant.js';
import { isRemoval } from './pointBatch.js';
import { propertyText } from './propertyText.js';
import type { Point } from './runningTotals.js';
import { isNumeric, unscaled } from './scaledValue.js';
import type { Row, Statements } from './statements.js';
import { groupedBy, type UsageQuery } from './usageQuery.js';

const FIRST_PAGE = 200;
const LARGEST_PAGE = 20_000;

/** A value with the place of its event in time and arrival. */
export interface PlacedValue extends GroupValue {
  readonly timestamp: number;
  readonly sequence: number;
}

export interface WideRow {
  readonly group: GroupedBy;
  readonly timestamp: number;
  readonly sequence: number;
  readonly value: Decimal;
}

type PlaceOf = (row: Row) => readonly [timestamp: number, sequence: number];

/**
 * Rows in the order of time and sequence, in pages, so that the reader may write between two of them. `sql` begins after
 * (@from, @afterSequence): were the window to begin where it did for the first, every page would be searched for through
 * all the pages before it.
 */
export function* placedPages(
  statements: Statements,
  sql: string,
  parameters: UsageQuery['parameters'],
  placeOf: PlaceOf,
): Iterable<Row> {
  let after = { from: parameters.from as number, afterSequence: 0 };
  for (let limit = FIRST_PAGE; ; limit = Math.min(limit * 4, LARGEST_PAGE)) {
    const page = statements.rows(sql, { ...parameters, ...after, limit });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    const [from, afterSequence] = placeOf(last);
    after = { from, afterSequence };
  }
}

/** Of rows that end in time, sequence, value and precise amount. */
export const placeOfPoint: PlaceOf = (row) => row.slice(-4, -2) as [number, number];

/** Two lists in order as one; `few` is the shorter. */
export function* merged(many: Iterable<Row>, few: Iterable<Row>): Iterable<Row> {
  const others = few[Symbol.iterator]();
  let other = others.next();
  for (const row of many) {
    for (; !other.done && isBefore(other.value, row); other = others.next()) yield other.value;
    yield row;
  }
  for (; !other.done; other = others.next()) yield other.value;
}

function isBefore(a: Row, b: Row): boolean {
  const [timestampA, sequenceA] = placeOfPoint(a);
  const [timestampB, sequenceB] = placeOfPoint(b);
  return timestampA < timestampB || (timestampA === timestampB && sequenceA < sequenceB);
}

export function pointOf(row: Row): Point {
  const [timestamp, sequence, value, cents] = row.slice(-4) as [number, number, number | string | null, string | null];
  return {
    group: row.slice(0, -4) as (string | null)[],
    timestamp,
    sequence,
    value: typeof value === 'string' ? new Decimal(value) : value,
    precise: cents === null ? null : new Decimal(cents),
  };
}

export function usageValue(selection: EventSelection, row: Row): UsageValue {
  const [timestamp, , value] = row.slice(-4) as [number, number, number | string, null];
  if (typeof value === 'number') return new ScaledUsageValue(groupedBy(selection, row), instant(timestamp), value);
  const wide = new Decimal(value);
  return { groupedBy: groupedBy(selection, row), timestamp: instant(timestamp), millionths: null, value: wide };
}

/** The Decimal is made when it is asked for: a weighted sum does without. */
class ScaledUsageValue implements UsageValue {
  readonly groupedBy: GroupedBy;
  readonly timestamp: Instant;
  readonly millionths: number;

  constructor(groupedBy: GroupedBy, timestamp: Instant, millionths: number) {
    this.groupedBy = groupedBy;
    this.timestamp = timestamp;
    this.millionths = millionths;
  }

  get value(): Decimal {
    return unscaled(this.millionths);
  }
}

export function usageEvent(selection: EventSelection, row: Row): UsageEvent {
  const [timestamp, sequence, transactionId, properties, precise] = row.slice(-5) as [
    number,
    number,
    string,
    string,
    string | null,
  ];
  const text = selection.fieldName === null ? null : propertyText(properties, selection.fieldName);
  return {
    groupedBy: groupedBy(selection, row),
    timestamp: instant(timestamp),
    sequence,
    transactionId,
    text,
    value: text !== null && isNumeric(text) ? new Decimal(text) : null,
    operation: isRemoval(properties) ? 'remove' : 'add',
    preciseTotalAmountCents: precise === null ? null : new Decimal(precise),
  };
}

export function latestSql({ groups, from }: UsageQuery): string {
  const numeric = `${from('usage_points')} AND p.value IS NOT NULL`;
  if (groups.length === 0) {
    return `SELECT (SELECT count(*) ${numeric}), p.value, p.timestamp_us, p.seq ${numeric}
      ORDER BY p.timestamp_us DESC, p.seq DESC LIMIT 1`;
  }
  const named = groups.map((expression, i) => `${expression} AS g${i}, `).join('');
  return `SELECT ${columns(groups.map((_, i) => `g${i}`))} members, value, timestamp_us, seq FROM (
      SELECT ${named} p.value AS value, p.timestamp_us AS timestamp_us, p.seq AS seq,
        count(*) OVER (PARTITION BY ${groups.join(', ')}) AS members,
        row_number() OVER (PARTITION BY ${groups.join(', ')} ORDER BY p.timestamp_us DESC, p.seq DESC) AS place
      ${numeric})
    WHERE place = 1 ORDER BY ${groups.map((_, i) => `g${i}`).join(', ')}`;
}

export function columns(groups: readonly string[]): string {
  return groups.map((expression) => `${expression}, `).join('');
}

/** By position: the group expressions are the first columns. */
export function grouping(groups: readonly unknown[]): string {
  if (groups.length === 0) return '';
  const positions = groups.map((_, i) => i + 1).join(', ');
  return `GROUP BY ${positions} ORDER BY ${positions}`;
}
