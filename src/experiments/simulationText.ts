/** A simulation on a terminal: an invoice a line, with what it bills and the sum so far. */

import type { Fee } from '../model.js';
import { Decimal, toJsonDecimal, ZERO } from '../money/decimal.js';
import { printable } from '../render/printable.js';
import { palette, renderTable, type TableOptions, type TableRow } from '../render/table.js';
import { amount, bareAmount, INTERVAL_NOUN, units } from './figures.js';
import type { Simulated, SimulatedInvoice, Simulation } from './simulate.js';

/** Metrics whose units have a column of their own. */
const MOST_METRICS = 3;

export function renderSimulation(simulation: Simulation, simulated: Simulated, options: TableOptions): string {
  const { plan, from, months, timezone } = simulation;
  const currency = plan.amountCurrency;
  const paint = palette(options.colour);
  const metrics = [...new Set(simulation.usage.map((each) => each.code))].slice(0, MOST_METRICS);
  const right = (header: string) => ({ header, align: 'right' as const });
  const columns = [
    { header: 'date', shrinks: false },
    ...metrics.map(right),
    ...['base', 'usage', 'other', 'coupons', 'taxes', 'to pay', 'so far'].map(right),
  ];
  let soFar = 0;
  const rows: TableRow[] = simulated.invoices.map((each) => {
    soFar += each.invoice.totalAmountCents;
    const figures = figuresOf(each);
    return [
      each.invoice.issuingDate,
      ...metrics.map((code) => unitsOf(each.fees, code)),
      ...[
        figures.base,
        figures.usage,
        figures.other,
        -each.invoice.couponsAmountCents,
        each.invoice.taxesAmountCents,
        each.invoice.totalAmountCents,
        soFar,
      ].map((cents) => bareAmount(cents, currency)),
    ];
  });
  const sum = (of: (each: SimulatedInvoice) => number) =>
    bareAmount(
      simulated.invoices.reduce((total, each) => total + of(each), 0),
      currency,
    );
  const totals = [
    sum((each) => figuresOf(each).base),
    sum((each) => figuresOf(each).usage),
    sum((each) => figuresOf(each).other),
    sum((each) => -each.invoice.couponsAmountCents),
    sum((each) => each.invoice.taxesAmountCents),
    sum((each) => each.invoice.totalAmountCents),
  ];
  rows.push('rule', { cells: ['total', ...metrics.map(() => ''), ...totals], style: 'total' });
  const shown = columns.map(
    (_, index) =>
      index < 1 + metrics.length + 2 || index > columns.length - 3 || rows.some((row) => isFigure(cellsOf(row)[index])),
  );
  const narrow = (cells: readonly string[]) => cells.filter((_, index) => shown[index]);
  const table = renderTable(
    columns.filter((_, index) => shown[index]),
    rows.map((row) => (row === 'rule' ? row : 'cells' in row ? { ...row, cells: narrow(row.cells) } : narrow(row))),
    options,
  );
  const base = `${amount(plan.amountCents, currency)} a ${INTERVAL_NOUN[plan.interval]}`;
  const head = `${paint.bold(printable(plan.name))} ${paint.dim(printable(plan.code))}  ${base}, ${months} months from ${from}, ${timezone}`;
  return [head, '', table, '', paint.dim(`${currency}, by issuing date`)].join('\n');
}

interface Figures {
  readonly base: number;
  readonly usage: number;
  readonly other: number;
}

function figuresOf({ fees }: SimulatedInvoice): Figures {
  const of = (wanted: (fee: Fee) => boolean) => fees.filter(wanted).reduce((sum, fee) => sum + fee.amountCents, 0);
  return {
    base: of((fee) => fee.feeType === 'subscription'),
    usage: of((fee) => fee.feeType === 'charge'),
    other: of((fee) => fee.feeType !== 'subscription' && fee.feeType !== 'charge'),
  };
}

function unitsOf(fees: readonly Fee[], code: string): string {
  const own = fees.filter(
    (fee) => fee.feeType === 'charge' && fee.item.code === code && fee.trueUpParentFeeId === null,
  );
  return own.length === 0 ? '' : units(own.reduce((sum, fee) => sum.plus(fee.units), ZERO));
}

function cellsOf(row: TableRow): readonly string[] {
  return row === 'rule' ? [] : 'cells' in row ? row.cells : row;
}

function isFigure(cell: string | undefined): boolean {
  return cell !== undefined && /[1-9]/.test(cell);
}

export function simulationJson(simulation: Simulation, { invoices, creditNotes }: Simulated) {
  const { plan, from, months, timezone, usage } = simulation;
  return {
    plan_code: plan.code,
    currency: plan.amountCurrency,
    from,
    months,
    timezone,
    usage: usage.map((each) => ({
      code: each.code,
      properties: each.properties,
      units: each.months.map(toJsonDecimal),
    })),
    invoices: invoices.map((each) => ({
      issuing_date: each.invoice.issuingDate,
      number: each.invoice.number,
      base_amount_cents: figuresOf(each).base,
      usage_amount_cents: figuresOf(each).usage,
      other_amount_cents: figuresOf(each).other,
      fees_amount_cents: each.invoice.feesAmountCents,
      coupons_amount_cents: each.invoice.couponsAmountCents,
      taxes_amount_cents: each.invoice.taxesAmountCents,
      total_amount_cents: each.invoice.totalAmountCents,
      fees: each.fees.map((fee) => ({
        type: fee.feeType,
        code: fee.item.code,
        units: toJsonDecimal(new Decimal(fee.units)),
        amount_cents: fee.amountCents,
      })),
    })),
    credit_notes: creditNotes.map((note) => ({ number: note.number, total_amount_cents: note.totalAmountCents })),
    total_amount_cents: invoices.reduce((sum, { invoice }) => sum + invoice.totalAmountCents, 0),
  };
}
