/** latest_agg: the last numeric value, never below 0; nothing carries over (usage-and-pricing §2.4). */
import { Decimal, ZERO } from '../money/decimal.js';
import { type AggregationInput, type Metered, metered, selectionOf } from './metered.js';

export function aggregateLatest(input: AggregationInput): Metered[] {
  return input.reader
    .latest(selectionOf(input))
    .map(({ groupedBy, value, eventsCount }) =>
      metered(input, { groupedBy, eventsCount, units: Decimal.max(value ?? ZERO, ZERO) }),
    );
}
