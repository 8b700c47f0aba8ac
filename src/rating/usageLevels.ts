/**
 * The figures of a charge's fees added up: for the charge, for each filter, for each group and its filters.
 *
 * A charge without filters lists none; one whose fees are all ungrouped lists no group. A projected charge adds up its
 * defined filters only, without the default bucket (§7.5).
 * Source: usage-and-pricing §7.1, §7.5.
 */
import { groupKey } from '../metering/metered.js';
import type { GroupedBy } from '../metering/usageReader.js';
import type { FilterUsage, GroupUsage, UnitsBreakdown, UsageFigures } from '../metering/usageView.js';
import { type Decimal, ZERO } from '../money/decimal.js';

/** One fee, current or stored, as usage sees it. */
export interface UsageLine extends UsageFigures {
  readonly filter: {
    readonly id: string;
    readonly values: Readonly<Record<string, readonly string[]>>;
    readonly invoiceDisplayName: string | null;
  } | null;
  readonly groupedBy: GroupedBy;
}

export interface UsageLevels extends UsageFigures {
  readonly filters: readonly FilterUsage[];
  readonly groupedUsage: readonly GroupUsage[];
}

export function usageLevels(lines: readonly UsageLine[], hasFilters: boolean): UsageLevels {
  const isGrouped = lines.some((line) => Object.keys(line.groupedBy).length > 0);
  return {
    ...total(lines),
    projected: total(hasFilters ? lines.filter((line) => line.filter !== null) : lines).projected,
    filters: hasFilters ? filtersOf(lines) : [],
    groupedUsage: isGrouped ? groupsOf(lines, hasFilters) : [],
  };
}

function filtersOf(lines: readonly UsageLine[]): FilterUsage[] {
  return partition(lines, (line) => line.filter?.id ?? '').map((ofFilter) => ({
    ...total(ofFilter),
    invoiceDisplayName: ofFilter[0]?.filter?.invoiceDisplayName ?? null,
    values: ofFilter[0]?.filter?.values ?? null,
  }));
}

function groupsOf(lines: readonly UsageLine[], hasFilters: boolean): GroupUsage[] {
  return partition(lines, (line) => groupKey(line.groupedBy)).map((ofGroup) => ({
    ...total(ofGroup),
    groupedBy: ofGroup[0]?.groupedBy ?? {},
    filters: hasFilters ? filtersOf(ofGroup) : [],
  }));
}

function partition(lines: readonly UsageLine[], keyOf: (line: UsageLine) => string): UsageLine[][] {
  const parts = new Map<string, UsageLine[]>();
  for (const line of lines) {
    const key = keyOf(line);
    const part = parts.get(key);
    if (part === undefined) parts.set(key, [line]);
    else part.push(line);
  }
  return [...parts.values()];
}

function total(lines: readonly UsageLine[]): UsageFigures {
  const priced = lines.find((line) => line.pricingUnit !== null)?.pricingUnit ?? null;
  const projections = lines.flatMap((line) => (line.projected === null ? [] : [line.projected]));
  return {
    units: sum(lines.map((line) => line.units)),
    totalAggregatedUnits: sum(lines.map((line) => line.totalAggregatedUnits)),
    eventsCount: count(lines.map((line) => line.eventsCount)),
    amountCents: count(lines.map((line) => line.amountCents)),
    pricingUnit:
      priced === null
        ? null
        : { ...priced, amountCents: count(lines.map((line) => line.pricingUnit?.amountCents ?? 0)) },
    presentationBreakdowns: merged(lines.flatMap((line) => line.presentationBreakdowns)),
    projected:
      lines.length > 0 && projections.length === 0
        ? null
        : {
            units: sum(projections.map((each) => each.units)),
            amountCents: count(projections.map((each) => each.amountCents)),
            presentationBreakdowns: merged(projections.flatMap((each) => each.presentationBreakdowns)),
          },
  };
}

function merged(breakdowns: readonly UnitsBreakdown[]): UnitsBreakdown[] {
  const byValue = new Map<string, UnitsBreakdown>();
  for (const { presentationBy, units } of breakdowns) {
    const key = groupKey(presentationBy);
    byValue.set(key, { presentationBy, units: (byValue.get(key)?.units ?? ZERO).plus(units) });
  }
  return [...byValue.values()];
}

function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((all, value) => all.plus(value), ZERO);
}

function count(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
