/** One invoice on a terminal. */
import type { InvoiceDocument } from '../render/documentContext.js';
import { renderInvoiceTable } from '../render/invoiceTable.js';
import type { InvoiceJson, InvoicePreviewJson } from '../render/json/invoice.js';
import type { Session } from './context.js';
import { tableOptions } from './output.js';

export function describeInvoice(session: Session, invoice: InvoiceJson | InvoicePreviewJson): string {
  return renderInvoiceTable(invoice as InvoiceDocument, tableOptions(session));
}
