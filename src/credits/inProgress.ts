/** An invoice between two stages of its computation: what each stage takes and answers (invoicing §1.1). */

import { recordId } from '../ids.js';
import type { Credit, Fee, Invoice } from '../model.js';

export interface InvoiceInProgress {
  readonly invoice: Invoice;
  /** In order of creation. */
  readonly fees: readonly Fee[];
}

/** A row of the invoice's credits; the three references are null where the kind of credit has none. */
export function creditRow(
  invoice: Invoice,
  given: Pick<Credit, 'amountCents' | 'beforeTaxes' | 'item'> &
    Partial<Pick<Credit, 'appliedCouponId' | 'creditNoteId' | 'progressiveBillingInvoiceId'>>,
): Credit {
  return {
    id: recordId('credit', invoice.id, invoice.credits.length),
    currency: invoice.currency,
    appliedCouponId: null,
    creditNoteId: null,
    progressiveBillingInvoiceId: null,
    ...given,
  };
}
