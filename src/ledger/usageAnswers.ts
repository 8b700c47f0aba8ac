/** The shapes that usage answers share: one row per group, days of a window, and what an empty series answers. */
import type { EventSelection, GroupedBy } from '../metering/usageReader.js';
import type { Instant } from '../time/instant.js';

/** A day's number and its first and last instant within the window. */
export type DaySpan = readonly [day: number, first: number, last: number];

/** Day −1 is what lies before the first start. */
export function daySpans(selection: EventSelection, dayStarts: readonly Instant[]): DaySpan[] {
  const spans: DaySpan[] = [];
  for (let day = -1; day < dayStarts.length; day += 1) {
    const first = Math.max(dayStarts[day] ?? Number.MIN_SAFE_INTEGER, selection.from ?? Number.MIN_SAFE_INTEGER);
    const last = Math.min((dayStarts[day + 1] ?? Number.MAX_SAFE_INTEGER) - 1, selection.to);
    if (first <= last) spans.push([day, first, last]);
  }
  return spans;
}

export function dayOf(spans: readonly DaySpan[], timestamp: number): number {
  const span = spans.find(([, first, last]) => first <= timestamp && timestamp <= last);
  return span?.[0] ?? -1;
}

/** What a selection without events answers: one row without group keys, none with. */
export function empty<T>(selection: EventSelection, answer: T): (T & { readonly groupedBy: GroupedBy })[] {
  return selection.groupKeys.length === 0 ? [{ groupedBy: {}, ...answer }] : [];
}

/** Answers by group (and day), in the order of their first appearance. */
export class Groups<T extends { readonly groupedBy: GroupedBy; readonly day?: number }> {
  readonly #answers = new Map<string, T>();

  get(group: GroupedBy, day?: number): T | undefined {
    return this.#answers.get(nameOf(group, day));
  }

  set(answer: T): void {
    this.#answers.set(nameOf(answer.groupedBy, answer.day), answer);
  }

  all(): T[] {
    return [...this.#answers.values()];
  }
}

function nameOf(group: GroupedBy, day: number | undefined): string {
  return `${day ?? ''}${JSON.stringify(group)}`;
}
