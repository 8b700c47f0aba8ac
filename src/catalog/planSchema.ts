/**
 * The written form of a plan: base fee, charges, fixed charges, commitment, thresholds. Keys and units as in Lago's API.
 * Prices (`properties`) are read by the rules, because what they must hold depends on the charge model.
 * Source: usage-and-pricing §4 to §6, periods §1.1 and §7.
 */
import { z } from 'zod';
import { anything, choice, decimal, flag, integer, list, number, text, texts } from './fields.js';

const intervals = ['weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'] as const;

/** `custom` is known, to be refused in Lago's own words. */
const chargeModels = [
  'standard',
  'graduated',
  'graduated_percentage',
  'package',
  'percentage',
  'volume',
  'dynamic',
  'custom',
] as const;

const invoiceDisplayName = text('Name printed on invoices instead.');
const taxCodes = texts('Codes of the taxes that apply here, instead of those of wider levels.');

export const chargeFilterSchema = z.object({
  values: anything(
    'Event property → values that this price is for; ["__ALL_FILTER_VALUES__"] is every declared value.',
    {
      mandatory: true,
    },
  ),
  properties: anything("Prices of these events, of the charge's own model."),
  invoice_display_name: invoiceDisplayName,
});

const appliedPricingUnitSchema = z.object({
  code: text('Code of the pricing unit that the prices are written in.', { mandatory: true }),
  conversion_rate: decimal('Plan currency per pricing unit.', { mandatory: true, examples: ['0.25'] }),
});

export const chargeSchema = z.object({
  code: text('Code of this charge, unique in the plan; by default the code of its metric, then `…_2`, `…_3`.'),
  billable_metric_code: text('What is metered.', { mandatory: true }),
  invoice_display_name: invoiceDisplayName,
  charge_model: choice(chargeModels, 'How units become an amount.', { default: 'standard' }),
  pay_in_advance: flag('Each event is billed when it arrives, instead of at the end of the period.', {
    default: false,
  }),
  invoiceable: flag('False, in advance only: fees are kept apart and not invoiced at once.', { default: true }),
  regroup_paid_fees: choice(['invoice'], 'Fees kept apart and paid are put on one invoice at the end of the period.'),
  prorated: flag('Units of a recurring metric count by the days that they were held.', { default: false }),
  min_amount_cents: integer('Least amount of a period, in cents; the difference is billed as a true-up.', {
    default: 0,
  }),
  properties: anything('Prices: what the charge model asks for, as decimal texts in whole currency units.'),
  filters: list(chargeFilterSchema, 'Other prices for events that carry certain values.'),
  tax_codes: taxCodes,
  applied_pricing_unit: appliedPricingUnitSchema.nullish().describe('Prices are in credits, tokens, … of this rate.'),
  accepts_target_wallet: flag('Events may name the wallet that pays for them (`target_wallet_code`).', {
    default: false,
  }),
});

export const fixedChargeSchema = z.object({
  code: text('Code of this fixed charge, unique in the plan; by default the code of its add-on, then `…_2`.'),
  add_on_code: text('What is billed.', { mandatory: true }),
  invoice_display_name: invoiceDisplayName,
  charge_model: choice(['standard', 'graduated', 'volume'], 'How units become an amount.', { default: 'standard' }),
  units: decimal('Units billed every period.', { default: 0, examples: [10] }),
  pay_in_advance: flag('Billed at the start of a period instead of its end.', { default: false }),
  prorated: flag('Units count by the days that they were held.', { default: false }),
  properties: anything('Prices: what the charge model asks for, as decimal texts in whole currency units.'),
  tax_codes: taxCodes,
  apply_units_immediately: flag('An edit of `units` takes effect now, instead of with the next period.', {
    default: false,
  }),
});

export const minimumCommitmentSchema = z.object({
  amount_cents: integer('Least that a period must be billed, in cents; the difference is a fee of its own.', {
    mandatory: true,
  }),
  invoice_display_name: invoiceDisplayName,
  tax_codes: taxCodes,
});

export const usageThresholdSchema = z.object({
  amount_cents: integer('Lifetime usage, in cents, that issues an invoice when passed.', { mandatory: true }),
  threshold_display_name: text('Name printed on that invoice.'),
  recurring: flag('Once past the other thresholds, an invoice for every further such amount. At most one.', {
    default: false,
  }),
});

export const planSchema = z.object({
  code: text('Code of the plan, unique.', { mandatory: true, examples: ['pro'] }),
  name: text('Name of the plan.', { mandatory: true, examples: ['Pro'] }),
  invoice_display_name: invoiceDisplayName,
  description: text('For people; never printed on invoices.'),
  interval: choice(intervals, 'Billing period.', { mandatory: true }),
  amount_cents: integer('Base fee of a period, in cents: 4900 is 49.00 EUR.', { mandatory: true }),
  amount_currency: text('ISO 4217 currency.', { mandatory: true, examples: ['EUR'] }),
  pay_in_advance: flag('The base fee is billed at the start of a period instead of its end.', { default: false }),
  trial_period: number('Days without base fee from the first subscription on; fractions are allowed.'),
  bill_charges_monthly: flag('Yearly and semiannual plans: usage is billed every month.', { default: false }),
  bill_fixed_charges_monthly: flag('Yearly and semiannual plans: fixed charges are billed every month.', {
    default: false,
  }),
  charges: list(chargeSchema, 'Prices of usage.'),
  fixed_charges: list(fixedChargeSchema, 'Add-ons billed every period.'),
  minimum_commitment: minimumCommitmentSchema.nullish().describe('The least that a period must be billed.'),
  usage_thresholds: list(usageThresholdSchema, 'Progressive billing: invoices as usage passes these amounts.'),
  tax_codes: taxCodes,
  cascade_updates: flag('This edit goes to the child plans of subscriptions with overrides too.', { default: false }),
});

export type WrittenPlan = z.output<typeof planSchema>;
export type WrittenCharge = z.output<typeof chargeSchema>;
export type WrittenFixedCharge = z.output<typeof fixedChargeSchema>;
export type WrittenUsageThreshold = z.output<typeof usageThresholdSchema>;
export type WrittenMinimumCommitment = z.output<typeof minimumCommitmentSchema>;
