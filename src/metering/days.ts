/** Day counts that weigh units: SUBDAYS and the share of a period (usage-and-pricing §0.4, §0.5). */
import { type Decimal, doubleQuotient } from '../money/decimal.js';
import { billedDays } from '../time/zone.js';
import type { UsageWindow } from './window.js';

/** Billed days of the window; the day of an upgrade belongs to the new plan. */
export function subscribedDays(window: UsageWindow): number {
  const days = billedDays(window.from, window.to, window.zone);
  return window.endedByUpgrade ? Math.max(days - 1, 0) : days;
}

/** FDIV(SUBDAYS, duration): 17 of 31 days → 0.5483870967741935. */
export function shareOfPeriod(window: UsageWindow): Decimal {
  return doubleQuotient(subscribedDays(window), window.durationDays);
}
