/** The points of one series and group in the order of their time, then arrival, and what they come to up to each of them. */
import { type Decimal, ZERO } from '../money/decimal.js';
import { unscaled } from './scaledValue.js';
import type { MeteredField } from './types.js';

/** A point as it is read. */
export interface Point {
  readonly group: readonly (string | null)[];
  readonly timestamp: number;
  readonly sequence: number;
  /** The scaled value of a number, or a wide one; the id of a text, negative for a removal; null for what is only counted. */
  readonly value: number | Decimal | null;
  readonly precise: Decimal | null;
}

/** Up to and including this place; `toSequence` null is every event of that instant. */
interface Place {
  readonly to: number;
  readonly toSequence: number | null;
}

export class RunningTotals {
  readonly #kind: MeteredField['kind'];
  readonly #timestamps: number[] = [];
  readonly #sequences: number[] = [];
  /** Of numbers: the sum of the scaled values up to each point; wide values and precise amounts beside it. */
  readonly #scaled: bigint[] = [];
  readonly #wide = new SparseSums();
  readonly #precise = new SparseSums();
  /** Of texts: how many are present after each point; and by text its points, negative where one removes it. */
  readonly #present: number[] = [];
  readonly #pointsOf = new Map<number, number[]>();

  constructor(kind: MeteredField['kind']) {
    this.#kind = kind;
  }

  /** Points come in their order. */
  add({ timestamp, sequence, value, precise }: Point): void {
    const number = this.#timestamps.push(timestamp);
    this.#sequences.push(sequence);
    if (precise !== null) this.#precise.add(number, precise);
    if (this.#kind === 'text') this.#addText(number, value as number);
    if (this.#kind === 'number') {
      this.#scaled.push((this.#scaled.at(-1) ?? 0n) + (typeof value === 'number' ? BigInt(value) : 0n));
      if (typeof value !== 'number') this.#wide.add(number, value as Decimal);
    }
  }

  /** How many points there are up to a place: the number of the last of them. */
  count({ to, toSequence }: Place): number {
    return countWhile(this.#timestamps.length, (i) => {
      const timestamp = this.#timestamps[i] as number;
      return (
        timestamp < to || (timestamp === to && (toSequence === null || (this.#sequences[i] as number) <= toSequence))
      );
    });
  }

  sum(place: Place): Decimal {
    const number = this.count(place);
    const scaled = this.#scaled[number - 1] ?? 0n;
    const wide = this.#wide.upTo(number);
    return scaled === 0n ? wide : unscaled(scaled).plus(wide);
  }

  preciseAmount(place: Place): Decimal {
    return this.#precise.upTo(this.count(place));
  }

  presentCount(place: Place): number {
    return this.#present[this.count(place) - 1] ?? 0;
  }

  /** What the last event of a text did; null without one. */
  lastOf(id: number, place: Place): 'added' | 'removed' | null {
    const points = this.#pointsOf.get(id) ?? [];
    const number = this.count(place);
    const last = points[countWhile(points.length, (i) => Math.abs(points[i] as number) <= number) - 1];
    if (last === undefined) return null;
    return last > 0 ? 'added' : 'removed';
  }

  #addText(number: number, value: number): void {
    const id = Math.abs(value);
    let points = this.#pointsOf.get(id);
    if (points === undefined) {
      points = [];
      this.#pointsOf.set(id, points);
    }
    const before = (points.at(-1) ?? -1) > 0 ? 1 : 0;
    const after = value > 0 ? 1 : 0;
    points.push(value > 0 ? number : -number);
    this.#present.push((this.#present.at(-1) ?? 0) + after - before);
  }
}

/** Sums that few of many points add to. */
class SparseSums {
  readonly #numbers: number[] = [];
  readonly #sums: Decimal[] = [];

  add(number: number, value: Decimal): void {
    this.#numbers.push(number);
    this.#sums.push((this.#sums.at(-1) ?? ZERO).plus(value));
  }

  upTo(number: number): Decimal {
    return this.#sums[countWhile(this.#numbers.length, (i) => (this.#numbers[i] as number) <= number) - 1] ?? ZERO;
  }
}

/** How many of the first positions hold, where after one that does not none does. */
function countWhile(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
