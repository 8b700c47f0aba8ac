/**
 * The units of a fixed charge in a window, from the subscription's log of units (periods §7.2).
 *
 * Each entry of the log has units, the instant from which they hold, and its place in the order of creation. A later
 * entry wins over an earlier one, whatever their instants.
 */
import type { FixedCharge } from '../catalog/types.js';
import type { FixedChargeUnits } from '../model.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import { type Instant, later } from '../time/instant.js';
import { daysBetween } from '../time/localDate.js';
import { localDateOf, type ZoneName } from '../time/zone.js';

export interface UnitsWindow {
  readonly from: Instant;
  readonly to: Instant;
  readonly durationDays: number;
  readonly zone: ZoneName;
}

export interface UnitsInWindow {
  /** Units at the end of the window: what the fee shows, and what chooses tiers. */
  readonly full: Decimal;
  /** Units weighted by the share of the period that each entry held; equals `full` when not prorated. */
  readonly billed: Decimal;
}

/** `log`: the subscription's entries in order of creation, those of other fixed charges included. */
export function unitsInWindow(
  fixedCharge: FixedCharge,
  log: readonly FixedChargeUnits[],
  window: UnitsWindow,
): UnitsInWindow {
  const entries = entriesInWindow(fixedCharge, log, window);
  const last = entries.at(-1);
  if (last === undefined) return { full: ZERO, billed: ZERO };
  const full = new Decimal(last.units);
  return { full, billed: fixedCharge.prorated ? weightedUnits(entries, window) : full };
}

/** Entries that take effect inside the window, and the newest of those before it, in order of creation. */
function entriesInWindow(
  fixedCharge: FixedCharge,
  log: readonly FixedChargeUnits[],
  window: UnitsWindow,
): readonly FixedChargeUnits[] {
  const own = log.filter(
    (entry) => entry.fixedChargeId === fixedCharge.id || entry.fixedChargeId === fixedCharge.parentId,
  );
  const before = own.findLastIndex((entry) => entry.timestamp < window.from);
  return own.filter(
    (entry, index) => index === before || (entry.timestamp >= window.from && entry.timestamp < window.to),
  );
}

/**
 * Σ round(units × days / duration, 6): 10 from January 1st and 7 from the 20th: 10 × 19/31 + 7 × 12/31 = 8.838710.
 */
function weightedUnits(entries: readonly FixedChargeUnits[], window: UnitsWindow): Decimal {
  const standing = entries.filter(
    (entry, index) => !entries.slice(index + 1).some((later) => later.timestamp < entry.timestamp),
  );
  return standing.reduce((sum, entry, index) => {
    const from = localDateOf(later(entry.timestamp, window.from), window.zone);
    const next = standing[index + 1];
    const days =
      next === undefined
        ? daysBetween(from, localDateOf(window.to, window.zone)) + 1
        : daysBetween(from, localDateOf(next.timestamp, window.zone));
    return sum.plus(round(new Decimal(entry.units).times(days).div(window.durationDays), 6));
  }, ZERO);
}
