/**
 * The invoice of one billing event: one or more subscriptions, each with its own windows, their fees, and the totals.
 *
 * What is billed is written down first, as one `BillingPeriod` a subscription; the fees are then made from those
 * records alone, so that a draft is computed anew by the very code that computed it first.
 */
import { assert } from '../errors.js';
import { recordId } from '../ids.js';
import type { BillingPeriod, BillingSituation, Invoice, InvoicingReason, Subscription } from '../model.js';
import { type Boundaries, boundaries, type PreviousWindows } from '../subscriptions/boundaries.js';
import { planOf, type SubscriptionTerms } from '../subscriptions/terms.js';
import { localDateOf } from '../time/zone.js';
import { issueInvoice } from './finalize.js';
import { newInvoice } from './newInvoice.js';
import { addSubscriptionFees } from './subscriptionFees.js';
import { applicableZone, type BillingWork } from './work.js';

/** One subscription on an invoice to be. */
export interface BilledSubscription {
  readonly subscription: Subscription;
  readonly situation: BillingSituation;
  /** Windows other than those of the situation at the invoice's instant (periods §6.3). */
  readonly boundaries?: Boundaries;
}

const REASONS: Readonly<Record<BillingSituation, InvoicingReason>> = {
  starting: 'subscription_starting',
  trial_end: 'subscription_starting',
  fixed_charges_starting: 'in_advance_charge',
  fixed_charges_changed: 'in_advance_charge',
  periodic: 'subscription_periodic',
  terminated: 'subscription_terminating',
  upgraded: 'subscription_terminating',
  downgraded: 'subscription_terminating',
  in_advance_charge: 'in_advance_charge',
  advance_charges: 'in_advance_charge_periodic',
  progressive_billing: 'progressive_billing',
};

/** Bills these subscriptions together, as of `work.at`. They share currency and purchase order number. */
export function billSubscriptions(work: BillingWork, billed: readonly BilledSubscription[]): Invoice {
  const [first] = billed;
  assert(first !== undefined, 'an invoice bills at least one subscription');
  const reason = REASONS[first.situation];
  const invoice = newInvoice(work, {
    invoiceType: 'subscription',
    currency: planOf(work.catalog, first.subscription).amountCurrency,
    billedAt: work.at,
    invoicingReason: reason,
    purchaseOrderNumber: first.subscription.purchaseOrderNumber,
  });
  for (const each of billed) {
    const period = putBillingPeriod(work, invoice, each);
    addSubscriptionFees(work, invoice, period);
  }
  return issueInvoice(work, invoice.id, reason);
}

/** What a subscription's calendar rests on, with the records as they stand in the account now. */
export function termsOf(work: Pick<BillingWork, 'account' | 'catalog'>, subscription: Subscription): SubscriptionTerms {
  return { subscription, plan: planOf(work.catalog, subscription), zone: applicableZone(work) };
}

/** Their windows reach to the end of a period that is still running, or bill no usage of their own. */
const RUNNING_SITUATIONS: ReadonlySet<BillingSituation> = new Set<BillingSituation>([
  'in_advance_charge',
  'advance_charges',
  'fixed_charges_changed',
  'progressive_billing',
]);

/** The windows that the subscription's latest invoice covered, for the timezone-change rule (periods §3.4). */
export function previousWindows(
  work: Pick<BillingWork, 'account'>,
  subscriptionId: string,
  exceptPeriodId: string | null = null,
): PreviousWindows | null {
  return (
    work.account
      .all('billing_period')
      .findLast(
        (period) =>
          period.subscriptionId === subscriptionId &&
          period.id !== exceptPeriodId &&
          period.chargesToDatetime !== null &&
          !RUNNING_SITUATIONS.has(period.situation),
      ) ?? null
  );
}

/** Writes down what the invoice bills of one subscription, as of `work.at`. */
export function putBillingPeriod(work: BillingWork, invoice: Invoice, billed: BilledSubscription): BillingPeriod {
  const { subscription, situation } = billed;
  const terms = termsOf(work, subscription);
  const windows = billed.boundaries ?? boundaries(terms, situation, work.at, previousWindows(work, subscription.id));
  const period: BillingPeriod = {
    id: recordId('billing_period', invoice.id, subscription.id),
    invoiceId: invoice.id,
    subscriptionId: subscription.id,
    externalSubscriptionId: subscription.externalId,
    subscriptionName: subscription.name,
    planId: terms.plan.id,
    planCode: terms.plan.code,
    planName: terms.plan.invoiceDisplayName ?? terms.plan.name,
    planInterval: terms.plan.interval,
    invoicingReason: REASONS[situation],
    situation,
    billingDate: localDateOf(work.at, terms.zone),
    billedAt: work.at,
    timezone: terms.zone,
    ...windows,
  };
  work.account.put('billing_period', period);
  return period;
}

/** True when the subscription already has an invoice for this boundary; a void one counts (periods §8.3). */
export function isBilledOn(work: Pick<BillingWork, 'account'>, subscriptionId: string, date: string): boolean {
  return work.account
    .all('billing_period')
    .some(
      (period) =>
        period.subscriptionId === subscriptionId &&
        period.billingDate === date &&
        (period.situation === 'periodic' || period.situation === 'downgraded'),
    );
}
