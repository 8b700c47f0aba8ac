/**
 * Current and past usage as Lago prints them (usage-and-pricing §7.1, §7.4, §7.5).
 *
 * Projections add `projected_…` beside the figures of their level; without them the keys are absent.
 */
import type {
  ChargeUsage,
  FilterUsage,
  GroupUsage,
  UnitsBreakdown,
  UsageFigures,
  UsageView,
} from '../../metering/usageView.js';
import { toJsonDecimal } from '../../money/decimal.js';
import { formatInstant } from '../../time/instant.js';

export type CustomerUsageJson = ReturnType<typeof toCustomerUsageJson>;

export function toCustomerUsageJson(usage: UsageView) {
  return {
    from_datetime: formatInstant(usage.fromDatetime),
    to_datetime: formatInstant(usage.toDatetime),
    issuing_date: usage.issuingDate,
    lago_invoice_id: usage.invoiceId,
    currency: usage.currency,
    amount_cents: usage.amountCents,
    ...(usage.projectedAmountCents === null ? {} : { projected_amount_cents: usage.projectedAmountCents }),
    taxes_amount_cents: usage.taxesAmountCents,
    total_amount_cents: usage.totalAmountCents,
    charges_usage: usage.chargesUsage.map(chargeUsageJson),
  };
}

function chargeUsageJson(usage: ChargeUsage) {
  const { charge, billableMetric } = usage;
  return {
    ...figuresJson(usage),
    amount_currency: usage.currency,
    charge: {
      lago_id: charge.id,
      code: charge.code,
      charge_model: charge.chargeModel,
      invoice_display_name: charge.invoiceDisplayName,
    },
    billable_metric: {
      lago_id: billableMetric.id,
      name: billableMetric.name,
      code: billableMetric.code,
      aggregation_type: billableMetric.aggregationType,
    },
    filters: usage.filters.map(filterJson),
    grouped_usage: usage.groupedUsage.map(groupJson),
  };
}

function filterJson(usage: FilterUsage) {
  return { ...figuresJson(usage), invoice_display_name: usage.invoiceDisplayName, values: usage.values };
}

function groupJson(usage: GroupUsage) {
  return { ...figuresJson(usage), grouped_by: usage.groupedBy, filters: usage.filters.map(filterJson) };
}

function figuresJson(usage: UsageFigures) {
  return {
    units: toJsonDecimal(usage.units),
    total_aggregated_units: toJsonDecimal(usage.totalAggregatedUnits),
    events_count: usage.eventsCount,
    amount_cents: usage.amountCents,
    pricing_unit_details: pricingUnitJson(usage),
    presentation_breakdowns: usage.presentationBreakdowns.map(breakdownJson),
    ...projectedJson(usage),
  };
}

function pricingUnitJson({ pricingUnit }: UsageFigures) {
  if (pricingUnit === null) return null;
  const { amountCents, shortName, conversionRate } = pricingUnit;
  return { amount_cents: amountCents, short_name: shortName, conversion_rate: toJsonDecimal(conversionRate) };
}

function projectedJson({ projected }: UsageFigures) {
  if (projected === null) return {};
  return {
    projected_units: toJsonDecimal(projected.units),
    projected_amount_cents: projected.amountCents,
    projected_presentation_breakdowns: projected.presentationBreakdowns.map(breakdownJson),
  };
}

function breakdownJson({ presentationBy, units }: UnitsBreakdown) {
  return { presentation_by: presentationBy, units: toJsonDecimal(units) };
}
