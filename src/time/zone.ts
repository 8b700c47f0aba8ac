/**
 * Time zones: the only place where an instant meets a calendar.
 *
 * Zone rules come from the Temporal polyfill (IANA data of the runtime). UTC takes a short path, and the first instants
 * of local days are remembered, because billing asks for the same few days over and over.
 */
import { Temporal } from 'temporal-polyfill';
import { BillingError } from '../errors.js';
import { DAY, type Instant, instant, SECOND } from './instant.js';
import { addDays, epochDay, fromEpochDay, type LocalDate, parts } from './localDate.js';

/** An IANA zone name: `UTC`, `America/New_York`. */
export type ZoneName = string;

export function isZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

/** `ld(t)`: the calendar date on the wall at that instant. */
export function localDateOf(at: Instant, zone: ZoneName): LocalDate {
  return fromEpochDay(Math.floor((at + offsetAt(at, zone)) / DAY));
}

/** `sod(d)`: the first instant of the local day (the first existing one, where DST removes midnight). */
export function startOfDay(date: LocalDate, zone: ZoneName): Instant {
  if (zone === 'UTC') return instant(epochDay(date) * DAY);
  const days = cached(startsOfDays, zone);
  const known = days.get(date);
  if (known !== undefined) return known;
  const [year, month, day] = parts(date);
  const start = new Temporal.PlainDate(year, month, day).toZonedDateTime({ timeZone: zone }).startOfDay();
  const at = instant(start.epochMilliseconds * 1000);
  days.set(date, at);
  return at;
}

/** `eod(d)`: the last instant (microsecond) of the local day, 23:59:59.999999. */
export function endOfDay(date: LocalDate, zone: ZoneName): Instant {
  return instant(startOfDay(addDays(date, 1), zone) - 1);
}

/** Microseconds that the wall clock shows since 1970-01-01 00:00 local: for differences in wall-clock time. */
export function wallClock(at: Instant, zone: ZoneName): number {
  return at + offsetAt(at, zone);
}

/**
 * DAYS(x, y): billed days between two instants on the wall clock. A `to` at exactly local midnight still counts that
 * day. With `from` at local midnight it is the number of calendar days touched; otherwise the ceiling of elapsed
 * 24-hour spans: 10:00 on the 1st → 09:00 on the 2nd is 1. (usage-and-pricing §0.5, periods §4.2)
 */
export function billedDays(from: Instant, to: Instant, zone: ZoneName): number {
  let end = wallClock(to, zone);
  if (end % DAY === 0) end += SECOND;
  return Math.ceil((end - wallClock(from, zone)) / DAY);
}

function offsetAt(at: Instant, zone: ZoneName): number {
  if (zone === 'UTC') return 0;
  // Offsets change at most a few times a year; an hour-wide memo is exact because no zone changes offset mid-hour
  // of UTC except at :30 or :45 marks, so the memo is keyed by the quarter hour.
  const quarter = Math.floor(at / (900 * SECOND));
  const offsets = cached(offsetsOfQuarters, zone);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const zoned = zonedAt(instant(quarter * 900 * SECOND), zone);
  const offset = zoned.offsetNanoseconds / 1000;
  if (offsets.size > 20_000) offsets.clear();
  offsets.set(quarter, offset);
  return offset;
}

function zonedAt(at: Instant, zone: ZoneName): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.fromEpochMilliseconds(Math.floor(at / 1000)).toZonedDateTimeISO(zone);
  } catch {
    throw new BillingError('invalid_timezone', {
      message: `${JSON.stringify(zone)} is not a time zone`,
      suggestion: 'Use an IANA name such as UTC, Europe/Paris or America/New_York.',
    });
  }
}

const startsOfDays = new Map<ZoneName, Map<LocalDate, Instant>>();
const offsetsOfQuarters = new Map<ZoneName, Map<number, number>>();

function cached<K, V>(maps: Map<ZoneName, Map<K, V>>, zone: ZoneName): Map<K, V> {
  let map = maps.get(zone);
  if (map === undefined) {
    map = new Map();
    maps.set(zone, map);
  }
  return map;
}
