/** lose_invoice_dispute: the payment of an issued invoice was taken back for good (invoicing §6.6). */
import { z } from 'zod';
import { BillingError } from '../errors.js';
import { invoiceOf } from '../invoicing/finalize.js';
import type { Invoice } from '../model.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const schema = z.strictObject({ invoice: invoiceReference });

export function loseInvoiceDispute(context: OperationContext, raw: unknown): Invoice {
  const { work, invoice } = findInvoice(context, parseInput(schema, raw).invoice);
  if (invoice.status !== 'finalized' && invoice.status !== 'voided') {
    throw new BillingError('not_disputable', { message: `invoice ${invoice.number} is ${invoice.status}` });
  }
  const paymentDisputeLostAt = invoice.paymentDisputeLostAt ?? work.at;
  work.account.put('invoice', { ...invoice, paymentDisputeLostAt, paymentOverdue: false, updatedAt: work.at });
  saveWork(context, work);
  return invoiceOf(work, invoice.id);
}
