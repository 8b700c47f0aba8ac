/**
 * The units of a charge paid in advance as current usage shows and prices them: what its events were billed for, and what
 * is held beyond.
 *
 * Carried 5, billed 4 now and 6 at most (3.8 of it prorated), 9 in all: 9 − 4 + 3.8 = 8.8. A seat of 24 cents that was
 * removed still costs its 24 cents, at 0 units shown.
 * Source: usage-and-pricing §7.3.
 */
import { shareOfPeriod } from '../metering/days.js';
import type { Metered } from '../metering/metered.js';
import type { UsageWindow } from '../metering/window.js';
import { ceil5, Decimal, ZERO } from '../money/decimal.js';
import type { HighWaterMark } from './inAdvanceRecords.js';

/** `total` is aggregated to the end of the period without proration; `prorated` answers for the same group with it. */
export function inAdvanceUnits(
  total: Metered,
  mark: HighWaterMark | null,
  isProrated: boolean,
  window: UsageWindow,
  prorated: () => Metered,
): Metered {
  const shown = Decimal.max(total.units, ZERO);
  if (!isProrated) {
    if (mark === null) return { ...total, fullUnits: shown };
    const units = total.units.minus(mark.current).plus(mark.max);
    return { ...total, units: Decimal.max(units, ZERO), fullUnits: shown };
  }
  const share = shareOfPeriod(window);
  if (mark === null) {
    if (share.gte(1)) return { ...total, units: shown, fullUnits: shown, prorated: true };
    const held = prorated();
    return { ...held, units: Decimal.max(held.units, ZERO), fullUnits: shown };
  }
  const beyond = shown.minus(Decimal.max(mark.current, ZERO));
  const units = (share.lt(1) ? ceil5(beyond.times(share)) : beyond).plus(mark.maxProrated);
  return { ...total, units: Decimal.max(units, ZERO), fullUnits: shown, prorated: true };
}
