/** create_credit_note, void_credit_note, and what a credit note would come to (scenarios.md; invoicing §5). */
import { z } from 'zod';
import type { CreditedItem } from '../credits/creditNoteAmounts.js';
import {
  type CreditNoteEstimate,
  estimateCreditNote as estimate,
  createCreditNote as putCreditNote,
  voidCreditNote as voidNote,
} from '../credits/creditNotes.js';
import { invalid, notFound } from '../errors.js';
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

const voidSchema = z.union([
  z.strictObject({ external_customer_id: z.string(), index: z.number().int() }),
  z.strictObject({ external_customer_id: z.string(), credit_note: z.string() }),
]);

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
  return { ...estimate(named.work, named.invoice, itemsOf(named, input.items)), invoice: named.invoice };
}

export function voidCreditNote(context: OperationContext, raw: unknown): CreditNote {
  const input = parseInput(voidSchema, raw);
  const work = workOfCustomer(context, input.external_customer_id);
  const notes = work.account.all('credit_note');
  const note =
    'index' in input
      ? notes.at(input.index)
      : notes.find((candidate) => candidate.number === input.credit_note || candidate.id === input.credit_note);
  if (note === undefined) throw notFound('credit_note', 'index' in input ? String(input.index) : input.credit_note);
  const voided = voidNote(work, note);
  saveWork(context, work);
  return voided;
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
