/**
 * Which usage thresholds a subscription has passed since it was last billed. (invoicing §6.9)
 *
 * `invoiced` is what past invoices billed in charge fees, `current` the usage of the running period, `billed` what the
 * latest progressive invoice of this period holds. Thresholds 200, 500, 700 and every 1000 more: usage 220 passes 200,
 * 660 passes 500, 880 passes 700, 3080 and 5280 pass the recurring one.
 */
import type { UsageThreshold } from '../catalog/types.js';

export interface LifetimeUsage {
  /** Cents of charge fees on finalized and draft subscription invoices of the whole life of the subscription. */
  readonly invoicedCents: number;
  /** Cents of usage in the running period, without taxes. */
  readonly currentCents: number;
  /** `fees_amount_cents` of the latest progressive invoice of the running period; 0 without one. */
  readonly progressivelyBilledCents: number;
}

/** The lifetime usage that an invoice of passed thresholds records. */
export function lifetimeUsageCents(usage: LifetimeUsage): number {
  return usage.invoicedCents + usage.currentCents;
}

/** Thresholds passed now, fixed ones ascending, the recurring one last. Empty: nothing to bill yet. */
export function passedThresholds(thresholds: readonly UsageThreshold[], usage: LifetimeUsage): UsageThreshold[] {
  const billed = usage.invoicedCents + usage.progressivelyBilledCents;
  const added = usage.currentCents - usage.progressivelyBilledCents;
  if (added < 0) return [];
  const fixed = thresholds.filter((threshold) => !threshold.recurring).sort((a, b) => a.amountCents - b.amountCents);
  const recurring = thresholds.find((threshold) => threshold.recurring);
  const largest = fixed.at(-1)?.amountCents ?? 0;
  if (billed < largest) {
    const passed = fixed.filter(({ amountCents }) => billed < amountCents && amountCents <= billed + added);
    return isAround(recurring, billed + added - largest) ? [...passed, recurring] : passed;
  }
  if (recurring === undefined) return [];
  return isAround(recurring, added + (billed % recurring.amountCents)) ? [recurring] : [];
}

function isAround(recurring: UsageThreshold | undefined, cents: number): recurring is UsageThreshold {
  return recurring !== undefined && cents >= recurring.amountCents;
}
