/**
 * Appends a long run of events in little memory: each event's row is written soon after it came, and only numbers are kept
 * of it until the end. Then the keys are claimed in sorted order, the events whose transaction id was taken are judged
 * and taken out again, and the points of the others are written by series and time.
 *
 * A file that is sent again would be written and taken out for nothing. So a few events of each part are looked up first;
 * when enough of them are known, the whole part is, and what is known is never written.
 */
import { assert } from '../errors.js';
import type { Instant } from '../time/instant.js';
import { insertRows } from './bulkInsert.js';
import type { Candidate, EventKeys } from './eventKeys.js';
import type { PointBatch } from './pointBatch.js';
import type { Projection } from './projection.js';
import { sameContent } from './sameContent.js';
import type { SeriesTable } from './seriesTable.js';
import type { Statements } from './statements.js';
import type { BulkListener, BulkSummary, NewEvent, StoredEvent } from './types.js';

/** More events in one run would not fit the sort of their hashes. */
export const MOST_EVENTS = 1_000_000;

const SAMPLE = 32;
/** One known event in so many of the sample, and the whole part is looked up. */
const ENOUGH = 4;
const PAGE = 1_000;

/** What the run needs of its ledger. */
export interface BulkStores {
  readonly statements: Statements;
  readonly series: SeriesTable;
  readonly projection: Projection;
  readonly keys: EventKeys;
  /** `sequences` must ascend; so does the answer. */
  readonly read: (sequences: readonly number[]) => StoredEvent[];
  readonly lastSequence: () => number;
}

export class BulkRun {
  readonly #stores: BulkStores;
  readonly #receivedAt: Instant;
  readonly #listener: BulkListener;
  readonly #points: PointBatch;
  #hashes = new Float64Array(1_024);
  /** Positions of the rows written of events whose time is that of their arrival. */
  readonly #timedByArrival = new Set<number>();
  #first = 0;
  #firstNewSeries = 0;
  #count = 0;
  #duplicates = 0;
  #conflicts = 0;

  constructor(stores: BulkStores, receivedAt: Instant, listener: BulkListener) {
    this.#stores = stores;
    this.#receivedAt = receivedAt;
    this.#listener = listener;
    this.#points = stores.projection.batch();
  }

  /** Begins anew, in a transaction, with the memory of the last time. The first event gets this sequence. */
  start(firstSequence = this.#stores.lastSequence() + 1): this {
    this.#first = firstSequence;
    this.#firstNewSeries = this.#stores.series.lastId() + 1;
    this.#stores.projection.restart(this.#points);
    this.#timedByArrival.clear();
    this.#count = 0;
    this.#duplicates = 0;
    this.#conflicts = 0;
    return this;
  }

  /** A few thousand events at a time are best. */
  add(part: readonly NewEvent[]): void {
    if (part.length === 0) return;
    const firstIndex = this.#count;
    this.#count += part.length;
    assert(this.#count <= MOST_EVENTS, 'too many events in one run');
    const known = this.#refuseKnown(part, firstIndex);
    this.#write(part, firstIndex, known);
  }

  finish(): BulkSummary {
    const { keys, projection } = this.#stores;
    const { length, sequences } = this.#points;
    const refused: number[] = [];
    const candidates = keys.claim(this.#hashes.subarray(0, length), sequences.subarray(0, length));
    for (let k = 0; k < candidates.length; k += PAGE) this.#judge(candidates.slice(k, k + PAGE), refused);
    if (refused.length > 0) this.#takeOut(refused);
    projection.append(this.#points);
    const stored = this.#count - this.#duplicates - this.#conflicts;
    return { stored, duplicates: this.#duplicates, conflicts: this.#conflicts, firstSequence: this.#first };
  }

  #write(part: readonly NewEvent[], firstIndex: number, known: ReadonlySet<number>): void {
    const { series, statements, keys } = this.#stores;
    const points = this.#points;
    const before = points.length;
    const written: NewEvent[] = [];
    if (before + part.length > this.#hashes.length) this.#grow(part.length);
    for (let i = 0; i < part.length; i += 1) {
      if (known.has(i)) continue;
      const event = part[i] as NewEvent;
      written.push(event);
      this.#hashes[points.length] = keys.hash(event.transactionId);
      if (event.timestampIsArrival === true) this.#timedByArrival.add(points.length);
      const seriesId = series.findOrAdd(event.code, event.externalSubscriptionId);
      points.add(seriesId, event.timestamp, this.#first + firstIndex + i, event.code, event.properties);
    }
    insertRows(statements, 'INSERT INTO events', 7, written.length, (values, at, row) => {
      const event = written[row] as NewEvent;
      values[at] = points.sequences[before + row];
      values[at + 1] = points.seriesIds[before + row];
      values[at + 2] = event.timestamp;
      values[at + 3] = event.transactionId;
      values[at + 4] = event.properties;
      values[at + 5] = event.preciseTotalAmountCents;
      values[at + 6] = this.#receivedAt;
    });
  }

  /** Indices in the part of events whose id is stored already, as far as it is worth looking. Those are refused here. */
  #refuseKnown(part: readonly NewEvent[], firstIndex: number): Set<number> {
    const rows = this.#knownRows(part);
    for (const [i, row] of rows) {
      const event = part[i] as NewEvent;
      const same =
        row[2] === this.#stores.series.find(event.code, event.externalSubscriptionId) &&
        row[3] === event.timestamp &&
        row[4] === event.properties &&
        row[5] === event.preciseTotalAmountCents;
      this.#refuse(firstIndex + i, event, same ? null : (this.#stores.read([row[0]])[0] as StoredEvent));
    }
    return new Set(rows.keys());
  }

  /**
   * Finds stored events with the ids of the part: for all of it, or for none when a sample of it knows few. A file that is
   * sent again comes in the order in which it was stored, so the neighbours of a known event are looked for beside it.
   */
  #knownRows(part: readonly NewEvent[]): Map<number, KeptRow> {
    const { keys } = this.#stores;
    const sampled = new Map<number, number>();
    const step = Math.max(1, Math.floor(part.length / SAMPLE));
    for (let i = 0; i < part.length; i += step) {
      const owner = keys.find((part[i] as NewEvent).transactionId);
      if (owner !== undefined) sampled.set(i, owner);
    }
    if (step === 1) return this.#rowsOf(sampled);
    if (sampled.size * ENOUGH < SAMPLE) return new Map();
    const found = this.#rowsBeside(part, sampled);
    for (const [i, row] of this.#rowsByHash(part, found)) found.set(i, row);
    return found;
  }

  #rowsByHash(part: readonly NewEvent[], known: ReadonlyMap<number, KeptRow>): Map<number, KeptRow> {
    const { keys } = this.#stores;
    const sought = [...part.keys()].filter((i) => !known.has(i));
    const hashes = sought.map((i) => keys.hash((part[i] as NewEvent).transactionId));
    const holders = keys.owners(hashes);
    const owners = new Map<number, number>();
    for (const [k, i] of sought.entries()) {
      const holder = holders.get(hashes[k] as number);
      if (holder !== undefined) owners.set(i, holder);
    }
    const rows = this.#rowsOf(owners);
    const behind = new Map<number, number>();
    for (const [i, row] of rows) {
      const { transactionId } = part[i] as NewEvent;
      if (row[1] === transactionId) continue;
      // Another id with the same hash.
      rows.delete(i);
      const owner = keys.find(transactionId);
      if (owner !== undefined) behind.set(i, owner);
    }
    return new Map([...rows, ...this.#rowsOf(behind)]);
  }

  /** The rows where they stand if the part was stored as one run, in this order. */
  #rowsBeside(part: readonly NewEvent[], sampled: ReadonlyMap<number, number>): Map<number, KeptRow> {
    const found = new Map<number, KeptRow>();
    const [index, owner] = [...sampled][0] as [number, number];
    const first = owner - index;
    const sql = `SELECT ${KEPT_COLUMNS} FROM events WHERE seq BETWEEN ? AND ?`;
    for (const row of this.#stores.statements.rows<KeptRow>(sql, [first, first + part.length - 1])) {
      const i = row[0] - first;
      if (part[i]?.transactionId === row[1]) found.set(i, row);
    }
    return found;
  }

  #rowsOf(owners: ReadonlyMap<number, number>): Map<number, KeptRow> {
    const sql = `SELECT ${KEPT_COLUMNS} FROM events WHERE seq IN (SELECT value FROM json_each(?))`;
    const ascending = [...Float64Array.from(new Set(owners.values())).sort()];
    const rows = this.#stores.statements.rows<KeptRow>(sql, [JSON.stringify(ascending)]);
    const bySequence = new Map(rows.map((row) => [row[0], row]));
    return new Map([...owners].map(([i, owner]) => [i, bySequence.get(owner) as KeptRow]));
  }

  /** `stored` is null where the content is known to be the same. */
  #refuse(index: number, event: NewEvent, stored: StoredEvent | null): void {
    if (stored === null || sameContent(stored, event)) {
      this.#duplicates += 1;
      this.#listener.onDuplicate?.(index);
    } else {
      this.#conflicts += 1;
      this.#listener.onConflict({ index, event, stored });
    }
  }

  /** Judges a page of candidates in order of arrival: the first event with an id keeps it. */
  #judge(candidates: readonly Candidate[], refused: number[]): void {
    const { keys } = this.#stores;
    const sequences = this.#points.sequences;
    const asked = candidates.flatMap(({ position, owner }) => [sequences[position] as number, owner]);
    const events = this.#events(asked);
    for (const { position, owner, slot } of candidates) {
      const sequence = sequences[position] as number;
      const { sequence: _, receivedAt: __, ...row } = events.get(sequence) as StoredEvent;
      const event = this.#timedByArrival.has(position) ? { ...row, timestampIsArrival: true } : row;
      let stored = events.get(owner) as StoredEvent;
      if (stored.transactionId !== event.transactionId) {
        const other = keys.claimBehind(slot, event.transactionId, sequence);
        if (other === undefined) continue;
        stored = this.#stores.read([other])[0] as StoredEvent;
      }
      refused.push(position);
      this.#refuse(sequence - this.#first, event, stored);
    }
  }

  /** Removes the rows of refused events, and series that only they named. */
  #takeOut(refused: readonly number[]): void {
    const { statements, series } = this.#stores;
    const { seriesIds, sequences, length } = this.#points;
    const suspects = new Set<number>();
    const remove = statements.writing('DELETE FROM events WHERE seq = ?');
    for (const position of refused) {
      remove.run(sequences[position]);
      const seriesId = seriesIds[position] as number;
      if (seriesId >= this.#firstNewSeries) suspects.add(seriesId);
      this.#points.remove(position);
    }
    if (suspects.size === 0) return;
    for (let position = 0; position < length; position += 1) suspects.delete(seriesIds[position] as number);
    for (const seriesId of suspects) series.remove(seriesId);
  }

  #events(sequences: Iterable<number>): Map<number, StoredEvent> {
    const ascending = [...Float64Array.from(new Set(sequences)).sort()];
    return new Map(this.#stores.read(ascending).map((event) => [event.sequence, event]));
  }

  #grow(by: number): void {
    const larger = new Float64Array(2 * this.#hashes.length + by);
    larger.set(this.#hashes);
    this.#hashes = larger;
  }
}

const KEPT_COLUMNS = 'seq, transaction_id, series_id, timestamp_us, properties, precise_total_amount_cents';
type KeptRow = readonly [
  sequence: number,
  transactionId: string,
  seriesId: number,
  timestamp: number,
  properties: string,
  preciseTotalAmountCents: string | null,
];
