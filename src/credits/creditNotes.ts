/**
 * Credit notes: creation, estimate, voiding, and the end of a draft.
 *
 * The split between credit, refund and offset is the caller's; the amounts follow from the items. Where rounded parts
 * and rounded total part by a cent, the total moves: 19333.33333 and 25 % give 19333 + 4833 against 24167 → 24166.
 * (invoicing §5)
 */
import { assert, BillingError, notFound } from '../errors.js';
import { recordId } from '../ids.js';
import { applicableZone, type BillingWork } from '../invoicing/work.js';
import type { CreditNote, Invoice } from '../model.js';
import { Decimal, round, toText } from '../money/decimal.js';
import { localDateOf } from '../time/zone.js';
import { type CreditedItem, type CreditNoteAmounts, creditNoteAmounts } from './creditNoteAmounts.js';
import {
  type CreditNoteSplit,
  completionBy,
  notesOf,
  purchaseOf,
  refundableAmount,
  totalDueAmount,
} from './creditNoteLimits.js';
import { validateCreditNote } from './creditNoteValidation.js';
import { failPurchase, voidRefundedCredits } from './purchases.js';

export interface NewCreditNote extends CreditNoteSplit {
  readonly invoiceId: string;
  readonly items: readonly CreditedItem[];
  readonly reason: string;
  readonly description?: string | null;
  /** Made by billing itself: not held against the limits, and possible on drafts and voided invoices. */
  readonly automatic: boolean;
}

/** Puts a credit note, and what it does to its invoice and wallet, into the account. */
export function createCreditNote(work: BillingWork, given: NewCreditNote): CreditNote {
  const invoice = work.account.get('invoice', given.invoiceId);
  assert(invoice !== undefined, `no invoice ${given.invoiceId}`);
  const items = given.items.map(({ fee, preciseAmountCents }) => ({
    fee,
    preciseAmountCents: round(preciseAmountCents, 5),
  }));
  if (!given.automatic) validateCreditNote(work, invoice, items, given);
  const note = withAmounts(work, invoice, opened(work, invoice, given, items), items);
  work.account.put('credit_note', note);
  if (note.offsetAmountCents > 0) settle(work, invoice);
  if (invoice.invoiceType === 'credit' && note.refundAmountCents > 0) {
    voidRefundedCredits(work, invoice.id, note);
  }
  return note;
}

export interface CreditNoteEstimate extends CreditNoteAmounts {
  readonly items: readonly CreditedItem[];
  readonly maxCreditableAmountCents: number;
  readonly maxRefundableAmountCents: number;
}

/** What whole-cent items would come to, before anybody decides on the split. */
export function estimateCreditNote(
  work: BillingWork,
  invoice: Invoice,
  given: readonly CreditedItem[],
): CreditNoteEstimate {
  const items = given.map(({ fee, preciseAmountCents }) => ({ fee, preciseAmountCents: round(preciseAmountCents) }));
  const amounts = creditNoteAmounts(invoice, items, completionBy(work, invoice, items));
  const total = round(new Decimal(amounts.preciseTotalAmountCents)).toNumber();
  const gap = total - amounts.taxesAmountCents - amounts.subTotalExcludingTaxesAmountCents;
  const maxCreditableAmountCents = gap > 0 ? total - 1 : total;
  const refundable = round(refundableAmount(work, invoice)).toNumber();
  return {
    ...amounts,
    taxesAmountCents: gap < 0 ? amounts.taxesAmountCents - 1 : amounts.taxesAmountCents,
    items,
    maxCreditableAmountCents,
    maxRefundableAmountCents: Math.min(maxCreditableAmountCents, refundable),
  };
}

/** Takes back the credit that nobody has consumed. Its items still count as credited. */
export function voidCreditNote(work: BillingWork, note: CreditNote): CreditNote {
  if (note.status === 'draft') throw notFound('credit_note', note.number);
  if (note.balanceAmountCents <= 0 || note.creditStatus === 'voided') {
    throw new BillingError('no_voidable_amount', { message: `credit note ${note.number} has nothing left to void` });
  }
  const voided: CreditNote = {
    ...note,
    creditStatus: 'voided',
    voidedAt: work.at,
    balanceAmountCents: 0,
    updatedAt: work.at,
  };
  work.account.put('credit_note', voided);
  return voided;
}

/** What became of the refund; the day that it succeeded is kept. */
export function updateRefundStatus(
  work: BillingWork,
  note: CreditNote,
  refundStatus: NonNullable<CreditNote['refundStatus']>,
): CreditNote {
  if (note.status === 'draft') throw notFound('credit_note', note.number);
  const refundedAt = refundStatus === 'succeeded' ? work.at : note.refundedAt;
  const updated: CreditNote = { ...note, refundStatus, refundedAt, updatedAt: work.at };
  work.account.put('credit_note', updated);
  return updated;
}

/**
 * The notes of a draft that has become final: computed anew from its final fees, numbered after it, and usable.
 * The fees of a draft keep their ids when they are rebuilt, so the items still name them.
 */
export function finalizeDraftCreditNotes(work: BillingWork, invoice: Invoice): void {
  for (const note of notesOf(work, invoice.id).filter((candidate) => candidate.status === 'draft')) {
    const items = note.items.flatMap((item) => {
      const fee = work.account.get('fee', item.feeId);
      return fee === undefined ? [] : [{ fee, preciseAmountCents: new Decimal(item.preciseAmountCents) }];
    });
    const { preciseTotalAmountCents } = creditNoteAmounts(invoice, items, completionBy(work, invoice, items, note.id));
    const rest = round(new Decimal(preciseTotalAmountCents)).toNumber() - note.refundAmountCents;
    const split =
      note.offsetAmountCents > 0
        ? { creditAmountCents: 0, offsetAmountCents: rest }
        : { creditAmountCents: rest, offsetAmountCents: 0 };
    const finalized: CreditNote = {
      ...note,
      ...split,
      status: 'finalized',
      number: noteNumber(invoice, note.sequentialId),
      updatedAt: work.at,
    };
    work.account.put('credit_note', withAmounts(work, invoice, finalized, items));
    if (finalized.offsetAmountCents > 0) settle(work, invoice);
  }
}

function opened(work: BillingWork, invoice: Invoice, given: NewCreditNote, items: readonly CreditedItem[]): CreditNote {
  const sequentialId = 1 + notesOf(work, invoice.id).reduce((max, note) => Math.max(max, note.sequentialId), 0);
  const id = recordId('credit_note', invoice.id, sequentialId);
  return {
    id,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    sequentialId,
    number: noteNumber(invoice, sequentialId),
    status: invoice.status === 'draft' ? 'draft' : 'finalized',
    creditStatus: 'available',
    refundStatus: given.refundAmountCents > 0 ? 'pending' : null,
    reason: given.reason,
    description: given.description ?? null,
    currency: invoice.currency,
    issuingDate: localDateOf(work.at, applicableZone(work)),
    creditAmountCents: given.creditAmountCents,
    refundAmountCents: given.refundAmountCents,
    offsetAmountCents: given.offsetAmountCents,
    items: items.map(({ fee, preciseAmountCents }, index) => ({
      id: recordId('credit_note_item', id, index),
      feeId: fee.id,
      amountCents: round(preciseAmountCents).toNumber(),
      preciseAmountCents: toText(preciseAmountCents),
    })),
    ...NO_AMOUNTS,
    createdAt: work.at,
    updatedAt: work.at,
    voidedAt: null,
    refundedAt: null,
  };
}

const NO_AMOUNTS = {
  totalAmountCents: 0,
  preciseTotalAmountCents: '0',
  balanceAmountCents: 0,
  taxesAmountCents: 0,
  preciseTaxesAmountCents: '0',
  taxesRate: 0,
  subTotalExcludingTaxesAmountCents: 0,
  couponsAdjustmentAmountCents: 0,
  preciseCouponsAdjustmentAmountCents: '0',
  appliedTaxes: [],
} as const satisfies Partial<CreditNote>;

function withAmounts(
  work: BillingWork,
  invoice: Invoice,
  note: CreditNote,
  items: readonly CreditedItem[],
): CreditNote {
  const amounts = creditNoteAmounts(invoice, items, completionBy(work, invoice, items, note.id));
  return withRoundingAdjusted({ ...note, ...amounts });
}

/** Step 6: offsets are not considered, as in Lago; an offset-only note that needs it gets a refund of its total. */
function withRoundingAdjusted(note: CreditNote): CreditNote {
  let { creditAmountCents, refundAmountCents } = note;
  let total = creditAmountCents + refundAmountCents + note.offsetAmountCents;
  const gap = total - note.taxesAmountCents - note.subTotalExcludingTaxesAmountCents;
  if (gap !== 0) {
    total += gap > 0 ? -1 : 1;
    if (creditAmountCents > 0) creditAmountCents = total - refundAmountCents;
    else refundAmountCents = total;
  }
  return {
    ...note,
    totalAmountCents: total,
    creditAmountCents,
    refundAmountCents,
    balanceAmountCents: creditAmountCents,
  };
}

/** An offset that leaves nothing due pays the invoice; bought credits that are offset were never bought. */
function settle(work: BillingWork, invoice: Invoice): void {
  const current = work.account.get('invoice', invoice.id) ?? invoice;
  if (totalDueAmount(work, current) > 0) return;
  work.account.put('invoice', { ...current, paymentStatus: 'succeeded', paymentOverdue: false, updatedAt: work.at });
  if (purchaseOf(work, invoice.id) !== undefined) failPurchase(work, invoice.id);
}

function noteNumber(invoice: Invoice, sequentialId: number): string {
  return `${invoice.number}-CN${String(sequentialId).padStart(3, '0')}`;
}
