/**
 * Points of the usage projection that wait to be written: series, time, sequence and value of each event, by column.
 *
 * The value of a number metric is its scaled integer; a wide one keeps its text beside. The value of a unique count is the
 * id of its text, negative for a removal. Without a known field there is none (NaN). Only numbers are kept, so that a
 * quarter of a million events take 8 MB.
 */
import { inOrderOf } from './hash.js';
import { propertyText } from './propertyText.js';
import { scaledValue } from './scaledValue.js';
import type { MeteredField } from './types.js';
import type { UsageTexts } from './usageTexts.js';

export type FieldOfCode = (code: string) => MeteredField | undefined;

export interface WideValue {
  readonly position: number;
  readonly text: string;
}

/** Texts are interned so many at a time: in the order of their ids, neighbours share a page. */
const TEXTS = 20_000;

export class PointBatch {
  length = 0;
  /** 0 for an event that was taken out again: series are numbered from 1. */
  seriesIds = new Int32Array(1_024);
  timestamps = new Float64Array(1_024);
  sequences = new Float64Array(1_024);
  #fieldOf: FieldOfCode;
  readonly #texts: UsageTexts;
  #values = new Float64Array(1_024);
  #wide: WideValue[] = [];
  #textPositions: number[] = [];
  #textValues: (string | null)[] = [];
  #removals = new Set<number>();

  constructor(fieldOf: FieldOfCode, texts: UsageTexts) {
    this.#fieldOf = fieldOf;
    this.#texts = texts;
  }

  /** Empty again, with the memory that it has. */
  restart(fieldOf: FieldOfCode): void {
    this.length = 0;
    this.#fieldOf = fieldOf;
    this.#wide = [];
    this.#forgetTexts();
  }

  add(seriesId: number, timestamp: number, sequence: number, code: string, properties: string): void {
    const position = this.length;
    if (position === this.seriesIds.length) this.#grow();
    this.length = position + 1;
    this.seriesIds[position] = seriesId;
    this.timestamps[position] = timestamp;
    this.sequences[position] = sequence;
    const field = this.#fieldOf(code);
    this.#values[position] =
      field === undefined || field.fieldName === null || field.kind === 'none'
        ? Number.NaN
        : this.#read(field.kind, propertyText(properties, field.fieldName), position, properties);
  }

  /** The event at this position has no point. */
  remove(position: number): void {
    this.seriesIds[position] = 0;
  }

  /** Interns the texts that wait: before the values are read. */
  settle(): void {
    const waiting = [...this.#textPositions.keys()].filter(
      (k) => this.seriesIds[this.#textPositions[k] as number] !== 0,
    );
    const ids = this.#texts.intern(waiting.map((k) => this.#textValues[k] as string | null));
    for (const [i, k] of waiting.entries()) {
      const position = this.#textPositions[k] as number;
      const id = ids[i] as number;
      this.#values[position] = this.#removals.has(position) ? -id : id;
    }
    this.#forgetTexts();
  }

  value(position: number): number | null {
    const value = this.#values[position] as number;
    return Number.isNaN(value) ? null : value;
  }

  wide(): WideValue[] {
    return this.#wide.filter(({ position }) => this.seriesIds[position] !== 0);
  }

  /** Positions by (series, time, sequence), those taken out left out. Sequences ascend with the positions. */
  inKeyOrder(): Uint32Array {
    let largest = 0;
    for (let i = 0; i < this.length; i += 1) largest = Math.max(largest, this.seriesIds[i] as number);
    const order = inOrderOf(this.seriesIds.subarray(0, this.length), largest);
    let start = 0;
    while (start < order.length && this.seriesIds[order[start] as number] === 0) start += 1;
    const kept = order.subarray(start);
    for (let from = 0; from < kept.length; ) {
      const id = this.seriesIds[kept[from] as number];
      let sorted = true;
      let to = from + 1;
      for (; to < kept.length && this.seriesIds[kept[to] as number] === id; to += 1) {
        sorted &&= this.#time(kept[to - 1] as number) <= this.#time(kept[to] as number);
      }
      // Events arrive nearly in order of time.
      if (!sorted) kept.subarray(from, to).sort((a, b) => this.#time(a) - this.#time(b) || a - b);
      from = to;
    }
    return kept;
  }

  #read(kind: 'number' | 'text', text: string | null, position: number, properties: string): number {
    if (kind === 'number') {
      const value = text === null ? null : scaledValue(text);
      if (value === 'wide') this.#wide.push({ position, text: text as string });
      return typeof value === 'number' ? value : Number.NaN;
    }
    if (isRemoval(properties)) this.#removals.add(position);
    this.#textPositions.push(position);
    if (this.#textValues.push(text) === TEXTS) this.settle();
    return this.#values[position] as number;
  }

  #forgetTexts(): void {
    this.#textPositions = [];
    this.#textValues = [];
    this.#removals = new Set();
  }

  #time(position: number): number {
    return this.timestamps[position] as number;
  }

  #grow(): void {
    const size = 2 * this.seriesIds.length;
    const larger = (from: Float64Array<ArrayBuffer>) => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    const seriesIds = new Int32Array(size);
    seriesIds.set(this.seriesIds);
    this.seriesIds = seriesIds;
    this.timestamps = larger(this.timestamps);
    this.sequences = larger(this.sequences);
    this.#values = larger(this.#values);
  }
}

/** `operation_type` missing or "add" adds; anything else removes (usage-and-pricing §2.4.1). */
export function isRemoval(properties: string): boolean {
  return properties.includes('operation_type') && (propertyText(properties, 'operation_type') ?? 'add') !== 'add';
}
