/**
 * A fee as Lago prints it (invoicing §7.2).
 *
 * `precise_amount` and its like are major units; `precise_coupons_amount_cents` stays in minor units. The total is the
 * amount before coupons plus the tax on what coupons left of it: 105.00 − 5.00 coupon at 10 % → 105 + 10 = 115.
 */
import { recordId } from '../../ids.js';
import type { AppliedTax, Fee } from '../../model.js';
import { Decimal, round } from '../../money/decimal.js';
import { decimal, majorDecimal, timestamp, timestampWithOffset } from './encoding.js';
import { appliedTaxFigures } from './tax.js';

export interface FeeParts {
  readonly externalCustomerId: string;
  /** The true-up fee that tops this one up to its charge's minimum. */
  readonly trueUpFeeId?: string | null;
  readonly selfBilled?: boolean;
  /** Fee endpoints list the taxes; the fees of an invoice do not. */
  readonly withAppliedTaxes?: boolean;
}

export type FeeJson = ReturnType<typeof feeJson>;

export function feeJson(fee: Fee, parts: FeeParts) {
  const ofSubscription = fee.feeType !== 'add_on' && fee.feeType !== 'credit';
  return {
    lago_id: fee.id as string | null,
    lago_charge_id: fee.chargeId,
    lago_charge_filter_id: fee.chargeFilterId,
    lago_fixed_charge_id: fee.fixedChargeId,
    lago_invoice_id: fee.invoiceId,
    lago_true_up_fee_id: parts.trueUpFeeId ?? null,
    lago_true_up_parent_fee_id: fee.trueUpParentFeeId,
    lago_original_fee_id: fee.originalFeeId,
    lago_subscription_id: fee.subscriptionId,
    external_subscription_id: fee.externalSubscriptionId,
    lago_customer_id: ofSubscription ? fee.customerId : null,
    external_customer_id: ofSubscription ? parts.externalCustomerId : null,
    item: itemJson(fee),
    ...moneyJson(fee),
    events_count: fee.eventsCount,
    payment_status: fee.paymentStatus,
    created_at: timestamp(fee.createdAt),
    succeeded_at: timestamp(fee.succeededAt),
    failed_at: timestamp(fee.failedAt),
    refunded_at: timestamp(fee.refundedAt),
    amount_details: fee.amountDetails,
    self_billed: parts.selfBilled ?? false,
    pricing_unit_details: pricingUnitJson(fee),
    presentation_breakdowns: fee.presentationBreakdowns.map((breakdown) => ({
      presentation_by: breakdown.presentationBy,
      units: decimal(breakdown.units),
    })),
    ...(hasPeriod(fee)
      ? {
          from_date: timestampWithOffset(fee.shownFromAt ?? fee.fromAt),
          to_date: timestampWithOffset(fee.shownToAt ?? fee.toAt),
        }
      : {}),
    ...(fee.feeType === 'charge' && fee.payInAdvance ? { event_transaction_id: fee.eventTransactionId } : {}),
    ...(parts.withAppliedTaxes === true
      ? { applied_taxes: fee.appliedTaxes.map((tax) => feeAppliedTaxJson(tax, fee)) }
      : {}),
  };
}

/** The fees of one invoice, in order of creation, each knowing its true-up. */
export function feesJson(fees: readonly Fee[], parts: Omit<FeeParts, 'trueUpFeeId'>): FeeJson[] {
  const trueUps = new Map<string, string>();
  for (const fee of fees) if (fee.trueUpParentFeeId !== null) trueUps.set(fee.trueUpParentFeeId, fee.id);
  return fees.map((fee) => feeJson(fee, { ...parts, trueUpFeeId: trueUps.get(fee.id) ?? null }));
}

function itemJson(fee: Fee) {
  const { item } = fee;
  return {
    type: fee.feeType,
    code: item.code,
    name: item.name,
    description: item.description,
    invoice_display_name: item.invoiceDisplayName ?? item.name,
    filters: item.filters,
    filter_invoice_display_name: item.filterInvoiceDisplayName,
    lago_item_id: item.id,
    item_type: item.type,
    grouped_by: item.groupedBy,
  };
}

function moneyJson(fee: Fee) {
  const { currency } = fee;
  const coupons = new Decimal(fee.preciseCouponsAmountCents);
  const precise = new Decimal(fee.preciseAmountCents);
  const billedByPlan = fee.feeType === 'charge' || fee.feeType === 'fixed_charge' || fee.feeType === 'subscription';
  return {
    pay_in_advance: billedByPlan && fee.payInAdvance,
    invoiceable: fee.feeType === 'charge' ? fee.invoiceable : true,
    amount_cents: fee.amountCents,
    amount_currency: currency,
    precise_amount: majorDecimal(precise, currency),
    precise_total_amount: majorDecimal(precise.plus(fee.taxesPreciseAmountCents), currency),
    taxes_amount_cents: fee.taxesAmountCents,
    taxes_precise_amount: majorDecimal(fee.taxesPreciseAmountCents, currency),
    taxes_rate: fee.taxesRate,
    total_aggregated_units: decimal(fee.totalAggregatedUnits),
    total_amount_cents: fee.amountCents + fee.taxesAmountCents,
    total_amount_currency: currency,
    units: decimal(fee.units),
    description: fee.description,
    precise_unit_amount: decimal(fee.preciseUnitAmount),
    precise_coupons_amount_cents: decimal(coupons),
    sub_total_excluding_taxes_amount_cents: round(new Decimal(fee.amountCents).minus(coupons)).toNumber(),
    sub_total_excluding_taxes_precise_amount_cents: decimal(precise.minus(coupons)),
  };
}

function pricingUnitJson(fee: Fee) {
  const unit = fee.pricingUnit;
  if (unit === null) return null;
  return {
    lago_pricing_unit_id: recordId('pricing_unit', unit.code),
    pricing_unit_code: unit.code,
    short_name: unit.shortName,
    amount_cents: unit.amountCents,
    precise_amount_cents: decimal(unit.preciseAmountCents),
    unit_amount_cents: unit.unitAmountCents,
    precise_unit_amount: decimal(unit.preciseUnitAmount),
    conversion_rate: decimal(unit.conversionRate),
  };
}

function hasPeriod(fee: Fee): boolean {
  return fee.feeType !== 'commitment' && fee.feeType !== 'credit';
}

function feeAppliedTaxJson(tax: AppliedTax, fee: Fee) {
  return {
    lago_id: recordId('fee_applied_tax', fee.id, tax.taxCode),
    lago_fee_id: fee.id,
    ...appliedTaxFigures(tax, fee.currency),
    created_at: timestamp(fee.createdAt),
  };
}
