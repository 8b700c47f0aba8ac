/**
 * Usage as CSV: a row for each figure that is billed by itself, which is a charge, or each of its filters and groups.
 * The amounts of all rows add up to the usage.
 */
import { type CsvValue, renderCsv } from './csv.js';
import type { CustomerUsageJson } from './json/usage.js';

type ChargeUsage = CustomerUsageJson['charges_usage'][number];
type FilterUsage = ChargeUsage['filters'][number];

const headers = [
  'from_datetime',
  'to_datetime',
  'charge_code',
  'billable_metric_code',
  'charge_model',
  'filters',
  'grouped_by',
  'units',
  'events_count',
  'amount_cents',
  'currency',
];

export function renderUsageCsv(usage: CustomerUsageJson): string {
  const isProjected = usage.projected_amount_cents !== undefined;
  const rows = usage.charges_usage.flatMap((charge) =>
    parts(charge).map(({ figures, filters, groupedBy }): CsvValue[] => [
      usage.from_datetime,
      usage.to_datetime,
      charge.charge.code,
      charge.billable_metric.code,
      charge.charge.charge_model,
      filters,
      groupedBy,
      figures.units,
      figures.events_count,
      figures.amount_cents,
      usage.currency,
      ...(isProjected ? [figures.projected_amount_cents] : []),
    ]),
  );
  return renderCsv([...headers, ...(isProjected ? ['projected_amount_cents'] : [])], rows);
}

interface Part {
  readonly figures: Pick<ChargeUsage, 'units' | 'events_count' | 'amount_cents'> & {
    readonly projected_amount_cents?: number;
  };
  /** Null where there are none, and for what no filter takes. */
  readonly filters: FilterUsage['values'];
  readonly groupedBy: ChargeUsage['grouped_usage'][number]['grouped_by'] | null;
}

function parts(charge: ChargeUsage): Part[] {
  const ofFilters = (of: readonly FilterUsage[], groupedBy: Part['groupedBy']): Part[] =>
    of.map((figures) => ({ figures, filters: figures.values, groupedBy }));
  if (charge.grouped_usage.length > 0) {
    return charge.grouped_usage.flatMap((group): Part[] =>
      group.filters.length > 0
        ? ofFilters(group.filters, group.grouped_by)
        : [{ figures: group, filters: null, groupedBy: group.grouped_by }],
    );
  }
  if (charge.filters.length > 0) return ofFilters(charge.filters, null);
  return [{ figures: charge, filters: null, groupedBy: null }];
}
