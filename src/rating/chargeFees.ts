/**
 * The fees of one charge for one period: a fee for each bucket and group, and the true-up of its minimum.
 *
 * | # | step                          | where |
 * | - | ----------------------------- | ----- |
 * | 1 | buckets and group keys        | `metering/buckets.ts` |
 * | 2 | aggregation, proration        | `metering/aggregate.ts`, `inAdvanceUnits.ts` |
 * | 3 | metric rounding               | `roundedUsage` |
 * | 4 | price                         | `price.ts` |
 * | 5 | guard against negatives       | `guardNegative`, per bucket and group |
 * | 6 | currency or pricing unit      | `feeAmounts.ts` |
 * | 7 | units as shown                | `shownUnits` |
 * | 8 | true-up, then empty fees go   | invoices only |
 *
 * Source: usage-and-pricing §5.6, §9.
 */
import type { ChargePrices } from '../catalog/types.js';
import { aggregate, roundedUsage } from '../metering/aggregate.js';
import { type ChargeBucket, chargeBuckets } from '../metering/buckets.js';
import { groupKey, type Metered } from '../metering/metered.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { aggregationInput, type ChargeBasis, levelScope } from './chargeBasis.js';
import { type ChargeFeeAmounts, feeMoney } from './feeAmounts.js';
import { highWaterMarks } from './inAdvanceRecords.js';
import { inAdvanceUnits } from './inAdvanceUnits.js';
import { presentationBreakdowns, presentationKeys } from './presentation.js';
import { guardNegative, price } from './price.js';
import { withTrueUp } from './trueUp.js';
import { levelToStore } from './weightedLevels.js';

/**
 * `invoice`: the end of a period or of the subscription; charges paid in advance give their renewal. `progressive_billing`:
 * the usage of the period so far, without true-up; charges in arrears only. `current_usage`: every charge, nothing dropped.
 */
type ChargeFeesMode = 'invoice' | 'progressive_billing' | 'current_usage';

export interface ChargeFeesInput extends ChargeBasis {
  readonly mode: ChargeFeesMode;
  /**
   * Fees of a draft that were adjusted by hand: answers for each fee what stands instead, or null to leave it. `withUnits`
   * prices other units by the same model. Adjusted fees are never dropped.
   */
  readonly adjust?: (fee: ChargeFeeAmounts, withUnits: (units: Decimal) => ChargeFeeAmounts) => ChargeFeeAmounts | null;
  /** Presentation keys to break units down by in current usage; null: all of the charge's. */
  readonly presentationKeys?: readonly string[] | null;
}

/** A fee with what it was priced from: projections price it anew. */
export interface RatedGroup {
  readonly fee: ChargeFeeAmounts;
  readonly usage: Metered;
  readonly prices: ChargePrices;
  /** Major units (or pricing units), after the guard. */
  readonly amount: Decimal;
}

export function chargeFees(input: ChargeFeesInput): ChargeFeeAmounts[] {
  if (input.mode === 'current_usage') return ratedGroups(input).map(({ fee }) => fee);
  if (input.charge.payInAdvance) {
    return input.mode === 'invoice' && input.metric.recurring ? renewalFees(input) : [];
  }
  const fees = ratedGroups(input).map((group) => adjusted(input, group));
  const { charge, currency, window } = input;
  const complete = input.mode === 'invoice' ? withTrueUp(charge, currency, window, fees) : fees;
  return complete.filter(isWorthInvoicing);
}

/**
 * The renewal of a recurring charge paid in advance: all units held when the period before ended, in full and unprorated,
 * for the period to come (§3.6). Fees of charges that are not invoiced are kept even at zero (§5.6).
 */
export function renewalFees(input: ChargeFeesInput): ChargeFeeAmounts[] {
  const fees = chargeBuckets(input.charge, input.metric).flatMap((bucket) =>
    rated(input, bucket, aggregate(aggregationInput(input, bucket, false))).map((group) => adjusted(input, group)),
  );
  return input.charge.invoiceable ? fees.filter(isWorthInvoicing) : fees;
}

/** Every bucket and group of the charge with its fee, filters as defined, the default bucket last. */
export function ratedGroups(input: ChargeFeesInput): RatedGroup[] {
  return chargeBuckets(input.charge, input.metric).flatMap((bucket) => rated(input, bucket, usageOf(input, bucket)));
}

function usageOf(input: ChargeFeesInput, bucket: ChargeBucket): Metered[] {
  const { charge, window } = input;
  if (!charge.payInAdvance) return aggregate(aggregationInput(input, bucket, charge.prorated));
  const totals = aggregationInput(input, bucket, false);
  const scope = { ...levelScope(input, bucket), window };
  const marks = highWaterMarks(input.inAdvanceUsages, scope, totals.groupKeys, input.narrowing?.group ?? {});
  return aggregate(totals).map((total) =>
    inAdvanceUnits(total, marks.get(groupKey(total.groupedBy)) ?? null, charge.prorated, window, () => {
      const ofGroup = totals.groupKeys.length === 0 ? null : total.groupedBy;
      return aggregate({ ...totals, prorated: true, group: ofGroup })[0] as Metered;
    }),
  );
}

function rated(input: ChargeFeesInput, bucket: ChargeBucket, usages: readonly Metered[]): RatedGroup[] {
  const basis = aggregationInput(input, bucket, false);
  const isCurrent = input.mode === 'current_usage';
  const keys = presentationKeys(input.charge, !isCurrent, input.presentationKeys ?? null);
  const breakdowns = presentationBreakdowns(basis, keys);
  return usages.map((unrounded) => {
    const group = priced(input, bucket, roundedUsage(input.metric, unrounded));
    const weightedLevel = isCurrent
      ? null
      : levelToStore(basis, levelScope(input, bucket), unrounded, input.weightedLevels);
    const shown = breakdowns.get(groupKey(unrounded.groupedBy)) ?? [];
    return { ...group, fee: { ...group.fee, weightedLevel, presentationBreakdowns: shown } };
  });
}

function priced(input: ChargeFeesInput, bucket: ChargeBucket, usage: Metered): RatedGroup {
  const { charge, currency } = input;
  const { prices } = bucket.properties;
  const guarded = guardNegative(usage.units, price(prices, usage, currency));
  const units = shownUnits(input, usage, guarded.units);
  const { amount, unitAmount, amountDetails } = guarded.priced;
  const fee: ChargeFeeAmounts = {
    chargeFilter: bucket.chargeFilter,
    hasFilters: charge.filters.length > 0,
    groupedBy: usage.groupedBy,
    units,
    totalAggregatedUnits: usage.level ?? units,
    eventsCount: usage.eventsCount,
    amountDetails,
    isTrueUp: false,
    hasTrueUp: false,
    adjusted: false,
    presentationBreakdowns: [],
    weightedLevel: null,
    ...feeMoney(amount, unitAmount, currency, charge.appliedPricingUnit),
  };
  return { fee, usage, prices, amount };
}

/** Prorated usage is shown in full, and so is what is held of a charge paid in advance (§7.2). */
function shownUnits({ mode, charge }: ChargeFeesInput, usage: Metered, guardedUnits: Decimal): Decimal {
  const isHeld = charge.payInAdvance ? mode === 'current_usage' : charge.prorated;
  return isHeld ? Decimal.max(usage.fullUnits, ZERO) : guardedUnits;
}

function adjusted(input: ChargeFeesInput, group: RatedGroup): ChargeFeeAmounts {
  const { fee, usage, prices } = group;
  const withUnits = (units: Decimal): ChargeFeeAmounts => {
    const other: Metered = { ...usage, units, fullUnits: units, prorated: false };
    const { priced: repriced } = guardNegative(units, price(prices, other, input.currency));
    const money = feeMoney(repriced.amount, repriced.unitAmount, input.currency, input.charge.appliedPricingUnit);
    return { ...fee, ...money, units, totalAggregatedUnits: units, amountDetails: repriced.amountDetails };
  };
  const replacement = input.adjust?.(fee, withUnits) ?? null;
  return replacement === null ? fee : { ...replacement, adjusted: true };
}

function isWorthInvoicing(fee: ChargeFeeAmounts): boolean {
  return (
    !fee.units.isZero() ||
    fee.amountCents !== 0 ||
    fee.eventsCount !== 0 ||
    fee.isTrueUp ||
    fee.hasTrueUp ||
    fee.adjusted
  );
}
