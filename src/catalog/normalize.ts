/**
 * Written definitions → the catalog's working types: every default filled in, ids derived from codes, a hash over the
 * content. What comes in has passed the rules.
 */
import { createHash } from 'node:crypto';
import { recordId } from '../ids.js';
import { parseInstant } from '../time/instant.js';
import type { Definitions } from './definitions.js';
import { euTaxes } from './euTaxes.js';
import { blankToNull, normalizePlan, plainDecimal } from './normalizePlan.js';
import type { WrittenOrganization } from './organizationSchema.js';
import type { WrittenAddOn, WrittenBillableMetric, WrittenCoupon, WrittenPricingUnit, WrittenTax } from './schema.js';
import type {
  AddOn,
  AggregationType,
  BillableMetric,
  Catalog,
  Coupon,
  CustomerDefinition,
  Organization,
  Plan,
  PricingUnit,
  Tax,
} from './types.js';

export function normalize(definitions: Definitions): Catalog {
  const organization = normalizeOrganization(definitions.organization);
  const pricingUnits = byCode(definitions.pricing_units.map(normalizePricingUnit));
  const created = organization.euTaxManagement ? euTaxes() : [];
  const content = {
    organization,
    billableMetrics: byCode(definitions.billable_metrics.map(normalizeMetric)),
    plans: byCode(definitions.plans.map((plan) => normalizePlan(plan, pricingUnits))),
    taxes: byCode([...created, ...definitions.taxes.map(normalizeTax)]),
    coupons: byCode(definitions.coupons.map(normalizeCoupon)),
    addOns: byCode(definitions.add_ons.map(normalizeAddOn)),
    pricingUnits,
    customers: definitions.customers.map(normalizeCustomer),
  };
  return { ...content, hash: hashOf(content) };
}

function byCode<Item extends { readonly code: string }>(items: readonly Item[]): Map<string, Item> {
  return new Map(items.map((item) => [item.code, item]));
}

/**
 * SHA-256 of the content, whatever the order of sections and of their items. The logo counts by its file name, since
 * folders differ between machines; what an edit says about itself (apply now, cascade) is not content.
 */
function hashOf(content: Omit<Catalog, 'hash'>): string {
  const { organization, customers } = content;
  const logo = organization.logo?.split(/[\\/]/).at(-1) ?? null;
  const sorted = (items: ReadonlyMap<string, { readonly code: string }>) =>
    [...items.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
  const text = JSON.stringify([
    { ...organization, logo },
    sorted(content.billableMetrics),
    [...content.plans.values()].map(planContent).sort((a, b) => (a.code < b.code ? -1 : 1)),
    sorted(content.taxes),
    sorted(content.coupons),
    sorted(content.addOns),
    sorted(content.pricingUnits),
    customers,
  ]);
  return createHash('sha256').update(text).digest('hex');
}

function planContent(plan: Plan): Plan {
  const { cascadeUpdates: _said, ...content } = plan;
  return {
    ...content,
    fixedCharges: plan.fixedCharges.map((charge) => ({ ...charge, applyUnitsImmediately: false })),
  };
}

function normalizeOrganization(written: WrittenOrganization): Organization {
  const settings = written.billing_configuration ?? {};
  const code = blankToNull(written.code) ?? 'default';
  const name = blankToNull(written.name) ?? 'My organization';
  const numbering = written.document_numbering ?? 'per_customer';
  return {
    code,
    name,
    legalName: blankToNull(written.legal_name),
    legalNumber: blankToNull(written.legal_number),
    taxIdentificationNumber: blankToNull(written.tax_identification_number),
    email: blankToNull(written.email),
    addressLine1: blankToNull(written.address_line1),
    addressLine2: blankToNull(written.address_line2),
    city: blankToNull(written.city),
    state: blankToNull(written.state),
    zipcode: blankToNull(written.zipcode),
    country: blankToNull(written.country),
    timezone: blankToNull(written.timezone) ?? 'UTC',
    defaultCurrency: blankToNull(written.default_currency) ?? 'USD',
    documentNumbering: numbering === 'per_customer' ? 'per_customer' : 'per_billing_entity',
    documentNumberPrefix: (written.document_number_prefix ?? defaultPrefix(name, code)).toUpperCase(),
    documentLocale: blankToNull(written.document_locale ?? settings.document_locale) ?? 'en',
    netPaymentTerm: written.net_payment_term ?? settings.net_payment_term ?? 0,
    invoiceGracePeriod: written.invoice_grace_period ?? settings.invoice_grace_period ?? 0,
    invoiceFooter: blankToNull(written.invoice_footer ?? settings.invoice_footer),
    logo: blankToNull(written.logo),
    finalizeZeroAmountInvoice: written.finalize_zero_amount_invoice ?? settings.finalize_zero_amount_invoice ?? true,
    issuingDateAnchor:
      written.subscription_invoice_issuing_date_anchor ??
      settings.subscription_invoice_issuing_date_anchor ??
      'next_period_start',
    issuingDateAdjustment:
      written.subscription_invoice_issuing_date_adjustment ??
      settings.subscription_invoice_issuing_date_adjustment ??
      'align_with_finalization_date',
    taxCodes: written.tax_codes ?? [],
    euTaxManagement: written.eu_tax_management ?? false,
  };
}

/** Three letters of the name and the last four of the id: `ACM-91F3` (invoicing §6.5). */
function defaultPrefix(name: string, code: string): string {
  return `${name.slice(0, 3)}-${recordId('organization', code).slice(-4)}`;
}

function normalizeMetric(metric: WrittenBillableMetric): BillableMetric {
  const code = metric.code as string;
  const aggregationType = metric.aggregation_type as AggregationType;
  return {
    id: recordId('billable_metric', code),
    code,
    name: metric.name as string,
    description: blankToNull(metric.description),
    aggregationType,
    fieldName: aggregationType === 'count_agg' ? null : blankToNull(metric.field_name),
    recurring: metric.recurring ?? false,
    weightedInterval: aggregationType === 'weighted_sum_agg' ? (metric.weighted_interval ?? null) : null,
    roundingFunction: metric.rounding_function ?? null,
    roundingPrecision: metric.rounding_precision ?? null,
    expression: blankToNull(metric.expression),
    filters: (metric.filters ?? []).map((filter) => ({
      key: filter.key as string,
      values: [...new Set(filter.values ?? [])],
    })),
  };
}

function normalizeTax(tax: WrittenTax): Tax {
  const code = tax.code as string;
  return {
    id: recordId('tax', code),
    code,
    name: tax.name as string,
    rate: Number(tax.rate),
    description: blankToNull(tax.description),
    appliedToOrganization: tax.applied_to_organization ?? false,
  };
}

function normalizeCoupon(coupon: WrittenCoupon): Coupon {
  const code = coupon.code as string;
  const isFixed = coupon.coupon_type === 'fixed_amount';
  const expires = coupon.expiration !== 'no_expiration' && !!coupon.expiration_at;
  return {
    id: recordId('coupon', code),
    code,
    name: coupon.name as string,
    description: blankToNull(coupon.description),
    couponType: coupon.coupon_type as Coupon['couponType'],
    amountCents: isFixed ? (coupon.amount_cents as number) : null,
    amountCurrency: isFixed ? (coupon.amount_currency as string) : null,
    percentageRate: isFixed ? null : plainDecimal(coupon.percentage_rate),
    frequency: coupon.frequency as Coupon['frequency'],
    frequencyDuration: coupon.frequency === 'recurring' ? (coupon.frequency_duration as number) : null,
    reusable: coupon.reusable ?? true,
    expirationAt: expires ? parseInstant(coupon.expiration_at as string) : null,
    planCodes: coupon.applies_to?.plan_codes ?? [],
    billableMetricCodes: coupon.applies_to?.billable_metric_codes ?? [],
    status: coupon.status ?? 'active',
  };
}

function normalizeAddOn(addOn: WrittenAddOn): AddOn {
  const code = addOn.code as string;
  return {
    id: recordId('add_on', code),
    code,
    name: addOn.name as string,
    invoiceDisplayName: blankToNull(addOn.invoice_display_name),
    description: blankToNull(addOn.description),
    amountCents: addOn.amount_cents as number,
    amountCurrency: addOn.amount_currency as string,
    taxCodes: addOn.tax_codes ?? [],
  };
}

function normalizePricingUnit(unit: WrittenPricingUnit): PricingUnit {
  const code = unit.code as string;
  return {
    id: recordId('pricing_unit', code),
    code,
    name: unit.name as string,
    shortName: unit.short_name as string,
    description: blankToNull(unit.description),
  };
}

function normalizeCustomer(customer: Definitions['customers'][number]): CustomerDefinition {
  return { externalId: customer.external_id as string, attributes: customer };
}
