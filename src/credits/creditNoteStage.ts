/**
 * Stage 7 of an invoice: the customer's available credit notes, oldest first, in the invoice's currency.
 *
 * Each note gives what it has, up to what is left to pay, and is spread over the fees in proportion to what is left of
 * each with its tax. (invoicing §5.6)
 */
import type { BillingWork } from '../invoicing/work.js';
import type { CreditNote, Fee } from '../model.js';
import { Decimal, round, toText } from '../money/decimal.js';
import { creditRow, type InvoiceInProgress } from './inProgress.js';

/** Consumes credit notes; the invoice's total must be what remains to pay. */
export function applyCreditNotes(work: BillingWork, state: InvoiceInProgress): InvoiceInProgress {
  let current = state;
  const oldestFirst = work.account.all('credit_note').toSorted((a, b) => a.createdAt - b.createdAt);
  for (const note of oldestFirst) {
    if (current.invoice.totalAmountCents <= 0) break;
    if (!isUsable(note, current)) continue;
    current = consume(work, current, note);
  }
  return current;
}

function isUsable(note: CreditNote, { invoice }: InvoiceInProgress): boolean {
  return (
    note.status === 'finalized' &&
    note.creditStatus === 'available' &&
    note.balanceAmountCents > 0 &&
    note.currency === invoice.currency &&
    note.invoiceId !== invoice.id
  );
}

function consume(work: BillingWork, { invoice, fees }: InvoiceInProgress, note: CreditNote): InvoiceInProgress {
  const due = invoice.totalAmountCents;
  const amountCents = Math.min(note.balanceAmountCents, due);
  const balanceAmountCents = note.balanceAmountCents - amountCents;
  work.account.put('credit_note', {
    ...note,
    balanceAmountCents,
    creditStatus: balanceAmountCents === 0 ? 'consumed' : note.creditStatus,
    updatedAt: work.at,
  });
  const credit = creditRow(invoice, {
    amountCents,
    beforeTaxes: false,
    item: {
      id: note.id,
      type: 'credit_note',
      code: note.number,
      name: work.account.get('invoice', note.invoiceId)?.number ?? '',
      description: note.description,
    },
    creditNoteId: note.id,
  });
  return {
    invoice: {
      ...invoice,
      creditNotesAmountCents: invoice.creditNotesAmountCents + amountCents,
      totalAmountCents: due - amountCents,
      credits: [...invoice.credits, credit],
    },
    fees: fees.map((fee) => withShare(fee, amountCents, due)),
  };
}

function withShare(fee: Fee, amountCents: number, due: number): Fee {
  const payable = new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents).plus(fee.taxesAmountCents);
  const left = payable.minus(fee.preciseCreditNotesAmountCents);
  const share = left.times(amountCents).div(due);
  const total = round(new Decimal(fee.preciseCreditNotesAmountCents).plus(share), 5);
  return { ...fee, preciseCreditNotesAmountCents: toText(Decimal.min(total, payable)) };
}
