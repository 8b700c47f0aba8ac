/** An invoice on a terminal: who and when, its fees with their tier breakdown, and its totals. */
import { type Definitions, type DocumentContext, documentContext, type InvoiceDocument } from './documentContext.js';
import type { BodyRow } from './feeRows.js';
import { type BodySection, invoiceBody } from './invoiceBody.js';
import { invoiceTotals } from './invoiceTotals.js';
import { formatAmount } from './money.js';
import { fill } from './pdf/labels.js';
import { printable } from './printable.js';
import { palette, renderTable, type TableColumn, type TableOptions, type TableRow } from './table.js';

export interface InvoiceTableOptions extends TableOptions {
  readonly definitions?: Definitions;
}

export function renderInvoiceTable(document: InvoiceDocument, options: InvoiceTableOptions): string {
  const context = documentContext(document, 'en', options.definitions);
  const body = invoiceBody(document, context);
  const rows: TableRow[] = [];
  for (const section of body.sections) rows.push(...sectionRows(section, body.sections.length > 1));
  rows.push('rule');
  for (const line of invoiceTotals(document, context)) {
    const cells = [line.label, '', '', '', line.amount];
    rows.push(line.kind === 'plain' ? cells : { cells, style: 'total' });
  }
  return `${headLines(document, context, options)}\n\n${renderTable(columns(context), rows, options)}`;
}

function columns({ labels }: DocumentContext): TableColumn[] {
  return [
    { header: labels.item },
    { header: labels.units, align: 'right' },
    { header: labels.unitPrice, align: 'right' },
    { header: labels.tax, align: 'right' },
    { header: labels.amount, align: 'right' },
  ];
}

function headLines(
  document: InvoiceDocument,
  { labels, locale, currency }: DocumentContext,
  options: TableOptions,
): string {
  const paint = palette(options.colour);
  const { customer } = document;
  const number = document.number === '' ? 'Preview' : `${labels.invoice} ${printable(document.number)}`;
  const name = customer.legal_name ?? customer.name ?? customer.external_id;
  const amount = formatAmount(document.total_amount_cents, currency, locale);
  const due = fill(labels.dueOn, { date: document.payment_due_date });
  const state = document.number === '' ? '' : `, ${document.status}, payment ${document.payment_status}`;
  return [
    `${paint.bold(number)} ${paint.dim(`${document.invoice_type}${state}`)}`,
    `${labels.billTo} ${printable(name)} (${printable(customer.external_id)})`,
    `${labels.issueDate} ${document.issuing_date}  ${due}`,
    paint.bold(amount),
  ].join('\n');
}

function sectionRows(section: BodySection, several: boolean): TableRow[] {
  const rows: TableRow[] = [];
  if (section.heading !== null && several) rows.push({ cells: [section.heading], style: 'total' });
  for (const table of section.tables) {
    if (table.rows.length === 0) continue;
    rows.push({ cells: [table.caption], style: 'detail' }, ...table.rows.flatMap(bodyRow));
  }
  for (const total of section.totals) rows.push({ cells: [total.label, '', '', '', total.amount], style: 'total' });
  return rows;
}

function bodyRow(row: BodyRow): TableRow[] {
  const indent = row.kind === 'item' ? '' : '  ';
  const cells = [`${indent}${row.label}`, row.units, row.unitPrice, row.tax, row.amount];
  const notes = row.notes.map((note) => ({ cells: [`  ${note}`], style: 'detail' as const }));
  return [row.kind === 'detail' ? { cells, style: 'detail' } : cells, ...notes];
}
