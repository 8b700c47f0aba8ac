/**
 * How Lago's JSON writes each kind of value (invoicing §7): cents as integers, decimals as text with at least one
 * fractional digit, timestamps in seconds, and the few that show milliseconds.
 */
import { fromCents } from '../../money/currency.js';
import { Decimal, type DecimalText, toJsonDecimal } from '../../money/decimal.js';
import { formatInstant, formatInstantMs, formatInstantOffset, type Instant } from '../../time/instant.js';

export function timestamp(at: Instant): string;
export function timestamp(at: Instant | null): string | null;
export function timestamp(at: Instant | null): string | null {
  return at === null ? null : formatInstant(at);
}

export function timestampMs(at: Instant | null): string | null {
  return at === null ? null : formatInstantMs(at);
}

export function timestampWithOffset(at: Instant | null): string | null {
  return at === null ? null : formatInstantOffset(at);
}

export function decimal(value: DecimalText | Decimal): string;
export function decimal(value: DecimalText | Decimal | null): string | null;
export function decimal(value: DecimalText | Decimal | null): string | null {
  return value === null ? null : toJsonDecimal(value);
}

/** Precise minor units as major units: 57045 EUR → "570.45". */
export function majorDecimal(preciseCents: DecimalText | Decimal, currency: string): string {
  return toJsonDecimal(fromCents(new Decimal(preciseCents), currency));
}

/** The same way of payment on every object that names one: there are no providers here. */
export const defaultPaymentMethod = { payment_method_id: null, payment_method_type: 'provider' } as const;
