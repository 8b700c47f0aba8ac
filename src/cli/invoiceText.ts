/** One invoice on a terminal, and its lines as CSV. */
import { renderCsv } from '../render/csv.js';
import type { InvoiceDocument } from '../render/documentContext.js';
import { renderInvoiceTable } from '../render/invoiceTable.js';
import type { FeeJson } from '../render/json/fee.js';
import type { InvoiceJson, InvoicePreviewJson } from '../render/json/invoice.js';
import type { Session } from './context.js';
import { printOne, tableOptions } from './output.js';

export function printInvoice(session: Session, invoice: InvoiceJson | InvoicePreviewJson): void {
  printOne(session, 'invoice', invoice, (shown) => describeInvoice(session, shown), renderLines);
}

export function describeInvoice(session: Session, invoice: InvoiceJson | InvoicePreviewJson): string {
  return renderInvoiceTable(invoice as InvoiceDocument, tableOptions(session));
}

const columns: readonly (readonly [
  header: string,
  of: (fee: FeeJson) => string | number | null | undefined | object,
])[] = [
  ['item.type', (fee) => fee.item.type],
  ['item.code', (fee) => fee.item.code],
  ['item.name', (fee) => fee.item.name],
  ['item.filters', (fee) => fee.item.filters],
  ['item.grouped_by', (fee) => (Object.keys(fee.item.grouped_by).length === 0 ? null : fee.item.grouped_by)],
  ['external_subscription_id', (fee) => fee.external_subscription_id],
  ['from_date', (fee) => ('from_date' in fee ? fee.from_date : null)],
  ['to_date', (fee) => ('to_date' in fee ? fee.to_date : null)],
  ['units', (fee) => fee.units],
  ['amount_cents', (fee) => fee.amount_cents],
  ['taxes_amount_cents', (fee) => fee.taxes_amount_cents],
  ['amount_currency', (fee) => fee.amount_currency],
];

/** A row for each fee; what reduces their sum to the total is in the JSON. */
function renderLines({ number, fees }: InvoiceJson | InvoicePreviewJson): string {
  const headers = ['number', ...columns.map(([header]) => header)];
  return renderCsv(
    headers,
    fees.map((fee) => [number, ...columns.map(([, of]) => of(fee as FeeJson))]),
  );
}
