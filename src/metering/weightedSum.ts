/**
 * weighted_sum_agg: a level that events raise and lower, averaged over the seconds of the whole billing period.
 *
 * March, subscription from the 5th, +2500 at its start: 2500 × 27/31 = 2177.4193548387096774. The divisor is always
 * duration × 86400 seconds, so days before a mid-period start count as zero and a month with a DST change gives slightly
 * more or less than its constant level. Each interval is divided as the database divides, then added up.
 * Source: usage-and-pricing §2.4.2, §2.5.
 */
import { type Decimal, ZERO } from '../money/decimal.js';
import { type Instant, instant, SECOND } from '../time/instant.js';
import { LevelSeconds } from './levelSeconds.js';
import { type AggregationInput, groupKey, type Metered, metered, periodStart, selectionOf } from './metered.js';
import type { GroupedBy } from './usageReader.js';

const SECONDS_PER_DAY = 86_400;

/** The running state of one group while its events pass by. */
interface Integral {
  readonly groupedBy: GroupedBy;
  readonly units: LevelSeconds;
  /** Up to where the level is counted. */
  since: Instant;
  eventsCount: number;
  lastEventAt: Instant | null;
}

export function aggregateWeightedSum(input: AggregationInput): Metered[] {
  const from = periodStart(input);
  const divisor = input.window.durationDays * SECONDS_PER_DAY;
  const groups = new Map<string, Integral>();
  const keyOf = input.groupKeys.length === 0 ? () => '' : groupKey;
  const open = (groupedBy: GroupedBy, level: Decimal): Integral => {
    const units = new LevelSeconds(divisor, level);
    const group = { groupedBy, units, since: from, eventsCount: 0, lastEventAt: null };
    groups.set(keyOf(groupedBy), group);
    return group;
  };
  for (const { groupedBy, level } of input.startLevels) open(groupedBy, level);
  for (const event of input.reader.values(selectionOf(input, from))) {
    const group = groups.get(keyOf(event.groupedBy)) ?? open(event.groupedBy, ZERO);
    advance(group, event.timestamp);
    group.units.raise(event);
    group.eventsCount += 1;
    group.lastEventAt = event.timestamp;
  }
  const end = nextWholeSecond(input.window.to);
  return [...groups.values()].map((group) => {
    advance(group, end);
    const { groupedBy, units, eventsCount, lastEventAt } = group;
    return metered(input, { groupedBy, units: units.sum, eventsCount, level: units.level, lastEventAt });
  });
}

/** Adds RATIO(level × seconds, duration × 86400) for the time since the last change. */
function advance(group: Integral, to: Instant): void {
  if (to <= group.since) return;
  group.units.hold(to - group.since);
  group.since = to;
}

function nextWholeSecond(at: Instant): Instant {
  return instant(Math.ceil(at / SECOND) * SECOND);
}
