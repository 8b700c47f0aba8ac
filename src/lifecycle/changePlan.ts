/**
 * Upgrades and downgrades (periods §5).
 *
 * An upgrade replaces the subscription now: what is left of an advance base fee is credited first, so that the one
 * invoice of the change consumes it. A downgrade waits as a pending subscription for the end of the period, and is
 * applied by the billing pass at the first instant of that local day, whatever the instant of the pass.
 */
import { assert } from '../errors.js';
import { type BilledSubscription, billSubscriptions } from '../invoicing/subscriptionInvoice.js';
import { applicableZone, type BillingWork } from '../invoicing/work.js';
import type { Subscription } from '../model.js';
import { planOf } from '../subscriptions/terms.js';
import type { LocalDate } from '../time/localDate.js';
import { startOfDay } from '../time/zone.js';
import { regroupPaidFees } from './regroupPaidFees.js';
import { activate, type NewSubscription, putPending, startBilling } from './start.js';
import { creditUnusedAdvance } from './unusedAdvanceCredit.js';

/** The new subscription is active and returned. */
export function upgrade(work: BillingWork, current: Subscription, given: NewSubscription): Subscription {
  cancelPendingChange(work, current);
  const next = putPending(work, given);
  const ended = replace(work, current, next, 'upgrade', work.at);
  const active = activate(work, next, work.at);
  if (planOf(work.catalog, ended).payInAdvance && current.onTerminationCreditNote !== 'skip') {
    creditUnusedAdvance(work, ended, 'credit');
  }
  billChange(work, { subscription: ended, situation: 'upgraded' }, startBilling(work, active));
  regroupPaidFees(work, [ended], 'change');
  return active;
}

/** The new subscription is pending; the current one goes on and is returned. */
export function scheduleDowngrade(work: BillingWork, current: Subscription, given: NewSubscription): Subscription {
  cancelPendingChange(work, current);
  const next = putPending(work, given);
  const waiting: Subscription = { ...latest(work, current), nextSubscriptionId: next.id };
  work.account.put('subscription', waiting);
  return waiting;
}

/** Applies a pending downgrade on the boundary `date` of the old plan, and bills both sides together. */
export function applyDowngrade(work: BillingWork, current: Subscription, date: LocalDate): void {
  const next = pendingChange(work, current);
  assert(next !== undefined, `subscription ${current.externalId} has no pending downgrade`);
  const switchAt = startOfDay(date, applicableZone(work));
  const ended = replace(work, current, next, 'downgrade', switchAt);
  const active = activate(work, next, switchAt);
  billChange(work, { subscription: ended, situation: 'downgraded' }, startBilling(work, active));
  regroupPaidFees(work, [ended], 'change');
}

/** The pending subscription that will replace this one. */
export function pendingChange(work: Pick<BillingWork, 'account'>, current: Subscription): Subscription | undefined {
  if (current.nextSubscriptionId === null) return undefined;
  const next = work.account.get('subscription', current.nextSubscriptionId);
  return next?.status === 'pending' ? next : undefined;
}

/** Drops a scheduled change: a newer one replaces it, or the subscription ends. */
export function cancelPendingChange(work: BillingWork, current: Subscription): void {
  const pending = pendingChange(work, current);
  if (pending === undefined) return;
  work.account.put('subscription', { ...pending, status: 'canceled', canceledAt: work.at });
  work.account.put('subscription', { ...latest(work, current), nextSubscriptionId: null });
}

function replace(
  work: BillingWork,
  current: Subscription,
  next: Subscription,
  endedBy: 'upgrade' | 'downgrade',
  at: Subscription['terminatedAt'],
): Subscription {
  const ended: Subscription = {
    ...latest(work, current),
    status: 'terminated',
    terminatedAt: at,
    endedBy,
    nextSubscriptionId: next.id,
  };
  work.account.put('subscription', ended);
  return ended;
}

/** One invoice for both sides, unless their currencies or purchase order numbers keep them apart. */
function billChange(work: BillingWork, ended: BilledSubscription, started: BilledSubscription | null): void {
  const together =
    started === null ||
    (planOf(work.catalog, ended.subscription).amountCurrency ===
      planOf(work.catalog, started.subscription).amountCurrency &&
      ended.subscription.purchaseOrderNumber === started.subscription.purchaseOrderNumber);
  if (together) {
    billSubscriptions(work, started === null ? [ended] : [ended, started]);
    return;
  }
  billSubscriptions(work, [ended]);
  billSubscriptions(work, [started]);
}

function latest(work: BillingWork, subscription: Subscription): Subscription {
  return work.account.get('subscription', subscription.id) ?? subscription;
}
