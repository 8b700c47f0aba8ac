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
  GroupSum,
  GroupValue,
  PreciseSum,
  UsageEvent,
  UsageReader,
  UsageValue,
} from '../metering/usageReader.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { sqliteCode } from './ledgerErrors.js';
import type { Projection } from './projection.js';
import type { Point } from './runningTotals.js';
import { unscaled } from './scaledValue.js';
import type { SeriesTable } from './seriesTable.js';
import type { Row, Statements } from './statements.js';
import type { MeteredField } from './types.js';
import { type DaySpan, dayOf, daySpans, empty, Groups } from './usageAnswers.js';
import { groupedBy, type UsageQuery, usageQuery } from './usageQuery.js';
import {
  columns,
  grouping,
  latestSql,
  merged,
  type PlacedValue,
  placedPages,
  placeOfPoint,
  pointOf,
  usageEvent,
  usageValue,
  type WideRow,
} from './usageRows.js';

/** Sums that pass 64 bits are added in two parts: value = 2^20 × upper + lower. */
const HALF = 2 ** 20;

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

  *values(selection: EventSelection): Iterable<UsageValue> {
    const query = this.#query(selection, 'number');
    if (query !== null) for (const row of this.#placedRows(query, 'number')) yield usageValue(selection, row);
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
    for (const row of placedPages(this.#statements, sql, query.parameters, placeOf)) yield usageEvent(selection, row);
  }

  /** The points of what the selection means, numeric ones alone for numbers, in the order of time, then arrival. */
  *points(selection: EventSelection, kind: MeteredField['kind'], precise: boolean): Iterable<Point> {
    const query = this.#query(selection, kind);
    if (query !== null) for (const row of this.#placedRows(query, kind, precise)) yield pointOf(row);
  }

  /** The groups, time, sequence, value (its text, where it is wide) and precise amount of every point, in order. */
  *#placedRows(query: UsageQuery, kind: MeteredField['kind'], precise = false): Iterable<Row> {
    const sqlOf = (table: 'usage_points' | 'usage_wide_values') =>
      `SELECT ${columns(query.groups)} p.timestamp_us, p.seq, p.value,
         ${precise ? 'e.precise_total_amount_cents' : 'NULL'}
       ${query.from(table, { events: precise })} ${kind === 'none' ? '' : 'AND p.value IS NOT NULL'}
         AND (p.timestamp_us, p.seq) > (@from, @afterSequence)
       ORDER BY p.timestamp_us, p.seq LIMIT @limit`;
    const rows = (table: 'usage_points' | 'usage_wide_values') =>
      placedPages(this.#statements, sqlOf(table), query.parameters, placeOfPoint);
    yield* kind === 'number' ? merged(rows('usage_points'), rows('usage_wide_values')) : rows('usage_points');
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
