/** A subscription with everything that decides its calendar: its plan, its anchor, the customer's zone. */
import type { Catalog, Plan, PlanInterval } from '../catalog/types.js';
import { notFound } from '../errors.js';
import type { Subscription } from '../model.js';
import type { LocalDate } from '../time/localDate.js';
import { localDateOf, type ZoneName } from '../time/zone.js';
import { type PeriodGrid, periodGrid } from './periodGrid.js';

export interface SubscriptionTerms {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly zone: ZoneName;
}

/** The plan that a subscription is on: its own child plan, else the catalog's. */
export function planOf(catalog: Catalog, subscription: Subscription): Plan {
  if (subscription.childPlan !== null) return subscription.childPlan;
  const plan = catalog.plans.get(subscription.planCode);
  if (plan === undefined) {
    throw notFound(
      'plan',
      subscription.planCode,
      `Subscription ${subscription.externalId} is on it: put its definition back into the plan files.`,
    );
  }
  return plan;
}

/** A: the local date of `subscription_at`. */
export function anchorDate(terms: SubscriptionTerms): LocalDate {
  return localDateOf(terms.subscription.subscriptionAt, terms.zone);
}

/** The grid of the plan's own periods, which the base fee follows. */
export function planGrid(terms: SubscriptionTerms): PeriodGrid {
  return gridOf(terms, terms.plan.interval);
}

/** The grid of usage charges: monthly on a yearly or semiannual plan that says so. */
export function chargesGrid(terms: SubscriptionTerms): PeriodGrid {
  return gridOf(terms, terms.plan.billChargesMonthly === true ? 'monthly' : terms.plan.interval);
}

/** The grid of fixed charges. */
export function fixedChargesGrid(terms: SubscriptionTerms): PeriodGrid {
  return gridOf(terms, terms.plan.billFixedChargesMonthly === true ? 'monthly' : terms.plan.interval);
}

/** True for a yearly or semiannual plan with monthly parts: it is also billed on every monthly date. */
export function isSplit(plan: Plan): boolean {
  return plan.billChargesMonthly === true || plan.billFixedChargesMonthly === true;
}

function gridOf(terms: SubscriptionTerms, interval: PlanInterval): PeriodGrid {
  return periodGrid(interval, terms.subscription.billingTime, anchorDate(terms));
}
