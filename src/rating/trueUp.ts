/**
 * The true-up of a charge below its minimum: what is missing, as one fee more.
 *
 * 1000 cents on 25 of 28 days, used 800: 892.857… − 800 → 93. The minimum is prorated in doubles, as in Lago. In a pricing
 * unit both the minimum and what was used are pricing-unit cents, and the difference is converted.
 * Source: usage-and-pricing §6.4, §6.5.
 */
import type { Charge } from '../catalog/types.js';
import { subscribedDays } from '../metering/days.js';
import type { UsageWindow } from '../metering/window.js';
import { fromCents } from '../money/currency.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import { type ChargeFeeAmounts, converted } from './feeAmounts.js';

/** The fees with their true-up at the end, if one is due; its parent is marked. */
export function withTrueUp(
  charge: Charge,
  currency: string,
  window: UsageWindow,
  fees: readonly ChargeFeeAmounts[],
): ChargeFeeAmounts[] {
  const parent = fees.find((fee) => fee.chargeFilter === null);
  if (charge.minAmountCents === 0 || parent === undefined) return [...fees];
  const minimum = proratedMinimum(charge.minAmountCents, window);
  const used = fees.reduce((sum, fee) => sum + (fee.pricingUnit ?? fee).amountCents, 0);
  if (minimum.lte(used)) return [...fees];
  const preciselyUsed = fees.reduce((sum, fee) => sum.plus((fee.pricingUnit ?? fee).preciseAmountCents), ZERO);
  const missing = round(minimum.minus(used)).toNumber();
  const trueUp: ChargeFeeAmounts = {
    ...parent,
    ...trueUpMoney(charge, currency, missing, minimum.minus(preciselyUsed)),
    units: new Decimal(1),
    totalAggregatedUnits: new Decimal(1),
    eventsCount: 0,
    isTrueUp: true,
    hasTrueUp: false,
    adjusted: false,
    presentationBreakdowns: [],
    weightedLevel: null,
  };
  return [...fees.map((fee) => (fee === parent ? { ...fee, hasTrueUp: true } : fee)), trueUp];
}

/** 1000 over 31 days, 15 of them: 32.25806451612903 × 15 → 483.8709677419355. */
function proratedMinimum(minAmountCents: number, window: UsageWindow): Decimal {
  return new Decimal(String((minAmountCents / window.durationDays) * subscribedDays(window)));
}

function trueUpMoney(charge: Charge, currency: string, missing: number, preciselyMissing: Decimal) {
  const pricingUnit = charge.appliedPricingUnit;
  if (pricingUnit !== null) {
    return converted(missing, preciselyMissing, new Decimal(missing).div(100), currency, pricingUnit);
  }
  return {
    amountCents: missing,
    preciseAmountCents: preciselyMissing,
    unitAmountCents: missing,
    preciseUnitAmount: fromCents(missing, currency),
    pricingUnit: null,
  };
}
