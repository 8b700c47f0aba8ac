/**
 * Keeps the usage projection fit to be read: which field of which metric code the points were made by, and whether
 * every event has its point. It may be dropped at any time; the figures stay the same.
 *
 * Inside a transaction of a writable ledger the ledger's own points are made anew. Elsewhere (a read-only ledger, a
 * usage query between transactions) a private copy in SQLite's temp schema is made for the code that is asked for, so
 * that reading never waits for a writer nor changes the file.
 */
import { projectionTables } from './migrations.js';
import type { FieldOfCode, PointBatch } from './pointBatch.js';
import type { SeriesTable } from './seriesTable.js';
import type { Statements } from './statements.js';
import type { MeteredField } from './types.js';
import { UsagePoints } from './usagePoints.js';

/** Events read into memory at a time while points are made, and points written at a time. */
const PAGE = 10_000;
const BATCH = 250_000;

interface State {
  /** SQLite's counter of other connections' commits, when the rest was read. */
  readonly dataVersion: number;
  readonly complete: boolean;
  readonly fields: Map<string, MeteredField>;
}

export class Projection {
  readonly #statements: Statements;
  readonly #series: SeriesTable;
  readonly #readOnly: boolean;
  readonly #points: UsagePoints;
  readonly #copy: UsagePoints;
  readonly #copied = new Map<string, { readonly field: MeteredField; readonly through: number }>();
  #copyExists = false;
  #state: State | undefined;
  #revision = 0;

  constructor(statements: Statements, series: SeriesTable, readOnly: boolean, hash: (text: string) => number) {
    this.#statements = statements;
    this.#series = series;
    this.#readOnly = readOnly;
    this.#points = new UsagePoints(statements, 'main', hash);
    this.#copy = new UsagePoints(statements, 'temp', hash);
  }

  /** For the points of events that are being stored: the same batch for one transaction after another. */
  batch(): PointBatch {
    return this.#points.batch(() => undefined);
  }

  /** Makes the batch ready for the events of this transaction. */
  restart(batch: PointBatch): void {
    const { complete, fields } = this.#current();
    batch.restart((code) => (complete ? fields.get(code) : undefined));
  }

  /** Another number whenever events were stored, or points made anew. */
  get revision(): number {
    return this.#revision;
  }

  /** Another text whenever the events may be others, whoever stored them. */
  version(): string {
    return `${this.#revision} ${this.#current().dataVersion}`;
  }

  /** An incomplete projection stays so: it will be made from all events. */
  append(batch: PointBatch): void {
    this.#revision += 1;
    if (this.#current().complete) this.#points.write(batch);
  }

  /** Makes the ledger's own points fit the fields; those of codes not named stay as they are. */
  fit(wanted: readonly MeteredField[]): void {
    const { complete, fields } = this.#current();
    const changed = wanted.filter((field) => !sameField(fields.get(field.code), field));
    if (complete && changed.length === 0) return;
    this.#revision += 1;
    for (const field of changed) {
      fields.set(field.code, field);
      this.#statements
        .writing(
          `INSERT INTO projected_fields (code, field_name, kind) VALUES (?, ?, ?)
           ON CONFLICT (code) DO UPDATE SET field_name = excluded.field_name, kind = excluded.kind`,
        )
        .run(field.code, field.fieldName, field.kind);
    }
    if (complete) for (const field of changed) this.#remake(field, fields);
    else this.#remakeAll(fields);
  }

  /** The schema whose points answer for this field. */
  schemaFor(field: MeteredField): 'main' | 'temp' {
    const { complete, fields } = this.#current();
    const fits = (known: MeteredField | undefined) => field.kind === 'none' || sameField(known, field);
    if (complete && fits(fields.get(field.code))) return 'main';
    if (!this.#readOnly && this.#statements.db.inTransaction) {
      this.fit(field.kind === 'none' ? [] : [field]);
      return 'main';
    }
    const copied = this.#copied.get(field.code);
    const last = this.#lastSequence();
    if (copied === undefined || copied.through !== last || !fits(copied.field)) this.#makeCopy(field, last);
    return 'temp';
  }

  /** The ids of texts in the points of a schema, which stand for the values of unique counts. */
  textIds(schema: 'main' | 'temp', texts: readonly string[]): number[] {
    return (schema === 'main' ? this.#points : this.#copy).textIds(texts);
  }

  /** Whether every event has a point, so that events can be found by series through them. */
  isComplete(): boolean {
    return this.#current().complete;
  }

  drop(): void {
    this.#revision += 1;
    this.#points.removeAll();
    this.#statements.writing('DELETE FROM projected_fields').run();
    this.#statements.writing('UPDATE projection SET complete = 0').run();
    this.#state = undefined;
  }

  /** After a rollback. */
  forget(): void {
    this.#revision += 1;
    this.#state = undefined;
    this.#points.forget();
    this.#copy.forget();
    this.#copied.clear();
    this.#copyExists = false;
  }

  #current(): State {
    const dataVersion = this.#statements.value<number>('PRAGMA data_version') as number;
    if (this.#state?.dataVersion === dataVersion) return this.#state;
    // Another process may have made the projection anew: the ids of its texts are read again.
    if (this.#state !== undefined) this.#points.forget();
    const rows = this.#statements.rows('SELECT code, field_name, kind FROM projected_fields', []);
    const fields = rows.map(([code, fieldName, kind]) => ({ code, fieldName, kind }) as MeteredField);
    this.#state = {
      dataVersion,
      complete: this.#statements.value<number>('SELECT complete FROM projection') === 1,
      fields: new Map(fields.map((field) => [field.code, field])),
    };
    return this.#state;
  }

  #remake(field: MeteredField, fields: ReadonlyMap<string, MeteredField>): void {
    const seriesIds = this.#series.matching(field.code, null);
    const sequences = this.#sequencesOf(seriesIds);
    this.#points.removeSeries(seriesIds);
    this.#make(this.#points, this.#pagesOf(sequences), (code) => fields.get(code));
  }

  #remakeAll(fields: ReadonlyMap<string, MeteredField>): void {
    this.#points.removeAll();
    this.#make(this.#points, this.#allPages(), (code) => fields.get(code));
    this.#statements.writing('UPDATE projection SET complete = 1').run();
    this.#state = undefined;
  }

  #makeCopy(field: MeteredField, through: number): void {
    if (!this.#copyExists) this.#statements.db.exec(projectionTables('temp').join(';\n'));
    this.#copyExists = true;
    const seriesIds = this.#series.matching(field.code, null);
    this.#copy.removeSeries(seriesIds);
    this.#make(this.#copy, this.#pagesOf(this.#sequencesOf(seriesIds)), () => field);
    this.#copied.set(field.code, { field, through });
  }

  #make(points: UsagePoints, pages: Iterable<readonly EventRow[]>, fieldOf: FieldOfCode): void {
    let batch = points.batch(fieldOf);
    for (const page of pages) {
      for (const [seriesId, timestamp, sequence, code, properties] of page) {
        batch.add(seriesId, timestamp, sequence, code, properties);
      }
      if (batch.length < BATCH) continue;
      points.write(batch);
      batch = points.batch(fieldOf);
    }
    points.write(batch);
  }

  /** Sequences of the series' events: from the points, or else from the events themselves. */
  #sequencesOf(seriesIds: readonly number[]): number[] {
    const table = this.isComplete() ? 'main.usage_points' : 'events';
    return this.#statements.column<number>(
      `SELECT seq FROM ${table} WHERE series_id IN (SELECT value FROM json_each(?)) ORDER BY seq`,
      [JSON.stringify(seriesIds)],
    );
  }

  *#pagesOf(sequences: readonly number[]): Iterable<EventRow[]> {
    for (let k = 0; k < sequences.length; k += PAGE) {
      const page = JSON.stringify(sequences.slice(k, k + PAGE));
      yield this.#rows('e.seq IN (SELECT value FROM json_each(?)) ORDER BY e.seq', [page]);
    }
  }

  *#allPages(): Iterable<EventRow[]> {
    for (let after = 0; ; ) {
      const page = this.#rows('e.seq > ? ORDER BY e.seq LIMIT ?', [after, PAGE]);
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last[2];
    }
  }

  #rows(condition: string, parameters: readonly unknown[]): EventRow[] {
    return this.#statements.rows<EventRow>(
      `SELECT e.series_id, e.timestamp_us, e.seq, s.code, e.properties
       FROM events e JOIN series s ON s.id = e.series_id WHERE ${condition}`,
      parameters,
    );
  }

  #lastSequence(): number {
    return this.#statements.value<number | null>('SELECT max(seq) FROM events') ?? 0;
  }
}

type EventRow = readonly [seriesId: number, timestamp: number, sequence: number, code: string, properties: string];

function sameField(a: MeteredField | undefined, b: MeteredField): boolean {
  if (a === undefined) return b.kind === 'none';
  return a.kind === b.kind && a.fieldName === b.fieldName;
}
