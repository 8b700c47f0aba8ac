/**
 * Current or past usage on a terminal: a line per charge with its units, amount and place among its tiers, its filters
 * and groups under it, and the totals. Reads the customer usage JSON (usage-and-pricing §7.1).
 */

import type { ChargeJson, PlanJson } from './json/plan.js';
import type { CustomerUsageJson } from './json/usage.js';
import { formatAmount, formatUnits } from './money.js';
import { renderTable, type TableColumn, type TableOptions, type TableRow } from './table.js';
import { tierPosition } from './tierPosition.js';

type ChargeUsage = CustomerUsageJson['charges_usage'][number];
type FilterUsage = ChargeUsage['filters'][number];

export interface UsageTableOptions extends TableOptions {
  /** The plan of the subscription: with it each line says where in its tiers the usage stands. */
  readonly plan?: PlanJson;
}

const columns: readonly TableColumn[] = [
  { header: 'Charge' },
  { header: 'Model', shrinks: false },
  { header: 'Units', align: 'right' },
  { header: 'Events', align: 'right' },
  { header: 'Amount', align: 'right' },
];
const projectedColumn: TableColumn = { header: 'Projected', align: 'right' };
const positionColumn: TableColumn = { header: 'Position', wraps: true };

export function renderUsageTable(usage: CustomerUsageJson, options: UsageTableOptions): string {
  const rows: TableRow[] = usage.charges_usage.flatMap((charge) => chargeRows(charge, usage.currency, options.plan));
  const total = (label: string, ...cents: number[]): TableRow => ({
    cells: [label, '', '', '', ...cents.map((amount) => formatAmount(amount, usage.currency, 'en'))],
    style: 'total',
  });
  const { projected_amount_cents: projected } = usage;
  rows.push('rule', total('Usage', usage.amount_cents, ...(projected === undefined ? [] : [projected])));
  rows.push(total('Taxes', usage.taxes_amount_cents), total('Total', usage.total_amount_cents));
  const shown = [
    ...columns,
    ...(projected === undefined ? [] : [projectedColumn]),
    ...(options.plan === undefined ? [] : [positionColumn]),
  ];
  return `From ${usage.from_datetime} to ${usage.to_datetime}\n\n${renderTable(shown, fitted(rows, shown.length), options)}`;
}

function chargeRows(usage: ChargeUsage, currency: string, plan: PlanJson | undefined): TableRow[] {
  const charge = plan?.charges.find(
    ({ lago_id, code }) => lago_id === usage.charge.lago_id || code === usage.charge.code,
  );
  const apart = usage.filters.length > 0 || usage.grouped_usage.length > 0;
  const position = (units: string, properties: ChargeJson['properties'] | undefined) =>
    properties === undefined ? '' : (tierPosition(properties, units) ?? '');
  const detail = (label: string, figures: Figures, properties: ChargeJson['properties'] | undefined): TableRow => ({
    cells: [`  ${label}`, '', ...figureCells(figures, currency), position(figures.units, properties)],
    style: 'detail',
  });
  return [
    [
      usage.charge.invoice_display_name ?? usage.billable_metric.name,
      usage.charge.charge_model ?? '',
      ...figureCells(usage, currency),
      apart ? '' : position(usage.units, charge?.properties),
    ],
    ...usage.filters.map((filter) => detail(filterName(filter), filter, filterProperties(filter, charge))),
    ...usage.grouped_usage.map((group) => {
      const properties = group.filters.length > 0 ? undefined : charge?.properties;
      return detail(groupName(group.grouped_by), group, properties);
    }),
  ];
}

interface Figures {
  readonly units: string;
  readonly events_count: number;
  readonly amount_cents: number;
  readonly projected_amount_cents?: number;
}

function figureCells(figures: Figures, currency: string): string[] {
  return [
    formatUnits(figures.units, 'en'),
    formatUnits(String(figures.events_count), 'en'),
    formatAmount(figures.amount_cents, currency, 'en'),
    ...(figures.projected_amount_cents === undefined
      ? []
      : [formatAmount(figures.projected_amount_cents, currency, 'en')]),
  ];
}

/** The default bucket has no values and is priced by the charge itself. */
function filterProperties(filter: FilterUsage, charge: ChargeJson | undefined): ChargeJson['properties'] | undefined {
  if (filter.values === null) return charge?.properties;
  const wanted = JSON.stringify(filter.values);
  return charge?.filters.find(({ values }) => JSON.stringify(values) === wanted)?.properties;
}

function filterName(filter: FilterUsage): string {
  if (filter.invoice_display_name !== null) return filter.invoice_display_name;
  if (filter.values === null) return 'everything else';
  return Object.entries(filter.values)
    .map(([key, values]) => `${key}: ${values.join(', ')}`)
    .join('; ');
}

function groupName(groupedBy: Readonly<Record<string, string | null>>): string {
  const parts = Object.entries(groupedBy).map(([key, value]) => `${key}: ${value ?? 'none'}`);
  return parts.length === 0 ? 'ungrouped' : parts.join('; ');
}

function fitted(rows: readonly TableRow[], count: number): TableRow[] {
  return rows.map((row) => {
    if (row === 'rule') return row;
    return 'cells' in row ? { ...row, cells: row.cells.slice(0, count) } : row.slice(0, count);
  });
}
