/**
 * A catalog back in its written form, as definition files and scenarios have it: what a default says is left out. Reading
 * it again gives the same catalog.
 */
import { euTaxes } from '../catalog/euTaxes.js';
import type {
  AddOn,
  BillableMetric,
  Catalog,
  Charge,
  Coupon,
  FixedCharge,
  Organization,
  Plan,
  Tax,
} from '../catalog/types.js';
import { pricesJson, propertiesJson } from '../render/json/properties.js';
import { formatInstant } from '../time/instant.js';

type Written = Record<string, unknown>;

/** These coupons, these plans and those that the coupons are limited to, and everything that is neither. */
export function writtenCatalog(
  catalog: Catalog,
  planCodes: ReadonlySet<string>,
  couponCodes: ReadonlySet<string>,
): Written {
  const coupons = [...catalog.coupons.values()].filter((coupon) => couponCodes.has(coupon.code));
  const wanted = new Set([...planCodes, ...coupons.flatMap((coupon) => coupon.planCodes)]);
  const plans = [...catalog.plans.values()].filter((plan) => wanted.has(plan.code));
  const created = new Set(catalog.organization.euTaxManagement ? euTaxes().map((tax) => tax.code) : []);
  return filled({
    organization: writtenOrganization(catalog.organization),
    taxes: [...catalog.taxes.values()].filter((tax) => !created.has(tax.code)).map(writtenTax),
    billable_metrics: [...catalog.billableMetrics.values()].map(writtenMetric),
    pricing_units: [...catalog.pricingUnits.values()].map(({ code, name, shortName, description }) =>
      filled({ code, name, short_name: shortName, description }),
    ),
    add_ons: [...catalog.addOns.values()].map(writtenAddOn),
    plans: plans.map(writtenPlan),
    coupons: coupons.map(writtenCoupon),
  });
}

function writtenOrganization(organization: Organization): Written {
  return filled({
    name: organization.name,
    code: organization.code,
    legal_name: organization.legalName,
    legal_number: organization.legalNumber,
    tax_identification_number: organization.taxIdentificationNumber,
    email: organization.email,
    address_line1: organization.addressLine1,
    address_line2: organization.addressLine2,
    city: organization.city,
    state: organization.state,
    zipcode: organization.zipcode,
    country: organization.country,
    timezone: organization.timezone,
    default_currency: organization.defaultCurrency,
    document_numbering: organization.documentNumbering,
    document_number_prefix: organization.documentNumberPrefix,
    document_locale: organization.documentLocale,
    net_payment_term: organization.netPaymentTerm,
    invoice_grace_period: organization.invoiceGracePeriod,
    invoice_footer: organization.invoiceFooter,
    finalize_zero_amount_invoice: organization.finalizeZeroAmountInvoice,
    subscription_invoice_issuing_date_anchor: organization.issuingDateAnchor,
    subscription_invoice_issuing_date_adjustment: organization.issuingDateAdjustment,
    tax_codes: organization.taxCodes,
    eu_tax_management: organization.euTaxManagement,
  });
}

function writtenTax({ code, name, rate, description, appliedToOrganization }: Tax): Written {
  return filled({ code, name, rate, description, applied_to_organization: appliedToOrganization || null });
}

function writtenMetric(metric: BillableMetric): Written {
  return filled({
    code: metric.code,
    name: metric.name,
    description: metric.description,
    aggregation_type: metric.aggregationType,
    field_name: metric.fieldName,
    recurring: metric.recurring || null,
    weighted_interval: metric.weightedInterval,
    rounding_function: metric.roundingFunction,
    rounding_precision: metric.roundingPrecision,
    expression: metric.expression,
    filters: metric.filters,
  });
}

function writtenAddOn(addOn: AddOn): Written {
  return filled({
    code: addOn.code,
    name: addOn.name,
    invoice_display_name: addOn.invoiceDisplayName,
    description: addOn.description,
    amount_cents: addOn.amountCents,
    amount_currency: addOn.amountCurrency,
    tax_codes: addOn.taxCodes,
  });
}

function writtenCoupon(coupon: Coupon): Written {
  const limits = filled({ plan_codes: coupon.planCodes, billable_metric_codes: coupon.billableMetricCodes });
  return filled({
    code: coupon.code,
    name: coupon.name,
    description: coupon.description,
    coupon_type: coupon.couponType,
    amount_cents: coupon.amountCents,
    amount_currency: coupon.amountCurrency,
    percentage_rate: coupon.percentageRate,
    frequency: coupon.frequency,
    frequency_duration: coupon.frequencyDuration,
    reusable: coupon.reusable ? null : false,
    expiration: coupon.expirationAt === null ? null : 'time_limit',
    expiration_at: coupon.expirationAt === null ? null : formatInstant(coupon.expirationAt),
    applies_to: Object.keys(limits).length === 0 ? null : limits,
    status: coupon.status === 'active' ? null : coupon.status,
  });
}

function writtenPlan(plan: Plan): Written {
  const commitment = plan.minimumCommitment;
  return filled({
    code: plan.code,
    name: plan.name,
    invoice_display_name: plan.invoiceDisplayName,
    description: plan.description,
    interval: plan.interval,
    amount_cents: plan.amountCents,
    amount_currency: plan.amountCurrency,
    pay_in_advance: plan.payInAdvance || null,
    trial_period: plan.trialPeriod,
    bill_charges_monthly: plan.billChargesMonthly,
    bill_fixed_charges_monthly: plan.billFixedChargesMonthly,
    charges: plan.charges.map(writtenCharge),
    fixed_charges: plan.fixedCharges.map(writtenFixedCharge),
    minimum_commitment:
      commitment === null
        ? null
        : filled({
            amount_cents: commitment.amountCents,
            invoice_display_name: commitment.invoiceDisplayName,
            tax_codes: commitment.taxCodes,
          }),
    usage_thresholds: plan.usageThresholds.map((threshold) =>
      filled({
        amount_cents: threshold.amountCents,
        threshold_display_name: threshold.thresholdDisplayName,
        recurring: threshold.recurring || null,
      }),
    ),
    tax_codes: plan.taxCodes,
    cascade_updates: plan.cascadeUpdates === true ? true : null,
  });
}

function writtenCharge(charge: Charge): Written {
  const properties = (of: Charge['properties']) => {
    // The old name of pricing_group_keys says nothing more.
    const { grouped_by: _same, ...written } = propertiesJson(of);
    return written;
  };
  const unit = charge.appliedPricingUnit;
  return filled({
    code: charge.code,
    billable_metric_code: charge.billableMetricCode,
    invoice_display_name: charge.invoiceDisplayName,
    charge_model: charge.chargeModel,
    pay_in_advance: charge.payInAdvance || null,
    invoiceable: charge.invoiceable ? null : false,
    regroup_paid_fees: charge.regroupPaidFees,
    prorated: charge.prorated || null,
    min_amount_cents: charge.minAmountCents === 0 ? null : charge.minAmountCents,
    properties: properties(charge.properties),
    filters: charge.filters.map((filter) =>
      filled({
        values: filter.values,
        properties: properties(filter.properties),
        invoice_display_name: filter.invoiceDisplayName,
      }),
    ),
    tax_codes: charge.taxCodes,
    applied_pricing_unit: unit === null ? null : { code: unit.code, conversion_rate: unit.conversionRate },
    accepts_target_wallet: charge.acceptsTargetWallet || null,
  });
}

function writtenFixedCharge(charge: FixedCharge): Written {
  return filled({
    code: charge.code,
    add_on_code: charge.addOnCode,
    invoice_display_name: charge.invoiceDisplayName,
    charge_model: charge.chargeModel,
    units: charge.units,
    pay_in_advance: charge.payInAdvance || null,
    prorated: charge.prorated || null,
    properties: pricesJson(charge.prices),
    tax_codes: charge.taxCodes,
    apply_units_immediately: charge.applyUnitsImmediately || null,
  });
}

/** Without what says nothing. */
function filled(fields: Written): Written {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0)),
  );
}
