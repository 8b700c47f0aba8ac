/**
 * Numeric texts as integers: the value times 10^6, when that is a safe integer. SQLite then adds them exactly and fast.
 * The few that do not fit (more decimals, or beyond nine billion) keep their text and are added as Decimals.
 */
import { Decimal } from '../money/decimal.js';

const SCALE = 1_000_000;
const PLACES = 6;
const POWERS = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** Lago's numeric test (usage-and-pricing §1.5). */
const NUMERIC = /^-?\d+(\.\d+)?$/;

export function isNumeric(text: string): boolean {
  return NUMERIC.test(text);
}

/** The scaled integer of a numeric text; `'wide'` when it has none; null when the text is not numeric. */
export function scaledValue(text: string): number | 'wide' | null {
  const negative = text.charCodeAt(0) === 45;
  const start = negative ? 1 : 0;
  let value = 0;
  let point = -1;
  for (let i = start; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) value = value * 10 + digit;
    else if (digit === -2 && point < 0 && i > start) point = i;
    else return null;
  }
  if (text.length === start || point === text.length - 1) return null;
  const decimals = point < 0 ? 0 : text.length - 1 - point;
  if (decimals > PLACES) return 'wide';
  value *= POWERS[PLACES - decimals] as number;
  if (value > Number.MAX_SAFE_INTEGER) return 'wide';
  return negative && value > 0 ? -value : value;
}

export function unscaled(value: bigint | number): Decimal {
  // Fifteen digits survive the way through a double, which is a quarter of the division's time.
  if (typeof value === 'number' && Math.abs(value) < 1e15) return new Decimal(value / SCALE);
  return new Decimal(value.toString()).div(SCALE);
}
