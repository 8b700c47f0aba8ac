/** Instants as the wall clock of a zone shows them: `2026-10-31 23:59:59`. */
import { formatInstant, type Instant, instant } from '../../time/instant.js';
import { wallClock, type ZoneName } from '../../time/zone.js';

export function localTime(at: Instant, zone: ZoneName): string {
  return formatInstant(instant(wallClock(at, zone)))
    .slice(0, 19)
    .replace('T', ' ');
}

/** Both ends included. */
export function windowText(from: Instant, to: Instant, zone: ZoneName): string {
  return `${localTime(from, zone)} to ${localTime(to, zone)}, ${zone}`;
}
