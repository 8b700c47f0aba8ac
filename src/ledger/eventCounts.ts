/** How many events there are, by metric code, by subscription, by UTC day, or by several of these together. */
import { DAY, type Instant, instant } from '../time/instant.js';
import { fromEpochDay, type LocalDate } from '../time/localDate.js';
import type { Statements } from './statements.js';
import type { EventFilter } from './types.js';

export type EventCountKey = 'code' | 'subscription' | 'day';

export interface EventCount {
  /** Null where it is not counted by it. */
  readonly code: string | null;
  readonly externalSubscriptionId: string | null;
  readonly day: LocalDate | null;
  readonly count: number;
  readonly first: Instant;
  readonly last: Instant;
}

const EXPRESSIONS: Readonly<Record<EventCountKey, string>> = {
  code: 's.code',
  subscription: 's.external_subscription_id',
  day: 'counted.day',
};

/** In the order of the keys. One pass over the points, which lie by series, or else over the events. */
export function eventCounts(
  statements: Statements,
  from: 'main.usage_points' | 'events',
  by: readonly EventCountKey[],
  { externalSubscriptionId, code, from: first, to: last }: EventFilter,
): EventCount[] {
  const keys = (['code', 'subscription', 'day'] as const).map((key) => (by.includes(key) ? EXPRESSIONS[key] : 'NULL'));
  const parameters = {
    ...(externalSubscriptionId === undefined ? {} : { externalSubscriptionId }),
    ...(code === undefined ? {} : { code }),
    ...(first === undefined ? {} : { first }),
    ...(last === undefined ? {} : { last }),
  };
  const ofSeries = [
    'TRUE',
    ...(externalSubscriptionId === undefined ? [] : ['external_subscription_id = @externalSubscriptionId']),
    ...(code === undefined ? [] : ['code = @code']),
  ];
  const conditions = [
    ...(ofSeries.length === 1 ? ['TRUE'] : [`series_id IN (SELECT id FROM series WHERE ${ofSeries.join(' AND ')})`]),
    ...(first === undefined ? [] : ['timestamp_us >= @first']),
    ...(last === undefined ? [] : ['timestamp_us <= @last']),
  ];
  const day = by.includes('day') ? `timestamp_us / ${DAY}` : 'NULL';
  // By day alone the series are not told apart: any of them will do.
  const onlyByDay = by.every((key) => key === 'day');
  const [series, groups] = onlyByDay ? ['min(series_id)', 'day'] : ['series_id', 'series_id, day'];
  const order = by.map((key) => EXPRESSIONS[key]).join(', ');
  const sql = `SELECT ${keys.join(', ')}, sum(counted.events), min(counted.first), max(counted.last)
    FROM (SELECT ${series} AS series_id, ${day} AS day, count(*) AS events, min(timestamp_us) AS first, max(timestamp_us) AS last
      FROM ${from} WHERE ${conditions.join(' AND ')} GROUP BY ${groups}) counted
    JOIN series s ON s.id = counted.series_id
    GROUP BY ${keys.join(', ')} ORDER BY ${order}`;
  return statements
    .rows<readonly [string | null, string | null, number | null, number, number, number]>(sql, parameters)
    .map(([ofCode, ofSubscription, day, count, first, last]) => ({
      code: ofCode,
      externalSubscriptionId: ofSubscription,
      day: day === null ? null : fromEpochDay(day),
      count,
      first: instant(first),
      last: instant(last),
    }));
}
