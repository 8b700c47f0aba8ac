/**
 * The trial: days from the start of the lineage during which the base fee is not billed (periods §4.4).
 *
 * It is the current plan's length, measured from the earliest start of any subscription of the customer with the same
 * external id: an upgrade goes on with the same trial, and a re-subscription does not renew it.
 */
import type { Plan } from '../catalog/types.js';
import type { Subscription } from '../model.js';
import { DAY, type Instant, instant } from '../time/instant.js';

export interface Trial {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

/** Null when the plan has no trial. `lineage`: the customer's subscriptions with this external id, in any state. */
export function trialOf(plan: Plan, subscription: Subscription, lineage: readonly Subscription[]): Trial | null {
  if (plan.trialPeriod === null || plan.trialPeriod <= 0) return null;
  const startsAt = lineageStart(subscription, lineage);
  return { startsAt, endsAt: instant(Math.round(startsAt + plan.trialPeriod * DAY)) };
}

/** `at` may lie in the past, when a draft is computed anew: an end that came after it does not count yet. */
export function isInTrial(subscription: Subscription, trial: Trial | null, at: Instant): boolean {
  const { trialEndedAt } = subscription;
  const ended = trialEndedAt !== null && trialEndedAt <= at;
  return trial !== null && !ended && trial.startsAt <= at && at < trial.endsAt;
}

function lineageStart(subscription: Subscription, lineage: readonly Subscription[]): Instant {
  const starts = lineage.flatMap((each) => (each.startedAt === null ? [] : [each.startedAt]));
  return starts.length === 0 ? subscription.subscriptionAt : instant(Math.min(...starts));
}
