/**
 * The events that bring a month's units: counted metrics one event a unit, spread over the month; sums in daily parts;
 * highest and latest values once. What a recurring metric holds changes at the start of a month by the difference.
 */
import type { BillableMetric } from '../catalog/types.js';
import { invalid } from '../errors.js';
import type { NewEvent } from '../ledger/types.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { DAY, type Instant, instant, SECOND } from '../time/instant.js';

export interface MonthOfUnits {
  readonly metric: BillableMetric;
  readonly properties: Readonly<Record<string, string>>;
  readonly externalSubscriptionId: string;
  readonly units: Decimal;
  /** Held at the end of the month before. */
  readonly before: Decimal;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** How many events bring a sum; null: one a day. */
  readonly eventsCount: number | null;
}

export function imaginedEvents(month: MonthOfUnits): NewEvent[] {
  const { metric, units, before } = month;
  switch (metric.aggregationType) {
    case 'count_agg':
      return spread(month, whole(month), () => ({}));
    case 'unique_count_agg':
      if (!metric.recurring)
        return spread(month, whole(month), (index) => value(metric, `${metric.code}-${index + 1}`));
      return holdings(month, whole(month));
    case 'sum_agg':
      return metric.recurring ? levelChange(month, units.minus(before)) : parts(month);
    case 'weighted_sum_agg':
      return levelChange(month, metric.recurring ? units.minus(before) : units);
    case 'max_agg':
    case 'latest_agg':
      return units.isZero() ? [] : [event(month, month.from + 3_600 * SECOND, 0, value(metric, units.toFixed()))];
  }
}

function whole({ metric, units }: MonthOfUnits): number {
  if (units.isInteger()) return units.toNumber();
  const message = `${metric.code} counts, and ${units.toFixed()} is not a whole number`;
  throw invalid({ field: '--units', code: 'value_is_invalid', message });
}

function spread(month: MonthOfUnits, count: number, properties: (index: number) => Record<string, string>): NewEvent[] {
  const width = month.to - month.from;
  return Array.from({ length: count }, (_, index) =>
    event(month, month.from + Math.floor((width * (index + 0.5)) / count), index, properties(index)),
  );
}

function holdings(month: MonthOfUnits, count: number): NewEvent[] {
  const held = month.before.toNumber();
  const [first, last] = [Math.min(held, count), Math.max(held, count)];
  const operation: Record<string, string> = count < held ? { operation_type: 'remove' } : {};
  return Array.from({ length: last - first }, (_, index) =>
    event(month, month.from + SECOND, index, {
      ...value(month.metric, `${month.metric.code}-${first + index + 1}`),
      ...operation,
    }),
  );
}

function levelChange(month: MonthOfUnits, change: Decimal): NewEvent[] {
  return change.isZero() ? [] : [event(month, month.from, 0, value(month.metric, change.toFixed()))];
}

/** Whole units where there are enough of them; the last event has what is left. */
function parts(month: MonthOfUnits): NewEvent[] {
  if (month.units.isZero()) return [];
  const count = month.eventsCount ?? Math.max(1, Math.round((month.to - month.from) / DAY));
  const places = month.units.isInteger() && month.units.gte(count) ? 0 : 6;
  const part = month.units.div(count).toDecimalPlaces(places, Decimal.ROUND_DOWN);
  let left = month.units;
  return spread(month, count, (index) => {
    const own = index === count - 1 ? left : part;
    left = left.minus(own);
    return value(month.metric, own.toFixed());
  }).filter((each) => !each.properties.includes(`"${ZERO.toFixed()}"`));
}

function value({ fieldName }: BillableMetric, text: string): Record<string, string> {
  return fieldName === null ? {} : { [fieldName]: text };
}

function event(month: MonthOfUnits, at: number, index: number, properties: Record<string, string>): NewEvent {
  const { metric, externalSubscriptionId, from } = month;
  const text = JSON.stringify({ ...month.properties, ...properties });
  return {
    transactionId: `${metric.code}-${from}-${JSON.stringify(month.properties)}-${index + 1}`,
    code: metric.code,
    externalSubscriptionId,
    timestamp: instant(at),
    properties: text,
    preciseTotalAmountCents: null,
  };
}
