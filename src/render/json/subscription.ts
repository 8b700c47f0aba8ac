/** A subscription as Lago prints it (invoicing §7.9). */
import type { Plan } from '../../catalog/types.js';
import type { Subscription } from '../../model.js';
import type { Instant } from '../../time/instant.js';
import type { LocalDate } from '../../time/localDate.js';
import { defaultPaymentMethod, timestamp, timestampMs } from './encoding.js';
import type { PlanJson } from './plan.js';

/** What the record alone does not hold. */
export interface SubscriptionParts {
  readonly externalCustomerId: string;
  /** The plan that holds: the child plan of an override, else the catalog's. Null when the definitions lost it. */
  readonly plan: Pick<Plan, 'amountCents' | 'amountCurrency'> | null;
  readonly previousPlanCode: string | null;
  readonly nextPlanCode: string | null;
  /** The day on which a decided downgrade takes effect. */
  readonly downgradePlanDate: LocalDate | null;
  /** Null before the start. The end is inclusive. */
  readonly currentPeriod: { readonly startedAt: Instant; readonly endingAt: Instant } | null;
  readonly planJson?: PlanJson;
}

export type SubscriptionJson = ReturnType<typeof subscriptionJson>;

export function subscriptionJson(subscription: Subscription, parts: SubscriptionParts) {
  return {
    lago_id: subscription.id,
    external_id: subscription.externalId,
    lago_customer_id: subscription.customerId,
    external_customer_id: parts.externalCustomerId,
    name: subscription.name,
    plan_code: subscription.planCode,
    plan_amount_cents: parts.plan?.amountCents ?? null,
    plan_amount_currency: parts.plan?.amountCurrency ?? null,
    status: subscription.status,
    billing_time: subscription.billingTime,
    subscription_at: timestamp(subscription.subscriptionAt),
    started_at: timestampMs(subscription.startedAt),
    trial_ended_at: timestamp(subscription.trialEndedAt),
    ending_at: timestamp(subscription.endingAt),
    terminated_at: timestamp(subscription.terminatedAt),
    canceled_at: timestamp(subscription.canceledAt),
    created_at: timestamp(subscription.createdAt),
    previous_plan_code: parts.previousPlanCode,
    next_plan_code: parts.nextPlanCode,
    downgrade_plan_date: parts.downgradePlanDate,
    current_billing_period_started_at: timestamp(parts.currentPeriod?.startedAt ?? null),
    current_billing_period_ending_at: timestamp(parts.currentPeriod?.endingAt ?? null),
    on_termination_credit_note: subscription.onTerminationCreditNote,
    on_termination_invoice: subscription.onTerminationInvoice,
    progressive_billing_disabled: subscription.progressiveBillingDisabled,
    consolidate_invoice: subscription.consolidateInvoice,
    purchase_order_number: subscription.purchaseOrderNumber,
    cancellation_reason: null,
    activated_at: timestamp(subscription.startedAt),
    payment_method: defaultPaymentMethod,
    activation_rules: [],
    ...(parts.planJson === undefined ? {} : { plan: parts.planJson }),
  };
}
