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
  const a = new Quotient(numerator);
  const b = new Quotient(denominator);
  if (a.isZero()) return ZERO;
  const weight = Math.floor(a.e / 4) - Math.floor(b.e / 4);
  const quotientWeight = leadOf(a) <= leadOf(b) ? weight - 1 : weight;
  const decimals = Math.max(a.decimalPlaces(), b.decimalPlaces());
  const scale = Math.max(16 - 4 * quotientWeight, decimals);
  // As whole numbers A and B the quotient lies on a half of its last place, or at least 1/2B away from it: with that many
  // digits more, rounding twice is rounding once.
  const guardDigits = Math.max(b.e + 1, 1) + decimals + 2;
  Quotient.set({ precision: Math.max(a.e - b.e + 1 + scale, 1) + guardDigits });
  return new Decimal(a.div(b).toDecimalPlaces(scale));
}

/** Decimals of `ratio` alone: it divides to the digits that it needs, for weighted sums divide once an event. */
const Quotient = Decimal.clone();

/** The leading base-10000 digit: 259 of 2,592,000. decimal.js keeps seven decimal digits a word. */
function leadOf(value: BaseDecimal): number {
  const digits = (((value.e % 4) + 4) % 4) + 1;
  let text = '';
  for (let word = 0; text.length < digits; word += 1) {
    const next = value.d[word] ?? 0;
    text += word === 0 ? next : String(next).padStart(7, '0');
  }
  return Number(text.slice(0, digits));
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
