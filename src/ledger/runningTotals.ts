/**
 * The points of one series and group, and what they come to up to a place in time as it was known after a certain arrival.
 *
 * Points lie in the order of their time, but they are counted only once they have arrived: an event that comes later with an
 * earlier date is not there for those before it. Sums up to any point are kept in a tree whose nodes each add up a run of
 * points, so that a point in the middle may join them at the cost of a logarithm.
 */
import { Decimal, ZERO } from '../money/decimal.js';
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

/** Up to and including this place in time, of what has arrived up to `throughSequence`; null, undefined: all. */
interface Place {
  readonly to: number;
  readonly toSequence: number | null;
  readonly throughSequence?: number;
}

export class RunningTotals {
  readonly #kind: MeteredField['kind'];
  readonly #points: Point[] = [];
  /** Places of the points, in the order of their arrival; made at the first question. */
  #arrivals: readonly number[] = [];
  #arrived = 0;
  #counts = countSums();
  #scaled = bigintSums();
  /** Wide values and precise amounts, which few points have. */
  #wide = decimalSums();
  #precise = decimalSums();
  /** Of texts: how many are present; and by text the numbers of its points, negative where one removes it. */
  #present = countSums();
  readonly #pointsOf = new Map<number, number[]>();

  constructor(kind: MeteredField['kind']) {
    this.#kind = kind;
  }

  /** All points, in their order, before the first question. */
  add(point: Point): void {
    this.#points.push(point);
  }

  /** How many points there are up to a place. */
  count(place: Place): number {
    return this.#counts.upTo(this.#numberOf(place));
  }

  sum(place: Place): Decimal {
    const number = this.#numberOf(place);
    const scaled = this.#scaled.upTo(number);
    const wide = this.#wide.upTo(number);
    return scaled === 0n ? wide : unscaled(scaled).plus(wide);
  }

  preciseAmount(place: Place): Decimal {
    return this.#precise.upTo(this.#numberOf(place));
  }

  presentCount(place: Place): number {
    return this.#present.upTo(this.#numberOf(place));
  }

  /** What the last event of a text did; null without one. */
  lastOf(id: number, place: Place): 'added' | 'removed' | null {
    const number = this.#numberOf(place);
    const points = this.#pointsOf.get(id) ?? [];
    const last = points[countWhile(points.length, (i) => Math.abs(points[i] as number) <= number) - 1];
    if (last === undefined) return null;
    return last > 0 ? 'added' : 'removed';
  }

  /** The number of the last point up to the place, once all that had arrived by then is counted. */
  #numberOf({ to, toSequence, throughSequence = Number.POSITIVE_INFINITY }: Place): number {
    this.#arriveThrough(throughSequence);
    return countWhile(this.#points.length, (i) => {
      const { timestamp, sequence } = this.#points[i] as Point;
      return timestamp < to || (timestamp === to && (toSequence === null || sequence <= toSequence));
    });
  }

  #arriveThrough(last: number): void {
    if (this.#arrivals.length === 0) this.#start();
    const sequenceOf = (arrival: number) => (this.#points[this.#arrivals[arrival] as number] as Point).sequence;
    if (this.#arrived > 0 && sequenceOf(this.#arrived - 1) > last) this.#start();
    while (this.#arrived < this.#arrivals.length && sequenceOf(this.#arrived) <= last) {
      this.#arrive(this.#arrivals[this.#arrived] as number);
      this.#arrived += 1;
    }
  }

  /** Before any point arrived. */
  #start(): void {
    const sequence = (index: number) => (this.#points[index] as Point).sequence;
    if (this.#arrivals.length === 0) {
      this.#arrivals = Array.from(this.#points.keys()).sort((a, b) => sequence(a) - sequence(b));
    }
    this.#arrived = 0;
    const size = this.#points.length;
    for (const sums of [this.#counts, this.#scaled, this.#wide, this.#precise, this.#present]) sums.clear(size);
    this.#pointsOf.clear();
  }

  #arrive(index: number): void {
    const { value, precise } = this.#points[index] as Point;
    const number = index + 1;
    this.#counts.add(number, 1);
    if (precise !== null) this.#precise.add(number, precise);
    if (this.#kind === 'text') this.#arriveText(number, value as number);
    if (this.#kind !== 'number' || value === null) return;
    if (value instanceof Decimal) this.#wide.add(number, value);
    else this.#scaled.add(number, BigInt(value as number));
  }

  /** A text is present after a point that adds it: the point changes the count, and what its next point changes too. */
  #arriveText(number: number, value: number): void {
    const id = Math.abs(value);
    let points = this.#pointsOf.get(id);
    if (points === undefined) {
      points = [];
      this.#pointsOf.set(id, points);
    }
    const own = points;
    const at = countWhile(own.length, (i) => Math.abs(own[i] as number) < number);
    const isPresent = (i: number) => ((own[i] ?? -1) > 0 ? 1 : 0);
    const [before, after] = [isPresent(at - 1), value > 0 ? 1 : 0];
    this.#present.add(number, after - before);
    const next = own[at];
    if (next !== undefined) this.#present.add(Math.abs(next), before - after);
    own.splice(at, 0, value > 0 ? number : -number);
  }
}

/** Sums of the first so many of numbered values (a Fenwick tree: node n adds up the last values of as many as its lowest bit). */
class Sums<T> {
  readonly #nodes = new Map<number, T>();
  readonly #zero: T;
  readonly #plus: (a: T, b: T) => T;
  #size = 0;

  constructor(zero: T, plus: (a: T, b: T) => T) {
    this.#zero = zero;
    this.#plus = plus;
  }

  /** Nothing yet, of `size` values numbered from 1. */
  clear(size: number): void {
    this.#nodes.clear();
    this.#size = size;
  }

  add(number: number, value: T): void {
    for (let node = number; node <= this.#size; node += node & -node) {
      this.#nodes.set(node, this.#plus(this.#nodes.get(node) ?? this.#zero, value));
    }
  }

  upTo(number: number): T {
    let sum = this.#zero;
    for (let node = number; node > 0; node -= node & -node) {
      const value = this.#nodes.get(node);
      if (value !== undefined) sum = this.#plus(sum, value);
    }
    return sum;
  }
}

function countSums(): Sums<number> {
  return new Sums(0, (a, b) => a + b);
}

function bigintSums(): Sums<bigint> {
  return new Sums(0n, (a, b) => a + b);
}

function decimalSums(): Sums<Decimal> {
  return new Sums<Decimal>(ZERO, (a, b) => a.plus(b));
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
