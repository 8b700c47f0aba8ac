/**
 * The billing calendar: for each interval, the infinite list of local dates on which a billing period starts.
 *
 * An anniversary grid counts from the subscription's anchor, a calendar grid from 2001-01-01, which is a Monday, a
 * first of January, and so the anchor of every calendar interval at once. Dates are always recomputed from the anchor,
 * so that a short month never drags the later ones: anchor 01-31 gives 02-29, 03-31, 04-30. (periods §3.1)
 */
import type { PlanInterval } from '../catalog/types.js';
import type { BillingTime } from '../model.js';
import { addDays, addMonths, daysBetween, type LocalDate, parts } from '../time/localDate.js';

export interface PeriodGrid {
  readonly interval: PlanInterval;
  /** A date of the grid; the others are whole intervals away. */
  readonly anchor: LocalDate;
}

const CALENDAR_ANCHOR = '2001-01-01' as LocalDate;

const MONTHS: Readonly<Record<Exclude<PlanInterval, 'weekly'>, number>> = {
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  yearly: 12,
};

/** `anchor` is the local date of `subscription_at`. */
export function periodGrid(interval: PlanInterval, billingTime: BillingTime, anchor: LocalDate): PeriodGrid {
  return { interval, anchor: billingTime === 'calendar' ? CALENDAR_ANCHOR : anchor };
}

/** P(d): the latest period start on or before the date. */
export function periodStart(grid: PeriodGrid, date: LocalDate): LocalDate {
  return nthStart(grid, periodIndex(grid, date));
}

/** N(p): the start of the period after the one that holds the date. */
export function nextPeriodStart(grid: PeriodGrid, date: LocalDate): LocalDate {
  return nthStart(grid, periodIndex(grid, date) + 1);
}

/** Q(p): the start of the period before the one that holds the date. */
export function previousPeriodStart(grid: PeriodGrid, date: LocalDate): LocalDate {
  return nthStart(grid, periodIndex(grid, date) - 1);
}

/** E(p): the last day of the period that holds the date. */
export function periodEnd(grid: PeriodGrid, date: LocalDate): LocalDate {
  return addDays(nextPeriodStart(grid, date), -1);
}

/** Days of the whole period that holds the date, never of a clipped window: 28 to 31 for a month. */
export function periodDays(grid: PeriodGrid, date: LocalDate): number {
  return daysBetween(periodStart(grid, date), nextPeriodStart(grid, date));
}

export function isPeriodStart(grid: PeriodGrid, date: LocalDate): boolean {
  return periodStart(grid, date) === date;
}

function nthStart(grid: PeriodGrid, index: number): LocalDate {
  if (grid.interval === 'weekly') return addDays(grid.anchor, index * 7);
  return addMonths(grid.anchor, index * MONTHS[grid.interval]);
}

function periodIndex(grid: PeriodGrid, date: LocalDate): number {
  if (grid.interval === 'weekly') return Math.floor(daysBetween(grid.anchor, date) / 7);
  const index = Math.floor((monthNumber(date) - monthNumber(grid.anchor)) / MONTHS[grid.interval]);
  return nthStart(grid, index) <= date ? index : index - 1;
}

function monthNumber(date: LocalDate): number {
  const [year, month] = parts(date);
  return year * 12 + month;
}
