/** A billable metric as Lago prints it (invoicing §7.11). */
import type { BillableMetric } from '../../catalog/types.js';
import type { Instant } from '../../time/instant.js';
import { timestamp } from './encoding.js';

export type BillableMetricJson = ReturnType<typeof billableMetricJson>;

export function billableMetricJson(metric: BillableMetric, definedAt: Instant | null = null) {
  return {
    lago_id: metric.id,
    name: metric.name,
    code: metric.code,
    description: metric.description,
    aggregation_type: metric.aggregationType,
    weighted_interval: metric.weightedInterval,
    recurring: metric.recurring,
    rounding_function: metric.roundingFunction,
    rounding_precision: metric.roundingPrecision,
    created_at: timestamp(definedAt),
    field_name: metric.fieldName,
    expression: metric.expression,
    filters: metric.filters.map(({ key, values }) => ({ key, values: [...values].sort() })),
    active_subscriptions_count: 0,
    draft_invoices_count: 0,
    plans_count: 0,
  };
}
