/**
 * The levels that recurring weighted sums carry from one period to the next.
 *
 * A level is stored whenever a fee is computed for an invoice, at the period's last event (or its start without one). The
 * next period begins with the latest level before it. The first period of a subscription that replaced another begins with
 * all that the events came to until one second before.
 * Source: usage-and-pricing §2.5.
 */
import { recordId } from '../ids.js';
import { type AggregationInput, groupKey, type Metered, periodStart, type StartLevel } from '../metering/metered.js';
import type { GroupedBy } from '../metering/usageReader.js';
import type { WeightedLevel } from '../model.js';
import { Decimal, toText } from '../money/decimal.js';
import { addMicroseconds, SECOND } from '../time/instant.js';

export interface LevelScope {
  readonly externalSubscriptionId: string;
  readonly chargeId: string;
  /** Null: the default bucket. */
  readonly chargeFilterId: string | null;
}

/** The start levels of the bucket's groups; none for a metric that starts at 0. */
export function startLevels(
  input: AggregationInput,
  scope: LevelScope,
  levels: readonly WeightedLevel[],
  previousSubscriptionExists: boolean,
): StartLevel[] {
  if (input.metric.aggregationType !== 'weighted_sum_agg' || !input.metric.recurring) return [];
  const from = periodStart(input);
  const latest = new Map<string, WeightedLevel>();
  for (const level of levels) {
    if (!isOf(level, scope) || level.at >= from) continue;
    const key = groupKey(level.groupedBy);
    const known = latest.get(key);
    if (known === undefined || level.at >= known.at) latest.set(key, level);
  }
  if (latest.size > 0) return projected([...latest.values()], input.groupKeys, input.bucket?.matching ?? {});
  return previousSubscriptionExists ? levelsOfHistory(input) : [];
}

/** The level to store with the fee; null where none is due or one is stored at that time already. */
export function levelToStore(
  input: AggregationInput,
  scope: LevelScope,
  usage: Metered,
  levels: readonly WeightedLevel[],
): WeightedLevel | null {
  if (usage.level === null || !input.metric.recurring) return null;
  const at = usage.lastEventAt ?? periodStart(input);
  const key = groupKey(usage.groupedBy);
  if (levels.some((level) => isOf(level, scope) && level.at === at && groupKey(level.groupedBy) === key)) return null;
  const { externalSubscriptionId, chargeId, chargeFilterId } = scope;
  return {
    id: recordId('weighted_level', externalSubscriptionId, chargeId, chargeFilterId ?? '', key, at),
    externalSubscriptionId,
    chargeId,
    chargeFilterId,
    groupedBy: usage.groupedBy,
    at,
    level: toText(usage.level),
  };
}

function isOf(level: WeightedLevel, scope: LevelScope): boolean {
  return (
    level.externalSubscriptionId === scope.externalSubscriptionId &&
    level.chargeId === scope.chargeId &&
    level.chargeFilterId === scope.chargeFilterId
  );
}

/** Levels by the groups that are asked for: usage seen without grouping adds them up, one group alone keeps its own. */
function projected(
  levels: readonly WeightedLevel[],
  groupKeys: readonly string[],
  matching: Readonly<Record<string, readonly string[]>>,
): StartLevel[] {
  const groups = new Map<string, StartLevel>();
  for (const { groupedBy, level } of levels) {
    if (!canMatch(groupedBy, matching)) continue;
    const group = Object.fromEntries(groupKeys.map((key) => [key, groupedBy[key] ?? null]));
    const key = groupKey(group);
    const known = groups.get(key);
    groups.set(key, { groupedBy: group, level: (known?.level ?? new Decimal(0)).plus(level) });
  }
  return [...groups.values()];
}

function canMatch(groupedBy: GroupedBy, matching: Readonly<Record<string, readonly string[]>>): boolean {
  return Object.entries(groupedBy).every(([key, value]) => {
    const accepted = matching[key];
    return accepted === undefined || (value !== null && accepted.includes(value));
  });
}

function levelsOfHistory(input: AggregationInput): StartLevel[] {
  const { externalSubscriptionId, metric, bucket, groupKeys, group } = input;
  const { code, fieldName } = metric;
  const to = addMicroseconds(periodStart(input), -SECOND);
  const selection = { externalSubscriptionId, code, fieldName, bucket, groupKeys, group };
  return input.reader
    .sum({ ...selection, from: null, to, toSequence: null })
    .map(({ groupedBy, sum }) => ({ groupedBy, level: sum }));
}
