/**
 * What an event on a charge paid in advance bills at once: a fee for each such charge on its metric, on an invoice of its
 * own, or standing alone when the charge is not invoiced (usage-and-pricing §6.2, §6.3).
 */
import type { BillableMetric, Charge } from '../catalog/types.js';
import { concerning } from '../errors.js';
import { recordId } from '../ids.js';
import { putChargeFee, shownWindow } from '../invoicing/chargeFees.js';
import type { FeeScope } from '../invoicing/feeScope.js';
import { issueInvoice } from '../invoicing/finalize.js';
import { newInvoice } from '../invoicing/newInvoice.js';
import { runningWindow } from '../invoicing/runningUsage.js';
import { putBillingPeriod, termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { UsageWindow } from '../metering/window.js';
import type { Subscription } from '../model.js';
import { type InAdvanceEvent, type InAdvanceFee, inAdvanceFee } from '../rating/inAdvance.js';
import { InAdvanceRecords } from '../rating/inAdvanceRecords.js';
import { currentBoundaries } from '../subscriptions/boundaries.js';
import { planOf, type SubscriptionTerms } from '../subscriptions/terms.js';
import { floorToMillisecond, type Instant } from '../time/instant.js';

export interface BilledEvent extends InAdvanceEvent {
  readonly code: string;
  readonly externalSubscriptionId: string | null;
}

/** Bills stored events, each in its turn. Those without a covering subscription, or without such a charge, bill nothing. */
export function billEvents(work: BillingWork, events: readonly BilledEvent[]): void {
  const records = new InAdvanceRecords(work.account.all('in_advance_usage'));
  for (const event of events) {
    try {
      billEvent(work, event, records);
    } catch (error) {
      throw concerning(`event ${event.transactionId}`, error);
    }
  }
}

function billEvent(work: BillingWork, event: BilledEvent, records: InAdvanceRecords): void {
  const subscription = subscriptionOf(work, event);
  const metric = work.catalog.billableMetrics.get(event.code);
  if (subscription === null || metric === undefined) return;
  for (const charge of planOf(work.catalog, subscription).charges) {
    if (charge.payInAdvance && charge.billableMetricCode === metric.code) {
      billCharge(work, termsOf(work, subscription), charge, metric, event, records);
    }
  }
}

/**
 * The subscription that an event belongs to: started by then and not ended before; one that still runs first, then the
 * one that ended last, then the one that started last (usage-and-pricing §1.4).
 */
export function subscriptionOf(
  work: Pick<BillingWork, 'account'>,
  event: Pick<BilledEvent, 'externalSubscriptionId' | 'timestamp'>,
): Subscription | null {
  const covering = work.account.all('subscription').filter((each) => {
    if (each.externalId !== event.externalSubscriptionId || each.startedAt === null) return false;
    if (floorToMillisecond(each.startedAt) > event.timestamp) return false;
    return each.terminatedAt === null || floorToMillisecond(each.terminatedAt) >= event.timestamp;
  });
  const ended = (each: Subscription) => each.terminatedAt ?? Number.POSITIVE_INFINITY;
  covering.sort((a, b) => ended(b) - ended(a) || (b.startedAt ?? 0) - (a.startedAt ?? 0));
  return covering[0] ?? null;
}

function billCharge(
  work: BillingWork,
  terms: SubscriptionTerms,
  charge: Charge,
  metric: BillableMetric,
  event: BilledEvent,
  records: InAdvanceRecords,
): void {
  const window = runningWindow(work, terms, event.timestamp);
  const fee = inAdvanceFee({
    charge,
    metric,
    currency: terms.plan.amountCurrency,
    externalSubscriptionId: terms.subscription.externalId,
    subscriptionId: terms.subscription.id,
    window,
    usage: work.usage,
    inAdvanceUsages: records,
    event,
    at: work.at,
  });
  if (fee === null) return;
  if (fee.newInAdvanceUsage !== null) {
    work.account.put('in_advance_usage', fee.newInAdvanceUsage);
    records.add(fee.newInAdvanceUsage);
  }
  const billed = { terms, charge, metric, event, window, fee };
  if (charge.invoiceable) invoiceFee(work, billed);
  else putStandaloneFee(work, billed);
}

/** The fee of one event on one charge, and what it came from. */
interface BilledCharge {
  readonly terms: SubscriptionTerms;
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly event: BilledEvent;
  readonly window: UsageWindow;
  readonly fee: InAdvanceFee;
}

function invoiceFee(work: BillingWork, { terms, charge, metric, event, window, fee }: BilledCharge): void {
  const scope = eventInvoice(work, terms, event);
  putChargeFee(scope, charge, metric, fee, { ...ofEvent(window, event), ...shownWindow(scope.period) });
  issueInvoice(scope.work, scope.invoice.id, 'in_advance_charge');
}

function eventInvoice(work: BillingWork, terms: SubscriptionTerms, event: BilledEvent): FeeScope {
  const { subscription, plan } = terms;
  const invoice = newInvoice(work, {
    invoiceType: 'subscription',
    currency: plan.amountCurrency,
    billedAt: event.timestamp,
    invoicingReason: 'in_advance_charge',
    purchaseOrderNumber: subscription.purchaseOrderNumber,
  });
  const asOfEvent = { ...work, at: event.timestamp };
  const period = putBillingPeriod(asOfEvent, invoice, { subscription, situation: 'in_advance_charge' });
  return { work, invoice, period, terms };
}

function putStandaloneFee(work: BillingWork, { terms, charge, metric, event, window, fee }: BilledCharge): void {
  putChargeFee({ work, terms, invoice: null }, charge, metric, fee, {
    ...ofEvent(window, event),
    ...shownBase(terms, event.timestamp),
    id: recordId('fee', event.transactionId, charge.id),
    invoiceId: null,
  });
}

function shownBase(terms: SubscriptionTerms, at: Instant) {
  const { fromDatetime, toDatetime } = currentBoundaries(terms, at);
  return { shownFromAt: fromDatetime, shownToAt: toDatetime };
}

function ofEvent(window: UsageWindow, event: BilledEvent) {
  return {
    fromAt: window.from,
    toAt: window.to,
    eventTransactionId: event.transactionId,
    eventTimestamp: event.timestamp,
  };
}
