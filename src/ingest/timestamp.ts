/**
 * An event's timestamp: Unix seconds, as a number or decimal text, or ISO 8601 with an offset or `Z`.
 *
 * Microseconds are kept, further digits dropped (usage-and-pricing §1.1). Milliseconds are never taken for seconds: they
 * are refused with the seconds that were meant. A wall-clock time without an offset is refused too, because it names
 * another instant on every machine.
 */
import { type Instant, instantOfIso, SECOND } from '../time/instant.js';

export interface TimestampProblem {
  readonly message: string;
  readonly hint: string;
}

/** The last whole second that an instant in microseconds can hold: 2255-06-05. */
const lastSecond = Math.floor(Number.MAX_SAFE_INTEGER / SECOND) - 1;
const [firstYear, lastYear] = [1700, 2254] as const;

export function parseTimestamp(text: string): Instant | TimestampProblem {
  if (/^-?\d+(\.\d+)?$/.test(text)) return unixSeconds(text);
  const match = isoText.exec(text);
  if (match === null) return notATime(text);
  const offset = match[2];
  if (offset === undefined) {
    return {
      message: `${shown(text)} has no offset`,
      hint: `Write ${text}Z for UTC, or add the offset: ${text}+02:00.`,
    };
  }
  const year = Number(match[1]);
  if (year < firstYear || year > lastYear) return outOfRange(text);
  const minutes = /^[+-](\d{2}):?(\d{2})$/.exec(offset);
  if (minutes !== null && (Number(minutes[1]) > 15 || Number(minutes[2]) > 59)) return notATime(text);
  return instantOfIso(text.replace(' ', 'T')) ?? notATime(text);
}

const isoText = /^(\d{4})-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?$/;

/** `1651240791.123456789` → 1651240791123456 µs. Decimal digits only: a double would move the last ones. */
function unixSeconds(text: string): Instant | TimestampProblem {
  const negative = text.startsWith('-');
  const [whole = '', fraction = ''] = text.slice(negative ? 1 : 0).split('.');
  const seconds = Number(whole);
  if (seconds > lastSecond) return tooManySeconds(text, seconds);
  const micros = seconds * SECOND + Number(fraction.slice(0, 6).padEnd(6, '0'));
  return (negative && micros !== 0 ? -micros : micros) as Instant;
}

/** More seconds than the calendar holds: a clock in milliseconds, microseconds or nanoseconds. */
function tooManySeconds(text: string, seconds: number): TimestampProblem {
  for (const [unit, places] of units) {
    if (seconds / 10 ** places > lastSecond) continue;
    const corrected = shiftPoint(text, places);
    return {
      message: `${text} is beyond the year ${lastYear} as seconds; it looks like ${unit}`,
      hint: `Timestamps are Unix seconds: send ${corrected}.`,
    };
  }
  return outOfRange(text);
}

const units = [
  ['milliseconds', 3],
  ['microseconds', 6],
  ['nanoseconds', 9],
] as const;

/** Divides decimal text by 10^places, exactly: `1651240791123` → `1651240791.123`, `1700000000000` → `1700000000`. */
export function shiftPoint(text: string, places: number): string {
  const negative = text.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = text.slice(negative.length).split('.');
  const padded = whole.padStart(places + 1, '0');
  const decimals = (padded.slice(padded.length - places) + fraction).replace(/0+$/, '');
  const seconds = padded.slice(0, padded.length - places).replace(/^0+(?=\d)/, '');
  return `${negative}${seconds}${decimals === '' ? '' : `.${decimals}`}`;
}

function outOfRange(text: string): TimestampProblem {
  return {
    message: `${shown(text)} is outside the years ${firstYear} to ${lastYear}`,
    hint: 'Send Unix seconds or ISO 8601 with an offset.',
  };
}

function notATime(text: string): TimestampProblem {
  return {
    message: `${shown(text)} is not a time`,
    hint: 'Send Unix seconds (1790812800, "1790812800.5") or ISO 8601 with an offset (2026-10-01T00:00:00Z).',
  };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
