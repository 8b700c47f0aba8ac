/**
 * Which window each part of an invoice covers: the base fee, the usage charges, the fixed charges.
 *
 * A window is first chosen on the calendar (periods §3.3), then clamped to the subscription's life (§3.4). All ends are
 * inclusive: the last microsecond of a local day, or the termination.
 */
import type { BillingSituation, Subscription } from '../model.js';
import { HOUR, type Instant, instant, SECOND } from '../time/instant.js';
import { type LocalDate, parts } from '../time/localDate.js';
import { endOfDay, localDateOf, startOfDay } from '../time/zone.js';
import { type PeriodGrid, periodDays, periodEnd, periodGrid, periodStart, previousPeriodStart } from './periodGrid.js';
import { anchorDate, chargesGrid, fixedChargesGrid, isSplit, planGrid, type SubscriptionTerms } from './terms.js';

/** A window in whole local days, before clamping. */
interface DayWindow {
  readonly first: LocalDate;
  readonly last: LocalDate;
}

export interface Boundaries {
  readonly fromDatetime: Instant;
  readonly toDatetime: Instant;
  readonly basePeriodDays: number;
  /** Null when the usage charges are not billed on this date (yearly usage in a month that opens no period). */
  readonly chargesFromDatetime: Instant | null;
  readonly chargesToDatetime: Instant | null;
  readonly chargesDurationDays: number;
  readonly fixedChargesFromDatetime: Instant | null;
  readonly fixedChargesToDatetime: Instant | null;
  readonly fixedChargesDurationDays: number;
}

/** The windows of the latest invoice of the subscription, for the timezone-change rule. */
export interface PreviousWindows {
  readonly timezone: string;
  readonly chargesToDatetime: Instant | null;
  readonly fixedChargesToDatetime: Instant | null;
}

/** The windows of the invoice that bills the subscription at `at`, in the given situation. */
export function boundaries(
  terms: SubscriptionTerms,
  situation: BillingSituation,
  at: Instant,
  previous: PreviousWindows | null = null,
): Boundaries {
  const date = localDateOf(at, terms.zone);
  const base = baseWindow(terms, situation, date);
  const charges = partWindow(chargesGrid(terms), situation, date);
  const fixed = partWindow(fixedChargesGrid(terms), situation, date);
  const [chargesBilled, fixedBilled] = billedParts(terms, situation, date);
  const { fromDatetime, toDatetime } = clampBase(terms, base, at);
  const usage = clampUsage(terms, charges, previous, previous?.chargesToDatetime ?? null);
  const fixedUsage = clampUsage(terms, fixed, previous, previous?.fixedChargesToDatetime ?? null);
  return {
    fromDatetime,
    toDatetime,
    basePeriodDays: periodDays(planGrid(terms), base.first),
    chargesFromDatetime: chargesBilled ? usage.from : null,
    chargesToDatetime: chargesBilled ? usage.to : null,
    chargesDurationDays: periodDays(chargesGrid(terms), charges.first),
    fixedChargesFromDatetime: fixedBilled ? fixedUsage.from : null,
    fixedChargesToDatetime: fixedBilled ? fixedUsage.to : null,
    fixedChargesDurationDays: periodDays(fixedChargesGrid(terms), fixed.first),
  };
}

/**
 * The running windows, whatever the plan's timing: usage queries, progressive billing, charges and fixed charges paid in
 * advance (periods §3.3, "current").
 */
export function currentBoundaries(
  terms: SubscriptionTerms,
  at: Instant,
  previous: PreviousWindows | null = null,
): Boundaries {
  return boundaries(terms, 'progressive_billing', at, previous);
}

/** The whole period of the plan that holds the instant, in local days, unclamped. */
export function planPeriodAt(terms: SubscriptionTerms, at: Instant): DayWindow {
  return periodOf(planGrid(terms), localDateOf(at, terms.zone));
}

/** The grid whose starts are the subscription's billing days: monthly for split plans (periods §3.2). */
export function billingGrid(terms: SubscriptionTerms): PeriodGrid {
  return isSplit(terms.plan) ? monthlyGrid(terms) : planGrid(terms);
}

/**
 * True in the month that opens a period of a yearly or semiannual plan (periods §3.4); always true for other intervals,
 * whose billing days all open a period.
 */
export function isFirstMonth(terms: SubscriptionTerms, date: LocalDate): boolean {
  const cycle = terms.plan.interval === 'yearly' ? 12 : terms.plan.interval === 'semiannual' ? 6 : null;
  if (cycle === null) return true;
  const calendar = terms.subscription.billingTime === 'calendar';
  const [, month] = parts(calendar ? date : periodStart(monthlyGrid(terms), date));
  const [, anchorMonth] = calendar ? [0, 1] : parts(anchorDate(terms));
  return (month - anchorMonth) % cycle === 0;
}

function monthlyGrid(terms: SubscriptionTerms): PeriodGrid {
  return periodGrid('monthly', terms.subscription.billingTime, anchorDate(terms));
}

function periodOf(grid: PeriodGrid, date: LocalDate): DayWindow {
  return { first: periodStart(grid, date), last: periodEnd(grid, date) };
}

function previousPeriodOf(grid: PeriodGrid, date: LocalDate): DayWindow {
  return periodOf(grid, previousPeriodStart(grid, date));
}

function baseWindow(terms: SubscriptionTerms, situation: BillingSituation, date: LocalDate): DayWindow {
  const grid = planGrid(terms);
  switch (situation) {
    case 'terminated':
    case 'upgraded':
    case 'in_advance_charge':
    case 'progressive_billing':
    case 'trial_end':
      return periodOf(grid, date);
    case 'starting':
    case 'fixed_charges_starting':
    case 'fixed_charges_changed':
    case 'periodic':
    case 'downgraded':
    case 'advance_charges':
      return terms.plan.payInAdvance ? periodOf(grid, date) : previousPeriodOf(grid, date);
  }
}

function partWindow(grid: PeriodGrid, situation: BillingSituation, date: LocalDate): DayWindow {
  switch (situation) {
    case 'terminated':
    case 'upgraded':
    case 'in_advance_charge':
    case 'progressive_billing':
      return periodOf(grid, date);
    case 'starting':
    case 'fixed_charges_starting':
    case 'fixed_charges_changed':
    case 'trial_end':
    case 'periodic':
    case 'downgraded':
    case 'advance_charges':
      return previousPeriodOf(grid, date);
  }
}

/** On a monthly date that opens no period of the plan, the part that is billed by the year has no window. */
function billedParts(terms: SubscriptionTerms, situation: BillingSituation, date: LocalDate): [boolean, boolean] {
  const boundary = situation === 'periodic' || situation === 'starting' || situation === 'downgraded';
  if (!boundary || !isSplit(terms.plan) || isFirstMonth(terms, date)) return [true, true];
  return [terms.plan.billChargesMonthly === true, terms.plan.billFixedChargesMonthly === true];
}

function startedAt(subscription: Subscription): Instant {
  return subscription.startedAt ?? subscription.subscriptionAt;
}

function clampBase(
  terms: SubscriptionTerms,
  window: DayWindow,
  at: Instant,
): Pick<Boundaries, 'fromDatetime' | 'toDatetime'> {
  const { subscription, zone } = terms;
  const start = startedAt(subscription);
  let from = startOfDay(window.first, zone);
  // The whole local day of the start is billed, not the hours after it.
  if (from < start) from = startOfDay(localDateOf(start, zone), zone);
  let to = endOfDay(window.last, zone);
  const ended = subscription.terminatedAt;
  if (ended !== null && ended <= at && to > ended) to = instant(Math.round(ended / SECOND) * SECOND);
  if (to < start) to = start;
  return { fromDatetime: from, toDatetime: to };
}

function clampUsage(
  terms: SubscriptionTerms,
  window: DayWindow,
  previous: PreviousWindows | null,
  previousTo: Instant | null,
): { from: Instant; to: Instant } {
  const { subscription, zone } = terms;
  const start = startedAt(subscription);
  let from = startOfDay(window.first, zone);
  if (previous !== null && previousTo !== null && previous.timezone !== zone) {
    // The customer moved to another zone since: go on exactly where the last invoice stopped, so that the switch leaves
    // neither a hole nor an overlap.
    const continued = instant(previousTo + 1);
    if (Math.abs(continued - from) < 26 * HOUR) from = continued;
  }
  if (from < start) from = start;
  let to = endOfDay(window.last, zone);
  const ended = subscription.terminatedAt;
  if (ended !== null && ended <= to) to = ended;
  if (to < start) to = start;
  return { from, to };
}
