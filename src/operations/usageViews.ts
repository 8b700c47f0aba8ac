/**
 * Views that compute: current usage, past usage, and the invoice that would be. Nothing is stored.
 * Source: usage-and-pricing §7; invoicing §6.10.
 */
import type { Account } from '../accounts/account.js';
import { BillingError, invalid, notFound } from '../errors.js';
import { runningWindow } from '../invoicing/runningUsage.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import { selectTaxes } from '../invoicing/taxes.js';
import type { Subscription } from '../model.js';
import {
  type CurrentUsage,
  type CurrentUsageOptions,
  currentUsage as computeCurrentUsage,
} from '../rating/currentUsage.js';
import { pastUsage as computePastUsage } from '../rating/pastUsage.js';
import { type InvoicePreviewJson, previewInvoiceJson } from '../render/json/invoice.js';
import { type CustomerUsageJson, toCustomerUsageJson } from '../render/json/usage.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { accountNamed, accountOfSubscription, type ViewFields } from './lists.js';
import { previewInvoice as computePreview } from './preview.js';
import { invoiceParts } from './views.js';

/**
 * Fields: `external_subscription_id`, of `external_customer_id` where that is given; which charges (`charge_id`, `charge_code`, `billable_metric_code`); how to group
 * (`group` keeps the events of one value, `skip_grouping`, `filter_by_presentation`: presentation keys to show);
 * `full_usage` since the start of the subscription, `apply_taxes`, `projected`.
 */
export function currentUsage(context: OperationContext, fields: ViewFields): CustomerUsageJson {
  refuseOtherCustomer(context, fields);
  const { account, subscription } = activeSubscription(context, fields.external_subscription_id);
  return toCustomerUsageJson(
    usageOf(context, account, subscription, {
      applyTaxes: fields.apply_taxes !== false,
      chargeId: textOrNull(fields.charge_id),
      chargeCode: textOrNull(fields.charge_code),
      billableMetricCode: textOrNull(fields.billable_metric_code),
      group: (fields.group ?? null) as Readonly<Record<string, string>> | null,
      skipGrouping: fields.skip_grouping === true,
      presentationKeys: (fields.filter_by_presentation ?? null) as readonly string[] | null,
      fullUsage: fields.full_usage === true,
      projected: fields.projected === true,
    }),
  );
}

/** Newest first. Fields: `external_subscription_id`, `external_customer_id`, `billable_metric_code`, `periods_count`. */
export function pastUsage(context: OperationContext, fields: ViewFields): CustomerUsageJson[] {
  refuseOtherCustomer(context, fields);
  const externalId = mandatoryId(fields.external_subscription_id);
  return computePastUsage(accountOfSubscription(context, externalId), context.catalog, externalId, {
    billableMetricCode: textOrNull(fields.billable_metric_code),
    periodsCount: typeof fields.periods_count === 'number' ? fields.periods_count : null,
  }).map(toCustomerUsageJson);
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

/** A subscription of somebody else is not found under a customer. */
function refuseOtherCustomer(context: OperationContext, fields: ViewFields): void {
  if (fields.external_customer_id === undefined) return;
  const { customer } = accountNamed(context, fields.external_customer_id);
  const externalId = mandatoryId(fields.external_subscription_id);
  if (accountOfSubscription(context, externalId).customer.id === customer.id) return;
  const theirs = `\`lago-cli subscriptions list --customer ${customer.externalId}\``;
  throw notFound(
    'subscription',
    externalId,
    `Customer ${JSON.stringify(customer.externalId)} has no such: see ${theirs}.`,
  );
}

/** The running subscription of an external id, or a refusal with the code that the view has for it. */
export function activeSubscription(
  context: OperationContext,
  named: unknown,
  otherwise: 'no_active_subscription' | 'subscription_not_found' = 'no_active_subscription',
): { account: Account; subscription: Subscription } {
  const externalId = mandatoryId(named);
  const account = accountOfSubscription(context, externalId);
  const subscription = account
    .all('subscription')
    .findLast((record) => record.externalId === externalId && record.status === 'active');
  if (subscription === undefined) {
    throw new BillingError(otherwise, { message: `subscription ${JSON.stringify(externalId)} is not active` });
  }
  return { account, subscription };
}

function mandatoryId(externalId: unknown): string {
  if (typeof externalId === 'string' && externalId !== '') return externalId;
  throw invalid({ field: 'external_subscription_id', code: 'value_is_mandatory', message: 'name the subscription' });
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
