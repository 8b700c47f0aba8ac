/**
 * What an edit of the plan files means for subscriptions that are already on the plan (periods §1.2, §7.2).
 *
 * New units of a fixed charge go to each subscription's log, now or from its next period; units that apply now and are
 * paid in advance are billed by the difference. A new amount may cancel a pending downgrade, or turn one towards the
 * edited plan into an upgrade. `cascade_updates` carries the edit to the child plans.
 */
import type { Catalog, FixedCharge, Plan } from '../catalog/types.js';
import { advanceWindow } from '../invoicing/fixedChargeFees.js';
import { billSubscriptions, termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Subscription } from '../model.js';
import { yearlyAmountCents } from '../subscriptions/planChange.js';
import { planOf } from '../subscriptions/terms.js';
import { addMicroseconds, type Instant } from '../time/instant.js';
import { cancelPendingChange, pendingChange, upgrade } from './changePlan.js';
import { putUnits } from './start.js';

/** Applies the edit to one account. `work.catalog` is the catalog after it. */
export function applyPlanEdits(work: BillingWork, before: Catalog): void {
  for (const [code, after] of work.catalog.plans) {
    const plan = before.plans.get(code);
    if (plan === undefined || plan === after) continue;
    for (const subscription of work.account.all('subscription')) {
      if (subscription.planCode !== code) continue;
      if (subscription.status === 'active' || subscription.status === 'pending') {
        editSubscription(work, subscription, plan, after);
      }
    }
    if (plan.amountCents !== after.amountCents) reconsiderDowngrades(work, after);
  }
}

function editSubscription(work: BillingWork, subscription: Subscription, before: Plan, after: Plan): void {
  if (subscription.childPlan === null) {
    logChangedUnits(work, subscription, before.fixedCharges, after.fixedCharges);
    return;
  }
  if (after.cascadeUpdates !== true) return;
  const child = cascade(subscription.childPlan, before, after);
  const edited: Subscription = { ...subscription, childPlan: child };
  work.account.put('subscription', edited);
  logChangedUnits(work, edited, subscription.childPlan.fixedCharges, child.fixedCharges);
}

/**
 * The child with the parent's edit: an amount, units or prices only where the child still had the parent's old ones;
 * items that appeared or went do so in the child too.
 */
function cascade(child: Plan, before: Plan, after: Plan): Plan {
  const fixedCharges: FixedCharge[] = [];
  for (const edited of after.fixedCharges) {
    const own = child.fixedCharges.find((each) => each.parentId === edited.id);
    const old = before.fixedCharges.find((each) => each.id === edited.id);
    if (own === undefined) {
      if (old === undefined) fixedCharges.push({ ...edited, parentId: edited.id });
      continue;
    }
    const untouched = old !== undefined && own.units === old.units && sameJson(own.prices, old.prices);
    fixedCharges.push(
      untouched
        ? { ...own, units: edited.units, prices: edited.prices, applyUnitsImmediately: edited.applyUnitsImmediately }
        : { ...own, applyUnitsImmediately: false },
    );
  }
  const charges = after.charges.flatMap((edited) => {
    const own = child.charges.find((each) => each.parentId === edited.id);
    const old = before.charges.find((each) => each.id === edited.id);
    if (own === undefined) return old === undefined ? [{ ...edited, parentId: edited.id }] : [];
    const untouched =
      old !== undefined && sameJson(own.properties, old.properties) && sameJson(own.filters, old.filters);
    return [untouched ? { ...own, properties: edited.properties, filters: edited.filters } : own];
  });
  const amountCents = child.amountCents === before.amountCents ? after.amountCents : child.amountCents;
  return { ...child, amountCents, charges, fixedCharges };
}

/** Entries for every fixed charge that is new or has new units, and the invoice of those that apply now. */
function logChangedUnits(
  work: BillingWork,
  subscription: Subscription,
  before: readonly FixedCharge[],
  after: readonly FixedCharge[],
): void {
  // One that has not started opens its log with the units of its start.
  if (subscription.status !== 'active') return;
  const changed = after.filter((each) => {
    if (subscription.fixedChargeUnits[each.id] !== undefined) return false;
    return before.find((old) => old.id === each.id)?.units !== each.units;
  });
  logUnits(work, subscription, changed);
}

/** Logs the present units of these fixed charges, and bills at once what applies at once. */
export function logUnits(work: BillingWork, subscription: Subscription, changed: readonly FixedCharge[]): void {
  if (changed.length === 0) return;
  for (const fixedCharge of changed) {
    const timestamp = fixedCharge.applyUnitsImmediately ? work.at : nextFixedChargePeriod(work, subscription);
    putUnits(work, subscription, fixedCharge, timestamp);
  }
  if (changed.some((each) => each.applyUnitsImmediately && each.payInAdvance)) {
    billSubscriptions(work, [{ subscription, situation: 'fixed_charges_changed' }]);
  }
}

function nextFixedChargePeriod(work: BillingWork, subscription: Subscription): Instant {
  const window = advanceWindow({ work, terms: termsOf(work, subscription) });
  return addMicroseconds(window.to, 1);
}

/**
 * A pending downgrade away from the edited plan is dropped when the plan is now the cheaper of the two (raw amounts); one
 * towards it becomes an upgrade at once when it is now at least as dear by the year.
 */
function reconsiderDowngrades(work: BillingWork, after: Plan): void {
  for (const subscription of work.account.all('subscription')) {
    if (subscription.status !== 'active') continue;
    const next = pendingChange(work, subscription);
    if (next === undefined) continue;
    const nextPlan = planOf(work.catalog, next);
    if (subscription.planCode === after.code && subscription.childPlan === null) {
      if (after.amountCents < nextPlan.amountCents) cancelPendingChange(work, subscription);
    } else if (next.planCode === after.code && next.childPlan === null) {
      const current = planOf(work.catalog, subscription);
      if (yearlyAmountCents(after) >= yearlyAmountCents(current)) {
        upgrade(work, subscription, { ...next, plan: after });
      }
    }
  }
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
