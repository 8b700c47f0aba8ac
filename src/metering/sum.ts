/**
 * sum_agg: the sum of the numeric values. Recurring: of all history, so that debts and holdings carry over
 * (usage-and-pricing §2.4, §2.5).
 */
import type { Decimal } from '../money/decimal.js';
import { type AggregationInput, type Metered, metered, periodSelection, selectionOf } from './metered.js';
import type { EventSelection, GroupedBy } from './usageReader.js';

export function aggregateSum(input: AggregationInput): Metered[] {
  const selection = selectionOf(input);
  if (!input.withPreciseAmount) {
    return input.reader
      .sum(selection)
      .map(({ groupedBy, sum, eventsCount }) =>
        metered(input, { groupedBy, units: sum, eventsCount, ...sumValues(input, groupedBy) }),
      );
  }
  return input.reader
    .sumWithPreciseAmount(selection)
    .map(({ groupedBy, sum, eventsCount, preciseTotalAmountCents }) =>
      metered(input, { groupedBy, units: sum, eventsCount, preciseTotalAmountCents, ...sumValues(input, groupedBy) }),
    );
}

/** The values one by one: of the period for bounds per transaction, of all that was summed for free units. */
export function sumValues(
  input: AggregationInput,
  groupedBy: GroupedBy,
): Pick<Metered, 'eventValues' | 'runningValues'> {
  return {
    eventValues: () => numericValues(input, periodSelection(input, groupedBy)),
    runningValues: () => numericValues(input, { ...selectionOf(input), group: groupedBy }),
  };
}

function* numericValues(input: AggregationInput, selection: EventSelection): Iterable<Decimal> {
  for (const { value } of input.reader.values(selection)) yield value;
}
