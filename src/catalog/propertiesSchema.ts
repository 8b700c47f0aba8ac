/**
 * How the prices of each charge model look, for the JSON Schema that editors read. The rules in `propertiesRules.ts`
 * decide; this only describes. Source: usage-and-pricing §4.
 */
import { z } from 'zod';

const price = (description: string) => z.string().describe(`${description} A decimal in quotes: "0.012".`);
const bound = (description: string) => z.number().describe(description);

const priceRange = z.object({
  from_value: bound('First unit of the tier: 0, then the previous `to_value` + 1.'),
  to_value: bound('Last unit of the tier; null in the last tier.').nullable(),
  per_unit_amount: price('Price of each unit.'),
  flat_amount: price('Price of reaching the tier.'),
});

const percentageRange = z.object({
  from_value: bound('First unit of the tier: 0, then the previous `to_value` + 1.'),
  to_value: bound('Last unit of the tier; null in the last tier.').nullable(),
  rate: price('Percent of the units in the tier.'),
  flat_amount: price('Price of reaching the tier.'),
});

export const chargePropertiesSchema = z.object({
  amount: price('standard: price of a unit. package: price of a package.').nullish(),
  graduated_ranges: z.array(priceRange).nullish().describe('graduated: each unit at the price of its own tier.'),
  volume_ranges: z.array(priceRange).nullish().describe('volume: all units at the price of the tier they end in.'),
  graduated_percentage_ranges: z.array(percentageRange).nullish().describe('graduated_percentage: a rate per tier.'),
  package_size: z.int().positive().nullish().describe('package: units in a package; a started package is due in full.'),
  free_units: z.int().nonnegative().nullish().describe('package: units that cost nothing.'),
  rate: price('percentage: percent of the units, "1.2" is 1.2 %.').nullish(),
  fixed_amount: price('percentage: price of each event.').nullish(),
  free_units_per_events: z.int().positive().nullish().describe('percentage: this many first events are free.'),
  free_units_per_total_aggregation: price('percentage: this many first units are free.').nullish(),
  per_transaction_min_amount: price('percentage: least price of an event.').nullish(),
  per_transaction_max_amount: price('percentage: highest price of an event.').nullish(),
  pricing_group_keys: z
    .array(z.string())
    .nullish()
    .describe('Event properties whose values are metered and priced apart, one fee each.'),
  presentation_group_keys: z
    .array(
      z.object({
        value: z.string().describe('Event property.'),
        options: z
          .object({ display_in_invoice: z.boolean().nullish().describe('Print the breakdown on invoices.') })
          .nullish()
          .describe('Options of the breakdown.'),
      }),
    )
    .nullish()
    .describe('At most two event properties that units are broken down by, for display.'),
});

export const filterValuesSchema = z.record(z.string(), z.array(z.string()));

/** Keys that `properties` may hold beside those above: the old name of `pricing_group_keys`, and the custom model's. */
export const otherPropertyKeys: readonly string[] = ['grouped_by', 'custom_properties'];
