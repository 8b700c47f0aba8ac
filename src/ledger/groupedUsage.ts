/**
 * Answers the usage of many subscriptions by one query: what a billing run asks ten thousand times over, with another
 * subscription each time, is asked for all subscriptions at once when it has been asked often enough.
 *
 * Only inside a transaction, and only until it stores an event: there nobody else changes the ledger. Questions with
 * filters, groups or a place in the order of arrival go to the reader of single subscriptions, as do all others until a
 * share of the metric's subscriptions has been asked for, or is going to be by the look of the run so far: a pass over all
 * of them costs as much as some of them one by one. Which way is taken changes no figure.
 */
import type { EventSelection, GroupCount, GroupSum, GroupValue, UsageReader } from '../metering/usageReader.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { sqliteCode } from './ledgerErrors.js';
import type { Projection } from './projection.js';
import type { RunningUsage } from './runningUsage.js';
import { unscaled } from './scaledValue.js';
import type { SeriesTable } from './seriesTable.js';
import type { Statements } from './statements.js';
import type { MeteredField } from './types.js';

/** A pass over all series costs about as much as asking for one in so many. */
const SHARE = 8;
const FEWEST = 16;

/** A question without its subscription. */
interface Question {
  asked: number;
  /** Customers of the run that were done before it was first asked. */
  readonly doneBefore: number;
  /** Asked so often it is worth a pass. */
  readonly enough: number;
  /** By external subscription id; `'single'` when they cannot be had by one query. */
  answers: Map<string | null, unknown> | 'single' | null;
}

/** A series and up to four figures of it. */
type Counted = readonly [bigint, bigint, bigint, bigint, bigint];

type Aggregate = 'count' | 'sum' | 'max' | 'latest' | 'uniqueCount';

export class GroupedUsage implements UsageReader {
  readonly #single: RunningUsage;
  readonly #statements: Statements;
  readonly #series: SeriesTable;
  readonly #projection: Projection;
  readonly #questions = new Map<string, Question>();
  #revision = -1;
  /** Customers of a run over all of them. */
  #run = { done: 0, left: 0 };

  constructor(single: RunningUsage, statements: Statements, series: SeriesTable, projection: Projection) {
    this.#single = single;
    this.#statements = statements;
    this.#series = series;
    this.#projection = projection;
  }

  /** What was answered holds in one transaction only. */
  forget(): void {
    this.#single.forget();
    this.#questions.clear();
    this.#run = { done: 0, left: 0 };
  }

  runHasCome(done: number, total: number): void {
    this.#run = { done, left: total - done };
  }

  count(selection: EventSelection): GroupCount[] {
    const none: GroupCount = { groupedBy: {}, eventsCount: 0 };
    return this.#answer('count', selection, none, () => {
      const rows = this.#rows(selection, 'none', 'p.series_id, count(*)', 'GROUP BY p.series_id');
      return new Map(
        rows.map(([seriesId, eventsCount]) => [Number(seriesId), { groupedBy: {}, eventsCount: Number(eventsCount) }]),
      );
    });
  }

  sum(selection: EventSelection): GroupSum[] {
    const none: GroupSum = { groupedBy: {}, eventsCount: 0, sum: ZERO };
    return this.#answer('sum', selection, none, () => {
      const columns = 'p.series_id, count(*), sum(p.value)';
      const sums = new Map<number, GroupSum>();
      for (const [seriesId, count, sum] of this.#rows(selection, 'number', columns, 'GROUP BY p.series_id')) {
        sums.set(Number(seriesId), {
          groupedBy: {},
          eventsCount: Number(count),
          sum: sum === 0n ? ZERO : unscaled(sum),
        });
      }
      for (const { seriesId, value } of this.#wide(selection)) {
        const { eventsCount, sum } = sums.get(seriesId) ?? none;
        sums.set(seriesId, { groupedBy: {}, eventsCount: eventsCount + 1, sum: sum.plus(value) });
      }
      return sums;
    });
  }

  max(selection: EventSelection): GroupValue[] {
    const none: GroupValue = { groupedBy: {}, eventsCount: 0, value: null };
    return this.#answer('max', selection, none, () => {
      const columns = 'p.series_id, count(*), max(p.value)';
      const largest = new Map<number, GroupValue>();
      for (const [seriesId, count, value] of this.#rows(selection, 'number', columns, 'GROUP BY p.series_id')) {
        largest.set(Number(seriesId), { groupedBy: {}, eventsCount: Number(count), value: unscaled(value) });
      }
      for (const { seriesId, value } of this.#wide(selection)) {
        const known = largest.get(seriesId) ?? none;
        const larger = known.value === null || value.gt(known.value) ? value : known.value;
        largest.set(seriesId, { groupedBy: {}, eventsCount: known.eventsCount + 1, value: larger });
      }
      return largest;
    });
  }

  latest(selection: EventSelection): GroupValue[] {
    const none: GroupValue = { groupedBy: {}, eventsCount: 0, value: null };
    return this.#answer('latest', selection, none, () => {
      const found = new Map<number, { eventsCount: number; value: Decimal; place: readonly [bigint, bigint] }>();
      const see = (seriesId: number, place: readonly [bigint, bigint], value: () => Decimal, count: number) => {
        const known = found.get(seriesId);
        const eventsCount = (known?.eventsCount ?? 0) + count;
        if (known === undefined || isAfter(place, known.place))
          found.set(seriesId, { eventsCount, value: value(), place });
        else found.set(seriesId, { ...known, eventsCount });
      };
      for (const [seriesId, members, value, timestamp, sequence] of this.#lastPoints(selection)) {
        see(Number(seriesId), [timestamp, sequence], () => unscaled(value), Number(members));
      }
      for (const { seriesId, timestamp, sequence, value } of this.#wide(selection)) {
        see(seriesId, [timestamp, sequence], () => value, 1);
      }
      return new Map([...found].map(([id, { eventsCount, value }]) => [id, { groupedBy: {}, eventsCount, value }]));
    });
  }

  uniqueCount(selection: EventSelection): GroupCount[] {
    const none: GroupCount = { groupedBy: {}, eventsCount: 0 };
    return this.#answer('uniqueCount', selection, none, () => {
      const columns = 'p.series_id, count(DISTINCT p.value), min(p.value)';
      const counts = new Map<number, GroupCount>();
      let hasRemovals = false;
      for (const [seriesId, different, least] of this.#rows(selection, 'text', columns, 'GROUP BY p.series_id')) {
        hasRemovals ||= least < 0n;
        counts.set(Number(seriesId), { groupedBy: {}, eventsCount: Number(different) });
      }
      // Nothing was removed: what was added is present.
      if (!hasRemovals) return counts;
      for (const [seriesId, present] of this.#presentValues(selection)) {
        counts.set(Number(seriesId), { groupedBy: {}, eventsCount: Number(present) });
      }
      return counts;
    });
  }

  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]) {
    return this.#single.sumPerDay(selection, dayStarts);
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

  #answer<T>(aggregate: Aggregate, selection: EventSelection, none: T, all: () => Map<number, T>): T[] {
    const question = this.#question(aggregate, selection);
    if (question === null || question.answers === 'single') return this.#single[aggregate](selection) as T[];
    if (question.answers === null) {
      question.asked += 1;
      if (!this.#isWorthAPass(question)) return this.#single[aggregate](selection) as T[];
      question.answers = this.#bySubscription(selection.code, withoutOverflow(all));
      return this.#answer(aggregate, selection, none, all);
    }
    return [(question.answers.get(selection.externalSubscriptionId) as T | undefined) ?? none];
  }

  #bySubscription<T>(code: string, bySeries: Map<number, T> | 'single'): Map<string | null, T> | 'single' {
    if (bySeries === 'single') return 'single';
    const subscriptions = this.#series.subscriptionsOf(code);
    return new Map([...bySeries].map(([seriesId, answer]) => [subscriptions.get(seriesId) ?? null, answer]));
  }

  /** Asked of many already, or of so many of the run's customers that it will be of many more. */
  #isWorthAPass({ asked, doneBefore, enough }: Question): boolean {
    if (asked < FEWEST) return false;
    const { done, left } = this.#run;
    return asked >= enough || (asked / (done - doneBefore + 1)) * left >= enough;
  }

  /** Null for a question that is only answered for one subscription at a time. */
  #question(aggregate: Aggregate, selection: EventSelection): Question | null {
    const { code, fieldName, from, to, toSequence, throughSequence, bucket, groupKeys, group } = selection;
    if (!this.#statements.db.inTransaction) return null;
    if (toSequence !== null || groupKeys.length > 0 || group !== null) return null;
    if (bucket !== null && (bucket.matching !== null || bucket.ignored.length > 0)) return null;
    if (this.#revision !== this.#projection.revision) this.#questions.clear();
    this.#revision = this.#projection.revision;
    const name = JSON.stringify([aggregate, code, fieldName, from, to, throughSequence]);
    let question = this.#questions.get(name);
    if (question === undefined) {
      const enough = Math.max(FEWEST, this.#series.matching(code, null).length / SHARE);
      question = { asked: 0, doneBefore: this.#run.done, enough, answers: null };
      this.#questions.set(name, question);
    }
    return question;
  }

  #rows(selection: EventSelection, kind: MeteredField['kind'], columns: string, end: string): readonly Counted[] {
    return this.#rowsOf(selection, kind, `SELECT ${columns}`, end);
  }

  /** Each series' last point, found by its key: to compare all of them takes five times as long. */
  #lastPoints(selection: EventSelection): readonly Counted[] {
    const table = `${this.#schemaFor(selection, 'number')}.usage_points`;
    const last = `SELECT p.timestamp_us, p.seq FROM ${table} p
      WHERE p.series_id = c.series_id AND ${inTime(selection)} AND p.value IS NOT NULL
      ORDER BY p.timestamp_us DESC, p.seq DESC LIMIT 1`;
    const counted =
      'SELECT c.series_id, c.members, l.value, l.timestamp_us, l.seq FROM (SELECT p.series_id, count(*) AS members';
    const end = `GROUP BY p.series_id) c CROSS JOIN ${table} l
      ON l.series_id = c.series_id AND (l.timestamp_us, l.seq) = (${last})`;
    return this.#rowsOf(selection, 'number', counted, end);
  }

  /** Of each series, the values whose last operation added them. */
  #presentValues(selection: EventSelection): readonly Counted[] {
    const present = `SELECT series_id, count(*) FILTER (WHERE value > 0) FROM (
        SELECT p.series_id, p.value, row_number() OVER (
          PARTITION BY p.series_id, abs(p.value) ORDER BY p.timestamp_us DESC, p.seq DESC) AS place`;
    return this.#rowsOf(selection, 'text', present, ') WHERE place = 1 GROUP BY series_id');
  }

  /** Of the points of all subscriptions, those with a value unless the kind is `none`. */
  #rowsOf(selection: EventSelection, kind: MeteredField['kind'], start: string, end: string): readonly Counted[] {
    const valued = kind === 'none' ? '' : 'AND p.value IS NOT NULL';
    const from = `FROM ${this.#schemaFor(selection, kind)}.usage_points p WHERE ${inWindow(selection)} ${valued}`;
    return this.#statements.exactRows<Counted>(`${start} ${from} ${end}`, parametersOf(selection));
  }

  #wide(selection: EventSelection) {
    const sql = `SELECT p.series_id, p.timestamp_us, p.seq, p.value
      FROM ${this.#schemaFor(selection, 'number')}.usage_wide_values p
      WHERE ${inWindow(selection)} ORDER BY p.series_id, p.timestamp_us, p.seq`;
    const rows = this.#statements.exactRows<readonly [bigint, bigint, bigint, string]>(sql, parametersOf(selection));
    return rows.map(([seriesId, timestamp, sequence, value]) => ({
      seriesId: Number(seriesId),
      timestamp,
      sequence,
      value: new Decimal(value),
    }));
  }

  #schemaFor({ code, fieldName }: EventSelection, kind: MeteredField['kind']): 'main' | 'temp' {
    return this.#projection.schemaFor({ code, fieldName: kind === 'none' ? null : fieldName, kind });
  }
}

function inWindow(selection: EventSelection): string {
  return `p.series_id IN (SELECT id FROM main.series WHERE code = @code) AND ${inTime(selection)}`;
}

function inTime({ from, throughSequence }: EventSelection): string {
  const arrived = throughSequence === undefined ? '' : ' AND p.seq <= @throughSequence';
  return `p.timestamp_us ${from === null ? '<= @to' : 'BETWEEN @from AND @to'}${arrived}`;
}

function parametersOf({ code, from, to, throughSequence }: EventSelection): Readonly<Record<string, unknown>> {
  const arrived = throughSequence === undefined ? {} : { throughSequence };
  return from === null ? { code, to, ...arrived } : { code, from, to, ...arrived };
}

function isAfter(a: readonly [bigint, bigint], b: readonly [bigint, bigint]): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

/** A sum beyond 64 bits is left to the reader of single subscriptions, which adds it in parts. */
function withoutOverflow<T>(all: () => Map<number, T>): Map<number, T> | 'single' {
  try {
    return all();
  } catch (error) {
    if (sqliteCode(error) !== undefined && (error as Error).message.includes('overflow')) return 'single';
    throw error;
  }
}
