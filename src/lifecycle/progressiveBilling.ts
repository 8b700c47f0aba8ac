/**
 * Progressive billing: an invoice of the usage so far when a subscription passes a usage threshold (invoicing §6.9).
 */
import type { UsageThreshold } from '../catalog/types.js';
import { type LifetimeUsage, lifetimeUsageCents, passedThresholds } from '../credits/progressiveBilling.js';
import { putChargeFee } from '../invoicing/chargeFees.js';
import { issueInvoice } from '../invoicing/finalize.js';
import { newInvoice } from '../invoicing/newInvoice.js';
import { runningCharges, runningWindow } from '../invoicing/runningUsage.js';
import { putBillingPeriod, termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Invoice, Subscription } from '../model.js';
import type { SubscriptionTerms } from '../subscriptions/terms.js';

/** Bills each active subscription that has passed thresholds since it was billed last: one invoice each at most. */
export function billPassedThresholds(work: BillingWork): void {
  for (const subscription of work.account.all('subscription')) {
    if (subscription.status !== 'active' || subscription.progressiveBillingDisabled) continue;
    const terms = termsOf(work, subscription);
    const thresholds = thresholdsOf(work, terms);
    if (thresholds.length === 0) continue;
    const usage = lifetimeUsageOf(work, terms);
    const passed = passedThresholds(thresholds, usage);
    if (passed.length > 0) billUsageSoFar(work, terms, passed, lifetimeUsageCents(usage));
  }
}

/** The subscription's own replace the plan's; a child plan without any has its parent's. */
function thresholdsOf(work: BillingWork, { subscription, plan }: SubscriptionTerms): readonly UsageThreshold[] {
  if (subscription.usageThresholds !== null) return subscription.usageThresholds;
  if (plan.usageThresholds.length > 0 || plan.parentId === null) return plan.usageThresholds;
  return work.catalog.plans.get(subscription.planCode)?.usageThresholds ?? [];
}

function lifetimeUsageOf(work: BillingWork, terms: SubscriptionTerms): LifetimeUsage {
  const currentCents = runningCharges(work, terms, 'current_usage')
    .flatMap(({ fees }) => fees)
    .reduce((sum, fee) => sum + fee.amountCents, 0);
  return {
    invoicedCents: invoicedCents(work, terms.subscription),
    currentCents,
    progressivelyBilledCents: latestProgressiveInvoice(work, terms)?.feesAmountCents ?? 0,
  };
}

/** Usage fees on subscription invoices, of every subscription of the chain (same external id and anchor). */
function invoicedCents(work: BillingWork, subscription: Subscription): number {
  const chain = new Set(
    work.account
      .all('subscription')
      .filter(
        (each) => each.externalId === subscription.externalId && each.subscriptionAt === subscription.subscriptionAt,
      )
      .map((each) => each.id),
  );
  return work.account
    .all('fee')
    .filter((fee) => fee.feeType === 'charge' && fee.subscriptionId !== null && chain.has(fee.subscriptionId))
    .filter((fee) => {
      const invoice = fee.invoiceId === null ? undefined : work.account.get('invoice', fee.invoiceId);
      return invoice?.invoiceType === 'subscription' && (invoice.status === 'finalized' || invoice.status === 'draft');
    })
    .reduce((sum, fee) => sum + fee.amountCents, 0);
}

function latestProgressiveInvoice(work: BillingWork, terms: SubscriptionTerms): Invoice | undefined {
  const { from } = runningWindow(work, terms, work.at);
  return work.account
    .all('billing_period')
    .filter(
      (period) =>
        period.subscriptionId === terms.subscription.id &&
        period.situation === 'progressive_billing' &&
        period.chargesFromDatetime === from,
    )
    .map((period) => work.account.get('invoice', period.invoiceId))
    .findLast((invoice) => invoice?.status === 'finalized');
}

/** All usage of the period to date, in arrears; what the progressive invoice before it billed is credited on it. */
function billUsageSoFar(
  work: BillingWork,
  terms: SubscriptionTerms,
  passed: readonly UsageThreshold[],
  lifetimeUsageAmountCents: number,
): void {
  const { subscription, plan } = terms;
  const invoice: Invoice = {
    ...newInvoice(work, {
      invoiceType: 'progressive_billing',
      currency: plan.amountCurrency,
      billedAt: work.at,
      invoicingReason: 'progressive_billing',
      purchaseOrderNumber: subscription.purchaseOrderNumber,
    }),
    appliedUsageThresholds: passed.map((threshold) => ({
      thresholdId: threshold.id,
      amountCents: threshold.amountCents,
      thresholdDisplayName: threshold.thresholdDisplayName,
      recurring: threshold.recurring,
      lifetimeUsageAmountCents,
      createdAt: work.at,
    })),
  };
  work.account.put('invoice', invoice);
  const period = putBillingPeriod(work, invoice, { subscription, situation: 'progressive_billing' });
  const scope = { work, invoice, period, terms };
  const window = runningWindow(work, terms, work.at);
  for (const { charge, metric, fees } of runningCharges(work, terms, 'progressive_billing')) {
    if (charge.payInAdvance || !charge.invoiceable) continue;
    for (const fee of fees) putChargeFee(scope, charge, metric, fee, { fromAt: window.from, toAt: window.to });
  }
  issueInvoice(work, invoice.id, 'progressive_billing');
}
