/**
 * The usage reader on SQLite: counts, exact sums, maxima, latest values and unique counts as one query each.
 *
 * Values are read from the projection as scaled integers, which SQLite adds exactly; the few wide values are read beside
 * them and added as Decimals. The rules are those of `metering/usageReader.ts` (usage-and-pricing §1.4, §1.5, §2.2–2.4).
 * Groups come in the order of their values, null first.
 */
import type {
  DaySum,
  EventSelection,
  GroupCount,
  GroupedBy,
  GroupSum,
  GroupValue,
  PreciseSum,
  UsageEvent,
  UsageReader,
  UsageValue,
} from '../metering/usageReader.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { type Instant, instant } from '../time/instant.js';
import { sqliteCode } from './ledgerErrors.js';
import { isRemoval } from './pointBatch.js';
import type { Projection } from './projection.js';
import { propertyText } from './propertyText.js';
import type { Point } from './runningTotals.js';
import { isNumeric, unscaled } from './scaledValue.js';
import type { SeriesTable } from './seriesTable.js';
import type { Row, Statements } from './statements.js';
import type { MeteredField } from './types.js';
import { type DaySpan, dayOf, daySpans, empty, Groups } from './usageAnswers.js';
import { groupedBy, type UsageQuery, usageQuery } from './usageQuery.js';

/** Sums that pass 64 bits are added in two parts: value = 2^20 × upper + lower. */
const HALF = 2 ** 20;
const FIRST_PAGE = 200;
const LARGEST_PAGE = 20_000;

interface WideRow {
  readonly group: GroupedBy;
  readonly timestamp: number;
  readonly sequence: number;
  readonly value: Decimal;
}

/** A value with the place of its event in time and arrival. */
export interface PlacedValue extends GroupValue {
  readonly timestamp: number;
  readonly sequence: number;
}

export class SqlUsageReader implements UsageReader {
  readonly #statements: Statements;
  readonly #series: SeriesTable;
  readonly #projection: Projection;

  constructor(statements: Statements, series: SeriesTable, projection: Projection) {
    this.#statements = statements;
    this.#series = series;
    this.#projection = projection;
  }

  count(selection: EventSelection): GroupCount[] {
    const query = this.#query(selection, 'none');
    if (query === null) return empty(selection, { eventsCount: 0 });
    const sql = `SELECT ${columns(query.groups)} count(*) ${query.from('usage_points')} ${grouping(query.groups)}`;
    return this.#statements
      .rows(sql, query.parameters)
      .map((row) => ({ groupedBy: groupedBy(selection, row), eventsCount: row.at(-1) as number }));
  }

  sum(selection: EventSelection): GroupSum[] {
    const query = this.#query(selection, 'number');
    if (query === null) return empty(selection, { eventsCount: 0, sum: ZERO });
    return this.#sums(selection, query).map(({ groupedBy, eventsCount, sum }) => ({ groupedBy, eventsCount, sum }));
  }

  max(selection: EventSelection): GroupValue[] {
    const query = this.#query(selection, 'number');
    if (query === null) return empty(selection, { eventsCount: 0, value: null });
    const from = `${query.from('usage_points')} AND p.value IS NOT NULL`;
    const sql = `SELECT ${columns(query.groups)} count(*), max(p.value) ${from} ${grouping(query.groups)}`;
    const groups = new Groups<GroupValue>();
    for (const row of this.#statements.rows(sql, query.parameters)) {
      const [eventsCount, value] = row.slice(-2) as [number, number | null];
      groups.set({ groupedBy: groupedBy(selection, row), eventsCount, value: value === null ? null : unscaled(value) });
    }
    for (const { group, value } of this.#wide(selection, query)) {
      const known = groups.get(group) ?? { groupedBy: group, eventsCount: 0, value: null };
      const larger = known.value === null || value.gt(known.value) ? value : known.value;
      groups.set({ groupedBy: group, eventsCount: known.eventsCount + 1, value: larger });
    }
    return groups.all();
  }

  latest(selection: EventSelection): GroupValue[] {
    const answers = this.latestPlaced(selection).map(({ groupedBy, eventsCount, value }) => ({
      groupedBy,
      eventsCount,
      value,
    }));
    return answers.length > 0 ? answers : empty(selection, { eventsCount: 0, value: null });
  }

  /** Only groups with a numeric event. */
  latestPlaced(selection: EventSelection): PlacedValue[] {
    const query = this.#query(selection, 'number');
    if (query === null) return [];
    const groups = new Groups<PlacedValue>();
    for (const row of this.#statements.rows(latestSql(query), query.parameters)) {
      const [eventsCount, value, timestamp, sequence] = row.slice(-4) as [number, number, number, number];
      groups.set({ groupedBy: groupedBy(selection, row), eventsCount, value: unscaled(value), timestamp, sequence });
    }
    for (const { group, value, timestamp, sequence } of this.#wide(selection, query)) {
      const known = groups.get(group) ?? { groupedBy: group, eventsCount: 0, value: null, timestamp: 0, sequence: 0 };
      const eventsCount = known.eventsCount + 1;
      const later =
        known.value === null ||
        timestamp > known.timestamp ||
        (timestamp === known.timestamp && sequence > known.sequence);
      groups.set(later ? { groupedBy: group, eventsCount, value, timestamp, sequence } : { ...known, eventsCount });
    }
    return groups.all();
  }

  /** A value is present when its last event adds it: what came before cannot change that. */
  uniqueCount(selection: EventSelection): GroupCount[] {
    const query = this.#query(selection, 'text');
    if (query === null) return empty(selection, { eventsCount: 0 });
    if (query.groups.length === 0) {
      const plain = `SELECT count(DISTINCT p.value), min(p.value) ${query.from('usage_points')} AND p.value IS NOT NULL`;
      const [row] = this.#statements.rows<readonly [number, number | null]>(plain, query.parameters);
      const [different, least] = row as readonly [number, number | null];
      // Nothing was removed: what was added is present.
      if (least === null || least > 0) return [{ groupedBy: {}, eventsCount: different }];
    }
    const groups = query.groups.map((_, i) => `g${i}`);
    const named = query.groups.map((expression, i) => `${expression} AS g${i}, `).join('');
    const partition = ['abs(p.value)', ...query.groups].join(', ');
    const sql = `SELECT ${columns(groups)} count(*) FILTER (WHERE value > 0) FROM (
        SELECT ${named} p.value AS value, row_number() OVER (
          PARTITION BY ${partition} ORDER BY p.timestamp_us DESC, p.seq DESC) AS place
        ${query.from('usage_points')} AND p.value IS NOT NULL)
      WHERE place = 1 ${grouping(groups)}`;
    return this.#statements
      .rows(sql, query.parameters)
      .map((row) => ({ groupedBy: groupedBy(selection, row), eventsCount: row.at(-1) as number }));
  }

  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]): DaySum[] {
    const query = this.#query(selection, 'number');
    if (query === null) return [];
    const spans = daySpans(selection, dayStarts);
    return this.#sums(selection, query, spans).filter(({ eventsCount }) => eventsCount > 0);
  }

  sumWithPreciseAmount(selection: EventSelection): PreciseSum[] {
    const query = this.#query(selection, 'number');
    if (query === null) return empty(selection, { eventsCount: 0, sum: ZERO, preciseTotalAmountCents: ZERO });
    const groups = new Groups<PreciseSum>();
    for (const { groupedBy, eventsCount, sum } of this.#sums(selection, query)) {
      groups.set({ groupedBy, eventsCount, sum, preciseTotalAmountCents: ZERO });
    }
    for (const table of ['usage_points', 'usage_wide_values'] as const) {
      const sql = `SELECT ${columns(query.groups)} e.precise_total_amount_cents ${query.from(table, { events: true })}
        AND p.value IS NOT NULL AND e.precise_total_amount_cents IS NOT NULL`;
      for (const row of this.#statements.rows(sql, query.parameters)) {
        const known = groups.get(groupedBy(selection, row));
        if (known === undefined) continue;
        const preciseTotalAmountCents = known.preciseTotalAmountCents.plus(row.at(-1) as string);
        groups.set({ ...known, preciseTotalAmountCents });
      }
    }
    return groups.all();
  }

  /** From the points, in pages as events are. */
  *values(selection: EventSelection): Iterable<UsageValue> {
    const query = this.#query(selection, 'number');
    if (query === null) return;
    const wide = this.#wide(selection, query);
    let nextWide = 0;
    const sql = `SELECT ${columns(query.groups)} p.timestamp_us, p.seq, p.value ${query.from('usage_points')}
        AND p.value IS NOT NULL AND (p.timestamp_us, p.seq) > (@from, @afterSequence)
      ORDER BY p.timestamp_us, p.seq LIMIT @limit`;
    for (const row of this.#paged(sql, query.parameters, (row) => row.slice(-3) as [number, number])) {
      const [timestamp, sequence, scaled] = row.slice(-3) as [number, number, number];
      for (; nextWide < wide.length && isBefore(wide[nextWide] as WideRow, { timestamp, sequence }); nextWide += 1) {
        yield wideValue(wide[nextWide] as WideRow);
      }
      yield new ScaledUsageValue(groupedBy(selection, row), instant(timestamp), scaled);
    }
    for (const row of wide.slice(nextWide)) yield wideValue(row);
  }

  /** In pages, so that the reader may write between two events. */
  *events(selection: EventSelection): Iterable<UsageEvent> {
    const query = this.#query(selection, 'none');
    if (query === null) return;
    const sql = `SELECT ${columns(query.groups)} p.timestamp_us, p.seq, e.transaction_id, e.properties,
        e.precise_total_amount_cents ${query.from('usage_points', { events: true })}
        AND (p.timestamp_us, p.seq) > (@from, @afterSequence)
      ORDER BY p.timestamp_us, p.seq LIMIT @limit`;
    const placeOf = (row: Row) => row.slice(-5, -3) as [number, number];
    for (const row of this.#paged(sql, query.parameters, placeOf)) yield usageEvent(selection, row);
  }

  *#paged(
    sql: string,
    parameters: UsageQuery['parameters'],
    placeOf: (row: Row) => readonly [timestamp: number, sequence: number],
  ): Iterable<Row> {
    // The window begins with the page: from its own beginning every page would be searched for through all before it.
    let after = { from: parameters.from as number, afterSequence: 0 };
    for (let limit = FIRST_PAGE; ; limit = Math.min(limit * 4, LARGEST_PAGE)) {
      const page = this.#statements.rows(sql, { ...parameters, ...after, limit });
      yield* page;
      const last = page.at(-1);
      if (last === undefined || page.length < limit) return;
      const [from, afterSequence] = placeOf(last);
      after = { from, afterSequence };
    }
  }

  /** The points of what the selection means, numeric ones alone for numbers, in the order of time, then arrival. */
  *points(selection: EventSelection, kind: MeteredField['kind'], precise: boolean): Iterable<Point> {
    const query = this.#query(selection, kind);
    if (query === null) return;
    const read = (table: 'usage_points' | 'usage_wide_values', also = ''): Row[] =>
      this.#statements.rows(
        `SELECT ${columns(query.groups)} p.timestamp_us, p.seq, p.value,
          ${precise ? 'e.precise_total_amount_cents' : 'NULL'}
         ${query.from(table, { events: precise })} ${also} ORDER BY p.timestamp_us, p.seq`,
        query.parameters,
      );
    const point = (row: Row): Point => {
      const [timestamp, sequence, value, cents] = row.slice(-4) as [number, number, Point['value'], string | null];
      const group = row.slice(0, -4) as (string | null)[];
      return { group, timestamp, sequence, value, precise: cents === null ? null : new Decimal(cents) };
    };
    const wide =
      kind === 'number'
        ? read('usage_wide_values').map((row) => ({ ...point(row), value: new Decimal(row.at(-2) as string) }))
        : [];
    let next = 0;
    for (const row of read('usage_points', kind === 'none' ? '' : 'AND p.value IS NOT NULL')) {
      const plain = point(row);
      for (; next < wide.length && isBefore(wide[next] as Point, plain); next += 1) yield wide[next] as Point;
      yield plain;
    }
    yield* wide.slice(next);
  }

  /** Null when the subscription never had an event of this code. */
  #query(selection: EventSelection, kind: MeteredField['kind']): UsageQuery | null {
    const seriesId = this.#series.find(selection.code, selection.externalSubscriptionId);
    if (seriesId === undefined) return null;
    const field = { code: selection.code, fieldName: kind === 'none' ? null : selection.fieldName, kind };
    const schema = this.#projection.schemaFor(field);
    const textIds = kind === 'text' ? (texts: readonly string[]) => this.#projection.textIds(schema, texts) : null;
    return usageQuery(selection, schema, seriesId, textIds);
  }

  /** Per day and group when `spans` are given; else every row is of day 0. */
  #sums(selection: EventSelection, query: UsageQuery, spans: readonly DaySpan[] | null = null): DaySum[] {
    const days = spans !== null;
    const parameters = days ? { ...query.parameters, days: JSON.stringify(spans) } : query.parameters;
    const leading = [...query.groups, ...(days ? ['d.value ->> 0'] : [])];
    const select = (sums: string): Row[] =>
      this.#statements.exactRows(
        `SELECT ${columns(leading)} count(*), ${sums}
         ${query.from('usage_points', { days })} AND p.value IS NOT NULL ${grouping(leading)}`,
        parameters,
      );
    const groups = new Groups<DaySum>();
    const add = (row: Row, eventsCount: unknown, scaled: bigint): void => {
      groups.set({
        groupedBy: groupedBy(selection, row),
        day: days ? Number(row[query.groups.length]) : 0,
        eventsCount: Number(eventsCount),
        sum: scaled === 0n ? ZERO : unscaled(scaled),
      });
    };
    try {
      for (const row of select('ifnull(sum(p.value), 0)')) add(row, row.at(-2), row.at(-1) as bigint);
    } catch (error) {
      if (sqliteCode(error) === undefined || !(error as Error).message.includes('overflow')) throw error;
      for (const row of select(`sum(p.value / ${HALF}), sum(p.value % ${HALF})`)) {
        add(row, row.at(-3), (row.at(-2) as bigint) * BigInt(HALF) + (row.at(-1) as bigint));
      }
    }
    for (const { group, timestamp, value } of this.#wide(selection, query)) {
      const day = days ? dayOf(spans, timestamp) : 0;
      const known = groups.get(group, day) ?? { groupedBy: group, day, eventsCount: 0, sum: ZERO };
      groups.set({ groupedBy: group, day, eventsCount: known.eventsCount + 1, sum: known.sum.plus(value) });
    }
    return groups.all();
  }

  #wide(selection: EventSelection, query: UsageQuery): WideRow[] {
    const sql = `SELECT ${columns(query.groups)} p.timestamp_us, p.seq, p.value
      ${query.from('usage_wide_values')} ORDER BY p.timestamp_us, p.seq`;
    return this.#statements.rows(sql, query.parameters).map((row) => {
      const [timestamp, sequence, value] = row.slice(-3) as [number, number, string];
      return { group: groupedBy(selection, row), timestamp, sequence, value: new Decimal(value) };
    });
  }
}

type Place = Pick<Point, 'timestamp' | 'sequence'>;

function isBefore(a: Place, b: Place): boolean {
  return a.timestamp < b.timestamp || (a.timestamp === b.timestamp && a.sequence < b.sequence);
}

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

function wideValue({ group, timestamp, value }: WideRow): UsageValue {
  return { groupedBy: group, timestamp: instant(timestamp), millionths: null, value };
}

function latestSql({ groups, from }: UsageQuery): string {
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

function usageEvent(selection: EventSelection, row: Row): UsageEvent {
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

function columns(groups: readonly string[]): string {
  return groups.map((expression) => `${expression}, `).join('');
}

/** By position: the group expressions are the first columns. */
function grouping(groups: readonly unknown[]): string {
  if (groups.length === 0) return '';
  const positions = groups.map((_, i) => i + 1).join(', ');
  return `GROUP BY ${positions} ORDER BY ${positions}`;
}
