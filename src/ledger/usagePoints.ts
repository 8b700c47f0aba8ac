/**
 * Writes a usage projection: each event as a point (series, time, sequence) with the value of its metric's field.
 *
 * The value of a number metric is its scaled integer, NULL where it is missing, not numeric, or wide (then
 * `usage_wide_values` has its text). The value of a unique count is the id of its text, negative for a removal. Without
 * a known field it is NULL. The points of a batch are written in the order of their key, once.
 */
import { insertRows } from './bulkInsert.js';
import { propertyText } from './propertyText.js';
import { scaledValue } from './scaledValue.js';
import type { Statements } from './statements.js';
import type { MeteredField } from './types.js';
import { UsageTexts } from './usageTexts.js';

/** Events of a batch, by column. */
export interface PointBatch {
  readonly seriesIds: readonly number[];
  readonly timestamps: readonly number[];
  readonly sequences: readonly number[];
  readonly codes: readonly string[];
  readonly properties: readonly string[];
}

export type FieldOfCode = (code: string) => MeteredField | undefined;

export class UsagePoints {
  readonly schema: 'main' | 'temp';
  readonly #statements: Statements;
  readonly #texts: UsageTexts;

  constructor(statements: Statements, schema: 'main' | 'temp', hash: (text: string) => number) {
    this.#statements = statements;
    this.schema = schema;
    this.#texts = new UsageTexts(statements, `${schema}.usage_texts`, hash);
  }

  write(batch: PointBatch, fieldOf: FieldOfCode): void {
    const { seriesIds, timestamps, sequences } = batch;
    const values = new Array<number | null>(seriesIds.length).fill(null);
    const wide = this.#readNumbers(batch, fieldOf, values);
    this.#readTexts(batch, fieldOf, values);
    const order = inKeyOrder(batch);
    const table = `INSERT INTO ${this.schema}.usage_points`;
    insertRows(this.#statements, table, 4, order.length, (row, at, i) => {
      const position = order[i] as number;
      row[at] = seriesIds[position];
      row[at + 1] = timestamps[position];
      row[at + 2] = sequences[position];
      row[at + 3] = values[position];
    });
    insertRows(this.#statements, `INSERT INTO ${this.schema}.usage_wide_values`, 4, wide.length, (row, at, i) => {
      const { position, text } = wide[i] as WideValue;
      row[at] = seriesIds[position];
      row[at + 1] = timestamps[position];
      row[at + 2] = sequences[position];
      row[at + 3] = text;
    });
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

  #readNumbers(batch: PointBatch, fieldOf: FieldOfCode, values: (number | null)[]): WideValue[] {
    const wide: WideValue[] = [];
    for (let i = 0; i < values.length; i += 1) {
      const field = fieldOf(batch.codes[i] as string);
      if (field?.kind !== 'number' || field.fieldName === null) continue;
      const text = propertyText(batch.properties[i] as string, field.fieldName);
      if (text === null) continue;
      const value = scaledValue(text);
      if (value === 'wide') wide.push({ position: i, text });
      else values[i] = value;
    }
    return wide;
  }

  #readTexts(batch: PointBatch, fieldOf: FieldOfCode, values: (number | null)[]): void {
    const positions: number[] = [];
    const texts: (string | null)[] = [];
    for (let i = 0; i < values.length; i += 1) {
      const field = fieldOf(batch.codes[i] as string);
      if (field?.kind !== 'text' || field.fieldName === null) continue;
      positions.push(i);
      texts.push(propertyText(batch.properties[i] as string, field.fieldName));
    }
    if (positions.length === 0) return;
    const ids = this.#texts.intern(texts);
    for (let k = 0; k < positions.length; k += 1) {
      const position = positions[k] as number;
      const removed = isRemoval(batch.properties[position] as string);
      values[position] = removed ? -(ids[k] as number) : (ids[k] as number);
    }
  }
}

/** `operation_type` missing or "add" adds; anything else removes (usage-and-pricing §2.4.1). */
export function isRemoval(properties: string): boolean {
  return properties.includes('operation_type') && (propertyText(properties, 'operation_type') ?? 'add') !== 'add';
}

interface WideValue {
  readonly position: number;
  readonly text: string;
}

/** Positions by (series, time, sequence). Events arrive nearly in order of time, which the sort of a series likes. */
function inKeyOrder({ seriesIds, timestamps, sequences }: PointBatch): number[] {
  const bySeries = new Map<number, number[]>();
  for (let i = 0; i < seriesIds.length; i += 1) {
    const id = seriesIds[i] as number;
    const positions = bySeries.get(id);
    if (positions === undefined) bySeries.set(id, [i]);
    else positions.push(i);
  }
  const byTime = (a: number, b: number) =>
    (timestamps[a] as number) - (timestamps[b] as number) || (sequences[a] as number) - (sequences[b] as number);
  return [...bySeries.keys()].sort((a, b) => a - b).flatMap((id) => (bySeries.get(id) as number[]).sort(byTime));
}
