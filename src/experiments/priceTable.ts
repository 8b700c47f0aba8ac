/** The price of a plan on a terminal: one set of units line by line with its arithmetic, several as a table. */
import { toJsonDecimal } from '../money/decimal.js';
import { printable } from '../render/printable.js';
import { displayWidth, palette, renderTable, type TableOptions, type TableRow } from '../render/table.js';
import type { Step } from './arithmetic.js';
import { amount, bareAmount, INTERVAL_NOUN, unitPrice, units } from './figures.js';
import type { PlanPrice, PricedUnits, PriceLine } from './planPrice.js';

/** One set of units and what it costs. */
export interface PricePoint {
  readonly units: readonly PricedUnits[];
  readonly price: PlanPrice;
}

export function renderPrice({ price }: PricePoint, options: TableOptions): string {
  const { plan, lines, totalCents, interval } = price;
  const currency = plan.amountCurrency;
  const rows: TableRow[] = lines.flatMap((line) => [
    [
      line.label,
      line.model ?? '',
      line.units === null ? '' : units(line.units),
      bareAmount(line.amountCents, currency),
    ],
    ...detailRows(line),
  ]);
  rows.push('rule', {
    cells: [`Total of a ${INTERVAL_NOUN[interval]}, without taxes`, '', '', bareAmount(totalCents, currency)],
    style: 'total',
  });
  const columns = [
    { header: 'Line', shrinks: false },
    { header: 'Model', shrinks: false },
    { header: 'Units', align: 'right' as const },
    { header: currency, align: 'right' as const },
  ];
  return `${heading(price, options)}\n\n${renderTable(columns, rows, options)}`;
}

/** A price that is one number needs no arithmetic. */
function detailRows(line: PriceLine): TableRow[] {
  if (line.steps.length === 1 && /^\d+(\.\d+)?$/.test(line.steps[0]?.expression ?? '')) return [];
  const width = Math.max(...line.steps.map(({ label }) => displayWidth(label)));
  return line.steps.map((each) => ({ cells: [`  ${stepText(each, width)}`], style: 'detail' }));
}

function stepText({ label, expression, result }: Step, width: number): string {
  return `${label}${' '.repeat(width - displayWidth(label))}  ${expression} = ${result.replace('-', '−')}`;
}

function heading(price: PlanPrice, options: TableOptions): string {
  const { plan, interval } = price;
  const paint = palette(options.colour);
  const base = `${amount(plan.amountCents, plan.amountCurrency)} a ${INTERVAL_NOUN[plan.interval]}`;
  const facts = [
    plan.payInAdvance ? `${base} in advance` : base,
    ...(interval === plan.interval ? [] : [`usage billed by the ${INTERVAL_NOUN[interval]}`]),
    ...(plan.trialPeriod === null || plan.trialPeriod <= 0
      ? []
      : [`${plan.trialPeriod} days of trial (not counted here)`]),
  ];
  return `${paint.bold(printable(plan.name))} ${paint.dim(printable(plan.code))}\n${facts.join(', ')}`;
}

export function renderPrices(points: readonly PricePoint[], options: TableOptions): string {
  const first = points[0] as PricePoint;
  const currency = first.price.plan.amountCurrency;
  const varying = first.units.flatMap((each, index) =>
    points.every((point) => point.units[index]?.units.equals(each.units)) ? [] : [index],
  );
  const shown = varying.length === 0 ? first.units.map((_, index) => index) : varying;
  const columns = [
    ...shown.map((index) => ({ header: unitsName(first.units[index] as PricedUnits), align: 'right' as const })),
    ...['Base', 'Usage', 'Other', `Total ${currency}`, 'Per unit', 'Next unit'].map((header) => ({
      header,
      align: 'right' as const,
    })),
  ];
  const rows = points.map(({ units: of, price }, index): TableRow => {
    const [main] = shown.map((place) => of[place]?.units);
    const next = points[index + 1];
    const [nextMain] = shown.map((place) => next?.units[place]?.units);
    const base = price.lines[0]?.amountCents ?? 0;
    return [
      ...shown.map((place) => units(of[place]?.units ?? 0)),
      bareAmount(base, currency),
      bareAmount(price.usageCents, currency),
      bareAmount(price.totalCents - base - price.usageCents, currency),
      bareAmount(price.totalCents, currency),
      main === undefined ? '' : unitPrice(price.totalCents, main, currency),
      main === undefined || next === undefined || nextMain === undefined
        ? ''
        : unitPrice(next.price.totalCents - price.totalCents, nextMain.minus(main), currency),
    ];
  });
  const kept = columns.map((_, index) => rows.some((row) => isTelling(row, index, columns[index]?.header)));
  const narrowed = rows.map((row) => (row as readonly string[]).filter((_, index) => kept[index]));
  const note = 'Per unit: the total over the units. Next unit: what each unit to the next line costs.';
  return [
    heading(first.price, options),
    '',
    renderTable(
      columns.filter((_, index) => kept[index]),
      narrowed,
      options,
    ),
    '',
    palette(options.colour).dim(note),
  ].join('\n');
}

/** `Other` (fixed charges, commitment) stands only where there is any. */
function isTelling(row: TableRow, index: number, header: string | undefined): boolean {
  return header !== 'Other' || !/^0(\.0+)?$/.test((row as readonly string[])[index] ?? '');
}

export function unitsName({ code, properties }: Pick<PricedUnits, 'code' | 'properties'>): string {
  const values = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
  return values.length === 0 ? code : `${code}[${values.join(',')}]`;
}

/** For machines; amounts in cents, units as decimal text. */
export function pricePointJson({ units: of, price }: PricePoint) {
  const { plan, interval, lines, usageCents, totalCents } = price;
  return {
    plan_code: plan.code,
    currency: plan.amountCurrency,
    interval,
    units: of.map(({ code, properties, units: value }) => ({ code, properties, units: toJsonDecimal(value) })),
    lines: lines.map((line) => ({
      kind: line.kind,
      code: line.code,
      label: line.label,
      charge_model: line.model,
      units: line.units === null ? null : toJsonDecimal(line.units),
      amount_cents: line.amountCents,
      steps: line.steps,
    })),
    usage_amount_cents: usageCents,
    total_amount_cents: totalCents,
  };
}
