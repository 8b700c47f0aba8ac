/**
 * The units of each fee broken down by the charge's presentation keys: shown, never priced.
 *
 * The keys stand on the charge and split every bucket and group of it. An invoice shows the keys that say so, current usage
 * all of them.
 * Source: usage-and-pricing §5.5.
 */
import type { Charge } from '../catalog/types.js';
import { aggregate, roundedUsage } from '../metering/aggregate.js';
import { type AggregationInput, groupKey } from '../metering/metered.js';
import type { GroupedBy } from '../metering/usageReader.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { PresentationBreakdown } from './feeAmounts.js';

/** The presentation keys that a view shows. `only` narrows current usage to some of them. */
export function presentationKeys(charge: Charge, isInvoice: boolean, only: readonly string[] | null = null): string[] {
  return charge.properties.presentationGroupKeys
    .filter((key) => !isInvoice || key.displayInInvoice)
    .map((key) => key.value)
    .filter((key) => only === null || only.includes(key));
}

/** The breakdowns of a bucket, by `groupKey` of the fee's group. */
export function presentationBreakdowns(
  input: AggregationInput,
  keys: readonly string[],
): Map<string, PresentationBreakdown[]> {
  const breakdowns = new Map<string, PresentationBreakdown[]>();
  if (keys.length === 0) return breakdowns;
  const groupKeys = [...new Set([...input.groupKeys, ...keys])];
  for (const usage of aggregate({ ...input, groupKeys, startLevels: [] })) {
    if (usage.eventsCount === 0 && usage.units.isZero()) continue;
    const { fullUnits } = roundedUsage(input.metric, usage);
    const group = groupKey(picked(usage.groupedBy, input.groupKeys));
    const known = breakdowns.get(group) ?? [];
    known.push({ presentationBy: picked(usage.groupedBy, keys), units: Decimal.max(fullUnits, ZERO) });
    breakdowns.set(group, known);
  }
  return breakdowns;
}

function picked(groupedBy: GroupedBy, keys: readonly string[]): GroupedBy {
  return Object.fromEntries(keys.map((key) => [key, groupedBy[key] ?? null]));
}
