/** The written form of `plan_overrides`: what a subscription may have of its own. Source: periods §1.3. */
import { z } from 'zod';
import { anything, decimal, flag, integer, list, number, text, texts } from './fields.js';
import { chargeFilterSchema, minimumCommitmentSchema, usageThresholdSchema } from './planSchema.js';

const chargeOverrideSchema = z.object({
  code: text("The charge's code in the plan."),
  id: text("The charge's id."),
  billable_metric_code: text('Its metric; names the charge where the plan has one charge of it.'),
  charge_model: text('Cannot be changed.'),
  min_amount_cents: integer('Least amount of a period, in cents.'),
  invoice_display_name: text('Name printed on invoices.'),
  properties: anything("Prices of the charge's own model."),
  filters: list(chargeFilterSchema, "All the charge's filters: they replace the plan's."),
  tax_codes: texts('Codes of the taxes of this charge.'),
  applied_pricing_unit: z
    .object({ code: text('Cannot be changed.'), conversion_rate: decimal('Plan currency per pricing unit.') })
    .nullish(),
});

const fixedChargeOverrideSchema = z.object({
  code: text("The fixed charge's code in the plan."),
  id: text("The fixed charge's id."),
  add_on_code: text('Its add-on; names the fixed charge where the plan has one of it.'),
  charge_model: text('Cannot be changed.'),
  units: decimal('Units billed every period.'),
  properties: anything("Prices of the fixed charge's own model."),
  invoice_display_name: text('Name printed on invoices.'),
  tax_codes: texts('Codes of the taxes of this fixed charge.'),
  apply_units_immediately: flag('The units take effect now, instead of with the next period.'),
});

export const overridesSchema = z.object({
  amount_cents: integer('Base fee of a period, in cents.'),
  amount_currency: text('ISO 4217 currency.'),
  name: text('Name of the plan.'),
  invoice_display_name: text('Name printed on invoices.'),
  description: text('For people.'),
  trial_period: number('Days without base fee.'),
  tax_codes: texts('Codes of the taxes of this subscription.'),
  minimum_commitment: minimumCommitmentSchema.nullish(),
  charges: list(chargeOverrideSchema, 'Charges, named by their codes.'),
  fixed_charges: list(fixedChargeOverrideSchema, 'Fixed charges, named by their codes.'),
  usage_thresholds: list(usageThresholdSchema, "Thresholds that replace the plan's."),
});

export type Overrides = z.output<typeof overridesSchema>;
export type ChargeOverride = z.output<typeof chargeOverrideSchema>;
export type FixedChargeOverride = z.output<typeof fixedChargeOverrideSchema>;
