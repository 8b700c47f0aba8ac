/**
 * The written form of everything that definition files hold, in Lago's API keys and units. Sections may stand in any
 * file; `lago.yaml` may also write the organization's fields at its top level.
 * Source: usage-and-pricing §2.1, invoicing §2.1, §3.1.
 */
import { z } from 'zod';
import { customerAttributesSchema } from './customerSchema.js';
import { choice, decimal, flag, integer, list, text, texts } from './fields.js';
import { planSchema } from './planSchema.js';

const taxSchema = z.object({
  code: text('Code of the tax, unique.', { mandatory: true, examples: ['vat_20'] }),
  name: text('Name printed on invoices.', { mandatory: true, examples: ['VAT'] }),
  rate: decimal('Percent: 20 is 20 %.', { mandatory: true, examples: [20] }),
  description: text('For people.'),
  applied_to_organization: flag('Applies wherever nothing closer names a tax.', { default: false }),
});

const metricFilterSchema = z.object({
  key: text('Event property that charges can be filtered by.', { mandatory: true, examples: ['region'] }),
  values: texts('The values that charges may name.', { mandatory: true, examples: [['europe', 'usa']] }),
});

const billableMetricSchema = z.object({
  code: text('What events name in `code`; unique.', { mandatory: true, examples: ['api_calls'] }),
  name: text('Name, printed on invoices.', { mandatory: true, examples: ['API calls'] }),
  description: text('For people.'),
  aggregation_type: choice(
    [
      'count_agg',
      'sum_agg',
      'max_agg',
      'latest_agg',
      'unique_count_agg',
      'weighted_sum_agg',
      // Known, to be refused in Lago's own words.
      'custom_agg',
    ],
    'How the events of a period become units.',
    { mandatory: true },
  ),
  field_name: text('Event property that is aggregated; every aggregation but count_agg needs one.'),
  recurring: flag('Units are carried from period to period (seats, storage) instead of starting at zero.', {
    default: false,
  }),
  weighted_interval: choice(['seconds'], 'weighted_sum_agg: must be `seconds`.'),
  rounding_function: choice(['round', 'ceil', 'floor'], 'Rounds the aggregated units before they are priced.'),
  rounding_precision: integer('Decimals that the rounding keeps; negative rounds to tens, hundreds, …', { default: 0 }),
  expression: text('Computes the field of each event when it arrives, from `event.properties.…`.', {
    examples: ['round(event.properties.bytes / 1000000, 2)'],
  }),
  filters: list(metricFilterSchema, 'Dimensions that charges can price apart.'),
  custom_aggregator: text('Code of a custom_agg metric; not available, use `expression`.'),
});

const couponSchema = z.object({
  code: text('Code of the coupon, unique.', { mandatory: true, examples: ['welcome'] }),
  name: text('Name printed on invoices.', { mandatory: true, examples: ['Welcome'] }),
  description: text('For people.'),
  coupon_type: choice(['fixed_amount', 'percentage'], 'What it takes off.', { mandatory: true }),
  amount_cents: integer('fixed_amount: cents.'),
  amount_currency: text('fixed_amount: ISO 4217 currency.'),
  percentage_rate: decimal('percentage: percent.', { examples: [10] }),
  frequency: choice(['once', 'recurring', 'forever'], 'For how many invoices.', { mandatory: true }),
  frequency_duration: integer('recurring: number of invoices.'),
  reusable: flag('A customer may get it more than once.', { default: true }),
  expiration: choice(['no_expiration', 'time_limit'], 'Whether it can be applied for a limited time only.'),
  expiration_at: text('Instant from which it can no longer be applied (ISO 8601).', {
    examples: ['2027-01-01T00:00:00Z'],
  }),
  applies_to: z
    .object({
      plan_codes: texts('Fees of these plans only.'),
      billable_metric_codes: texts('Fees of these metrics only.'),
    })
    .nullish()
    .describe('Limits to plans or to metrics, not both.'),
  status: choice(['active', 'terminated'], 'A terminated coupon can no longer be applied.', { default: 'active' }),
});

const addOnSchema = z.object({
  code: text('Code of the add-on, unique.', { mandatory: true, examples: ['setup'] }),
  name: text('Name printed on invoices.', { mandatory: true, examples: ['Setup'] }),
  invoice_display_name: text('Name printed on invoices instead.'),
  description: text('Printed on one-off invoices.'),
  amount_cents: integer('Price of one unit on one-off invoices, in cents.', { mandatory: true }),
  amount_currency: text('ISO 4217 currency.', { mandatory: true, examples: ['EUR'] }),
  tax_codes: texts('Codes of the taxes of one-off invoices of it.'),
});

const pricingUnitSchema = z.object({
  code: text('Code of the pricing unit, unique.', { mandatory: true, examples: ['credits'] }),
  name: text('Name.', { mandatory: true, examples: ['Credits'] }),
  short_name: text('Symbol printed beside amounts.', { mandatory: true, examples: ['CR'] }),
  description: text('For people.'),
});

/** One schema per item, so that a broken item does not hide the others. */
export const itemSchemas = {
  taxes: taxSchema,
  billable_metrics: billableMetricSchema,
  pricing_units: pricingUnitSchema,
  add_ons: addOnSchema,
  plans: planSchema,
  coupons: couponSchema,
  customers: customerAttributesSchema,
} as const;

export type Section = keyof typeof itemSchemas;
export const sections = Object.keys(itemSchemas) as Section[];

/** The name of one item of a section, in sentences. */
export const nouns: Readonly<Record<Section, string>> = {
  taxes: 'tax',
  billable_metrics: 'billable metric',
  pricing_units: 'pricing unit',
  add_ons: 'add-on',
  plans: 'plan',
  coupons: 'coupon',
  customers: 'customer',
};

export type WrittenTax = z.output<typeof taxSchema>;
export type WrittenBillableMetric = z.output<typeof billableMetricSchema>;
export type WrittenCoupon = z.output<typeof couponSchema>;
export type WrittenAddOn = z.output<typeof addOnSchema>;
export type WrittenPricingUnit = z.output<typeof pricingUnitSchema>;
