/**
 * Written plan → working plan: defaults filled in, codes of charges generated, ids derived from codes.
 * Source: periods §1.1, §7; usage-and-pricing §5.1, §6.1, §6.5.
 */
import { recordId } from '../ids.js';
import { Decimal, type DecimalText, toText } from '../money/decimal.js';
import { normalizePrices, normalizeProperties } from './normalizeProperties.js';
import type {
  WrittenCharge,
  WrittenFixedCharge,
  WrittenMinimumCommitment,
  WrittenPlan,
  WrittenUsageThreshold,
} from './planSchema.js';
import type {
  AppliedPricingUnit,
  Charge,
  ChargeFilter,
  ChargeModel,
  FixedCharge,
  MinimumCommitment,
  Plan,
  PricingUnit,
  UsageThreshold,
} from './types.js';

export function normalizePlan(plan: WrittenPlan, pricingUnits: ReadonlyMap<string, PricingUnit>): Plan {
  const code = plan.code as string;
  const interval = plan.interval as Plan['interval'];
  const hasMonthlyParts = interval === 'yearly' || interval === 'semiannual';
  const charges = plan.charges ?? [];
  const fixedCharges = plan.fixed_charges ?? [];
  const chargeCodes = codesOf(charges, (charge) => charge.billable_metric_code as string);
  const fixedChargeCodes = codesOf(fixedCharges, (charge) => charge.add_on_code as string);
  return {
    id: recordId('plan', code),
    code,
    name: plan.name as string,
    invoiceDisplayName: blankToNull(plan.invoice_display_name),
    description: blankToNull(plan.description),
    interval,
    amountCents: plan.amount_cents as number,
    amountCurrency: plan.amount_currency as string,
    payInAdvance: plan.pay_in_advance ?? false,
    trialPeriod: plan.trial_period ?? null,
    billChargesMonthly: hasMonthlyParts ? (plan.bill_charges_monthly ?? false) : null,
    billFixedChargesMonthly: hasMonthlyParts ? (plan.bill_fixed_charges_monthly ?? false) : null,
    charges: charges.map((charge, index) => normalizeCharge(charge, code, chargeCodes[index] as string, pricingUnits)),
    fixedCharges: fixedCharges.map((charge, index) =>
      normalizeFixedCharge(charge, code, fixedChargeCodes[index] as string),
    ),
    minimumCommitment: plan.minimum_commitment == null ? null : normalizeCommitment(plan.minimum_commitment, code),
    usageThresholds: normalizeUsageThresholds(plan.usage_thresholds ?? [], code),
    taxCodes: plan.tax_codes ?? [],
    parentId: null,
    cascadeUpdates: plan.cascade_updates ?? false,
  };
}

/** Written codes are kept; the others are `<base>`, `<base>_2`, `<base>_3`, …, in order, past those that are taken. */
function codesOf<Item extends { readonly code?: string | null | undefined }>(
  items: readonly Item[],
  baseOf: (item: Item) => string,
): string[] {
  const taken = new Set(items.flatMap(({ code }) => (code ? [code] : [])));
  return items.map((item) => {
    if (item.code) return item.code;
    const base = baseOf(item);
    let code = base;
    for (let number = 2; taken.has(code); number += 1) code = `${base}_${number}`;
    taken.add(code);
    return code;
  });
}

function normalizeCharge(
  charge: WrittenCharge,
  planCode: string,
  code: string,
  pricingUnits: ReadonlyMap<string, PricingUnit>,
): Charge {
  const chargeModel = (charge.charge_model ?? 'standard') as ChargeModel;
  const id = recordId('charge', planCode, code);
  return {
    id,
    code,
    billableMetricCode: charge.billable_metric_code as string,
    invoiceDisplayName: blankToNull(charge.invoice_display_name),
    chargeModel,
    payInAdvance: charge.pay_in_advance ?? false,
    invoiceable: charge.invoiceable ?? true,
    regroupPaidFees: charge.regroup_paid_fees ?? null,
    prorated: charge.prorated ?? false,
    minAmountCents: charge.min_amount_cents ?? 0,
    properties: normalizeProperties(chargeModel, charge.properties, false),
    filters: normalizeFilters(charge.filters ?? [], chargeModel, id),
    taxCodes: charge.tax_codes ?? [],
    appliedPricingUnit: normalizePricingUnit(charge.applied_pricing_unit, pricingUnits),
    acceptsTargetWallet: charge.accepts_target_wallet ?? false,
    parentId: null,
  };
}

/** The id of a filter is that of its values, so that it stays when others are added before it. */
export function normalizeFilters(
  filters: NonNullable<WrittenCharge['filters']>,
  model: ChargeModel,
  chargeId: string,
): ChargeFilter[] {
  const seen = new Map<string, number>();
  return filters.map((filter) => {
    const values = normalizeFilterValues(filter.values as Record<string, readonly unknown[]>);
    const key = JSON.stringify(
      Object.entries(values)
        .map(([name, wanted]) => [name, [...wanted].sort()])
        .sort(),
    );
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return {
      id: recordId('charge_filter', chargeId, key, occurrence),
      values,
      properties: normalizeProperties(model, filter.properties, true),
      invoiceDisplayName: blankToNull(filter.invoice_display_name),
    };
  });
}

function normalizeFilterValues(values: Record<string, readonly unknown[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([key, wanted]) => [key, [...new Set(wanted.map(String))]]));
}

function normalizePricingUnit(
  applied: WrittenCharge['applied_pricing_unit'],
  pricingUnits: ReadonlyMap<string, PricingUnit>,
): AppliedPricingUnit | null {
  if (applied === null || applied === undefined) return null;
  const unit = pricingUnits.get(applied.code as string);
  if (unit === undefined) return null;
  return { code: unit.code, shortName: unit.shortName, conversionRate: plainDecimal(applied.conversion_rate) };
}

function normalizeFixedCharge(charge: WrittenFixedCharge, planCode: string, code: string): FixedCharge {
  const chargeModel = charge.charge_model ?? 'standard';
  return {
    id: recordId('fixed_charge', planCode, code),
    code,
    addOnCode: charge.add_on_code as string,
    invoiceDisplayName: blankToNull(charge.invoice_display_name),
    chargeModel,
    prices: normalizePrices(chargeModel, charge.properties),
    units: plainDecimal(charge.units),
    payInAdvance: charge.pay_in_advance ?? false,
    prorated: charge.prorated ?? false,
    taxCodes: charge.tax_codes ?? [],
    parentId: null,
    applyUnitsImmediately: charge.apply_units_immediately ?? false,
  };
}

/** `owner`: the plan's code, or what a child plan is seeded with. */
export function normalizeCommitment(commitment: WrittenMinimumCommitment, owner: string): MinimumCommitment {
  return {
    id: recordId('minimum_commitment', owner),
    amountCents: commitment.amount_cents as number,
    invoiceDisplayName: blankToNull(commitment.invoice_display_name),
    taxCodes: commitment.tax_codes ?? [],
  };
}

export function normalizeUsageThresholds(
  thresholds: readonly WrittenUsageThreshold[],
  owner: string,
): UsageThreshold[] {
  return thresholds.map((threshold) => {
    const amountCents = threshold.amount_cents as number;
    const recurring = threshold.recurring ?? false;
    return {
      id: recordId('usage_threshold', owner, amountCents, String(recurring)),
      amountCents,
      thresholdDisplayName: blankToNull(threshold.threshold_display_name),
      recurring,
    };
  });
}

export function blankToNull(text: string | null | undefined): string | null {
  return text === null || text === undefined || text.trim() === '' ? null : text;
}

export function plainDecimal(value: number | string | null | undefined): DecimalText {
  return toText(new Decimal(value === null || value === undefined || value === '' ? 0 : value));
}
