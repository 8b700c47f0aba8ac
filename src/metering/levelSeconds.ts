/**
 * Σ RATIO(level × seconds, divisor) over the times for which a level is held, in whole numbers: exactly what `ratio` of
 * `money/decimal.ts` gives for each of them, added up.
 *
 * A weighted sum divides once for every event; as big integers that takes a tenth of the time of Decimals.
 * Source: usage-and-pricing §0.3, §2.4.2.
 */
import { Decimal, ZERO } from '../money/decimal.js';
import type { UsageValue } from './usageReader.js';

/** Decimals of a value in millionths, and of a second in microseconds. */
const SIX = 6;

export class LevelSeconds {
  readonly #divisor: bigint;
  readonly #divisorWeight: number;
  readonly #divisorLead: number;
  /** The level is `#level` ÷ 10^`#places`. */
  #level = 0n;
  #places = SIX;
  /** Sums of the quotients, by their decimals. */
  readonly #quotients: bigint[] = [];

  /** `divisor`: a positive whole number. */
  constructor(divisor: number, level: Decimal) {
    const { weight, lead } = magnitude(String(divisor), 0);
    this.#divisor = BigInt(divisor);
    this.#divisorWeight = weight;
    this.#divisorLead = lead;
    this.#add(level);
  }

  raise(by: Pick<UsageValue, 'millionths' | 'value'>): void {
    if (by.millionths !== null && this.#places === SIX) this.#level += BigInt(by.millionths);
    else this.#add(by.value);
  }

  /** The level is held for so long. */
  hold(microseconds: number): void {
    if (this.#level === 0n) return;
    const units = this.#level * BigInt(microseconds);
    const places = this.#places + SIX;
    const text = (units < 0n ? -units : units).toString();
    const { weight, lead } = magnitude(text, places);
    const quotientWeight = weight - this.#divisorWeight - (lead <= this.#divisorLead ? 1 : 0);
    const least = 16 - 4 * quotientWeight;
    const scale = least >= places ? least : Math.max(least, places - trailingZeros(text), 0);
    const quotient = rounded(units * power(scale), this.#divisor * power(places));
    this.#quotients[scale] = (this.#quotients[scale] ?? 0n) + quotient;
  }

  get level(): Decimal {
    return decimal(this.#level, this.#places);
  }

  get sum(): Decimal {
    let sum = ZERO;
    this.#quotients.forEach((quotient, scale) => {
      sum = sum.plus(decimal(quotient, scale));
    });
    return sum;
  }

  #add(value: Decimal): void {
    const places = Math.max(this.#places, value.decimalPlaces());
    this.#level = this.#level * power(places - this.#places) + BigInt(value.times(`1e${places}`).toFixed());
    this.#places = places;
  }
}

/** In base 10000, as PostgreSQL counts: the place of the first digit, and that digit. `digits` ÷ 10^`places`, not 0. */
function magnitude(digits: string, places: number): { readonly weight: number; readonly lead: number } {
  const exponent = digits.length - 1 - places;
  const weight = Math.floor(exponent / 4);
  const leadDigits = exponent - 4 * weight + 1;
  return { weight, lead: Number(digits.slice(0, leadDigits).padEnd(leadDigits, '0')) };
}

function trailingZeros(digits: string): number {
  let count = 0;
  while (digits.charCodeAt(digits.length - 1 - count) === 48) count += 1;
  return count;
}

/** Half away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const twice = 2n * denominator;
  return numerator < 0n ? -((-2n * numerator + denominator) / twice) : (2n * numerator + denominator) / twice;
}

const powers: bigint[] = [];

function power(exponent: number): bigint {
  let known = powers[exponent];
  if (known === undefined) {
    known = 10n ** BigInt(exponent);
    powers[exponent] = known;
  }
  return known;
}

function decimal(digits: bigint, places: number): Decimal {
  return digits === 0n ? ZERO : new Decimal(digits.toString()).times(`1e-${places}`);
}
