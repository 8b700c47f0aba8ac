/**
 * Fees of a draft adjusted by hand: units, unit price, display name. Kept on the invoice, put on its fees again each
 * time that they are rebuilt.
 *
 * Units alone are priced by the charge's own model (a true-up follows), or, where there is no model, at the fee's unit
 * price: 3 units of a base fee of 129.00 are 387.00. Units and a unit price multiply. (invoicing §1.1, §6.3)
 */
import type { ChargePrices } from '../catalog/types.js';
import { BillingError, invalid } from '../errors.js';
import type { Fee, FeeAdjustment, Invoice } from '../model.js';
import { subunit, toCents, toPreciseCents } from '../money/currency.js';
import { Decimal, round, toText, truncate } from '../money/decimal.js';
import type { ChargeFeesInput } from '../rating/chargeFees.js';
import type { ChargeFeeAmounts } from '../rating/feeAmounts.js';
import { feeMoney } from '../rating/feeAmounts.js';
import { fixedUnits } from '../rating/fixedUnits.js';
import { price } from '../rating/price.js';
import { planOf } from '../subscriptions/terms.js';
import { feesOfInvoice } from './feeScope.js';
import type { BillingWork } from './work.js';

export type Adjusted = Pick<FeeAdjustment, 'units' | 'unitPreciseAmount' | 'invoiceDisplayName'>;

/** Notes the adjustment on the draft; the caller refreshes it. A second adjustment of a fee replaces the first. */
export function adjustFee(work: BillingWork, invoice: Invoice, fee: Fee, adjusted: Adjusted): void {
  if (invoice.status !== 'draft') {
    throw new BillingError('invalid_status', {
      message: `invoice ${invoice.number} is ${invoice.status}: only the fees of drafts are adjusted`,
    });
  }
  refuseUnpriceable(fee, adjusted);
  const adjustment: FeeAdjustment = {
    feeType: fee.feeType,
    subscriptionId: fee.subscriptionId,
    chargeId: fee.chargeId,
    chargeFilterId: fee.chargeFilterId,
    fixedChargeId: fee.fixedChargeId,
    groupedBy: fee.item.groupedBy,
    ...adjusted,
  };
  const others = invoice.feeAdjustments.filter((other) => !means(other, fee));
  work.account.put('invoice', { ...invoice, feeAdjustments: [...others, adjustment], updatedAt: work.at });
}

/** For `chargeFees`: what stands instead of a charge's fee, so that the true-up is computed from it. */
export function chargeAdjuster(
  invoice: Pick<Invoice, 'feeAdjustments'>,
  subscriptionId: string,
  input: Pick<ChargeFeesInput, 'charge' | 'currency'>,
): NonNullable<ChargeFeesInput['adjust']> {
  return (fee: ChargeFeeAmounts, withUnits) => {
    const adjustment = invoice.feeAdjustments.find(
      (candidate) =>
        candidate.subscriptionId === subscriptionId &&
        candidate.chargeId === input.charge.id &&
        candidate.chargeFilterId === (fee.chargeFilter?.id ?? null) &&
        sameGroup(candidate.groupedBy, fee.groupedBy),
    );
    if (adjustment === undefined) return null;
    const units = adjustment.units === null ? fee.units : new Decimal(adjustment.units);
    if (adjustment.unitPreciseAmount === null) return adjustment.units === null ? fee : withUnits(units);
    const unitAmount = new Decimal(adjustment.unitPreciseAmount);
    const money = feeMoney(units.times(unitAmount), unitAmount, input.currency, input.charge.appliedPricingUnit);
    return { ...fee, ...money, units, totalAggregatedUnits: units, amountDetails: {} };
  };
}

/** Puts the draft's adjustments on its rebuilt fees; charge fees come with their figures already. */
export function applyAdjustments(work: BillingWork, invoiceId: string): void {
  const invoice = work.account.get('invoice', invoiceId);
  if (invoice === undefined || invoice.feeAdjustments.length === 0) return;
  for (const fee of feesOfInvoice(work, invoiceId)) {
    const adjustment = invoice.feeAdjustments.find((candidate) => means(candidate, fee));
    if (adjustment === undefined) continue;
    const priced = fee.feeType === 'charge' ? fee : repriced(work, fee, adjustment);
    work.account.put('fee', {
      ...priced,
      adjusted: true,
      item: { ...priced.item, invoiceDisplayName: adjustment.invoiceDisplayName ?? priced.item.invoiceDisplayName },
    });
  }
}

/** Lago cannot price other units where the price depends on single events, or on the days of each unit. */
function refuseUnpriceable(fee: Fee, adjusted: Adjusted): void {
  if (adjusted.units === null || adjusted.unitPreciseAmount !== null) return;
  const unpriceable =
    fee.chargeModel === 'percentage' ||
    fee.chargeModel === 'dynamic' ||
    (fee.feeType === 'charge' && fee.prorated && fee.chargeModel === 'graduated');
  if (!unpriceable) return;
  throw invalid({
    field: 'charge',
    code: 'invalid_charge_model',
    message: `units of a ${fee.chargeModel} charge need a unit_precise_amount`,
  });
}

function repriced(work: BillingWork, fee: Fee, adjustment: FeeAdjustment): Fee {
  if (adjustment.units === null && adjustment.unitPreciseAmount === null) return fee;
  const units = new Decimal(adjustment.units ?? fee.units);
  const { amount, unitAmount, amountDetails } = amountOf(work, fee, units, adjustment);
  return {
    ...fee,
    units: toText(units),
    amountCents: toCents(amount, fee.currency),
    preciseAmountCents: toText(round(toPreciseCents(amount, fee.currency), 15)),
    unitAmountCents: truncate(unitAmount.times(subunit(fee.currency))).toNumber(),
    preciseUnitAmount: toText(round(unitAmount, 15)),
    amountDetails,
  };
}

/** Major units. */
function amountOf(work: BillingWork, fee: Fee, units: Decimal, adjustment: FeeAdjustment) {
  const prices = adjustment.unitPreciseAmount === null ? fixedChargePrices(work, fee) : null;
  if (prices !== null) return price(prices, fixedUnits(units), fee.currency);
  const unitAmount = new Decimal(adjustment.unitPreciseAmount ?? fee.preciseUnitAmount);
  return { amount: units.times(unitAmount), unitAmount, amountDetails: fee.amountDetails };
}

function fixedChargePrices(work: BillingWork, fee: Fee): ChargePrices | null {
  const subscription = fee.subscriptionId === null ? undefined : work.account.get('subscription', fee.subscriptionId);
  if (subscription === undefined || fee.fixedChargeId === null) return null;
  const { fixedCharges } = planOf(work.catalog, subscription);
  return fixedCharges.find((fixedCharge) => fixedCharge.id === fee.fixedChargeId)?.prices ?? null;
}

function means(adjustment: FeeAdjustment, fee: Fee): boolean {
  return (
    fee.trueUpParentFeeId === null &&
    adjustment.feeType === fee.feeType &&
    adjustment.subscriptionId === fee.subscriptionId &&
    adjustment.chargeId === fee.chargeId &&
    adjustment.chargeFilterId === fee.chargeFilterId &&
    adjustment.fixedChargeId === fee.fixedChargeId &&
    sameGroup(adjustment.groupedBy, fee.item.groupedBy)
  );
}

function sameGroup(a: FeeAdjustment['groupedBy'], b: FeeAdjustment['groupedBy']): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
