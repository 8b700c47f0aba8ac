/**
 * Prorated sum_agg: what was held before the period weighs the whole of it, each event of the period the days from its
 * own to the last, both included.
 *
 * May, 5 held, +12 and +12 on the 26th: 5 × 1 + 24 × RATIO(6, 31) = 9.6451612903… → 9.64517; the fee shows 29.
 * Source: usage-and-pricing §3.2, §3.5; D-2 (each group has its own carry-over).
 */
import { ceil5, type Decimal, ratio, ZERO } from '../money/decimal.js';
import type { ProratedEntry } from '../rating/types.js';
import type { Instant } from '../time/instant.js';
import { addDays, daysBetween, type LocalDate } from '../time/localDate.js';
import { localDateOf, startOfDay } from '../time/zone.js';
import { shareOfPeriod } from './days.js';
import {
  type AggregationInput,
  groupKey,
  type Metered,
  metered,
  periodSelection,
  periodStart,
  selectionOf,
} from './metered.js';
import { sumValues } from './sum.js';
import type { DaySum, GroupedBy } from './usageReader.js';
import type { UsageWindow } from './window.js';

export function aggregateProratedSum(input: AggregationInput): Metered[] {
  const days = localDays(input);
  const starts = days.map((day, index) => (index === 0 ? periodStart(input) : startOfDay(day, input.window.zone)));
  const byGroup = new Map<string, DaySum[]>();
  for (const daySum of input.reader.sumPerDay(selectionOf(input), starts)) {
    const key = groupKey(daySum.groupedBy);
    const known = byGroup.get(key);
    if (known === undefined) byGroup.set(key, [daySum]);
    else known.push(daySum);
  }
  return [...byGroup.values()].map((sums) => proratedGroup(input, sums, days));
}

/** RATIO(days from the event's day to the period's last, duration): 1/31 on the last day. */
function eventWeight(at: LocalDate, window: UsageWindow): Decimal {
  return ratio(daysBetween(at, localDateOf(window.to, window.zone)) + 1, window.durationDays);
}

function localDays({ window }: AggregationInput): LocalDate[] {
  const days: LocalDate[] = [];
  const last = localDateOf(window.to, window.zone);
  for (let day = localDateOf(window.from, window.zone); day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

function proratedGroup(input: AggregationInput, sums: readonly DaySum[], days: readonly LocalDate[]): Metered {
  let carried = ZERO;
  let inPeriod = ZERO;
  let weighted = ZERO;
  let eventsCount = 0;
  for (const { day, sum, eventsCount: count } of sums) {
    eventsCount += count;
    if (day < 0) {
      carried = carried.plus(sum);
    } else {
      inPeriod = inPeriod.plus(sum);
      weighted = weighted.plus(sum.times(eventWeight(days[day] as LocalDate, input.window)));
    }
  }
  const groupedBy = (sums[0] as DaySum).groupedBy;
  return metered(input, {
    groupedBy,
    eventsCount,
    units: ceil5(carried.times(shareOfPeriod(input.window)).plus(weighted)),
    fullUnits: carried.plus(inPeriod),
    prorated: true,
    proratedEntries: () => proratedEntries(input, groupedBy, carried),
    ...sumValues(input, groupedBy),
  });
}

/** What was held first, then the period's events one by one. */
function* proratedEntries(input: AggregationInput, groupedBy: GroupedBy, carried: Decimal): Iterable<ProratedEntry> {
  if (!carried.isZero()) yield { full: carried, prorated: carried.times(shareOfPeriod(input.window)) };
  const weights = new Map<LocalDate, Decimal>();
  const weightAt = (at: Instant): Decimal => {
    const day = localDateOf(at, input.window.zone);
    const known = weights.get(day) ?? eventWeight(day, input.window);
    weights.set(day, known);
    return known;
  };
  for (const { value, timestamp } of input.reader.values(periodSelection(input, groupedBy))) {
    yield { full: value, prorated: value.times(weightAt(timestamp)) };
  }
}
