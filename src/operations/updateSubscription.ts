/** update_subscription: attributes, overrides of its plan, and another start while it waits (periods §2.6). */
import {
  fixedChargeUnitOverrides,
  isUnitsOnlyOverride,
  overridePlan,
  usageThresholdsFrom,
} from '../catalog/override.js';
import type { Plan } from '../catalog/types.js';
import { BillingError } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import { logUnits } from '../lifecycle/planEdits.js';
import { startIfDue } from '../lifecycle/start.js';
import type { Subscription, TerminationCreditNote, TerminationInvoice } from '../model.js';
import { planOf } from '../subscriptions/terms.js';
import { type Instant, parseInstant } from '../time/instant.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';
import { latest, subscriptionNamed } from './standingSubscription.js';
import { blankToNull, refuseProblems, type UpdateInput, updateProblems, updateSchema } from './subscriptionInput.js';

export function updateSubscription(context: OperationContext, raw: unknown): Subscription {
  const input = parseInput(updateSchema, raw);
  refuseOrderNumberOfEnded(context, input);
  const { work, subscription } = subscriptionNamed(context, input.external_id, ['active', 'pending']);
  refuseProblems(updateProblems(context.at, subscription, input));
  const updated = withAttributes(work, subscription, input);
  work.account.put('subscription', updated);
  if (input.plan_overrides != null) applyOverrides(work, updated, input.plan_overrides);
  if (input.subscription_at != null) moveStart(work, subscription.id, parseInstant(input.subscription_at) as Instant);
  saveWork(context, work);
  return latest(work, subscription.id);
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
  startIfDue(work, moved);
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
