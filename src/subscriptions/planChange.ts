/**
 * Is a change of plan an upgrade or a downgrade? Yearly equivalents decide, and nothing else: intervals, charges and
 * timing do not matter, and equal amounts are an upgrade (periods §1.1, §5.1).
 */
import type { Plan } from '../catalog/types.js';

const PERIODS_A_YEAR: Readonly<Record<Plan['interval'], number>> = {
  weekly: 52,
  monthly: 12,
  quarterly: 4,
  semiannual: 2,
  yearly: 1,
};

/** Minor units a year, used only to compare plans, never to bill. */
export function yearlyAmountCents(plan: Plan): number {
  return plan.amountCents * PERIODS_A_YEAR[plan.interval];
}

export function classifyPlanChange(current: Plan, next: Plan): 'upgrade' | 'downgrade' {
  return yearlyAmountCents(next) >= yearlyAmountCents(current) ? 'upgrade' : 'downgrade';
}
