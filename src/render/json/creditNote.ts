/** A credit note, and the estimate of one, as Lago prints them (invoicing §7.3). */
import { recordId } from '../../ids.js';
import type { CreditNote, Fee, Invoice } from '../../model.js';
import type { DecimalText } from '../../money/decimal.js';
import { customerJson } from './customer.js';
import { decimal, timestamp } from './encoding.js';
import { feeJson } from './fee.js';
import { appliedTaxFigures } from './tax.js';

export interface CreditNoteParts {
  /** The invoice that it credits: it also says to whom. */
  readonly invoice: Invoice;
  /** The invoice's fees, by id. */
  readonly fees: ReadonlyMap<string, Fee>;
}

export type CreditNoteJson = ReturnType<typeof creditNoteJson>;

export function creditNoteJson(note: CreditNote, parts: CreditNoteParts) {
  const { invoice } = parts;
  const selfBilled = invoice.billTo.accountType === 'partner';
  return {
    lago_id: note.id,
    billing_entity_code: invoice.issuer.code,
    sequential_id: note.sequentialId,
    number: note.number,
    lago_invoice_id: note.invoiceId,
    invoice_number: invoice.number,
    purchase_order_number: invoice.purchaseOrderNumber,
    issuing_date: note.issuingDate,
    credit_status: note.creditStatus,
    refund_status: note.refundStatus,
    reason: note.reason,
    description: note.description,
    currency: note.currency,
    total_amount_cents: note.totalAmountCents,
    precise_total_amount_cents: decimal(note.preciseTotalAmountCents),
    taxes_amount_cents: note.taxesAmountCents,
    precise_taxes_amount_cents: decimal(note.preciseTaxesAmountCents),
    sub_total_excluding_taxes_amount_cents: note.subTotalExcludingTaxesAmountCents,
    balance_amount_cents: note.balanceAmountCents,
    credit_amount_cents: note.creditAmountCents,
    refund_amount_cents: note.refundAmountCents,
    offset_amount_cents: note.offsetAmountCents,
    coupons_adjustment_amount_cents: note.couponsAdjustmentAmountCents,
    taxes_rate: note.taxesRate,
    created_at: timestamp(note.createdAt),
    updated_at: timestamp(note.updatedAt),
    file_url: null,
    xml_url: null,
    self_billed: selfBilled,
    customer: customerJson(invoice.billTo, invoice.issuer),
    items: note.items.map((item) => {
      const fee = parts.fees.get(item.feeId);
      return {
        lago_id: item.id,
        amount_cents: item.amountCents,
        precise_amount_cents: decimal(item.preciseAmountCents),
        amount_currency: note.currency,
        fee: fee === undefined ? null : feeJson(fee, { externalCustomerId: invoice.billTo.externalId, selfBilled }),
      };
    }),
    applied_taxes: note.appliedTaxes.map((tax) => ({
      lago_id: recordId('credit_note_applied_tax', note.id, tax.taxCode),
      lago_credit_note_id: note.id,
      ...appliedTaxFigures(tax, note.currency),
      base_amount_cents: tax.baseAmountCents,
      created_at: timestamp(note.createdAt),
    })),
    error_details: [],
  };
}

/** What `credit_notes estimate` answers: a note that nobody has created. */
export interface CreditNoteEstimate {
  readonly currency: string;
  readonly taxesAmountCents: number;
  readonly preciseTaxesAmountCents: DecimalText;
  readonly subTotalExcludingTaxesAmountCents: number;
  readonly maxCreditableAmountCents: number;
  readonly maxRefundableAmountCents: number;
  readonly couponsAdjustmentAmountCents: number;
  readonly preciseCouponsAdjustmentAmountCents: DecimalText;
  readonly taxesRate: number;
  readonly items: readonly { readonly feeId: string; readonly amountCents: number }[];
  readonly appliedTaxes: CreditNote['appliedTaxes'];
}

export function creditNoteEstimateJson(estimate: CreditNoteEstimate, invoice: Pick<Invoice, 'id' | 'number'>) {
  return {
    lago_invoice_id: invoice.id,
    invoice_number: invoice.number,
    currency: estimate.currency,
    taxes_amount_cents: estimate.taxesAmountCents,
    precise_taxes_amount_cents: decimal(estimate.preciseTaxesAmountCents),
    sub_total_excluding_taxes_amount_cents: estimate.subTotalExcludingTaxesAmountCents,
    max_creditable_amount_cents: estimate.maxCreditableAmountCents,
    max_refundable_amount_cents: estimate.maxRefundableAmountCents,
    coupons_adjustment_amount_cents: estimate.couponsAdjustmentAmountCents,
    precise_coupons_adjustment_amount_cents: decimal(estimate.preciseCouponsAdjustmentAmountCents),
    taxes_rate: estimate.taxesRate,
    items: estimate.items.map((item) => ({ lago_fee_id: item.feeId, amount_cents: item.amountCents })),
    applied_taxes: estimate.appliedTaxes.map((tax) => ({
      lago_id: null,
      lago_credit_note_id: null,
      ...appliedTaxFigures(tax, estimate.currency),
      base_amount_cents: tax.baseAmountCents,
      created_at: null,
    })),
  };
}
