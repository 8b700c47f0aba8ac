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
  day: `e.timestamp_us / ${DAY}`,
};

/** In the order of the keys. One pass over the events. */
export function eventCounts(
  statements: Statements,
  by: readonly EventCountKey[],
  { externalSubscriptionId, code, from, to }: EventFilter,
): EventCount[] {
  const keys = (['code', 'subscription', 'day'] as const).map((key) => (by.includes(key) ? EXPRESSIONS[key] : 'NULL'));
  const parameters = {
    ...(externalSubscriptionId === undefined ? {} : { externalSubscriptionId }),
    ...(code === undefined ? {} : { code }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  const conditions = [
    'TRUE',
    ...(externalSubscriptionId === undefined ? [] : ['s.external_subscription_id = @externalSubscriptionId']),
    ...(code === undefined ? [] : ['s.code = @code']),
    ...(from === undefined ? [] : ['e.timestamp_us >= @from']),
    ...(to === undefined ? [] : ['e.timestamp_us <= @to']),
  ];
  const order = by.map((key) => EXPRESSIONS[key]).join(', ');
  const sql = `SELECT ${keys.join(', ')}, count(*), min(e.timestamp_us), max(e.timestamp_us)
    FROM events e JOIN series s ON s.id = e.series_id WHERE ${conditions.join(' AND ')}
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
