/**
 * Current usage: what the events of the running period cost so far, charge by charge. Nothing is stored.
 *
 * All charges count, in arrears and in advance; no true-up, no subscription fee, no commitment, no coupon. Events dated up to
 * the period's end are in it, future ones too.
 * Source: usage-and-pricing §7.1, §7.3, §7.5; D-8.
 */
import type { BillableMetric, Catalog, Charge, Plan } from '../catalog/types.js';
import { assert, BillingError, notFound } from '../errors.js';
import type { UsageReader } from '../metering/usageReader.js';
import type { UnitsBreakdown, UsageView } from '../metering/usageView.js';
import type { UsageWindow } from '../metering/window.js';
import type { InAdvanceUsage, WeightedLevel } from '../model.js';
import { type Decimal, round, ZERO } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { billedDays, localDateOf } from '../time/zone.js';
import { type ChargeFeesInput, type RatedGroup, ratedGroups } from './chargeFees.js';
import type { ChargeFeeAmounts } from './feeAmounts.js';
import { feeMoney } from './feeAmounts.js';
import { projectionRatio, projectUsage } from './projection.js';
import { type UsageLevels, type UsageLine, usageLevels } from './usageLevels.js';

export interface CurrentUsageOptions {
  /** Only charges that fit; unknown ones are `charge_not_found`. */
  readonly chargeId?: string | null;
  readonly chargeCode?: string | null;
  readonly billableMetricCode?: string | null;
  /** Keeps the events of one value of a group key, and drops the key from the grouping. */
  readonly group?: Readonly<Record<string, string>> | null;
  readonly skipGrouping?: boolean;
  /** Presentation keys to break units down by; null: all. */
  readonly presentationKeys?: readonly string[] | null;
  readonly applyTaxes?: boolean;
  /** From the subscription's start instead of the period's. */
  readonly fullUsage?: boolean;
  readonly projected?: boolean;
}

export interface CurrentUsageInput {
  readonly plan: Plan;
  readonly catalog: Pick<Catalog, 'billableMetrics'>;
  readonly externalSubscriptionId: string;
  readonly previousSubscriptionExists: boolean;
  readonly subscriptionStartedAt: Instant;
  /** The charges window of the running period, to its end. */
  readonly window: UsageWindow;
  readonly usage: UsageReader;
  readonly inAdvanceUsages: readonly InAdvanceUsage[];
  readonly weightedLevels: readonly WeightedLevel[];
  /** Now: how much of the period is over, for projections. */
  readonly at: Instant;
  /** The taxes of a charge's fees, rates in percent. */
  readonly taxRates: (charge: Charge) => readonly { readonly rate: number }[];
  readonly options?: CurrentUsageOptions;
}

/** A fee of the current usage, for what draws on it: thresholds, ongoing balances. */
export interface CurrentUsageFee {
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly fee: ChargeFeeAmounts;
  /** Unrounded minor units. */
  readonly preciseTaxesAmountCents: Decimal;
}

export interface CurrentUsage extends UsageView {
  readonly fees: readonly CurrentUsageFee[];
}

interface ChargeResult {
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly groups: readonly RatedGroup[];
  readonly levels: UsageLevels;
  /** Of all its buckets, the default one included. */
  readonly projectedAmountCents: number;
}

export function currentUsage(input: CurrentUsageInput): CurrentUsage {
  const { plan, options = {} } = input;
  const charges = selectedCharges(plan, options);
  if (options.fullUsage) checkFullUsage(charges, options);
  const window = options.fullUsage ? { ...input.window, from: input.subscriptionStartedAt } : input.window;
  const results = charges.map((charge) => chargeResult(input, charge, window)).sort(byMetricName);
  const fees = results.flatMap((result) => currentFees(input, result));
  const amountCents = fees.reduce((sum, { fee }) => sum + fee.amountCents, 0);
  const taxes = fees.reduce((sum, fee) => sum.plus(fee.preciseTaxesAmountCents), ZERO);
  const taxesAmountCents = round(taxes).toNumber();
  return {
    fromDatetime: window.from,
    toDatetime: window.to,
    issuingDate: localDateOf(window.to, window.zone),
    invoiceId: null,
    currency: plan.amountCurrency,
    amountCents,
    taxesAmountCents,
    totalAmountCents: amountCents + taxesAmountCents,
    projectedAmountCents: options.projected
      ? results.reduce((sum, result) => sum + result.projectedAmountCents, 0)
      : null,
    chargesUsage: results.map(({ charge, metric, levels }) => ({
      ...levels,
      charge: {
        id: charge.id,
        code: charge.code,
        chargeModel: charge.chargeModel,
        invoiceDisplayName: charge.invoiceDisplayName,
      },
      billableMetric: {
        id: metric.id,
        name: metric.name,
        code: metric.code,
        aggregationType: metric.aggregationType,
      },
      currency: plan.amountCurrency,
    })),
    fees,
  };
}

function selectedCharges(plan: Plan, options: CurrentUsageOptions): readonly Charge[] {
  const { chargeId = null, chargeCode = null, billableMetricCode = null } = options;
  if (!narrowsCharges(options)) return plan.charges;
  const charges = plan.charges.filter(
    (charge) =>
      (chargeId === null || charge.id === chargeId) &&
      (chargeCode === null || charge.code === chargeCode) &&
      (billableMetricCode === null || charge.billableMetricCode === billableMetricCode),
  );
  if (charges.length === 0) throw notFound('charge', chargeCode ?? billableMetricCode ?? chargeId ?? '');
  return charges;
}

function narrowsCharges({ chargeId, chargeCode, billableMetricCode }: CurrentUsageOptions): boolean {
  return [chargeId, chargeCode, billableMetricCode].some((each) => each !== undefined && each !== null);
}

function checkFullUsage(charges: readonly Charge[], options: CurrentUsageOptions): void {
  const isNarrowed = narrowsCharges(options) || (options.group ?? null) !== null;
  if (isNarrowed && !charges.some((charge) => charge.prorated)) return;
  throw new BillingError('full_usage_not_allowed', {
    message: isNarrowed
      ? 'usage since the start of the subscription cannot be shown for a prorated charge'
      : 'usage since the start of the subscription needs a charge, a metric or a group to show',
  });
}

function chargeResult(input: CurrentUsageInput, charge: Charge, window: UsageWindow): ChargeResult {
  const { catalog, plan, options = {} } = input;
  const metric = catalog.billableMetrics.get(charge.billableMetricCode);
  assert(metric !== undefined, `charge ${charge.code} names no metric that is defined`);
  const basis: ChargeFeesInput = {
    charge,
    metric,
    currency: plan.amountCurrency,
    externalSubscriptionId: input.externalSubscriptionId,
    previousSubscriptionExists: input.previousSubscriptionExists,
    window,
    usage: input.usage,
    inAdvanceUsages: input.inAdvanceUsages,
    weightedLevels: input.weightedLevels,
    narrowing: { group: options.group ?? null, skipGrouping: options.skipGrouping ?? false },
    mode: 'current_usage',
    presentationKeys: options.presentationKeys ?? null,
  };
  const groups = ratedGroups(basis);
  const ratio = options.projected ? elapsedShare(window, input.at) : null;
  const lines = groups.map((group) => usageLine(group, basis, ratio));
  return {
    charge,
    metric,
    groups,
    levels: usageLevels(lines, charge.filters.length > 0),
    projectedAmountCents: lines.reduce((sum, line) => sum + (line.projected?.amountCents ?? 0), 0),
  };
}

function elapsedShare({ from, to, zone }: UsageWindow, at: Instant): Decimal {
  return projectionRatio(billedDays(from, at, zone), billedDays(from, to, zone));
}

function usageLine(group: RatedGroup, basis: ChargeFeesInput, ratio: Decimal | null): UsageLine {
  const { fee } = group;
  return {
    filter: fee.chargeFilter,
    groupedBy: fee.groupedBy,
    units: fee.units,
    totalAggregatedUnits: fee.totalAggregatedUnits ?? fee.units,
    eventsCount: fee.eventsCount,
    amountCents: fee.amountCents,
    pricingUnit: fee.pricingUnit,
    presentationBreakdowns: fee.presentationBreakdowns,
    projected: ratio === null ? null : projection(group, basis, ratio),
  };
}

function projection({ fee, usage, prices, amount }: RatedGroup, basis: ChargeFeesInput, ratio: Decimal) {
  const { currency, charge, metric } = basis;
  const current = { prices, usage, units: fee.units, amount, currency, recurring: metric.recurring };
  const projected = projectUsage(current, ratio);
  const breakdown = ({ presentationBy, units }: UnitsBreakdown): UnitsBreakdown => ({
    presentationBy,
    units: projectedUnits(units, metric, ratio),
  });
  return {
    units: projected.units,
    amountCents: feeMoney(projected.amount, ZERO, currency, charge.appliedPricingUnit).amountCents,
    presentationBreakdowns: fee.presentationBreakdowns.map(breakdown),
  };
}

function projectedUnits(units: Decimal, metric: BillableMetric, ratio: Decimal): Decimal {
  if (metric.recurring) return units;
  return ratio.isZero() ? ZERO : round(units.div(ratio), 2);
}

function currentFees(input: CurrentUsageInput, { charge, metric, groups }: ChargeResult): CurrentUsageFee[] {
  const rates = input.options?.applyTaxes === false ? [] : input.taxRates(charge);
  const rate = rates.reduce((sum, tax) => sum.plus(tax.rate), ZERO);
  return groups.map(({ fee }) => ({
    charge,
    metric,
    fee,
    preciseTaxesAmountCents: rate.times(fee.amountCents).div(100),
  }));
}

/** Without regard to case; equal names keep the plan's order. */
function byMetricName(a: ChargeResult, b: ChargeResult): number {
  const [x, y] = [a.metric.name.toLowerCase(), b.metric.name.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
