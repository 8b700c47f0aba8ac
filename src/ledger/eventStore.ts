/** The store of events: appending them once each, in order of arrival, and reading them back. */
import type { DecimalText } from '../money/decimal.js';
import { type Instant, instant } from '../time/instant.js';
import { BulkRun } from './bulkRun.js';
import { EventKeys } from './eventKeys.js';
import type { Projection } from './projection.js';
import type { SeriesTable } from './seriesTable.js';
import type { Statements } from './statements.js';
import type {
  AppendOutcome,
  AppendSummary,
  BulkListener,
  EventConflict,
  EventFilter,
  NewEvent,
  StoredEvent,
} from './types.js';

/** More events than this are appended in several runs. */
const RUN = 250_000;
/** Events written at a time. */
const PART = 4_096;
/** Pages of a listing grow: the first is quick, and a long listing repeats its search rarely. */
const FIRST_PAGE = 200;
const LARGEST_PAGE = 10_000;

const COLUMNS = `e.seq, s.code, s.external_subscription_id, e.timestamp_us, e.transaction_id, e.properties,
  e.precise_total_amount_cents, e.received_at FROM events e JOIN series s ON s.id = e.series_id`;
type EventRow = readonly [number, string, string | null, number, string, string, DecimalText | null, number];

export class EventStore {
  readonly #statements: Statements;
  readonly #series: SeriesTable;
  readonly #projection: Projection;
  readonly #keys: EventKeys;

  constructor(statements: Statements, series: SeriesTable, projection: Projection, hash: (text: string) => number) {
    this.#statements = statements;
    this.#series = series;
    this.#projection = projection;
    this.#keys = new EventKeys(statements, hash);
  }

  append(events: readonly NewEvent[], receivedAt: Instant): AppendOutcome[] {
    const { firstSequence, duplicates, conflicts } = this.appendBatch(events, receivedAt);
    const outcomes = events.map((_, index): AppendOutcome => ({ outcome: 'stored', sequence: firstSequence + index }));
    for (const index of duplicates) {
      const sequence = this.#keys.find((events[index] as NewEvent).transactionId) as number;
      outcomes[index] = { outcome: 'duplicate', sequence };
    }
    for (const { index, stored } of conflicts) outcomes[index] = { outcome: 'conflict', stored };
    return outcomes;
  }

  appendBatch(events: readonly NewEvent[], receivedAt: Instant): AppendSummary {
    const firstSequence = this.lastSequence() + 1;
    const duplicates: number[] = [];
    const conflicts: EventConflict[] = [];
    for (let start = 0; start < events.length; start += RUN) {
      const listener = {
        onDuplicate: (index: number) => duplicates.push(start + index),
        onConflict: (conflict: EventConflict) => {
          const index = start + conflict.index;
          conflicts.push({ ...conflict, index, event: events[index] as NewEvent });
        },
      };
      const run = this.bulkRun(receivedAt, listener).start(firstSequence + start);
      const end = Math.min(start + RUN, events.length);
      for (let i = start; i < end; i += PART) run.add(events.slice(i, Math.min(i + PART, end)));
      run.finish();
    }
    duplicates.sort((a, b) => a - b);
    conflicts.sort((a, b) => a.index - b.index);
    const stored = events.length - duplicates.length - conflicts.length;
    return { stored, duplicates, conflicts, firstSequence };
  }

  bulkRun(receivedAt: Instant, listener: BulkListener): BulkRun {
    const stores = {
      statements: this.#statements,
      series: this.#series,
      projection: this.#projection,
      keys: this.#keys,
      read: (sequences: readonly number[]) => this.#bySequence(sequences),
      lastSequence: () => this.lastSequence(),
    };
    return new BulkRun(stores, receivedAt, listener);
  }

  lastSequence(): number {
    return this.#statements.value<number | null>('SELECT max(seq) FROM events') ?? 0;
  }

  event(transactionId: string): StoredEvent | undefined {
    const sequence = this.#keys.find(transactionId);
    return sequence === undefined ? undefined : this.#bySequence([sequence])[0];
  }

  /** In pages, so that the reader may write between two events. */
  *events(filter: EventFilter): Iterable<StoredEvent> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    for (const page of this.#pages(filter)) {
      for (const event of page) {
        if (left <= 0) return;
        left -= 1;
        yield event;
      }
    }
  }

  *#pages(filter: EventFilter): Iterable<StoredEvent[]> {
    if (filter.transactionId !== undefined) {
      const event = this.event(filter.transactionId);
      if (event !== undefined && matches(event, filter)) yield [event];
      return;
    }
    const { conditions, parameters } = this.#conditions(filter);
    if (isOfSeries(filter.externalSubscriptionId, filter.code) && this.#projection.isComplete()) {
      yield* this.#pagesOf(this.#sequences(filter, conditions, parameters), filter);
      return;
    }
    const [after, order] = filter.newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
    const { fromSequence: firstWanted = 1, toSequence: lastWanted = Number.MAX_SAFE_INTEGER - 1 } = filter;
    let last = filter.newestFirst ? lastWanted + 1 : firstWanted - 1;
    const end = filter.newestFirst ? `e.seq >= ${firstWanted}` : `e.seq <= ${lastWanted}`;
    const where = [`e.seq ${after} @last`, end, ...conditions].join(' AND ');
    for (let limit = FIRST_PAGE; ; limit = Math.min(limit * 4, LARGEST_PAGE)) {
      const page = this.#statements
        .rows(`SELECT ${COLUMNS} WHERE ${where} ORDER BY e.seq ${order} LIMIT @limit`, { ...parameters, last, limit })
        .map((row) => storedEvent(row as EventRow));
      if (page.length > 0) yield page;
      if (page.length < limit) return;
      last = (page.at(-1) as StoredEvent).sequence;
    }
  }

  #conditions({ externalSubscriptionId, code, from, to }: EventFilter) {
    const conditions: string[] = [];
    if (from !== undefined) conditions.push('timestamp_us >= @from');
    if (to !== undefined) conditions.push('timestamp_us <= @to');
    const parameters = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    if (!isOfSeries(externalSubscriptionId, code)) return { conditions, parameters };
    const seriesIds = JSON.stringify(this.#series.matching(code ?? null, externalSubscriptionId ?? null));
    conditions.push('series_id IN (SELECT value FROM json_each(@seriesIds))');
    return { conditions, parameters: { ...parameters, seriesIds } };
  }

  /** What the points know of the series, searched through once, whatever number of pages follows. */
  #sequences(
    { newestFirst, fromSequence = 1, toSequence = Number.MAX_SAFE_INTEGER, limit }: EventFilter,
    conditions: readonly string[],
    parameters: Readonly<Record<string, unknown>>,
  ): number[] {
    const sql = `SELECT seq FROM main.usage_points WHERE ${conditions.join(' AND ')}
      AND seq BETWEEN @fromSequence AND @toSequence ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT @most`;
    return this.#statements.column<number>(sql, { ...parameters, fromSequence, toSequence, most: limit ?? -1 });
  }

  *#pagesOf(sequences: readonly number[], { newestFirst }: EventFilter): Iterable<StoredEvent[]> {
    for (let [start, size] = [0, FIRST_PAGE]; start < sequences.length; ) {
      const page = sequences.slice(start, start + size);
      yield newestFirst ? this.#bySequence(page.reverse()).reverse() : this.#bySequence(page);
      start += size;
      size = Math.min(size * 4, LARGEST_PAGE);
    }
  }

  /** `sequences` must ascend; so does the answer. */
  #bySequence(sequences: readonly number[]): StoredEvent[] {
    return this.#statements
      .rows(`SELECT ${COLUMNS} WHERE e.seq IN (SELECT value FROM json_each(?)) ORDER BY e.seq`, [
        JSON.stringify(sequences),
      ])
      .map((row) => storedEvent(row as EventRow));
  }
}

function isOfSeries(externalSubscriptionId: string | undefined, code: string | undefined): boolean {
  return externalSubscriptionId !== undefined || code !== undefined;
}

function storedEvent(row: EventRow): StoredEvent {
  const [sequence, code, externalSubscriptionId, timestamp, transactionId, properties, precise, receivedAt] = row;
  return {
    sequence,
    code,
    externalSubscriptionId,
    timestamp: instant(timestamp),
    transactionId,
    properties,
    preciseTotalAmountCents: precise,
    receivedAt: instant(receivedAt),
  };
}

function matches(event: StoredEvent, filter: EventFilter): boolean {
  const { externalSubscriptionId, code, from, to, fromSequence, toSequence } = filter;
  return (
    (fromSequence === undefined || event.sequence >= fromSequence) &&
    (toSequence === undefined || event.sequence <= toSequence) &&
    (externalSubscriptionId === undefined || event.externalSubscriptionId === externalSubscriptionId) &&
    (code === undefined || event.code === code) &&
    (from === undefined || event.timestamp >= from) &&
    (to === undefined || event.timestamp <= to)
  );
}
