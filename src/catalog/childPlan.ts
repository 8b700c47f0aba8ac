/**
 * The child plan of a subscription with overrides: a copy of the parent with its code, charges and fixed charges cloned.
 * The parent's commitment and plan taxes are not inherited; thresholds are. Overriding a child edits it in place, so
 * that its ids stay. What comes in has passed `overrideRules`. Source: periods §1.3.
 */
import { recordId } from '../ids.js';
import {
  blankToNull,
  normalizeCommitment,
  normalizeFilters,
  normalizeUsageThresholds,
  plainDecimal,
} from './normalizePlan.js';
import { normalizePrices, normalizeProperties } from './normalizeProperties.js';
import type { ChargeOverride, FixedChargeOverride, Overrides } from './overrideSchema.js';
import { isMapping } from './problems.js';
import type { Charge, FixedCharge, Plan } from './types.js';

export function childPlan(
  plan: Plan,
  given: Overrides,
  charges: ReadonlyMap<Charge, ChargeOverride>,
  fixedCharges: ReadonlyMap<FixedCharge, FixedChargeOverride>,
  seed: string,
): Plan {
  const isChild = plan.parentId !== null;
  return {
    ...plan,
    id: isChild ? plan.id : recordId('plan', plan.code, seed),
    parentId: plan.parentId ?? plan.id,
    name: given.name ?? plan.name,
    invoiceDisplayName: kept(given.invoice_display_name, plan.invoiceDisplayName),
    description: kept(given.description, plan.description),
    amountCents: given.amount_cents ?? plan.amountCents,
    amountCurrency: given.amount_currency ?? plan.amountCurrency,
    trialPeriod: given.trial_period === undefined ? plan.trialPeriod : given.trial_period,
    charges: plan.charges.map((charge) => childCharge(charge, charges.get(charge), seed, isChild)),
    fixedCharges: plan.fixedCharges.map((charge) => childFixedCharge(charge, fixedCharges.get(charge), seed, isChild)),
    minimumCommitment: childCommitment(plan, given, seed),
    usageThresholds:
      given.usage_thresholds == null ? plan.usageThresholds : normalizeUsageThresholds(given.usage_thresholds, seed),
    taxCodes: given.tax_codes ?? (isChild ? plan.taxCodes : []),
    cascadeUpdates: false,
  };
}

/** A commitment belongs to one plan: the parent's is not inherited, the child's own is edited. */
function childCommitment(plan: Plan, given: Overrides, seed: string): Plan['minimumCommitment'] {
  const standing = plan.parentId === null ? null : plan.minimumCommitment;
  const { minimum_commitment: override } = given;
  if (override === undefined || override === null) return override === null ? null : standing;
  return normalizeCommitment(
    {
      amount_cents: override.amount_cents ?? standing?.amountCents,
      invoice_display_name: kept(override.invoice_display_name, standing?.invoiceDisplayName ?? null),
      tax_codes: override.tax_codes ?? [...(standing?.taxCodes ?? [])],
    },
    seed,
  );
}

function childCharge(charge: Charge, given: ChargeOverride | undefined, seed: string, isChild: boolean): Charge {
  const id = isChild ? charge.id : recordId('charge', seed, charge.code);
  const cloned: Charge = {
    ...charge,
    id,
    parentId: charge.parentId ?? charge.id,
    filters: isChild
      ? charge.filters
      : charge.filters.map((filter) => ({ ...filter, id: recordId('charge_filter', id, filter.id) })),
  };
  if (given === undefined) return cloned;
  const rate = given.applied_pricing_unit?.conversion_rate;
  return {
    ...cloned,
    invoiceDisplayName: kept(given.invoice_display_name, charge.invoiceDisplayName),
    minAmountCents: given.min_amount_cents ?? charge.minAmountCents,
    properties: isMapping(given.properties)
      ? normalizeProperties(charge.chargeModel, given.properties, false)
      : charge.properties,
    filters: given.filters == null ? cloned.filters : normalizeFilters(given.filters, charge.chargeModel, id),
    taxCodes: given.tax_codes ?? charge.taxCodes,
    appliedPricingUnit:
      charge.appliedPricingUnit === null || rate == null
        ? charge.appliedPricingUnit
        : { ...charge.appliedPricingUnit, conversionRate: plainDecimal(rate) },
  };
}

function childFixedCharge(
  charge: FixedCharge,
  given: FixedChargeOverride | undefined,
  seed: string,
  isChild: boolean,
): FixedCharge {
  const cloned: FixedCharge = {
    ...charge,
    id: isChild ? charge.id : recordId('fixed_charge', seed, charge.code),
    parentId: charge.parentId ?? charge.id,
    applyUnitsImmediately: given?.apply_units_immediately ?? false,
  };
  if (given === undefined) return cloned;
  return {
    ...cloned,
    invoiceDisplayName: kept(given.invoice_display_name, charge.invoiceDisplayName),
    units: given.units == null ? charge.units : plainDecimal(given.units),
    prices: isMapping(given.properties) ? normalizePrices(charge.chargeModel, given.properties) : charge.prices,
    taxCodes: given.tax_codes ?? charge.taxCodes,
  };
}

/** Left out: what stands. Null or blank: taken away. */
function kept(given: string | null | undefined, standing: string | null): string | null {
  return given === undefined ? standing : blankToNull(given);
}
