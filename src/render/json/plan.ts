/** A plan with its charges, fixed charges, thresholds and commitment, as Lago prints it (invoicing §7.10). */
import type {
  BillableMetric,
  Catalog,
  Charge,
  FixedCharge,
  MinimumCommitment,
  Plan,
  UsageThreshold,
} from '../../catalog/types.js';
import { recordId } from '../../ids.js';
import type { Instant } from '../../time/instant.js';
import { namedTaxes } from './addOn.js';
import { decimal, timestamp } from './encoding.js';
import { pricesJson, propertiesJson } from './properties.js';

/** The definitions that a plan refers to by code. */
export type PlanReferences = Pick<Catalog, 'billableMetrics' | 'addOns' | 'taxes'>;

export type PlanJson = ReturnType<typeof planJson>;
export type ChargeJson = ReturnType<typeof chargeJson>;

export function planJson(plan: Plan, references: PlanReferences, definedAt: Instant | null = null) {
  return {
    lago_id: plan.id,
    name: plan.name,
    invoice_display_name: plan.invoiceDisplayName,
    created_at: timestamp(definedAt),
    code: plan.code,
    interval: plan.interval,
    description: plan.description,
    amount_cents: plan.amountCents,
    amount_currency: plan.amountCurrency,
    trial_period: plan.trialPeriod,
    pay_in_advance: plan.payInAdvance,
    bill_charges_monthly: plan.billChargesMonthly,
    bill_fixed_charges_monthly: plan.billFixedChargesMonthly,
    customers_count: 0,
    active_subscriptions_count: 0,
    draft_invoices_count: 0,
    parent_id: plan.parentId,
    pending_deletion: false,
    charges: plan.charges.map((charge) => chargeJson(charge, references, definedAt)),
    fixed_charges: plan.fixedCharges.map((charge) => fixedChargeJson(charge, references, definedAt)),
    usage_thresholds: plan.usageThresholds.map((threshold) => usageThresholdJson(threshold, definedAt)),
    applicable_usage_thresholds: plan.usageThresholds.map(applicableUsageThresholdJson),
    taxes: namedTaxes(plan.taxCodes, references.taxes),
    ...(plan.minimumCommitment === null
      ? {}
      : { minimum_commitment: minimumCommitmentJson(plan.minimumCommitment, plan, references, definedAt) }),
    entitlements: [],
  };
}

function chargeJson(charge: Charge, references: PlanReferences, definedAt: Instant | null = null) {
  return {
    lago_id: charge.id,
    lago_billable_metric_id: metricId(charge, references.billableMetrics),
    code: charge.code,
    invoice_display_name: charge.invoiceDisplayName,
    billable_metric_code: charge.billableMetricCode,
    created_at: timestamp(definedAt),
    charge_model: charge.chargeModel,
    invoiceable: charge.invoiceable,
    regroup_paid_fees: charge.regroupPaidFees,
    pay_in_advance: charge.payInAdvance,
    prorated: charge.prorated,
    min_amount_cents: charge.minAmountCents,
    accepts_target_wallet: charge.acceptsTargetWallet,
    properties: propertiesJson(charge.properties),
    applied_pricing_unit:
      charge.appliedPricingUnit === null
        ? null
        : { conversion_rate: decimal(charge.appliedPricingUnit.conversionRate), code: charge.appliedPricingUnit.code },
    lago_parent_id: charge.parentId,
    filters: charge.filters.map((filter) => ({
      lago_id: filter.id,
      charge_code: charge.code,
      invoice_display_name: filter.invoiceDisplayName,
      properties: propertiesJson(filter.properties),
      values: filter.values,
    })),
    taxes: namedTaxes(charge.taxCodes, references.taxes),
  };
}

function metricId(charge: Charge, metrics: ReadonlyMap<string, BillableMetric>): string {
  return metrics.get(charge.billableMetricCode)?.id ?? recordId('billable_metric', charge.billableMetricCode);
}

function fixedChargeJson(charge: FixedCharge, references: PlanReferences, definedAt: Instant | null = null) {
  return {
    lago_id: charge.id,
    lago_add_on_id: references.addOns.get(charge.addOnCode)?.id ?? recordId('add_on', charge.addOnCode),
    code: charge.code,
    invoice_display_name: charge.invoiceDisplayName,
    add_on_code: charge.addOnCode,
    created_at: timestamp(definedAt),
    charge_model: charge.chargeModel,
    pay_in_advance: charge.payInAdvance,
    prorated: charge.prorated,
    properties: pricesJson(charge.prices),
    units: decimal(charge.units),
    lago_parent_id: charge.parentId,
    taxes: namedTaxes(charge.taxCodes, references.taxes),
  };
}

function usageThresholdJson(threshold: UsageThreshold, definedAt: Instant | null = null) {
  return {
    lago_id: threshold.id,
    threshold_display_name: threshold.thresholdDisplayName,
    amount_cents: threshold.amountCents,
    recurring: threshold.recurring,
    created_at: timestamp(definedAt),
    updated_at: timestamp(definedAt),
  };
}

function applicableUsageThresholdJson(threshold: UsageThreshold) {
  return {
    threshold_display_name: threshold.thresholdDisplayName,
    amount_cents: threshold.amountCents,
    recurring: threshold.recurring,
  };
}

function minimumCommitmentJson(
  commitment: MinimumCommitment,
  plan: Plan,
  references: PlanReferences,
  definedAt: Instant | null,
) {
  return {
    lago_id: commitment.id,
    plan_code: plan.code,
    invoice_display_name: commitment.invoiceDisplayName,
    amount_cents: commitment.amountCents,
    interval: plan.interval,
    created_at: timestamp(definedAt),
    updated_at: timestamp(definedAt),
    taxes: namedTaxes(commitment.taxCodes, references.taxes),
  };
}
