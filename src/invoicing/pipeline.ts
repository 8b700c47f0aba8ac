/**
 * From fees to a total, in the one order that all figures depend on. (invoicing §1)
 *
 * | # | stage                        | base                                    |
 * | - | ---------------------------- | --------------------------------------- |
 * | 1 | progressive billing credit   | charge fees billed by an earlier invoice of the period |
 * | 2 | coupons                      | what is left of the fees                |
 * | 3 | taxes of the fees            | what is left of each fee                |
 * | 4 | sub-total without taxes      | fees − 1 − 2                            |
 * | 5 | taxes of the invoice         | from the fees' sub-totals               |
 * | 6 | sub-total with taxes         | 4 + 5                                   |
 * | 7 | credit notes                 | the total so far                        |
 * | 8 | prepaid credits              | what is left of it                      |
 *
 * total = fees − progressive billing credit − coupons + taxes − credit notes − prepaid credits, never negative.
 */
import { applyCoupons } from '../credits/couponStage.js';
import { applyCreditNotes } from '../credits/creditNoteStage.js';
import type { InvoiceInProgress } from '../credits/inProgress.js';
import { applyProgressiveBillingCredit } from '../credits/progressiveBillingStage.js';
import { applyWallets } from '../credits/walletStage.js';
import { assert, BillingError, invalid } from '../errors.js';
import type { Fee, Invoice, InvoiceType, InvoicingReason } from '../model.js';
import { feesOfInvoice } from './feeScope.js';
import { applyFeeTaxes, type InvoiceTaxes, invoiceTaxes, sumOfFeeTaxes, taxesOfFee } from './taxes.js';
import type { BillingWork } from './work.js';

export interface Stages {
  readonly progressiveBillingCredit: boolean;
  /** Only when there is something to reduce. */
  readonly coupons: boolean;
  /** `compute` from the fees; `sum` what fees paid before carry; `none` for purchases of credits. */
  readonly taxes: 'compute' | 'sum' | 'none';
  readonly creditNotes: boolean;
  readonly wallets: boolean;
}

/** Which stages run, by the kind of invoice and whether it is being made final (§1.2). */
export function stagesOf(invoiceType: InvoiceType, reason: InvoicingReason | null, isDraft: boolean): Stages {
  switch (invoiceType) {
    case 'subscription': {
      const progressiveBillingCredit = reason !== 'in_advance_charge';
      if (isDraft) return { ...TAXES_ONLY, progressiveBillingCredit };
      return { ...everyStage, progressiveBillingCredit };
    }
    case 'progressive_billing':
      return everyStage;
    case 'one_off':
      return TAXES_ONLY;
    case 'credit':
      return { ...TAXES_ONLY, taxes: 'none' };
    case 'advance_charges':
      return { ...TAXES_ONLY, taxes: 'sum' };
  }
}

/** Computes the invoice anew from the fees that stand in the account, and writes both. */
export function computeInvoice(work: BillingWork, invoiceId: string, stages: Stages): Invoice {
  let state = opened(work, invoiceId);
  if (stages.progressiveBillingCredit) state = applyProgressiveBillingCredit(work, state);
  if (stages.coupons && state.invoice.feesAmountCents > 0) state = applyCoupons(work, state);
  state = withTaxes(work, state, stages.taxes);
  if (stages.creditNotes && state.invoice.totalAmountCents > 0) state = applyCreditNotes(work, state);
  if (stages.wallets && state.invoice.totalAmountCents > 0) state = applyWallets(work, state);
  const invoice = withPaymentStatus(state.invoice);
  refuseNegative(invoice);
  for (const fee of state.fees) if (work.account.get('fee', fee.id) !== fee) work.account.put('fee', fee);
  work.account.put('invoice', invoice);
  return invoice;
}

/** What an invoice that is made final may go through. */
export const everyStage: Stages = {
  progressiveBillingCredit: true,
  coupons: true,
  taxes: 'compute',
  creditNotes: true,
  wallets: true,
};

const TAXES_ONLY: Stages = {
  progressiveBillingCredit: false,
  coupons: false,
  taxes: 'compute',
  creditNotes: false,
  wallets: false,
};

function opened(work: BillingWork, invoiceId: string): InvoiceInProgress {
  const invoice = work.account.get('invoice', invoiceId);
  assert(invoice !== undefined, `no invoice ${invoiceId}`);
  const fees = feesOfInvoice(work, invoiceId).map(withoutCredits);
  const feesAmountCents = fees.reduce((sum, fee) => sum + fee.amountCents, 0);
  return {
    fees,
    invoice: {
      ...invoice,
      feesAmountCents,
      progressiveBillingCreditAmountCents: 0,
      couponsAmountCents: 0,
      creditNotesAmountCents: 0,
      prepaidCreditAmountCents: 0,
      prepaidGrantedCreditAmountCents: null,
      prepaidPurchasedCreditAmountCents: null,
      credits: [],
      issuer: work.catalog.organization,
      billTo: work.account.customer,
      catalogHash: work.catalog.hash,
      updatedAt: work.at,
    },
  };
}

/** Most have none, and stay the records that they are. */
function withoutCredits(fee: Fee): Fee {
  if (fee.preciseCouponsAmountCents === '0' && fee.preciseCreditNotesAmountCents === '0') return fee;
  return { ...fee, preciseCouponsAmountCents: '0', preciseCreditNotesAmountCents: '0' };
}

function withTaxes(work: BillingWork, state: InvoiceInProgress, taxes: Stages['taxes']): InvoiceInProgress {
  const fees = taxes === 'compute' ? state.fees.map((fee) => applyFeeTaxes(fee, taxesOfFee(work, fee))) : state.fees;
  const { feesAmountCents, progressiveBillingCreditAmountCents, couponsAmountCents } = state.invoice;
  const subTotalExcludingTaxesAmountCents = feesAmountCents - progressiveBillingCreditAmountCents - couponsAmountCents;
  const { appliedTaxes, taxesAmountCents, taxesRate } = taxesOfInvoice(fees, subTotalExcludingTaxesAmountCents, taxes);
  const total = subTotalExcludingTaxesAmountCents + taxesAmountCents;
  return {
    fees,
    invoice: {
      ...state.invoice,
      appliedTaxes,
      taxesAmountCents,
      taxesRate,
      subTotalExcludingTaxesAmountCents,
      subTotalIncludingTaxesAmountCents: total,
      totalAmountCents: total,
    },
  };
}

function taxesOfInvoice(fees: readonly Fee[], subTotalCents: number, taxes: Stages['taxes']): InvoiceTaxes {
  switch (taxes) {
    case 'compute':
      return invoiceTaxes(fees, subTotalCents);
    case 'sum':
      return sumOfFeeTaxes(fees);
    case 'none':
      return { appliedTaxes: [], taxesAmountCents: 0, taxesRate: 0 };
  }
}

function withPaymentStatus(invoice: Invoice): Invoice {
  const paid = invoice.totalAmountCents <= 0 || invoice.invoiceType === 'advance_charges';
  return { ...invoice, paymentStatus: paid ? 'succeeded' : 'pending' };
}

function refuseNegative(invoice: Invoice): void {
  if (!Number.isSafeInteger(invoice.feesAmountCents) || !Number.isSafeInteger(invoice.totalAmountCents)) {
    throw new BillingError('amount_out_of_range', { message: 'the fees add up to more than a ledger can hold' });
  }
  if (invoice.totalAmountCents >= 0) return;
  throw invalid({
    field: 'total_amount_cents',
    code: 'value_is_out_of_range',
    message: `the invoice would total ${invoice.totalAmountCents}`,
  });
}
