/**
 * The fee of one event of a charge paid in advance: what the usage with it costs, less what it cost before.
 *
 * Sums and unique counts are billed above the period's high-water mark only. At price 1, +10, −5, +3, +4 cost 10, 0, 0, 2:
 * what falls and rises again is not billed twice, and nothing is refunded. A prorated fee weighs its increment by the days
 * left: a seat added on 23 February 2024 costs 7/29 → 0.24138 of its price.
 *
 * The usage before the event is read from the store and the event's own share is added to it here, so that a stored event
 * and one that is only estimated take the same way.
 * Source: usage-and-pricing §3.6, §5.3, §6.2; P-8, D-7.
 */
import type { BillableMetric, Charge, ChargePrices } from '../catalog/types.js';
import { assert } from '../errors.js';
import { recordId } from '../ids.js';
import { aggregate } from '../metering/aggregate.js';
import { bucketOfEvent, type ChargeBucket } from '../metering/buckets.js';
import { type AggregationInput, groupKey, type Metered, metered, selectionOf } from '../metering/metered.js';
import { type EventProperties, eventProperties, numericValue } from '../metering/propertyText.js';
import type { GroupedBy, UsageReader } from '../metering/usageReader.js';
import type { UsageWindow } from '../metering/window.js';
import type { InAdvanceUsage } from '../model.js';
import { exponent } from '../money/currency.js';
import { ceil5, Decimal, type DecimalText, doubleQuotient, round, toText, ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { billedDays } from '../time/zone.js';
import { type ChargeFeeAmounts, feeMoney } from './feeAmounts.js';
import { inAdvancePrice } from './inAdvancePrice.js';
import type { InAdvanceRecords } from './inAdvanceRecords.js';
import { type EventIncrement, sumIncrement, uniqueCountIncrement } from './increment.js';
import { decidingValues } from './models/percentagePerTransaction.js';
import { percentageTerms } from './models/percentageTerms.js';
import { guardNegative, price } from './price.js';
import type { Priced } from './types.js';

export interface InAdvanceEvent {
  readonly transactionId: string;
  readonly timestamp: Instant;
  /** Order of arrival; null for an event that is not stored, which comes after all others of its instant. */
  readonly sequence: number | null;
  /** The JSON text of the properties object. */
  readonly properties: string;
  readonly preciseTotalAmountCents: DecimalText | null;
}

export interface InAdvanceInput {
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly currency: string;
  readonly externalSubscriptionId: string;
  readonly subscriptionId: string;
  /** The charges window of the period that holds the event. */
  readonly window: UsageWindow;
  readonly usage: UsageReader;
  /** Of any charge and period: what does not belong is passed over. */
  readonly inAdvanceUsages: InAdvanceRecords;
  readonly event: InAdvanceEvent;
  /** The operation's instant: when the record is made. */
  readonly at: Instant;
  /** Nothing is stored, and an event without the metric's field is priced at 0 instead of having no fee. */
  readonly isEstimate?: boolean;
}

export interface InAdvanceFee extends ChargeFeeAmounts {
  /** The group's new high-water mark; null for counts, which need none. */
  readonly newInAdvanceUsage: InAdvanceUsage | null;
}

/** What is read about the event before anything is priced. */
interface EventContext {
  readonly input: InAdvanceInput;
  readonly bucket: ChargeBucket;
  readonly groupedBy: GroupedBy;
  /** The bucket and group up to the event, without it. */
  readonly earlier: AggregationInput;
  readonly text: string | null;
  readonly operation: 'add' | 'remove';
  readonly preciseCents: Decimal;
}

/** Null: the event has no fee, for want of a usable value of the metric's field. */
export function inAdvanceFee(input: InAdvanceInput): InAdvanceFee | null {
  const { charge, metric, event } = input;
  const properties = eventProperties(event.properties);
  if (!input.isEstimate && !hasUsableValue(metric, properties)) return null;
  const context = contextOf(input, properties);
  const increment = incrementOf(context);
  const priced = charge.prorated ? proratedPrice(context, increment) : marginalPrice(context, increment);
  return {
    ...feeOf(context, increment, priced),
    newInAdvanceUsage: increment.mark === null ? null : newRecord(context, increment),
  };
}

function hasUsableValue(metric: BillableMetric, properties: EventProperties): boolean {
  if (metric.fieldName === null) return true;
  if (properties.isBlank(metric.fieldName)) return false;
  return metric.aggregationType !== 'sum_agg' || numericValue(properties.text(metric.fieldName)) !== null;
}

function contextOf(input: InAdvanceInput, properties: EventProperties): EventContext {
  const { charge, metric, event, window } = input;
  const bucket = bucketOfEvent(charge, metric, properties.text);
  const groupedBy = Object.fromEntries(bucket.groupKeys.map((key) => [key, properties.text(key) || null]));
  const earlier: AggregationInput = {
    metric,
    reader: input.usage,
    externalSubscriptionId: input.externalSubscriptionId,
    window,
    bucket: bucket.bucket,
    groupKeys: bucket.groupKeys,
    group: bucket.groupKeys.length === 0 ? null : groupedBy,
    upTo: { timestamp: event.timestamp, sequence: event.sequence === null ? null : event.sequence - 1 },
    prorated: false,
    withPreciseAmount: charge.chargeModel === 'dynamic',
    startLevels: [],
  };
  const text = metric.fieldName === null ? null : properties.text(metric.fieldName);
  const operation = (properties.text('operation_type') ?? 'add') === 'add' ? 'add' : 'remove';
  const preciseCents = new Decimal(event.preciseTotalAmountCents ?? 0);
  return { input, bucket, groupedBy, earlier, text, operation, preciseCents };
}

function incrementOf(context: EventContext): EventIncrement {
  const { input, bucket, groupedBy, text, operation } = context;
  const { externalSubscriptionId, charge, window } = input;
  const scope = {
    externalSubscriptionId,
    chargeId: charge.id,
    chargeFilterId: bucket.chargeFilter?.id ?? null,
    window,
  };
  const mark = () => input.inAdvanceUsages.mark(scope, groupedBy);
  const one = new Decimal(1);
  switch (input.metric.aggregationType) {
    case 'count_agg':
      return { units: one, shownUnits: one, change: one, mark: null, previousMark: null };
    case 'sum_agg':
      return sumIncrement(numericValue(text) ?? ZERO, mark());
    case 'unique_count_agg':
      return uniqueCountIncrement(operation, isActive(context), mark());
    default:
      assert(false, `${input.metric.aggregationType} cannot be paid in advance`);
  }
}

/** The value is present before the event: its last earlier event of the window is an add. A missing one never counts. */
function isActive({ earlier, text, operation }: EventContext): boolean {
  const field = earlier.metric.fieldName;
  if (field === null || text === null) return operation === 'add';
  const bucket = {
    matching: { ...earlier.bucket?.matching, [field]: [text] },
    ignored: earlier.bucket?.ignored ?? [],
  };
  return earlier.reader.uniqueCount({ ...selectionOf(earlier), bucket }).some((row) => row.eventsCount > 0);
}

/** The price of the usage with the event, less that of the usage without its increment. */
function marginalPrice(context: EventContext, increment: EventIncrement): Pick<Priced, 'amount' | 'amountDetails'> {
  const { input, bucket, preciseCents } = context;
  const { prices } = bucket.properties;
  // Units times a price: what came before cancels out, and is not read.
  if (prices.model === 'standard') return price(prices, usageOf(context, increment.units), input.currency);
  const before = decidingUsage(prices, aggregate(context.earlier)[0] as Metered);
  const all = withEvent(context, before, increment);
  const previous: Metered = {
    ...before,
    units: all.units.minus(increment.units),
    fullUnits: all.units.minus(increment.units),
    eventsCount: all.eventsCount - 1,
    preciseTotalAmountCents: all.preciseTotalAmountCents.minus(preciseCents),
  };
  return inAdvancePrice(prices, all, previous, input.currency);
}

/** Without the values that make no difference: with bounds per transaction they would all be read again for every event. */
function decidingUsage(prices: ChargePrices, usage: Metered): Metered {
  if (prices.model !== 'percentage') return usage;
  const terms = percentageTerms(prices);
  return { ...usage, eventValues: () => decidingValues(terms, usage.eventValues) };
}

function withEvent({ text, preciseCents }: EventContext, before: Metered, increment: EventIncrement): Metered {
  const own = before.aggregationType === 'sum_agg' ? (numericValue(text) ?? ZERO) : new Decimal(1);
  const units = before.units.plus(increment.change);
  const running = before.runningValues;
  return {
    ...before,
    units,
    fullUnits: units,
    eventsCount: before.aggregationType === 'unique_count_agg' ? units.toNumber() : before.eventsCount + 1,
    eventValues: () => followedBy(before.eventValues(), own),
    ...(running === undefined ? {} : { runningValues: () => followedBy(running(), own) }),
    preciseTotalAmountCents: before.preciseTotalAmountCents.plus(preciseCents),
  };
}

function* followedBy(values: Iterable<Decimal>, last: Decimal): Iterable<Decimal> {
  yield* values;
  yield last;
}

function proratedPrice(context: EventContext, increment: EventIncrement): Pick<Priced, 'amount' | 'amountDetails'> {
  const { prices } = context.bucket.properties;
  return price(prices, usageOf(context, proratedValue(context, increment)), context.input.currency);
}

/** ceil5(increment × days left / days of the period): 1 × 7/29 → 0.24138. */
function proratedValue({ input: { event, window } }: EventContext, increment: EventIncrement): Decimal {
  const days = billedDays(event.timestamp, window.to, window.zone);
  return ceil5(increment.units.times(doubleQuotient(days, window.durationDays)));
}

function usageOf({ earlier, groupedBy }: EventContext, units: Decimal): Metered {
  return metered(earlier, { groupedBy, units, eventsCount: 1 });
}

function feeOf(
  { input, bucket, groupedBy }: EventContext,
  increment: EventIncrement,
  priced: Pick<Priced, 'amount' | 'amountDetails'>,
): ChargeFeeAmounts {
  const { charge, currency } = input;
  const guarded = guardNegative(increment.shownUnits, { ...priced, unitAmount: ZERO });
  const { amount, amountDetails } = guarded.priced;
  const { units } = guarded;
  const rounded = round(amount, exponent(currency));
  const unitAmount = rounded.isZero() || units.isZero() ? ZERO : rounded.div(units);
  const pricingUnit = charge.appliedPricingUnit;
  return {
    ...feeMoney(pricingUnit === null ? amount : rounded, unitAmount, currency, pricingUnit),
    chargeFilter: bucket.chargeFilter,
    hasFilters: charge.filters.length > 0,
    groupedBy,
    units,
    totalAggregatedUnits: units,
    eventsCount: 1,
    amountDetails,
    isTrueUp: false,
    hasTrueUp: false,
    adjusted: false,
    presentationBreakdowns: [],
    weightedLevel: null,
  };
}

function newRecord(context: EventContext, increment: EventIncrement): InAdvanceUsage {
  const { input, bucket, groupedBy } = context;
  const { mark, previousMark } = increment;
  assert(mark !== null, 'an increment that is recorded has a mark');
  const { charge, event, externalSubscriptionId, subscriptionId } = input;
  const maxProrated = charge.prorated
    ? toText((previousMark?.maxProrated ?? ZERO).plus(proratedValue(context, increment)))
    : null;
  return {
    id: recordId('in_advance_usage', externalSubscriptionId, charge.id, event.transactionId, groupKey(groupedBy)),
    externalSubscriptionId,
    subscriptionId,
    chargeId: charge.id,
    chargeFilterId: bucket.chargeFilter?.id ?? null,
    groupedBy,
    eventTransactionId: event.transactionId,
    eventTimestamp: event.timestamp,
    current: toText(mark.current),
    max: toText(mark.max),
    maxProrated,
    createdAt: input.at,
  };
}
