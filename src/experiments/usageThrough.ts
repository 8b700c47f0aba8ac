/** Usage as it was known after a certain arrival: events that came later do not exist for it. */
import type { EventSelection, UsageReader } from '../metering/usageReader.js';

export function usageThrough(reader: UsageReader, throughSequence: number): UsageReader {
  const then = (selection: EventSelection): EventSelection => ({
    ...selection,
    throughSequence: Math.min(selection.throughSequence ?? throughSequence, throughSequence),
  });
  return {
    count: (selection) => reader.count(then(selection)),
    sum: (selection) => reader.sum(then(selection)),
    max: (selection) => reader.max(then(selection)),
    latest: (selection) => reader.latest(then(selection)),
    uniqueCount: (selection) => reader.uniqueCount(then(selection)),
    sumPerDay: (selection, dayStarts) => reader.sumPerDay(then(selection), dayStarts),
    sumWithPreciseAmount: (selection) => reader.sumWithPreciseAmount(then(selection)),
    values: (selection) => reader.values(then(selection)),
    events: (selection) => reader.events(then(selection)),
  };
}
