/** The store of events: appending them once each, in order of arrival, and reading them back. */
import type { DecimalText } from '../money/decimal.js';
import { type Instant, instant } from '../time/instant.js';
import { insertRows } from './bulkInsert.js';
import { EventKeys, type Owners, type Refusal } from './eventKeys.js';
import type { Projection } from './projection.js';
import { sameContent } from './sameContent.js';
import type { SeriesTable } from './seriesTable.js';
import type { Statements } from './statements.js';
import type { AppendOutcome, AppendSummary, EventConflict, EventFilter, NewEvent, StoredEvent } from './types.js';

/** More events than this are appended in parts. */
const PART = 250_000;
const PAGE = 1_000;
/** Pages of a listing grow: the first is quick, and a long listing repeats its search rarely. */
const FIRST_PAGE = 200;
const LARGEST_PAGE = 50_000;

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
    for (let start = 0; start < events.length; start += PART) {
      const part = events.length <= PART ? events : events.slice(start, start + PART);
      const first = firstSequence + start;
      const owners = new BatchOwners(part, first, receivedAt, (sequences) => this.#bySequence(sequences));
      const refusals = this.#keys.claim(part, first, owners);
      this.#insert(part, first, refusals, receivedAt);
      for (const { index, owner } of refusals) {
        const [event, stored] = [part[index] as NewEvent, owners.get(owner)];
        if (sameContent(stored, event)) duplicates.push(start + index);
        else conflicts.push({ index: start + index, event, stored });
      }
    }
    const stored = events.length - duplicates.length - conflicts.length;
    return { stored, duplicates, conflicts, firstSequence };
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

  #insert(events: readonly NewEvent[], first: number, refusals: readonly Refusal[], receivedAt: Instant): void {
    const refused = new Set(refusals.map(({ index }) => index));
    const batch = {
      seriesIds: [] as number[],
      timestamps: [] as number[],
      sequences: [] as number[],
      codes: [] as string[],
      properties: [] as string[],
    };
    for (let i = 0; i < events.length; i += 1) {
      if (refused.has(i)) continue;
      const event = events[i] as NewEvent;
      batch.seriesIds.push(this.#series.findOrAdd(event.code, event.externalSubscriptionId));
      batch.timestamps.push(event.timestamp);
      batch.sequences.push(first + i);
      batch.codes.push(event.code);
      batch.properties.push(event.properties);
    }
    insertRows(this.#statements, 'INSERT INTO events', 7, batch.sequences.length, (values, at, row) => {
      const sequence = batch.sequences[row] as number;
      const event = events[sequence - first] as NewEvent;
      values[at] = sequence;
      values[at + 1] = batch.seriesIds[row];
      values[at + 2] = event.timestamp;
      values[at + 3] = event.transactionId;
      values[at + 4] = event.properties;
      values[at + 5] = event.preciseTotalAmountCents;
      values[at + 6] = receivedAt;
    });
    this.#projection.append(batch);
  }

  *#pages(filter: EventFilter): Iterable<StoredEvent[]> {
    if (filter.transactionId !== undefined) {
      const event = this.event(filter.transactionId);
      if (event !== undefined && matches(event, filter)) yield [event];
      return;
    }
    const { conditions, parameters } = this.#conditions(filter);
    const [after, order] = filter.newestFirst ? ['<', 'DESC'] : ['>', 'ASC'];
    let last = filter.newestFirst ? Number.MAX_SAFE_INTEGER : 0;
    const where = [`e.seq ${after} @last`, ...conditions].join(' AND ');
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
    if (externalSubscriptionId === undefined && code === undefined) return { conditions, parameters };
    const seriesIds = JSON.stringify(this.#series.matching(code ?? null, externalSubscriptionId ?? null));
    conditions.push('series_id IN (SELECT value FROM json_each(@seriesIds))');
    if (!this.#projection.isComplete()) return { conditions, parameters: { ...parameters, seriesIds } };
    const points = `SELECT seq FROM main.usage_points WHERE ${conditions.join(' AND ')}`;
    return { conditions: [`e.seq IN (${points})`], parameters: { ...parameters, seriesIds } };
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

class BatchOwners implements Owners {
  readonly #stored = new Map<number, StoredEvent>();

  constructor(
    readonly batch: readonly NewEvent[],
    readonly first: number,
    readonly receivedAt: Instant,
    readonly read: (sequences: readonly number[]) => StoredEvent[],
  ) {}

  prefetch(sequences: readonly number[]): void {
    const wanted = Float64Array.from(sequences.filter((sequence) => sequence < this.first)).sort();
    for (let k = 0; k < wanted.length; k += PAGE) {
      for (const event of this.read([...wanted.subarray(k, k + PAGE)])) this.#stored.set(event.sequence, event);
    }
  }

  get(sequence: number): StoredEvent {
    if (sequence < this.first) return this.#stored.get(sequence) ?? (this.read([sequence])[0] as StoredEvent);
    const { timestampIsArrival: _, ...event } = this.batch[sequence - this.first] as NewEvent;
    return { ...event, sequence, receivedAt: this.receivedAt };
  }
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

function matches(event: StoredEvent, { externalSubscriptionId, code, from, to }: EventFilter): boolean {
  return (
    (externalSubscriptionId === undefined || event.externalSubscriptionId === externalSubscriptionId) &&
    (code === undefined || event.code === code) &&
    (from === undefined || event.timestamp >= from) &&
    (to === undefined || event.timestamp <= to)
  );
}
