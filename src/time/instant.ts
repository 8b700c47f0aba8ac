/**
 * Instants: points in time, in whole microseconds since 1970-01-01T00:00:00Z.
 *
 * Microseconds are Lago's resolution of an event; a safe integer holds them until the year 2255.
 * An instant knows no calendar: local dates come from `zone.ts`.
 */
import { assert } from '../errors.js';

/** Microseconds since the epoch, UTC. */
export type Instant = number & { readonly __brand: 'Instant' };

export const SECOND = 1_000_000;
export const HOUR = 3_600 * SECOND;
export const DAY = 24 * HOUR;

export function instant(microseconds: number): Instant {
  assert(Number.isSafeInteger(microseconds), `not an instant: ${microseconds}`);
  return microseconds as Instant;
}

export function addMicroseconds(at: Instant, microseconds: number): Instant {
  return instant(at + microseconds);
}

export function later(a: Instant, b: Instant): Instant {
  return Math.max(a, b) as Instant;
}

export function earlier(a: Instant, b: Instant): Instant {
  return Math.min(a, b) as Instant;
}

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):?(\d{2}))?)?$/i;

/** Years of the instants that people write. What is reckoned from them, such as the end of a period, may lie beyond. */
const [firstYear, lastYear] = [1700, 2199] as const;

/** What to do about a text that `parseInstant` does not take. */
export const instantForms = `Write 2026-11-01 or 2026-11-01T08:00:00Z; years are ${firstYear} to ${lastYear}.`;

/**
 * ISO 8601 text to an instant: `2024-03-05`, `2024-03-05T12:12Z`, `…:00.123456+02:00`. Without an offset it is UTC;
 * digits beyond the microsecond are dropped. Null when it is not such a text, not a real date, or too far away.
 */
export function parseInstant(text: string): Instant | null {
  const year = Number(text.slice(0, 4));
  return year >= firstYear && year <= lastYear ? instantOfIso(text) : null;
}

/** The same where the caller has seen to it that the year is from 1700 to 2254. */
export function instantOfIso(text: string): Instant | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', , sign, offsetHour, offsetMinute] =
    match;
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (h > 23 || mi > 59 || s > 59) return null;
  const date = new Date(Date.UTC(y, mo - 1, d));
  date.setUTCFullYear(y);
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d) return null;
  const micros = Number(fraction.slice(0, 6).padEnd(6, '0'));
  let offsetMinutes = 0;
  if (sign !== undefined) {
    offsetMinutes = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute));
  }
  return instant(date.getTime() * 1000 + (h * 3600 + (mi - offsetMinutes) * 60 + s) * SECOND + micros);
}

/** `2024-03-05T12:12:00Z`; fractions of a second are dropped. Lago's usual timestamp. */
export function formatInstant(at: Instant): string {
  return `${new Date(Math.floor(at / SECOND) * 1000).toISOString().slice(0, 19)}Z`;
}

/** `2024-03-05T12:12:00.000Z`: Lago's form where milliseconds show. */
export function formatInstantMs(at: Instant): string {
  return new Date(Math.floor(at / 1000)).toISOString();
}

/** `2023-05-08T00:00:00+00:00`: Lago's form of a fee's from_date and to_date. */
export function formatInstantOffset(at: Instant): string {
  return `${new Date(Math.floor(at / SECOND) * 1000).toISOString().slice(0, 19)}+00:00`;
}

/** Down to the millisecond (Lago floors usage windows so). */
export function floorToMillisecond(at: Instant): Instant {
  return instant(Math.floor(at / 1000) * 1000);
}
