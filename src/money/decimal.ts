/**
 * Exact decimals, and every rounding that a figure may meet on its way to a cent.
 *
 * `Decimal` works with 100 significant digits and rounds half away from zero. Nothing here is a binary float but
 * `doubleQuotient`, which reproduces a place where Lago itself goes through one.
 * Source of the rules: usage-and-pricing §0.
 */
import { Decimal as BaseDecimal } from 'decimal.js';

export const Decimal = BaseDecimal.clone({
  precision: 100,
  rounding: BaseDecimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
  defaults: true,
});
export type Decimal = BaseDecimal;

/** Plain decimal text, never with an exponent: what records and JSON hold. */
export type DecimalText = string;

export const ZERO: Decimal = new Decimal(0);

/** Half away from zero at `places` decimals (negative places round to tens, hundreds, …): 0.525 → 0.53, −2.5 → −3. */
export function round(value: Decimal, places = 0): Decimal {
  return roundAt(value, places, Decimal.ROUND_HALF_UP);
}

/** Toward +∞. */
export function ceil(value: Decimal, places = 0): Decimal {
  return roundAt(value, places, Decimal.ROUND_CEIL);
}

/** Toward −∞. */
export function floor(value: Decimal, places = 0): Decimal {
  return roundAt(value, places, Decimal.ROUND_FLOOR);
}

/** Toward zero: what Lago's integer and fixed-scale columns do to a longer number. */
export function truncate(value: Decimal, places = 0): Decimal {
  return roundAt(value, places, Decimal.ROUND_DOWN);
}

function roundAt(value: Decimal, places: number, mode: BaseDecimal.Rounding): Decimal {
  if (places >= 0) return value.toDecimalPlaces(places, mode);
  const unit = new Decimal(10).pow(-places);
  return value.div(unit).toDecimalPlaces(0, mode).times(unit);
}

/**
 * Up to the next 0.00001. Applied to sums of already rounded ratios, so that exact products may gain 0.00001:
 * 31 × ratio(21, 31) = 21.00000000000000000002 → 21.00001 (usage-and-pricing §0.6, P-1).
 */
export function ceil5(value: Decimal): Decimal {
  return ceil(value, 5);
}

/**
 * PostgreSQL's numeric division (RATIO): the exact quotient rounded to the scale that the database would pick.
 * ratio(21, 31) = 0.67741935483870967742.
 */
export function ratio(numerator: Decimal | number, denominator: Decimal | number): Decimal {
  const a = new Decimal(numerator);
  const b = new Decimal(denominator);
  const [weightA, leadA] = base10000Lead(a);
  const [weightB, leadB] = base10000Lead(b);
  let quotientWeight = weightA - weightB;
  if (leadA <= leadB) quotientWeight -= 1;
  const scale = Math.max(16 - 4 * quotientWeight, a.decimalPlaces(), b.decimalPlaces(), 0);
  return a.div(b).toDecimalPlaces(scale, Decimal.ROUND_HALF_UP);
}

/** Weight (exponent) and value of the leading base-10000 digit; [0, 0] for zero. */
function base10000Lead(value: Decimal): [weight: number, lead: number] {
  if (value.isZero()) return [0, 0];
  const weight = Math.floor(value.e / 4);
  const lead = value
    .abs()
    .div(new Decimal(10).pow(weight * 4))
    .floor()
    .toNumber();
  return [weight, lead];
}

/** FDIV: the IEEE-754 quotient through its shortest decimal text, as Lago's own double division shows it. */
export function doubleQuotient(numerator: number, denominator: number): Decimal {
  return new Decimal(String(numerator / denominator));
}

/** Plain text without an exponent and without trailing zeros: `1000`, `0.5`. */
export function toText(value: Decimal): DecimalText {
  return value.toFixed();
}

/** Lago's JSON form of a decimal column: plain notation with at least one fractional digit (`"10.0"`). */
export function toJsonDecimal(value: Decimal | DecimalText): string {
  const text = typeof value === 'string' ? new Decimal(value).toFixed() : value.toFixed();
  return text.includes('.') ? text : `${text}.0`;
}

/** True for the text of a finite plain or exponent decimal ≥ 0: Lago's "decimal string" prices. */
export function isNonNegativeDecimalText(value: unknown): value is string {
  return typeof value === 'string' && /^\+?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value.trim());
}
