/** count_agg: the number of events, whatever they hold (usage-and-pricing §2.4). */
import { Decimal } from '../money/decimal.js';
import { type AggregationInput, type Metered, metered, ones, selectionOf } from './metered.js';

export function aggregateCount(input: AggregationInput): Metered[] {
  return input.reader
    .count(selectionOf(input))
    .map(({ groupedBy, eventsCount }) =>
      metered(input, { groupedBy, eventsCount, units: new Decimal(eventsCount), eventValues: () => ones(eventsCount) }),
    );
}
