/**
 * Local dates: calendar days without a zone, as `YYYY-MM-DD` text, which sorts and compares as dates do.
 * Proleptic Gregorian arithmetic only; no clock, no zone.
 */
import { assert } from '../errors.js';

export type LocalDate = string & { readonly __brand: 'LocalDate' };

const DAY_MS = 86_400_000;

export function localDate(year: number, month: number, day: number): LocalDate {
  return fromEpochDay(Math.round(utcMs(year, month, day) / DAY_MS));
}

/** Null when the text is not `YYYY-MM-DD` or not a real day. */
export function parseLocalDate(text: string): LocalDate | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const [year, month, day] = parts(text as LocalDate);
  const date = localDate(year, month, day);
  return date === text ? date : null;
}

/** Days since 1970-01-01. */
export function epochDay(date: LocalDate): number {
  const [year, month, day] = parts(date);
  return Math.round(utcMs(year, month, day) / DAY_MS);
}

export function fromEpochDay(days: number): LocalDate {
  const known = written.get(days);
  if (known !== undefined) return known;
  assert(Number.isSafeInteger(days), `not a day number: ${days}`);
  const date = new Date(days * DAY_MS).toISOString().slice(0, 10) as LocalDate;
  if (written.size === MOST_KEPT) written.clear();
  written.set(days, date);
  return date;
}

/** A billing run names the same few days again and again. */
const written = new Map<number, LocalDate>();
const MOST_KEPT = 4_096;

/** Year, month 1–12, day 1–31. */
export function parts(date: LocalDate): readonly [year: number, month: number, day: number] {
  let known = read.get(date);
  if (known === undefined) {
    known = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
    if (read.size === MOST_KEPT) read.clear();
    read.set(date, known);
  }
  return known;
}

const read = new Map<LocalDate, readonly [number, number, number]>();

export function addDays(date: LocalDate, days: number): LocalDate {
  return fromEpochDay(epochDay(date) + days);
}

/** `to − from` in days. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return epochDay(to) - epochDay(from);
}

export function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && isLeap ? 29 : (DAYS[month - 1] as number);
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Same day of the month `months` later, clamped to that month's length: 01-31 + 1 month → 02-29 (2024). */
export function addMonths(date: LocalDate, months: number): LocalDate {
  const [year, month, day] = parts(date);
  const index = year * 12 + (month - 1) + months;
  const targetYear = Math.floor(index / 12);
  const targetMonth = (index % 12) + 1;
  return localDate(targetYear, targetMonth, Math.min(day, daysInMonth(targetYear, targetMonth)));
}

export function laterDate(a: LocalDate, b: LocalDate): LocalDate {
  return a > b ? a : b;
}

export function earlierDate(a: LocalDate, b: LocalDate): LocalDate {
  return a < b ? a : b;
}

/** ISO weekday: Monday 1 … Sunday 7. */
export function weekday(date: LocalDate): number {
  return ((((epochDay(date) + 3) % 7) + 7) % 7) + 1;
}

function utcMs(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day);
}
