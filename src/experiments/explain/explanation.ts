/**
 * What an explanation is: a figure, the facts that it rests on, and the steps of arithmetic that lead to it. The last
 * step's result is the figure; where it is not, the explanation says so itself (`reAdds`).
 */
import type { Step } from '../arithmetic.js';
import { resultOf } from '../arithmetic.js';

export interface Fact {
  readonly label: string;
  readonly text: string;
}

export interface ExplainedEvent {
  readonly transactionId: string;
  /** ISO 8601, UTC. */
  readonly timestamp: string;
  /** In the customer's zone. */
  readonly localTime: string;
  /** The aggregated property; null for counts, and where it is missing. */
  readonly value: string | null;
  readonly counts: boolean;
}

export interface Explanation {
  readonly title: string;
  /** Of a fee on its invoice, from 1. */
  readonly place?: number;
  readonly subtitle: string | null;
  /** Null where there is no amount (an event). */
  readonly amountCents: number | null;
  readonly currency: string | null;
  readonly facts: readonly Fact[];
  /** The last result is `amountCents`. */
  readonly steps: readonly Step[];
  /** What becomes of the amount afterwards: its share of coupons, its tax. */
  readonly shares: readonly Step[];
  readonly events: readonly ExplainedEvent[];
  /** Events left out of `events`, by the limit. */
  readonly eventsLeftOut: number;
  readonly parts: readonly Explanation[];
}

export const NOTHING = {
  subtitle: null,
  amountCents: null,
  currency: null,
  facts: [],
  steps: [],
  shares: [],
  events: [],
  eventsLeftOut: 0,
  parts: [],
} as const satisfies Partial<Explanation>;

/** Whether the printed steps come to the printed figure. */
export function reAdds({ amountCents, steps }: Explanation): boolean {
  return amountCents === null || steps.length === 0 || resultOf(steps).equals(amountCents);
}

/** For machines. */
export function explanationJson(explanation: Explanation): Record<string, unknown> {
  const { title, subtitle, amountCents, currency, facts, steps, shares, events, parts } = explanation;
  return {
    title,
    ...(explanation.place === undefined ? {} : { fee: explanation.place }),
    subtitle,
    amount_cents: amountCents,
    currency,
    facts: Object.fromEntries(facts.map(({ label, text }) => [label.replaceAll(' ', '_'), text])),
    steps,
    shares,
    re_adds: reAdds(explanation),
    ...(events.length === 0
      ? {}
      : {
          events: events.map((event) => ({
            transaction_id: event.transactionId,
            timestamp: event.timestamp,
            local_time: event.localTime,
            value: event.value,
            counts: event.counts,
          })),
          events_left_out: explanation.eventsLeftOut,
        }),
    parts: parts.map(explanationJson),
  };
}
