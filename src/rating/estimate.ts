/**
 * The fees that an event would produce on the charges paid in advance of its metric, without storing anything.
 *
 * `estimateFees` prices it after the usage that is there: price(existing + event) − price(existing). `estimateInstantFees`
 * looks at the event alone, for standard and percentage charges: standard units × amount; percentage
 * units × rate / 100 + fixed amount, within the minimum and maximum per transaction.
 * Source: usage-and-pricing §1.7, §10.
 */
import type { BillableMetric, Charge, ChargePrices, Plan } from '../catalog/types.js';
import { invalid } from '../errors.js';
import { roundUnits } from '../metering/aggregate.js';
import { bucketOfEvent } from '../metering/buckets.js';
import { type EventProperties, eventProperties } from '../metering/propertyText.js';
import { exponent } from '../money/currency.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import { type ChargeFeeAmounts, feeMoney } from './feeAmounts.js';
import { type InAdvanceFee, type InAdvanceInput, inAdvanceFee } from './inAdvance.js';
import type { PricesOf } from './types.js';

export interface EstimateInput extends Omit<InAdvanceInput, 'charge' | 'currency' | 'isEstimate'> {
  readonly plan: Plan;
}

export interface EstimatedFee {
  readonly charge: Charge;
  readonly fee: ChargeFeeAmounts;
}

export function estimateFees(input: EstimateInput): EstimatedFee[] {
  const { plan, metric } = input;
  checkNumeric(metric, eventProperties(input.event.properties));
  const estimated: EstimatedFee[] = [];
  for (const charge of inAdvanceCharges(plan, metric)) {
    const fee: InAdvanceFee | null = inAdvanceFee({
      ...input,
      charge,
      currency: plan.amountCurrency,
      isEstimate: true,
    });
    if (fee !== null) estimated.push({ charge, fee });
  }
  return estimated;
}

export function estimateInstantFees(plan: Plan, metric: BillableMetric, propertiesJson: string): EstimatedFee[] {
  const properties = eventProperties(propertiesJson);
  checkNumeric(metric, properties);
  const charges = inAdvanceCharges(plan, metric, ['standard', 'percentage']);
  return charges.map((charge) => ({ charge, fee: instantFee(plan, charge, metric, properties) }));
}

function inAdvanceCharges(plan: Plan, metric: BillableMetric, models: readonly string[] | null = null): Charge[] {
  const charges = plan.charges.filter(
    (charge) =>
      charge.payInAdvance &&
      charge.billableMetricCode === metric.code &&
      (models === null || models.includes(charge.chargeModel)),
  );
  if (charges.length > 0) return charges;
  throw invalid({
    field: 'code',
    code: 'does_not_match_an_instant_charge',
    message: `no charge of plan ${plan.code} on ${metric.code} is paid in advance`,
    suggestion: 'Only charges with pay_in_advance: true have a fee per event.',
  });
}

/** Sums, maxima and latest values must be readable as a number where the event brings one. */
function checkNumeric(metric: BillableMetric, properties: EventProperties): void {
  if (metric.fieldName === null || !['sum_agg', 'max_agg', 'latest_agg'].includes(metric.aggregationType)) return;
  const text = properties.text(metric.fieldName);
  if (text === null || isFloat(text)) return;
  throw invalid({
    field: 'properties',
    code: 'value_is_not_valid_number',
    message: `${metric.fieldName} is ${JSON.stringify(text)}, which is no number`,
  });
}

function isFloat(text: string): boolean {
  return /^\s*[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d{1,3})?\s*$/i.test(text);
}

function instantFee(plan: Plan, charge: Charge, metric: BillableMetric, properties: EventProperties): ChargeFeeAmounts {
  const bucket = bucketOfEvent(charge, metric, properties.text);
  const unguarded = roundUnits(metric, instantUnits(metric, properties));
  const units = Decimal.max(unguarded, ZERO);
  const amount = unguarded.lt(ZERO) ? ZERO : instantAmount(bucket.properties.prices, units);
  const rounded = round(amount, exponent(plan.amountCurrency));
  const unitAmount = units.isZero() ? ZERO : rounded.div(units);
  return {
    ...feeMoney(amount, unitAmount, plan.amountCurrency, charge.appliedPricingUnit),
    chargeFilter: bucket.chargeFilter,
    hasFilters: charge.filters.length > 0,
    groupedBy: Object.fromEntries(bucket.groupKeys.map((key) => [key, properties.text(key) || null])),
    units,
    totalAggregatedUnits: units,
    eventsCount: 1,
    amountDetails: {},
    isTrueUp: false,
    hasTrueUp: false,
    adjusted: false,
    presentationBreakdowns: [],
    weightedLevel: null,
  };
}

function instantUnits(metric: BillableMetric, properties: EventProperties): Decimal {
  if (metric.fieldName === null) return new Decimal(1);
  const text = properties.text(metric.fieldName);
  if (metric.aggregationType === 'unique_count_agg') return new Decimal(text === null ? 0 : 1);
  return text !== null && isFloat(text) ? new Decimal(text.trim()) : ZERO;
}

function instantAmount(prices: ChargePrices, units: Decimal): Decimal {
  if (prices.model === 'standard') return units.times(prices.amount);
  if (prices.model !== 'percentage') return ZERO;
  return bounded(
    prices,
    units
      .times(prices.rate)
      .div(100)
      .plus(prices.fixedAmount ?? 0),
  );
}

function bounded(prices: PricesOf<'percentage'>, amount: Decimal): Decimal {
  const { perTransactionMinAmount: min, perTransactionMaxAmount: max } = prices;
  if (min !== null && amount.lt(min)) return new Decimal(min);
  if (max !== null && amount.gt(max)) return new Decimal(max);
  return amount;
}
