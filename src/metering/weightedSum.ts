/**
 * weighted_sum_agg: a level that events raise and lower, averaged over the seconds of the whole billing period.
 *
 * March, subscription from the 5th, +2500 at its start: 2500 × 27/31 = 2177.4193548387096774. The divisor is always
 * duration × 86400 seconds, so days before a mid-period start count as zero and a month with a DST change gives slightly
 * more or less than its constant level. Each interval is divided as the database divides, then added up.
 * Source: usage-and-pricing §2.4.2, §2.5.
 */
import { type Decimal, ratio, ZERO } from '../money/decimal.js';
import { type Instant, instant, SECOND } from '../time/instant.js';
import { type AggregationInput, groupKey, type Metered, metered, periodStart, selectionOf } from './metered.js';
import type { GroupedBy } from './usageReader.js';

const SECONDS_PER_DAY = 86_400;

/** The running state of one group while its events pass by. */
interface Integral {
  readonly groupedBy: GroupedBy;
  level: Decimal;
  /** Up to where the level is counted. */
  since: Instant;
  units: Decimal;
  eventsCount: number;
  lastEventAt: Instant | null;
}

export function aggregateWeightedSum(input: AggregationInput): Metered[] {
  const from = periodStart(input);
  const groups = new Map<string, Integral>();
  const open = (groupedBy: GroupedBy, level: Decimal): Integral => {
    const group = { groupedBy, level, since: from, units: ZERO, eventsCount: 0, lastEventAt: null };
    groups.set(groupKey(groupedBy), group);
    return group;
  };
  for (const { groupedBy, level } of input.startLevels) open(groupedBy, level);
  for (const event of input.reader.events(selectionOf(input, from))) {
    if (event.value === null) continue;
    const group = groups.get(groupKey(event.groupedBy)) ?? open(event.groupedBy, ZERO);
    advance(group, event.timestamp, input.window.durationDays);
    group.level = group.level.plus(event.value);
    group.eventsCount += 1;
    group.lastEventAt = event.timestamp;
  }
  const end = nextWholeSecond(input.window.to);
  return [...groups.values()].map((group) => {
    advance(group, end, input.window.durationDays);
    const { groupedBy, units, eventsCount, level, lastEventAt } = group;
    return metered(input, { groupedBy, units, eventsCount, level, lastEventAt });
  });
}

/** Adds RATIO(level × seconds, duration × 86400) for the time since the last change. */
function advance(group: Integral, to: Instant, durationDays: number): void {
  const elapsed = to - group.since;
  if (elapsed <= 0) return;
  if (!group.level.isZero()) {
    const levelSeconds = group.level.times(elapsed).div(SECOND);
    group.units = group.units.plus(ratio(levelSeconds, durationDays * SECONDS_PER_DAY));
  }
  group.since = to;
}

function nextWholeSecond(at: Instant): Instant {
  return instant(Math.ceil(at / SECOND) * SECOND);
}
