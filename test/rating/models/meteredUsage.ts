/** Metered usage written by hand: what a charge model is given. */
import { Decimal } from '../../../src/money/decimal.js';
import type { MeteredUsage } from '../../../src/rating/types.js';

type Figure = Decimal | number | string;

/** So many units, unprorated, of one event unless said otherwise. */
export function used(units: Figure, more: Partial<MeteredUsage> = {}): MeteredUsage {
  const total = new Decimal(units);
  return {
    aggregationType: 'sum_agg',
    units: total,
    fullUnits: total,
    prorated: false,
    eventsCount: 1,
    eventValues: () => [],
    proratedEntries: () => [],
    preciseTotalAmountCents: new Decimal(0),
    ...more,
  };
}

/** The sum of these events. */
export function summed(...values: Figure[]): MeteredUsage {
  const events = values.map((value) => new Decimal(value));
  const sum = events.reduce((total, value) => total.plus(value), new Decimal(0));
  return used(sum, { eventsCount: events.length, eventValues: () => events });
}

/** So many events, each of them one unit. */
export function counted(events: number, aggregationType: MeteredUsage['aggregationType'] = 'count_agg'): MeteredUsage {
  const ones = Array.from({ length: events }, () => new Decimal(1));
  return used(events, { aggregationType, eventsCount: events, eventValues: () => ones });
}

export function text(value: Decimal): string {
  return value.toFixed();
}
