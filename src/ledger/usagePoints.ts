/** Writes a usage projection: the points of a batch of events in the order of their key, once. */
import { insertRows } from './bulkInsert.js';
import { type FieldOfCode, PointBatch, type WideValue } from './pointBatch.js';
import type { Statements } from './statements.js';
import { UsageTexts } from './usageTexts.js';

export class UsagePoints {
  readonly schema: 'main' | 'temp';
  readonly #statements: Statements;
  readonly #texts: UsageTexts;

  constructor(statements: Statements, schema: 'main' | 'temp', hash: (text: string) => number) {
    this.#statements = statements;
    this.schema = schema;
    this.#texts = new UsageTexts(statements, `${schema}.usage_texts`, hash);
  }

  /** For points of codes with these fields, to be filled and then written. */
  batch(fieldOf: FieldOfCode): PointBatch {
    return new PointBatch(fieldOf, this.#texts);
  }

  write(batch: PointBatch): void {
    batch.settle();
    const { seriesIds, timestamps, sequences } = batch;
    const order = batch.inKeyOrder();
    insertRows(this.#statements, `INSERT INTO ${this.schema}.usage_points`, 4, order.length, (row, at, i) => {
      const position = order[i] as number;
      row[at] = seriesIds[position];
      row[at + 1] = timestamps[position];
      row[at + 2] = sequences[position];
      row[at + 3] = batch.value(position);
    });
    const wide = batch.wide();
    insertRows(this.#statements, `INSERT INTO ${this.schema}.usage_wide_values`, 4, wide.length, (row, at, i) => {
      const { position, text } = wide[i] as WideValue;
      row[at] = seriesIds[position];
      row[at + 1] = timestamps[position];
      row[at + 2] = sequences[position];
      row[at + 3] = text;
    });
  }

  /** The ids that points of unique counts bear for these texts; texts that no event brought have none. */
  textIds(texts: readonly string[]): number[] {
    return texts.map((text) => this.#texts.find(text)).filter((id) => id !== undefined);
  }

  removeSeries(seriesIds: readonly number[]): void {
    for (const id of seriesIds) {
      this.#statements.writing(`DELETE FROM ${this.schema}.usage_points WHERE series_id = ?`).run(id);
      this.#statements.writing(`DELETE FROM ${this.schema}.usage_wide_values WHERE series_id = ?`).run(id);
    }
  }

  removeAll(): void {
    for (const table of ['usage_points', 'usage_wide_values', 'usage_texts']) {
      this.#statements.writing(`DELETE FROM ${this.schema}.${table}`).run();
    }
    this.#texts.forget();
  }

  forget(): void {
    this.#texts.forget();
  }
}
