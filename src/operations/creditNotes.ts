/** create_credit_note, update_credit_note, void_credit_note, and what a credit note would come to (scenarios.md; invoicing §5). */
import { z } from 'zod';
import type { CreditedItem } from '../credits/creditNoteAmounts.js';
import {
  type CreditNoteEstimate,
  estimateCreditNote as estimate,
  createCreditNote as putCreditNote,
  updateRefundStatus,
  voidCreditNote as voidNote,
} from '../credits/creditNotes.js';
import { validateItems } from '../credits/creditNoteValidation.js';
import { invalid, notFound } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { CreditNote, Invoice } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { workOfCustomer } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { feeReference, findFee, findInvoice, invoiceReference, type NamedInvoice } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const REASONS = [
  'duplicated_charge',
  'product_unsatisfactory',
  'order_change',
  'order_cancellation',
  'fraudulent_charge',
  'other',
] as const;

const cents = z.number().int().nullish();

const createSchema = z.strictObject({
  invoice: invoiceReference,
  reason: z.enum(REASONS).nullish(),
  description: z.string().nullish(),
  credit_amount_cents: cents,
  refund_amount_cents: cents,
  offset_amount_cents: cents,
  items: z.unknown().optional(),
});

const estimateSchema = z.strictObject({ invoice: invoiceReference, items: z.unknown().optional() });

const itemsSchema = z.array(z.strictObject({ fee: feeReference, amount_cents: z.number().int() }));

/** By its place among the customer's (0 the oldest, −1 the newest), or by number or id. */
const noteReference = {
  external_customer_id: z.string(),
  index: z.number().int().nullish(),
  credit_note: z.string().nullish(),
};

const voidSchema = z.strictObject(noteReference);

const updateSchema = z.strictObject({ ...noteReference, refund_status: z.string() });

const REFUND_STATUSES = ['pending', 'succeeded', 'failed'] as const;

export function createCreditNote(context: OperationContext, raw: unknown): CreditNote {
  const input = parseInput(createSchema, raw);
  const named = findInvoice(context, input.invoice);
  const note = putCreditNote(named.work, {
    invoiceId: named.invoice.id,
    reason: input.reason ?? 'other',
    description: input.description ?? null,
    creditAmountCents: input.credit_amount_cents ?? 0,
    refundAmountCents: input.refund_amount_cents ?? 0,
    offsetAmountCents: input.offset_amount_cents ?? 0,
    items: itemsOf(named, input.items),
    automatic: false,
  });
  saveWork(context, named.work);
  return note;
}

export interface EstimatedCreditNote extends CreditNoteEstimate {
  readonly invoice: Invoice;
}

/** Reads only. */
export function estimateCreditNote(context: OperationContext, raw: unknown): EstimatedCreditNote {
  const input = parseInput(estimateSchema, raw);
  const named = findInvoice(context, input.invoice);
  const items = itemsOf(named, input.items);
  validateItems(named.work, items);
  return { ...estimate(named.work, named.invoice, items), invoice: named.invoice };
}

export function voidCreditNote(context: OperationContext, raw: unknown): CreditNote {
  const { work, note } = findNote(context, parseInput(voidSchema, raw));
  const voided = voidNote(work, note);
  saveWork(context, work);
  return voided;
}

/** Tells what became of a refund. */
export function updateCreditNote(context: OperationContext, raw: unknown): CreditNote {
  const input = parseInput(updateSchema, raw);
  const { work, note } = findNote(context, input);
  const refundStatus = REFUND_STATUSES.find((status) => status === input.refund_status);
  if (refundStatus === undefined) {
    const message = `must be one of ${REFUND_STATUSES.join(', ')}`;
    throw invalid({ field: 'refund_status', code: 'value_is_invalid', message });
  }
  const updated = updateRefundStatus(work, note, refundStatus);
  saveWork(context, work);
  return updated;
}

function findNote(
  context: OperationContext,
  reference: z.output<typeof voidSchema>,
): { readonly work: BillingWork; readonly note: CreditNote } {
  const work = workOfCustomer(context, reference.external_customer_id);
  const notes = work.account.all('credit_note');
  const { index, credit_note: name } = reference;
  const note =
    index == null ? notes.find((candidate) => candidate.number === name || candidate.id === name) : notes.at(index);
  if (note === undefined) throw notFound('credit_note', String(index ?? name ?? ''));
  return { work, note };
}

function itemsOf({ work, invoice }: NamedInvoice, raw: unknown): CreditedItem[] {
  if (!Array.isArray(raw) || raw.length === 0) {
    throw invalid({
      field: 'items',
      code: 'must_be_an_array',
      message: 'a credit note needs a list of {fee, amount_cents}',
    });
  }
  return parseInput(itemsSchema, raw).map((item) => ({
    fee: findFee(work, invoice, item.fee),
    preciseAmountCents: new Decimal(item.amount_cents),
  }));
}
