/**
 * The end of a subscription without a successor: the credit for unused advance time, then the final invoice (periods §6).
 */
import {
  type BilledSubscription,
  billSubscriptions,
  isBilledOn,
  previousWindows,
  termsOf,
} from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Subscription, TerminationCreditNote, TerminationInvoice } from '../model.js';
import { type Boundaries, billingGrid, boundaries } from '../subscriptions/boundaries.js';
import { isPeriodStart, periodStart } from '../subscriptions/periodGrid.js';
import { planGrid, planOf, type SubscriptionTerms } from '../subscriptions/terms.js';
import { DAY } from '../time/instant.js';
import { localDateOf, startOfDay } from '../time/zone.js';
import { cancelPendingChange } from './changePlan.js';
import { regroupPaidFees } from './regroupPaidFees.js';
import { creditUnusedAdvance } from './unusedAdvanceCredit.js';

export interface TerminationOptions {
  /** Undefined: what the subscription has stored, else the default. */
  readonly creditNote?: TerminationCreditNote | null;
  readonly invoice?: TerminationInvoice | null;
}

/** Ends an active subscription at `work.at`. */
export function terminate(work: BillingWork, subscription: Subscription, options: TerminationOptions): Subscription {
  cancelPendingChange(work, subscription);
  const plan = planOf(work.catalog, subscription);
  const creditNote = options.creditNote ?? subscription.onTerminationCreditNote ?? 'credit';
  const ended: Subscription = {
    ...subscription,
    nextSubscriptionId: null,
    status: 'terminated',
    terminatedAt: work.at,
    endedBy: 'termination',
    onTerminationCreditNote: plan.payInAdvance ? creditNote : null,
    onTerminationInvoice: options.invoice ?? subscription.onTerminationInvoice,
  };
  work.account.put('subscription', ended);
  if (plan.payInAdvance && creditNote !== 'skip') creditUnusedAdvance(work, ended, creditNote);
  if (ended.onTerminationInvoice === 'generate') billSubscriptions(work, [finalBilling(work, ended)]);
  regroupPaidFees(work, [ended], 'change');
  return ended;
}

/** Drops a subscription that never started. */
export function cancel(work: BillingWork, subscription: Subscription): Subscription {
  const canceled: Subscription = { ...subscription, status: 'canceled', canceledAt: work.at };
  work.account.put('subscription', canceled);
  const previous =
    subscription.previousSubscriptionId === null
      ? undefined
      : work.account.get('subscription', subscription.previousSubscriptionId);
  if (previous?.nextSubscriptionId === subscription.id) {
    work.account.put('subscription', { ...previous, nextSubscriptionId: null });
  }
  return canceled;
}

function finalBilling(work: BillingWork, ended: Subscription): BilledSubscription {
  const terms = termsOf(work, ended);
  const replaced = missedBoundary(work, terms);
  return replaced === null
    ? { subscription: ended, situation: 'terminated' }
    : { subscription: ended, situation: 'terminated', boundaries: replaced };
}

/**
 * When it ends within a day of a boundary that no invoice has billed yet, the final invoice is the one that boundary
 * would have had, and the hours of the new period are not billed (periods §6.3). On a monthly date of a split plan that
 * opens no period of its own, the base fee runs to the termination (A2).
 */
function missedBoundary(work: BillingWork, terms: SubscriptionTerms): Boundaries | null {
  const { subscription, zone } = terms;
  const date = periodStart(billingGrid(terms), localDateOf(work.at, zone));
  const boundaryAt = startOfDay(date, zone);
  const startedAt = subscription.startedAt ?? subscription.subscriptionAt;
  if (work.at - boundaryAt >= DAY || work.at - startedAt < DAY || startedAt >= boundaryAt) return null;
  if (localDateOf(subscription.createdAt, zone) > date) return null;
  if (isBilledOn(work, subscription.id, date)) return null;
  const previous = previousWindows(work, subscription.id);
  const periodic = boundaries(terms, 'periodic', boundaryAt, previous);
  if (isPeriodStart(planGrid(terms), date)) return periodic;
  const running = boundaries(terms, 'terminated', work.at, previous);
  return {
    ...periodic,
    fromDatetime: running.fromDatetime,
    toDatetime: running.toDatetime,
    basePeriodDays: running.basePeriodDays,
    ...(periodic.fixedChargesFromDatetime === null
      ? {
          fixedChargesFromDatetime: running.fixedChargesFromDatetime,
          fixedChargesToDatetime: running.fixedChargesToDatetime,
          fixedChargesDurationDays: running.fixedChargesDurationDays,
        }
      : {}),
    ...(periodic.chargesFromDatetime === null
      ? {
          chargesFromDatetime: running.chargesFromDatetime,
          chargesToDatetime: running.chargesToDatetime,
          chargesDurationDays: running.chargesDurationDays,
        }
      : {}),
  };
}
