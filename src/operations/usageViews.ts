/**
 * Views that compute: current usage, past usage, what an event would bill, and the invoice that would be.
 * Nothing is stored. Source: usage-and-pricing §1.7, §7; invoicing §6.10.
 */
import type { Account } from '../accounts/account.js';
import { BillingError, invalid, notFound } from '../errors.js';
import { putChargeFee } from '../invoicing/chargeFees.js';
import { runningWindow } from '../invoicing/runningUsage.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import { selectTaxes } from '../invoicing/taxes.js';
import type { Subscription } from '../model.js';
import {
  type CurrentUsage,
  type CurrentUsageOptions,
  currentUsage as computeCurrentUsage,
} from '../rating/currentUsage.js';
import { estimateFees as computeEstimate } from '../rating/estimate.js';
import { pastUsage as computePastUsage } from '../rating/pastUsage.js';
import { type FeeJson, feeJson } from '../render/json/fee.js';
import { type InvoicePreviewJson, previewInvoiceJson } from '../render/json/invoice.js';
import { type CustomerUsageJson, toCustomerUsageJson } from '../render/json/usage.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { previewInvoice as computePreview } from './preview.js';
import { accountOfSubscription, invoiceParts, type ViewFields } from './views.js';

/** Fields: `external_subscription_id`, `apply_taxes`, `charge_code`, `billable_metric_code`, `projected`. */
export function currentUsage(context: OperationContext, fields: ViewFields): CustomerUsageJson {
  const { account, subscription } = activeSubscription(context, fields.external_subscription_id);
  return toCustomerUsageJson(
    usageOf(context, account, subscription, {
      applyTaxes: fields.apply_taxes !== false,
      chargeCode: textOrNull(fields.charge_code),
      billableMetricCode: textOrNull(fields.billable_metric_code),
      projected: fields.projected === true,
    }),
  );
}

/** Newest first. Fields: `external_subscription_id`, `billable_metric_code`, `periods_count`. */
export function pastUsage(context: OperationContext, fields: ViewFields): CustomerUsageJson[] {
  const account = accountOfSubscription(context, fields.external_subscription_id);
  return computePastUsage(account, context.catalog, String(fields.external_subscription_id), {
    billableMetricCode: textOrNull(fields.billable_metric_code),
    periodsCount: typeof fields.periods_count === 'number' ? fields.periods_count : null,
  }).map(toCustomerUsageJson);
}

/** The fees that an event would bill at once, now. Fields: `event`. */
export function estimateFees(context: OperationContext, fields: ViewFields): FeeJson[] {
  const event = (fields.event ?? {}) as ViewFields;
  const { account, subscription } = activeSubscription(
    context,
    event.external_subscription_id,
    'subscription_not_found',
  );
  const metric = context.catalog.billableMetrics.get(String(event.code));
  if (metric === undefined) throw notFound('billable_metric', String(event.code));
  const work = billingWork(context, account.fork());
  const terms = termsOf(work, subscription);
  const estimated = computeEstimate({
    metric,
    plan: terms.plan,
    externalSubscriptionId: subscription.externalId,
    subscriptionId: subscription.id,
    window: runningWindow(work, terms, context.at),
    usage: work.usage,
    inAdvanceUsages: work.account.all('in_advance_usage'),
    at: context.at,
    event: {
      transactionId: typeof event.transaction_id === 'string' ? event.transaction_id : '',
      timestamp: context.at,
      sequence: null,
      properties: JSON.stringify(event.properties ?? {}),
      preciseTotalAmountCents:
        event.precise_total_amount_cents == null ? null : String(event.precise_total_amount_cents),
    },
  });
  return estimated.map(({ charge, fee }, index) => {
    const given = { id: `estimate-${index}`, invoiceId: null };
    const record = putChargeFee({ work, terms, invoice: null }, charge, metric, fee, given);
    return { ...feeJson(record, { externalCustomerId: account.customer.externalId }), lago_id: null };
  });
}

/** The fields of `operations/preview.ts`. */
export function previewInvoice(context: OperationContext, fields: ViewFields): InvoicePreviewJson {
  const { match: _match, ...input } = fields;
  const { account, invoice } = computePreview(context, input);
  return previewInvoiceJson(invoice, invoiceParts({ ...context, at: invoice.billedAt }, account, invoice));
}

function usageOf(
  context: OperationContext,
  account: Account,
  subscription: Subscription,
  options: CurrentUsageOptions,
): CurrentUsage {
  const work = billingWork(context, account);
  const terms = termsOf(work, subscription);
  return computeCurrentUsage({
    plan: terms.plan,
    catalog: context.catalog,
    externalSubscriptionId: subscription.externalId,
    previousSubscriptionExists: subscription.previousSubscriptionId !== null,
    subscriptionStartedAt: subscription.startedAt ?? subscription.subscriptionAt,
    window: runningWindow(work, terms, context.at),
    usage: work.usage,
    inAdvanceUsages: account.all('in_advance_usage'),
    weightedLevels: account.all('weighted_level'),
    at: context.at,
    taxRates: (charge) => selectTaxes(work, { feeType: 'charge', charge, plan: terms.plan }),
    options,
  });
}

function activeSubscription(
  context: OperationContext,
  externalId: unknown,
  otherwise: 'no_active_subscription' | 'subscription_not_found' = 'no_active_subscription',
): { account: Account; subscription: Subscription } {
  if (typeof externalId !== 'string' || externalId === '') {
    throw invalid({ field: 'external_subscription_id', code: 'value_is_mandatory', message: 'name the subscription' });
  }
  const account = accountOfSubscription(context, externalId);
  const subscription = account
    .all('subscription')
    .findLast((record) => record.externalId === externalId && record.status === 'active');
  if (subscription === undefined) {
    throw new BillingError(otherwise, { message: `subscription ${JSON.stringify(externalId)} is not active` });
  }
  return { account, subscription };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
