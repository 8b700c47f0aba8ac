/**
 * create_subscription, update_subscription, terminate_subscription (periods §2, §5, §6).
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
import { BillingError, invalid, notFound } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import { applicableZone } from '../invoicing/work.js';
import { scheduleDowngrade, upgrade } from '../lifecycle/changePlan.js';
import { logUnits } from '../lifecycle/planEdits.js';
import { activate, type NewSubscription, nextSubscriptionId, putPending, start } from '../lifecycle/start.js';
import { cancel, terminate } from '../lifecycle/terminate.js';
import type { Subscription, TerminationCreditNote, TerminationInvoice } from '../model.js';
import { classifyPlanChange } from '../subscriptions/planChange.js';
import { planOf } from '../subscriptions/terms.js';
import { type Instant, instant, parseInstant } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';
import {
  type CreateInput,
  createSchema,
  creationProblems,
  isBlank,
  mandatory,
  refuseProblems,
  terminateSchema,
  terminationProblems,
  type UpdateInput,
  updateProblems,
  updateSchema,
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

export function updateSubscription(context: OperationContext, raw: unknown): Subscription {
  const input = parseInput(updateSchema, raw);
  refuseOrderNumberOfEnded(context, input);
  const { work, subscription } = find(context, input.external_id, ['active', 'pending']);
  refuseProblems(updateProblems(context.at, subscription, input));
  const updated = withAttributes(work, subscription, input);
  work.account.put('subscription', updated);
  if (input.plan_overrides != null) applyOverrides(work, updated, input.plan_overrides);
  if (input.subscription_at != null) moveStart(work, subscription.id, parseInstant(input.subscription_at) as Instant);
  saveWork(context, work);
  return latest(work, subscription.id);
}

export function terminateSubscription(context: OperationContext, raw: unknown): Subscription {
  const input = parseInput(terminateSchema, raw);
  const { work, subscription } = find(
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
  const zone = applicableZone(work);
  const subscriptionAt = input.subscription_at == null ? work.at : (parseInstant(input.subscription_at) as Instant);
  const pending = putPending(work, newSubscription(work, plan, input, subscriptionAt));
  const date = localDateOf(subscriptionAt, zone);
  const today = localDateOf(work.at, zone);
  if (date > today) return pending;
  if (date === today) return start(work, pending, subscriptionAt);
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

function withAttributes(work: BillingWork, subscription: Subscription, input: UpdateInput): Subscription {
  const { payInAdvance } = planOf(work.catalog, subscription);
  return {
    ...subscription,
    name: input.name === undefined ? subscription.name : blankToNull(input.name?.trim()),
    endingAt:
      input.ending_at === undefined
        ? subscription.endingAt
        : input.ending_at === null
          ? null
          : parseInstant(input.ending_at),
    onTerminationCreditNote:
      payInAdvance && input.on_termination_credit_note !== undefined
        ? (input.on_termination_credit_note as TerminationCreditNote | null)
        : subscription.onTerminationCreditNote,
    onTerminationInvoice: (input.on_termination_invoice ?? subscription.onTerminationInvoice) as TerminationInvoice,
    consolidateInvoice: input.consolidate_invoice ?? subscription.consolidateInvoice,
    progressiveBillingDisabled: input.progressive_billing_disabled ?? subscription.progressiveBillingDisabled,
    purchaseOrderNumber:
      input.purchase_order_number === undefined ? subscription.purchaseOrderNumber : input.purchase_order_number,
    usageThresholds:
      input.usage_thresholds == null
        ? subscription.usageThresholds
        : usageThresholdsFrom(input.usage_thresholds, subscription.id),
  };
}

/** Units alone are kept beside the plan; anything else makes, or edits in place, the subscription's child plan. */
function applyOverrides(work: BillingWork, subscription: Subscription, overrides: Record<string, unknown>): void {
  const plan = planOf(work.catalog, subscription);
  if (isUnitsOnlyOverride(overrides) && subscription.childPlan === null) {
    const given = fixedChargeUnitOverrides(plan, overrides);
    const updated: Subscription = {
      ...subscription,
      fixedChargeUnits: { ...subscription.fixedChargeUnits, ...given },
    };
    work.account.put('subscription', updated);
    if (updated.status === 'active') logUnits(work, updated, overriddenCharges(plan, given, overrides));
    return;
  }
  const child = overridePlan(plan, overrides, subscription.id, work.catalog);
  const updated: Subscription = { ...subscription, childPlan: child };
  work.account.put('subscription', updated);
  if (updated.status !== 'active') return;
  const changed = child.fixedCharges.filter((each) => {
    const before = plan.fixedCharges.find((old) => old.id === each.id || old.id === each.parentId);
    return before?.units !== each.units;
  });
  logUnits(work, updated, changed);
}

/** The plan's fixed charges whose units the override names, with the override's word on when they apply. */
function overriddenCharges(
  plan: Plan,
  given: Readonly<Record<string, string>>,
  overrides: Record<string, unknown>,
): Plan['fixedCharges'] {
  const items = (overrides.fixed_charges ?? []) as { code?: string; apply_units_immediately?: boolean }[];
  return plan.fixedCharges
    .filter((each) => given[each.id] !== undefined)
    .map((each) => ({
      ...each,
      applyUnitsImmediately: items.find((item) => item.code === each.code)?.apply_units_immediately ?? false,
    }));
}

/** Only a subscription that waits for its own start can be given another: today starts it, the past starts it unbilled. */
function moveStart(work: BillingWork, subscriptionId: string, subscriptionAt: Instant): void {
  const subscription = latest(work, subscriptionId);
  if (subscription.status !== 'pending' || subscription.previousSubscriptionId !== null) return;
  const moved: Subscription = { ...subscription, subscriptionAt };
  work.account.put('subscription', moved);
  const zone = applicableZone(work);
  const date = localDateOf(subscriptionAt, zone);
  const today = localDateOf(work.at, zone);
  if (date === today) start(work, moved, subscriptionAt);
  else if (date < today) activate(work, moved, backdatedStart(work, moved));
}

function find(
  context: OperationContext,
  externalId: string,
  statuses: readonly Subscription['status'][],
): { work: BillingWork; subscription: Subscription } {
  const account = context.ledger.accountOfSubscription(externalId);
  const all = account?.all('subscription').filter((each) => each.externalId === externalId) ?? [];
  for (const status of statuses) {
    const subscription = all.findLast((each) => each.status === status);
    if (account !== undefined && subscription !== undefined) {
      return { work: billingWork(context, account), subscription };
    }
  }
  throw notFound(
    'subscription',
    externalId,
    all.length === 0
      ? 'lago-cli subscriptions list shows the external ids.'
      : `It is ${all.at(-1)?.status}; none is ${statuses.join(' or ')}.`,
  );
}

function isActiveElsewhere(context: OperationContext, work: BillingWork, externalId: string): boolean {
  const other = context.ledger.accountOfSubscription(externalId);
  if (other === undefined || other.customer.id === work.account.customer.id) return false;
  return other.all('subscription').some((each) => each.externalId === externalId && each.status === 'active');
}

/** The order number is on what was billed: it stands once the subscription is over (periods §2.6). */
function refuseOrderNumberOfEnded(context: OperationContext, input: UpdateInput): void {
  if (input.purchase_order_number === undefined) return;
  const all = context.ledger.accountOfSubscription(input.external_id)?.all('subscription') ?? [];
  const lineage = all.filter((each) => each.externalId === input.external_id);
  if (lineage.length === 0 || lineage.some(({ status }) => status === 'active' || status === 'pending')) return;
  throw new BillingError('purchase_order_number_not_editable', {
    message: `subscription ${JSON.stringify(input.external_id)} is ${lineage.at(-1)?.status}`,
    suggestion: 'Give the order number to the subscription that follows it.',
  });
}

function blankToNull(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : text;
}

function latest(work: BillingWork, id: string): Subscription {
  const subscription = work.account.get('subscription', id);
  if (subscription === undefined)
    throw new BillingError('subscription_not_found', { message: `no subscription ${id}` });
  return subscription;
}
