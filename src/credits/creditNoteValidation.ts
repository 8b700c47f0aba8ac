/**
 * What a credit note made by hand must satisfy. Problems are collected and refused together. (invoicing §5.3, §10)
 */
import { BillingError, invalid, type Problem } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Invoice } from '../model.js';
import { Decimal, round } from '../money/decimal.js';
import { type CreditedItem, creditNoteAmounts } from './creditNoteAmounts.js';
import {
  type CreditNoteSplit,
  completionBy,
  creditableOfFee,
  notesOf,
  offsetAmount,
  purchaseOf,
  refundedAmount,
  totalDueAmount,
} from './creditNoteLimits.js';

export function validateCreditNote(
  work: BillingWork,
  invoice: Invoice,
  items: readonly CreditedItem[],
  split: CreditNoteSplit,
): void {
  refuseWrongState(work, invoice, split);
  const problems = [
    ...items.flatMap((item) => itemProblems(work, item)),
    ...splitProblems(work, invoice, split),
    ...totalProblems(work, invoice, items, split),
  ];
  if (problems.length > 0) throw invalid(...problems);
}

/** Of an estimate, where nobody has decided on the split yet. */
export function validateItems(work: BillingWork, items: readonly CreditedItem[]): void {
  const problems = items.flatMap((item) => itemProblems(work, item));
  if (problems.length > 0) throw invalid(...problems);
}

/** Only issued invoices; of bought credits, paid ones whose wallet lives, or unpaid ones to be offset. */
function refuseWrongState(work: BillingWork, invoice: Invoice, split: CreditNoteSplit): void {
  if (
    invoice.status === 'finalized' &&
    (invoice.invoiceType !== 'credit' || isCreditablePurchase(work, invoice, split))
  )
    return;
  throw new BillingError('invalid_type_or_status', {
    message: `invoice ${invoice.number} (${invoice.invoiceType}, ${invoice.status}) takes no such credit note`,
  });
}

function isCreditablePurchase(work: BillingWork, invoice: Invoice, split: CreditNoteSplit): boolean {
  if (invoice.paymentStatus !== 'succeeded') {
    return split.offsetAmountCents > 0 && split.creditAmountCents === 0 && split.refundAmountCents === 0;
  }
  const purchase = purchaseOf(work, invoice.id);
  return purchase !== undefined && work.account.get('wallet', purchase.walletId)?.status === 'active';
}

function itemProblems(work: BillingWork, { fee, preciseAmountCents }: CreditedItem): Problem[] {
  if (preciseAmountCents.lt(0)) {
    return [problem('amount_cents', 'invalid_value', 'an item cannot be negative')];
  }
  const creditable = creditableOfFee(work, fee);
  if (preciseAmountCents.lte(creditable)) return [];
  const code = fee.feeType === 'credit' ? 'higher_than_wallet_balance' : 'higher_than_remaining_fee_amount';
  return [problem('amount_cents', code, `${preciseAmountCents.toFixed()} of ${fee.item.name}, ${creditable} are left`)];
}

function splitProblems(work: BillingWork, invoice: Invoice, split: CreditNoteSplit): Problem[] {
  const { creditAmountCents, refundAmountCents, offsetAmountCents } = split;
  const problems: Problem[] = [];
  for (const [name, cents] of Object.entries({ creditAmountCents, refundAmountCents, offsetAmountCents })) {
    if (cents < 0) problems.push(problem(fieldOf(name), 'invalid_value', 'an amount cannot be negative'));
  }
  const isPurchase = invoice.invoiceType === 'credit';
  if (refundAmountCents > 0) problems.push(...refundProblems(work, invoice, refundAmountCents));
  if (creditAmountCents > 0 && isPurchase) {
    problems.push(problem('credit_amount_cents', 'cannot_credit_invoice', 'bought credits can only be refunded'));
  } else if (creditAmountCents > creditLeft(work, invoice)) {
    problems.push(
      problem('credit_amount_cents', 'higher_than_remaining_invoice_amount', `${creditLeft(work, invoice)} are left`),
    );
  }
  if (offsetAmountCents > 0) problems.push(...offsetProblems(work, invoice, offsetAmountCents, isPurchase));
  return problems;
}

function refundProblems(work: BillingWork, invoice: Invoice, refundAmountCents: number): Problem[] {
  if (invoice.paymentStatus !== 'succeeded' && invoice.totalPaidAmountCents === 0) {
    return [problem('refund_amount_cents', 'cannot_refund_unpaid_invoice', 'nothing was paid')];
  }
  const left = invoice.totalPaidAmountCents - refundedAmount(work, invoice.id);
  if (refundAmountCents <= left) return [];
  return [problem('refund_amount_cents', 'higher_than_remaining_invoice_amount', `${left} of the payment are left`)];
}

function offsetProblems(work: BillingWork, invoice: Invoice, offsetCents: number, isPurchase: boolean): Problem[] {
  if (isPurchase && invoice.paymentStatus === 'succeeded') {
    return [problem('offset_amount_cents', 'cannot_apply_to_paid_invoice', 'the credits are paid')];
  }
  if (isPurchase && offsetCents !== invoice.totalAmountCents) {
    return [problem('offset_amount_cents', 'not_equal_to_total_amount', `the invoice is ${invoice.totalAmountCents}`)];
  }
  const due = totalDueAmount(work, invoice);
  if (offsetCents <= due) return [];
  return [problem('offset_amount_cents', 'higher_than_remaining_invoice_amount', `${due} are due`)];
}

/** A cent of tolerance: the parts are rounded, the items are not. */
function totalProblems(
  work: BillingWork,
  invoice: Invoice,
  items: readonly CreditedItem[],
  split: CreditNoteSplit,
): Problem[] {
  const total = split.creditAmountCents + split.refundAmountCents + split.offsetAmountCents;
  if (total <= 0) return [problem('base', 'total_amount_must_be_positive', 'there is nothing to credit')];
  const problems: Problem[] = [];
  const amounts = creditNoteAmounts(invoice, items, completionBy(work, invoice, items));
  const expected = round(new Decimal(amounts.preciseTotalAmountCents)).toNumber();
  if (Math.abs(total - expected) > 1) {
    problems.push(
      problem('base', 'does_not_match_item_amounts', `credit, refund and offset make ${total}, the items ${expected}`),
    );
  }
  if (total > creditLeft(work, invoice) + 1) {
    problems.push(problem('base', 'higher_than_remaining_invoice_amount', `${creditLeft(work, invoice)} are left`));
  }
  return problems;
}

/** Fees and their taxes without regard to coupons, less what other notes took. */
function creditLeft(work: BillingWork, invoice: Invoice): number {
  const fees = work.account.ofInvoice('fee', invoice.id);
  const amount = fees.reduce((sum, fee) => sum + fee.amountCents, 0);
  const taxes = fees.reduce((sum, fee) => sum.plus(new Decimal(fee.amountCents).times(fee.taxesRate)), new Decimal(0));
  const credited = notesOf(work, invoice.id).reduce((sum, note) => sum + note.creditAmountCents, 0);
  const others = refundedAmount(work, invoice.id) + offsetAmount(work, invoice.id);
  return amount + round(taxes.div(100)).toNumber() - credited - others;
}

function problem(field: string, code: string, message: string): Problem {
  return { field, code, message };
}

function fieldOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
