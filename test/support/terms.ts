/** Plans and subscriptions for tests: neutral values, and the few that a test is about. */
import type { Plan } from '../../src/catalog/types.js';
import { assert } from '../../src/errors.js';
import type { Subscription } from '../../src/model.js';
import type { SubscriptionTerms } from '../../src/subscriptions/terms.js';
import { type Instant, parseInstant } from '../../src/time/instant.js';

/** The instant of an ISO text. */
export function at(text: string): Instant {
  const parsed = parseInstant(text);
  assert(parsed !== null, `not an instant: ${text}`);
  return parsed;
}

export function plan(given: Partial<Plan> = {}): Plan {
  return {
    id: 'plan',
    code: 'plan',
    name: 'Plan',
    invoiceDisplayName: null,
    description: null,
    interval: 'monthly',
    amountCents: 10_000,
    amountCurrency: 'EUR',
    payInAdvance: false,
    trialPeriod: null,
    billChargesMonthly: null,
    billFixedChargesMonthly: null,
    charges: [],
    fixedCharges: [],
    minimumCommitment: null,
    usageThresholds: [],
    taxCodes: [],
    parentId: null,
    ...given,
  };
}

/** An active subscription that started at `subscriptionAt`. */
export function subscription(subscriptionAt: string, given: Partial<Subscription> = {}): Subscription {
  return {
    id: 'subscription',
    externalId: 'sub',
    customerId: 'customer',
    name: null,
    planCode: 'plan',
    childPlan: null,
    status: 'active',
    billingTime: 'calendar',
    subscriptionAt: at(subscriptionAt),
    startedAt: at(subscriptionAt),
    endingAt: null,
    trialEndedAt: null,
    terminatedAt: null,
    canceledAt: null,
    createdAt: at(subscriptionAt),
    previousSubscriptionId: null,
    nextSubscriptionId: null,
    endedBy: null,
    onTerminationCreditNote: null,
    onTerminationInvoice: 'generate',
    progressiveBillingDisabled: false,
    consolidateInvoice: true,
    purchaseOrderNumber: null,
    usageThresholds: null,
    fixedChargeUnits: {},
    ...given,
  };
}

export function terms(plan: Plan, subscription: Subscription, zone = 'UTC'): SubscriptionTerms {
  return { plan, subscription, zone };
}
