/**
 * Voiding an issued invoice.
 *
 * Its coupons come back. Its prepaid credits come back as granted ones, unless a credit note is asked for instead: then
 * the wanted part becomes a note with every fee in proportion, and the rest a second note that is void at once.
 * Credit notes that it consumed do not come back. (invoicing §6.7, §5.7)
 */
import { restoreCoupons } from '../credits/coupons.js';
import { creditableAmount, creditableOfFee, refundableAmount } from '../credits/creditNoteLimits.js';
import { createCreditNote, estimateCreditNote, voidCreditNote } from '../credits/creditNotes.js';
import { returnCredits } from '../credits/topUp.js';
import { BillingError, invalid } from '../errors.js';
import type { Invoice } from '../model.js';
import { Decimal, round } from '../money/decimal.js';
import { feesOfInvoice } from './feeScope.js';
import { invoiceOf } from './finalize.js';
import type { BillingWork } from './work.js';

export interface VoidOptions {
  readonly generateCreditNote: boolean;
  readonly creditAmountCents: number;
  readonly refundAmountCents: number;
}

export function voidInvoice(work: BillingWork, invoice: Invoice, options: VoidOptions): Invoice {
  if (invoice.status !== 'finalized') {
    throw new BillingError('not_voidable', { message: `invoice ${invoice.number} is ${invoice.status}` });
  }
  if (options.generateCreditNote) refuseExcess(work, invoice, options);
  work.account.put('invoice', {
    ...invoice,
    status: 'voided',
    voidedAt: work.at,
    paymentOverdue: false,
    updatedAt: work.at,
  });
  restoreCoupons(work, invoice);
  if (options.generateCreditNote) creditInParts(work, invoiceOf(work, invoice.id), options);
  else returnPrepaidCredits(work, invoice.id);
  return invoiceOf(work, invoice.id);
}

function refuseExcess(work: BillingWork, invoice: Invoice, options: VoidOptions): void {
  const creditable = round(creditableAmount(work, invoice));
  const requested = options.creditAmountCents + options.refundAmountCents;
  const fits =
    creditable.gte(requested) &&
    creditable.gte(options.creditAmountCents) &&
    refundableAmount(work, invoice).gte(options.refundAmountCents);
  if (fits) return;
  throw invalid({
    field: 'credit_refund_amount',
    code: 'total_amount_exceeds_invoice_amount',
    message: `${requested} asked for, ${creditable.toFixed()} of the invoice are left`,
  });
}

function creditInParts(work: BillingWork, invoice: Invoice, options: VoidOptions): void {
  const requested = options.creditAmountCents + options.refundAmountCents;
  const full = leftToCredit(work, invoice);
  const total = estimateCreditNote(work, invoice, full).maxCreditableAmountCents;
  if (requested > 0 && total > 0) {
    createCreditNote(work, {
      invoiceId: invoice.id,
      items: full.map(({ fee, preciseAmountCents }) => ({
        fee,
        preciseAmountCents: preciseAmountCents.times(requested).div(total),
      })),
      reason: 'other',
      automatic: true,
      creditAmountCents: options.creditAmountCents,
      refundAmountCents: options.refundAmountCents,
      offsetAmountCents: 0,
    });
  }
  const rest = leftToCredit(work, invoice);
  const restTotal = rest.length === 0 ? 0 : estimateCreditNote(work, invoice, rest).maxCreditableAmountCents;
  if (restTotal <= 0) return;
  const note = createCreditNote(work, {
    invoiceId: invoice.id,
    items: rest,
    reason: 'other',
    automatic: true,
    creditAmountCents: restTotal,
    refundAmountCents: 0,
    offsetAmountCents: 0,
  });
  voidCreditNote(work, note);
}

function leftToCredit(work: BillingWork, invoice: Invoice) {
  return feesOfInvoice(work, invoice.id)
    .map((fee) => ({ fee, preciseAmountCents: new Decimal(creditableOfFee(work, fee)) }))
    .filter((item) => item.preciseAmountCents.gt(0));
}

function returnPrepaidCredits(work: BillingWork, invoiceId: string): void {
  const outbound = work.account
    .all('wallet_transaction')
    .filter((transaction) => transaction.invoiceId === invoiceId && transaction.transactionType === 'outbound');
  for (const transaction of outbound) returnCredits(work, transaction, invoiceId);
}
