/**
 * Plans side by side over a real customer's usage: each whole month of a subscription, priced under every plan from the
 * events themselves, with their filters and groups. A month is priced whole: no trial, no proration of the base fee.
 */
import type { Plan } from '../catalog/types.js';
import { BillingError, notFound } from '../errors.js';
import type { UsageWindow } from '../metering/window.js';
import type { OperationContext } from '../operations/context.js';
import { addMonths, daysInMonth, type LocalDate, laterDate, localDate, parts } from '../time/localDate.js';
import { endOfDay, localDateOf, startOfDay, type ZoneName } from '../time/zone.js';
import type { ComparedLevel } from './compareTable.js';
import { MONTHS, priceOfUsage, usageInterval } from './planPrice.js';
import { usageThrough } from './usageThrough.js';

export interface MonthSpan {
  /** First days of months, both included; null: chosen by what the subscription has. */
  readonly from: LocalDate | null;
  readonly to: LocalDate | null;
}

const USUAL_MONTHS = 6;

/** Months are those of the customer's zone, ending with the last one that is over. */
export function realLevels(
  context: OperationContext,
  plans: readonly Plan[],
  externalSubscriptionId: string,
  span: MonthSpan,
): ComparedLevel[] {
  const account = context.ledger.accountOfSubscription(externalSubscriptionId);
  if (account === undefined) throw notFound('subscription', externalSubscriptionId);
  const zone = account.customer.timezone ?? context.catalog.organization.timezone;
  const starts = account
    .all('subscription')
    .filter((each) => each.externalId === externalSubscriptionId)
    .flatMap((each) => (each.startedAt === null ? [] : [localDateOf(each.startedAt, zone)]))
    .sort();
  const months = monthsOf(span, starts[0] ?? null, localDateOf(context.at, zone));
  if (months.length === 0) {
    throw new BillingError('no_usage_to_compare', {
      message: `subscription ${externalSubscriptionId} has no whole month before ${localDateOf(context.at, zone)}`,
      suggestion: 'Name months with --from and --to, or imagine usage with --units.',
    });
  }
  return months.map((month) => ({
    name: month.slice(0, 7),
    units: null,
    cents: plans.map((plan) => monthCents(context, plan, externalSubscriptionId, month, zone)),
  }));
}

function monthsOf(span: MonthSpan, started: LocalDate | null, today: LocalDate): LocalDate[] {
  const last = span.to ?? addMonths(firstOfMonth(today), -1);
  const earliest = started === null ? last : firstOfMonth(started);
  const usual = addMonths(last, 1 - USUAL_MONTHS);
  const months: LocalDate[] = [];
  for (let month = span.from ?? laterDate(usual, earliest); month <= last; month = addMonths(month, 1))
    months.push(month);
  return months;
}

export function firstOfMonth(date: LocalDate): LocalDate {
  const [year, month] = parts(date);
  return localDate(year, month, 1);
}

function monthCents(
  context: OperationContext,
  plan: Plan,
  externalSubscriptionId: string,
  month: LocalDate,
  zone: ZoneName,
): number {
  const [year, of] = parts(month);
  const days = daysInMonth(year, of);
  const window: UsageWindow = {
    from: startOfDay(month, zone),
    to: endOfDay(localDate(year, of, days), zone),
    durationDays: days,
    zone,
    endedByUpgrade: false,
  };
  const usage = usageThrough(context.ledger.usage, context.ledger.lastSequence());
  const price = priceOfUsage(context.catalog, plan, (charge, metric) => ({
    charge: { ...charge, payInAdvance: false },
    metric,
    currency: plan.amountCurrency,
    externalSubscriptionId,
    // A recurring level begins with all that happened before the month.
    previousSubscriptionExists: true,
    window,
    usage,
    inAdvanceUsages: [],
    weightedLevels: [],
    mode: 'invoice',
  }));
  const base = price.lines[0]?.amountCents ?? 0;
  const months = MONTHS[usageInterval(plan)];
  // The month's usage whole, and the month's share of a base fee billed by a longer (or shorter) period.
  return price.totalCents - base + Math.round(base / months);
}
