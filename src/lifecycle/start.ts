/**
 * How a subscription begins: its record, its activation, and what its start bills (periods §2.3, §3.7).
 */
import type { FixedCharge, Plan } from '../catalog/types.js';
import { recordId } from '../ids.js';
import { trialOfTerms } from '../invoicing/feeScope.js';
import { type BilledSubscription, billSubscriptions, termsOf } from '../invoicing/subscriptionInvoice.js';
import { applicableZone, type BillingWork } from '../invoicing/work.js';
import type { BillingTime, Subscription } from '../model.js';
import type { DecimalText } from '../money/decimal.js';
import { planOf } from '../subscriptions/terms.js';
import { isInTrial } from '../subscriptions/trial.js';
import { addMicroseconds, type Instant, instant, SECOND } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';

/** What a new subscription takes from its request, or from the one that it replaces. */
export interface NewSubscription {
  readonly externalId: string;
  readonly plan: Plan;
  /** The subscription's own child plan; null when it is on the catalog's. */
  readonly childPlan: Plan | null;
  readonly name: string | null;
  readonly billingTime: BillingTime;
  readonly subscriptionAt: Instant;
  readonly endingAt: Instant | null;
  readonly previousSubscriptionId: string | null;
  readonly consolidateInvoice: boolean;
  readonly purchaseOrderNumber: string | null;
  readonly progressiveBillingDisabled: boolean;
  readonly usageThresholds: Plan['usageThresholds'] | null;
  readonly fixedChargeUnits: Readonly<Record<string, DecimalText>>;
}

/** The id that the customer's next subscription with this external id will bear. */
export function nextSubscriptionId(work: Pick<BillingWork, 'account'>, externalId: string): string {
  const { account } = work;
  const ordinal = account.all('subscription').filter((each) => each.externalId === externalId).length + 1;
  return recordId('subscription', account.customer.externalId, externalId, ordinal);
}

/** Puts a pending subscription; `activate` starts it. The customer takes the plan's currency when it has none. */
export function putPending(work: BillingWork, given: NewSubscription): Subscription {
  const { account, at } = work;
  const { plan, ...rest } = given;
  const subscription: Subscription = {
    ...rest,
    id: nextSubscriptionId(work, given.externalId),
    customerId: account.customer.id,
    planCode: plan.code,
    status: 'pending',
    startedAt: null,
    trialEndedAt: null,
    terminatedAt: null,
    canceledAt: null,
    createdAt: at,
    nextSubscriptionId: null,
    endedBy: null,
    onTerminationCreditNote: null,
    onTerminationInvoice: 'generate',
  };
  account.put('subscription', subscription);
  if (account.customer.currency === null) {
    account.putCustomer({ ...account.customer, currency: plan.amountCurrency, updatedAt: at });
  }
  return subscription;
}

/** Starts a pending subscription at an instant, and opens the log of its fixed-charge units. Bills nothing. */
export function activate(work: BillingWork, subscription: Subscription, startedAt: Instant): Subscription {
  const active: Subscription = { ...subscription, status: 'active', startedAt };
  work.account.put('subscription', active);
  for (const fixedCharge of planOf(work.catalog, active).fixedCharges) {
    putUnits(work, active, fixedCharge, addMicroseconds(startedAt, SECOND));
  }
  return active;
}

/** Appends to the log: these units hold from `timestamp` on. */
export function putUnits(
  work: BillingWork,
  subscription: Subscription,
  fixedCharge: FixedCharge,
  timestamp: Instant,
): void {
  const ordinal = work.account.all('fixed_charge_units').length + 1;
  work.account.put('fixed_charge_units', {
    id: recordId('fixed_charge_units', work.account.customer.externalId, ordinal),
    subscriptionId: subscription.id,
    fixedChargeId: fixedCharge.id,
    units: subscription.fixedChargeUnits[fixedCharge.id] ?? fixedCharge.units,
    timestamp,
    createdAt: work.at,
  });
}

/**
 * What a subscription bills at its start: the base fee of a plan in advance that is not in trial, and fixed charges in
 * advance. Null when there is nothing to bill.
 */
export function startBilling(work: BillingWork, subscription: Subscription): BilledSubscription | null {
  const terms = termsOf(work, subscription);
  const inTrial = isInTrial(subscription, trialOfTerms(work, terms), subscription.startedAt ?? work.at);
  if (terms.plan.payInAdvance && !inTrial) return { subscription, situation: 'starting' };
  if (!terms.plan.fixedCharges.some((each) => each.payInAdvance)) return null;
  // After a change of plan they are billed by the period, less what the old plan's paid for; else by the delta rule.
  const situation = subscription.previousSubscriptionId === null ? 'fixed_charges_starting' : 'starting';
  return { subscription, situation };
}

/** Activates and bills the start, as of the start itself. */
export function start(work: BillingWork, subscription: Subscription, startedAt: Instant): Subscription {
  const active = activate(work, subscription, startedAt);
  const billed = startBilling(work, active);
  if (billed !== null) billSubscriptions({ ...work, at: startedAt }, [billed]);
  return active;
}

/** By the local day of its `subscriptionAt`: today starts and bills it, the past starts it unbilled, the future waits. */
export function startIfDue(work: BillingWork, pending: Subscription): Subscription {
  const zone = applicableZone(work);
  const date = localDateOf(pending.subscriptionAt, zone);
  const today = localDateOf(work.at, zone);
  if (date > today) return pending;
  if (date === today) return start(work, pending, pending.subscriptionAt);
  return activate(work, pending, backdatedStart(work, pending));
}

/** A backdated start does not reach back over a termination that was invoiced (periods §2.3, §6.4). */
function backdatedStart(work: BillingWork, pending: Subscription): Instant {
  const invoicedEnds = work.account
    .all('subscription')
    .filter((each) => each.externalId === pending.externalId && each.onTerminationInvoice === 'generate')
    .flatMap((each) => (each.terminatedAt === null ? [] : [each.terminatedAt]));
  return instant(Math.max(pending.subscriptionAt, ...invoicedEnds));
}
