/**
 * unique_count_agg: the values present at the end of the window. Its events_count is that same number, not the number of
 * events; a minimum or maximum per transaction nevertheless applies to every raw event of the period (P-6).
 * Source: usage-and-pricing §2.4.1, §4.5.1.
 */
import { Decimal } from '../money/decimal.js';
import { type AggregationInput, type Metered, metered, ones, periodSelection, selectionOf } from './metered.js';
import type { GroupedBy } from './usageReader.js';

export function aggregateUniqueCount(input: AggregationInput): Metered[] {
  return input.reader.uniqueCount(selectionOf(input)).map(({ groupedBy, eventsCount }) =>
    metered(input, {
      groupedBy,
      eventsCount,
      units: new Decimal(eventsCount),
      eventValues: () => rawEventValues(input, groupedBy),
    }),
  );
}

export function* rawEventValues(input: AggregationInput, groupedBy: GroupedBy): Iterable<Decimal> {
  for (const { eventsCount } of input.reader.count(periodSelection(input, groupedBy))) yield* ones(eventsCount);
}
