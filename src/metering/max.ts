/** max_agg: the largest numeric value, 0 without one (usage-and-pricing §2.4). */
import { type Decimal, ZERO } from '../money/decimal.js';
import { type AggregationInput, type Metered, metered, periodSelection, selectionOf } from './metered.js';
import type { GroupedBy } from './usageReader.js';

export function aggregateMax(input: AggregationInput): Metered[] {
  return input.reader.max(selectionOf(input)).map(({ groupedBy, value, eventsCount }) => {
    const units = value ?? ZERO;
    return metered(input, {
      groupedBy,
      units,
      eventsCount,
      eventValues: () => maxAmongEvents(input, groupedBy, units),
    });
  });
}

/** The maximum where it first stands, 0 for every other event (§4.5.1). */
function* maxAmongEvents(input: AggregationInput, groupedBy: GroupedBy, max: Decimal): Iterable<Decimal> {
  let found = false;
  for (const { value } of input.reader.values(periodSelection(input, groupedBy))) {
    const isFirst = !found && value.eq(max);
    if (isFirst) found = true;
    yield isFirst ? max : ZERO;
  }
}
