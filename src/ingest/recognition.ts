/**
 * Which events will count, as far as ingestion can tell: a known metric code, a known subscription, and the property
 * that the metric reads. Lago stores the others and counts them as nothing, in silence; here they are stored too, and
 * reported (or refused, with `strict`). Counters are kept per code and per subscription, never per pair of them.
 */
import type { BillableMetric, Catalog } from '../catalog/types.js';
import type { Problem } from '../errors.js';
import type { JsonValue } from '../exactJson.js';
import { parseExpression } from '../metering/expression/parse.js';
import type { Expression } from '../metering/expression/syntax.js';
import { propertyText } from '../metering/propertyText.js';
import { SpanTable } from './intern.js';

export type PropertyState = 'usable' | 'missing' | 'non_numeric';

/** A code that events name, with what the catalog says of it. */
export interface NamedCode {
  readonly code: string;
  readonly metric: BillableMetric | null;
  readonly expression: Expression | null;
  /** The property read by the metric; null when it reads none. */
  readonly fieldName: string | null;
  readonly fieldBytes: Buffer | null;
  readonly readsNumbers: boolean;
  events: number;
  missing: number;
  nonNumeric: number;
  unreadableAmounts: number;
}

export interface NamedSubscription {
  /** Null for events that name none. */
  readonly externalId: string | null;
  readonly known: boolean;
  events: number;
}

/** Accepted events that no invoice will show as things stand: counts by code, or by subscription. */
export interface Unmatched {
  readonly unknownMetric: Readonly<Record<string, number>>;
  /** The events without any subscription are under `""`. */
  readonly unknownSubscription: Readonly<Record<string, number>>;
  readonly missingField: Readonly<Record<string, number>>;
  readonly nonNumericField: Readonly<Record<string, number>>;
  /** `precise_total_amount_cents` that is no decimal number and counts as 0. */
  readonly unreadableAmount: Readonly<Record<string, number>>;
}

const numericAggregations: ReadonlySet<string> = new Set(['sum_agg', 'max_agg', 'latest_agg', 'weighted_sum_agg']);

export class Recognition {
  readonly #metrics: Catalog['billableMetrics'];
  readonly #isSubscription: (externalId: string) => boolean;
  readonly #codes = new Map<string, NamedCode>();
  readonly #subscriptions = new Map<string | null, NamedSubscription>();
  readonly #codeSpans = new SpanTable<NamedCode>();
  readonly #subscriptionSpans = new SpanTable<NamedSubscription>();

  readonly #expressions: boolean;

  /** `expressions`: false leaves properties as they are, for events to which expressions were applied already. */
  constructor(
    metrics: Catalog['billableMetrics'],
    isSubscription: (externalId: string) => boolean,
    expressions = true,
  ) {
    this.#metrics = metrics;
    this.#expressions = expressions;
    this.#isSubscription = isSubscription;
  }

  code(text: string): NamedCode {
    let named = this.#codes.get(text);
    if (named === undefined) {
      named = namedCode(text, this.#metrics.get(text) ?? null, this.#expressions);
      this.#codes.set(text, named);
    }
    return named;
  }

  subscription(externalId: string | null): NamedSubscription {
    let named = this.#subscriptions.get(externalId);
    if (named === undefined) {
      named = { externalId, known: externalId !== null && this.#isSubscription(externalId), events: 0 };
      this.#subscriptions.set(externalId, named);
    }
    return named;
  }

  codeAt(bytes: Buffer, from: number, to: number): NamedCode {
    const known = this.#codeSpans.get(bytes, from, to);
    return known ?? this.#codeSpans.add(bytes, from, to, this.code(bytes.toString('utf8', from, to)));
  }

  subscriptionAt(bytes: Buffer, from: number, to: number): NamedSubscription {
    const known = this.#subscriptionSpans.get(bytes, from, to);
    return known ?? this.#subscriptionSpans.add(bytes, from, to, this.subscription(bytes.toString('utf8', from, to)));
  }

  unmatched(): Unmatched {
    const codes = [...this.#codes.values()];
    const per = (count: (code: NamedCode) => number) =>
      Object.fromEntries(codes.map((code) => [code.code, count(code)] as const).filter(([, events]) => events > 0));
    const strangers = [...this.#subscriptions.values()].filter(({ known, events }) => !known && events > 0);
    return {
      unknownMetric: per((code) => (code.metric === null ? code.events : 0)),
      unknownSubscription: Object.fromEntries(strangers.map(({ externalId, events }) => [externalId ?? '', events])),
      missingField: per((code) => code.missing),
      nonNumericField: per((code) => code.nonNumeric),
      unreadableAmount: per((code) => code.unreadableAmounts),
    };
  }
}

/** How the metric sees the value of its property. */
export function propertyState(code: NamedCode, value: JsonValue | undefined): PropertyState {
  if (code.fieldName === null) return 'usable';
  const text = propertyText(value ?? null);
  if (text === null) return 'missing';
  return code.readsNumbers && !/^-?\d+(\.\d+)?$/.test(text) ? 'non_numeric' : 'usable';
}

export function countEvent(code: NamedCode, subscription: NamedSubscription, state: PropertyState): void {
  code.events++;
  subscription.events++;
  if (state === 'missing') code.missing++;
  else if (state === 'non_numeric') code.nonNumeric++;
}

/** Why `strict` refuses the event; null when it will count. */
export function strictProblem(code: NamedCode, subscription: NamedSubscription, state: PropertyState): Problem | null {
  if (code.metric === null) {
    return {
      field: 'code',
      code: 'billable_metric_not_found',
      message: `no billable metric has the code ${JSON.stringify(code.code)}`,
      suggestion: 'Define the metric, or correct the code.',
    };
  }
  if (!subscription.known) {
    return {
      field: 'external_subscription_id',
      code: subscription.externalId === null ? 'value_is_mandatory' : 'subscription_not_found',
      message:
        subscription.externalId === null
          ? 'the event names no subscription'
          : `no subscription has the external id ${JSON.stringify(subscription.externalId)}`,
      suggestion: 'Create the subscription first, or correct the id.',
    };
  }
  if (state === 'usable') return null;
  const property = `properties.${code.fieldName}`;
  const missing = state === 'missing';
  return {
    field: 'properties',
    code: missing ? 'value_is_mandatory' : 'value_is_not_valid_number',
    message: missing ? `${property} is missing` : `${property} is not a plain decimal number`,
    suggestion: `The metric ${code.code} reads ${property}${missing ? '' : '; write it like 12.5'}.`,
  };
}

function namedCode(code: string, metric: BillableMetric | null, expressions: boolean): NamedCode {
  const expression = expressions ? (metric?.expression ?? null) : null;
  const fieldName = metric === null || metric.aggregationType === 'count_agg' ? null : metric.fieldName;
  return {
    code,
    metric,
    expression: expression === null || metric?.fieldName == null ? null : parseExpression(expression),
    fieldName,
    fieldBytes: fieldName === null ? null : Buffer.from(fieldName),
    readsNumbers: metric !== null && numericAggregations.has(metric.aggregationType),
    events: 0,
    missing: 0,
    nonNumeric: 0,
    unreadableAmounts: 0,
  };
}
