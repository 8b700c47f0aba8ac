/** finalize_invoice and refresh_invoice: a draft is computed anew, and made final before its grace period is over. */
import { z } from 'zod';
import { BillingError } from '../errors.js';
import { finalizeDraft, refreshDraft } from '../invoicing/finalize.js';
import { rebuildFees } from '../invoicing/rebuildFees.js';
import type { Invoice } from '../model.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { findInvoice, invoiceReference, type NamedInvoice } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const schema = z.strictObject({ invoice: invoiceReference });

export function finalizeInvoice(context: OperationContext, raw: unknown): Invoice {
  const { work, invoice } = findDraft(context, raw);
  const finalized = finalizeDraft(work, invoice.id, rebuildFees);
  saveWork(context, work);
  return finalized;
}

export function refreshInvoice(context: OperationContext, raw: unknown): Invoice {
  const { work, invoice } = findDraft(context, raw);
  const refreshed = refreshDraft(work, invoice.id, rebuildFees);
  saveWork(context, work);
  return refreshed;
}

function findDraft(context: OperationContext, raw: unknown): NamedInvoice {
  const found = findInvoice(context, parseInput(schema, raw).invoice);
  if (found.invoice.status === 'draft') return found;
  throw new BillingError('invoice_not_found', {
    message: `invoice ${found.invoice.number} is ${found.invoice.status}, not a draft`,
    suggestion: 'Only drafts can be refreshed or finalized; a final invoice never changes.',
  });
}
