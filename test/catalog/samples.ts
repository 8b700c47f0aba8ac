/** Small valid definitions that a test changes in one place. */
import { checkedCatalog } from '../../src/catalog/catalog.js';

export const metrics = {
  calls: { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
  gb: { code: 'gb', name: 'GB', aggregation_type: 'sum_agg', field_name: 'gb' },
  peak: { code: 'peak', name: 'Peak', aggregation_type: 'max_agg', field_name: 'peak' },
  level: { code: 'level', name: 'Level', aggregation_type: 'latest_agg', field_name: 'level' },
  seats: { code: 'seats', name: 'Seats', aggregation_type: 'unique_count_agg', field_name: 'user', recurring: true },
  stock: {
    code: 'stock',
    name: 'Stock',
    aggregation_type: 'weighted_sum_agg',
    field_name: 'stock',
    recurring: true,
    weighted_interval: 'seconds',
  },
  images: {
    code: 'images',
    name: 'Images',
    aggregation_type: 'sum_agg',
    field_name: 'n',
    filters: [
      { key: 'cloud', values: ['aws', 'gcp'] },
      { key: 'region', values: ['eu', 'us'] },
    ],
  },
} as const;

export const plan = {
  code: 'pro',
  name: 'Pro',
  interval: 'monthly',
  amount_cents: 4900,
  amount_currency: 'EUR',
} as const;

export const seatsAddOn = { code: 'seats', name: 'Seats', amount_cents: 1000, amount_currency: 'EUR' } as const;

/** Definitions with one plan of one charge. */
export function withCharge(charge: Record<string, unknown>): Record<string, unknown> {
  const written = { billable_metric_code: 'calls', charge_model: 'standard', properties: { amount: '1' }, ...charge };
  return { billable_metrics: Object.values(metrics), plans: [{ ...plan, charges: [written] }] };
}

export function withPlan(fields: Record<string, unknown>): Record<string, unknown> {
  return { billable_metrics: Object.values(metrics), add_ons: [seatsAddOn], plans: [{ ...plan, ...fields }] };
}

/** `field: code` of every problem, in order. */
export function problemsOf(definitions: unknown): string[] {
  return checkedCatalog(definitions).problems.map(({ field, code }) => `${field}: ${code}`);
}

export function warningsOf(definitions: unknown): string[] {
  return checkedCatalog(definitions).warnings.map(({ field, code }) => `${field}: ${code}`);
}
