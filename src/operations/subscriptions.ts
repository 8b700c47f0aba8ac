/**
 * create_subscription and terminate_subscription (periods §2, §5, §6).
 *
 * `create_subscription` with the external id of an active subscription and another plan is the change of plan.
 */

import { definitionNamed } from '../catalog/named.js';
import {
  fixedChargeUnitOverrides,
  isUnitsOnlyOverride,
  overridePlan,
  usageThresholdsFrom,
} from '../catalog/override.js';
import type { Plan } from '../catalog/types.js';
import { invalid, notFound } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import { scheduleDowngrade, upgrade } from '../lifecycle/changePlan.js';
import { type NewSubscription, nextSubscriptionId, putPending, startIfDue } from '../lifecycle/start.js';
import { cancel, terminate } from '../lifecycle/terminate.js';
import type { Subscription, TerminationCreditNote, TerminationInvoice } from '../model.js';
import { classifyPlanChange } from '../subscriptions/planChange.js';
import { planOf } from '../subscriptions/terms.js';
import { type Instant, parseInstant } from '../time/instant.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';
import { latest, subscriptionNamed } from './standingSubscription.js';
import {
  blankToNull,
  type CreateInput,
  createSchema,
  creationProblems,
  isBlank,
  mandatory,
  refuseProblems,
  terminateSchema,
  terminationProblems,
} from './subscriptionInput.js';

/** Answers the subscription as it stands after the call: for a downgrade, the one that goes on until it is applied. */
export function createSubscription(context: OperationContext, raw: unknown): Subscription {
  const input = parseInput(createSchema, raw);
  if (isBlank(input.external_customer_id)) throw invalid(mandatory('external_customer_id'));
  const account = context.ledger.account(input.external_customer_id);
  if (account === undefined) {
    throw notFound('customer', input.external_customer_id, 'Create it first: lago-cli customers create.');
  }
  const plan = planNamed(context, input.plan_code ?? '');
  const work = billingWork(context, account);
  refuseProblems(
    creationProblems(
      context.at,
      input,
      (id) => findExisting(work, id) === undefined && isActiveElsewhere(context, work, id),
    ),
  );

  const externalId = input.external_id as string;
  const existing = findExisting(work, externalId);
  const subscription =
    existing === undefined ? subscribe(work, plan, input) : changeExisting(work, existing, plan, input);
  saveWork(context, work);
  return account.get('subscription', subscription.id) ?? subscription;
}

export function terminateSubscription(context: OperationContext, raw: unknown): Subscription {
  const input = parseInput(terminateSchema, raw);
  const { work, subscription } = subscriptionNamed(
    context,
    input.external_id,
    input.status == null ? ['active', 'pending'] : [input.status],
  );
  if (subscription.status === 'pending') {
    const canceled = cancel(work, subscription);
    saveWork(context, work);
    return canceled;
  }
  const problems = terminationProblems(input, planOf(context.catalog, subscription).payInAdvance);
  refuseProblems(problems);
  terminate(work, subscription, {
    creditNote: (input.on_termination_credit_note ?? null) as TerminationCreditNote | null,
    invoice: (input.on_termination_invoice ?? null) as TerminationInvoice | null,
  });
  saveWork(context, work);
  return latest(work, subscription.id);
}

function planNamed(context: OperationContext, code: string): Plan {
  return definitionNamed(context.catalog.plans, 'plan', code);
}

/** The lineage's active subscription, or one that waits for its own start. */
function findExisting(work: BillingWork, externalId: string): Subscription | undefined {
  const lineage = work.account.all('subscription').filter((each) => each.externalId === externalId);
  return (
    lineage.find((each) => each.status === 'active') ??
    lineage.find((each) => each.status === 'pending' && each.previousSubscriptionId === null)
  );
}

function subscribe(work: BillingWork, plan: Plan, input: CreateInput): Subscription {
  const subscriptionAt = input.subscription_at == null ? work.at : (parseInstant(input.subscription_at) as Instant);
  return startIfDue(work, putPending(work, newSubscription(work, plan, input, subscriptionAt)));
}

function newSubscription(
  work: BillingWork,
  plan: Plan,
  input: CreateInput,
  subscriptionAt: Instant,
  replaced?: Subscription,
): NewSubscription {
  const externalId = input.external_id as string;
  const overrides = input.plan_overrides ?? null;
  const unitsOnly = overrides !== null && isUnitsOnlyOverride(overrides);
  const child =
    overrides === null || unitsOnly
      ? null
      : overridePlan(plan, overrides, nextSubscriptionId(work, externalId), work.catalog);
  return {
    externalId,
    plan: child ?? plan,
    childPlan: child,
    name: blankToNull(input.name?.trim()),
    billingTime: replaced?.billingTime ?? ((input.billing_time ?? 'calendar') as Subscription['billingTime']),
    subscriptionAt: replaced?.subscriptionAt ?? subscriptionAt,
    endingAt: input.ending_at == null ? (replaced?.endingAt ?? null) : parseInstant(input.ending_at),
    previousSubscriptionId: replaced?.id ?? null,
    consolidateInvoice: input.consolidate_invoice ?? replaced?.consolidateInvoice ?? true,
    purchaseOrderNumber: input.purchase_order_number ?? replaced?.purchaseOrderNumber ?? null,
    progressiveBillingDisabled: input.progressive_billing_disabled ?? false,
    usageThresholds:
      input.usage_thresholds == null
        ? null
        : usageThresholdsFrom(input.usage_thresholds, nextSubscriptionId(work, externalId)),
    fixedChargeUnits: unitsOnly ? fixedChargeUnitOverrides(plan, overrides) : {},
  };
}

/** Same plan: nothing changes. Another plan: replaced in place while it has not started, else an upgrade or downgrade. */
function changeExisting(work: BillingWork, existing: Subscription, plan: Plan, input: CreateInput): Subscription {
  if (existing.childPlan === null && existing.planCode === plan.code) return existing;
  const given = newSubscription(work, plan, input, existing.subscriptionAt, existing);
  if (existing.status === 'pending') {
    const { childPlan } = given;
    const replaced: Subscription = {
      ...existing,
      planCode: plan.code,
      childPlan,
      fixedChargeUnits: given.fixedChargeUnits,
      name: given.name ?? existing.name,
    };
    work.account.put('subscription', replaced);
    return replaced;
  }
  const change = classifyPlanChange(planOf(work.catalog, existing), given.plan);
  return change === 'upgrade' ? upgrade(work, existing, given) : scheduleDowngrade(work, existing, given);
}

function isActiveElsewhere(context: OperationContext, work: BillingWork, externalId: string): boolean {
  const other = context.ledger.accountOfSubscription(externalId);
  if (other === undefined || other.customer.id === work.account.customer.id) return false;
  return other.all('subscription').some((each) => each.externalId === externalId && each.status === 'active');
}
