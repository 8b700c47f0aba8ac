/**
 * How much of an invoice may still be credited, refunded or offset, and what is due on it. (invoicing §5.3, §6.6)
 */
import type { BillingWork } from '../invoicing/work.js';
import type { CreditNote, Fee, Invoice, WalletTransaction } from '../model.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import type { Completion, CreditedItem } from './creditNoteAmounts.js';

type LimitsWork = Pick<BillingWork, 'account'>;

/** The outcome of a credit note: to the customer's balance, back to the payer, against the invoice itself. */
export interface CreditNoteSplit {
  readonly creditAmountCents: number;
  readonly refundAmountCents: number;
  readonly offsetAmountCents: number;
}

export function notesOf(work: LimitsWork, invoiceId: string): CreditNote[] {
  return work.account.all('credit_note').filter((note) => note.invoiceId === invoiceId);
}

/** What no credit note, whatever its status, has credited of the fee; of bought credits, at most what is left of them. */
export function creditableOfFee(work: LimitsWork, fee: Fee): number {
  const credited = work.account
    .all('credit_note')
    .flatMap((note) => note.items)
    .filter((item) => item.feeId === fee.id)
    .reduce((sum, item) => sum + item.amountCents, 0);
  const left = fee.amountCents - credited;
  return fee.feeType === 'credit' ? Math.min(left, remainingPurchasedCents(work, fee.invoiceId ?? '')) : left;
}

/** Fees less their coupons, plus their taxes, as far as not credited. Unrounded; 0 for drafts and bought credits. */
export function creditableAmount(work: LimitsWork, invoice: Invoice): Decimal {
  if (invoice.status === 'draft' || invoice.invoiceType === 'credit') return ZERO;
  const fees = work.account.ofInvoice('fee', invoice.id);
  const creditables = fees.map((fee) => creditableOfFee(work, fee));
  const total = new Decimal(creditables.reduce((sum, creditable) => sum + creditable, 0));
  if (total.isZero()) return ZERO;
  const reductions = new Decimal(invoice.couponsAmountCents + invoice.progressiveBillingCreditAmountCents)
    .times(total)
    .div(invoice.feesAmountCents);
  const taxes = fees.reduce((sum, fee, index) => {
    const creditable = new Decimal(creditables[index] ?? 0);
    return sum.plus(creditable.minus(reductions.times(creditable).div(total)).times(fee.taxesRate));
  }, ZERO);
  return total.minus(reductions).plus(round(taxes.div(100)));
}

/** What may go back to the customer's means of payment. */
export function refundableAmount(work: LimitsWork, invoice: Invoice): Decimal {
  if (invoice.status === 'draft') return ZERO;
  const left = new Decimal(invoice.totalPaidAmountCents - refundedAmount(work, invoice.id));
  if (invoice.invoiceType === 'credit') {
    return Decimal.max(0, Decimal.min(remainingPurchasedCents(work, invoice.id), left));
  }
  if (invoice.paymentStatus !== 'succeeded' && invoice.totalPaidAmountCents === invoice.totalAmountCents) return ZERO;
  return Decimal.max(0, Decimal.min(left, creditableAmount(work, invoice)));
}

/** `total − paid − offsets`; 0 for a voided invoice. */
export function totalDueAmount(work: LimitsWork, invoice: Invoice): number {
  if (invoice.status === 'voided') return 0;
  return invoice.totalAmountCents - invoice.totalPaidAmountCents - offsetAmount(work, invoice.id);
}

/** Σ offsets of the invoice's finalized notes. */
export function offsetAmount(work: LimitsWork, invoiceId: string): number {
  return finalizedNotes(work, invoiceId).reduce((sum, note) => sum + note.offsetAmountCents, 0);
}

export function refundedAmount(work: LimitsWork, invoiceId: string): number {
  return finalizedNotes(work, invoiceId).reduce((sum, note) => sum + note.refundAmountCents, 0);
}

/** The wallet transaction that an invoice of type `credit` sells. */
export function purchaseOf(work: LimitsWork, invoiceId: string): WalletTransaction | undefined {
  return work.account
    .all('wallet_transaction')
    .find((transaction) => transaction.invoiceId === invoiceId && transaction.transactionType === 'inbound');
}

/** Traceable wallets know what is left of the purchase itself; others have only their balance. */
function remainingPurchasedCents(work: LimitsWork, invoiceId: string): number {
  const purchase = purchaseOf(work, invoiceId);
  const wallet = purchase === undefined ? undefined : work.account.get('wallet', purchase.walletId);
  if (purchase === undefined || wallet === undefined) return 0;
  if (purchase.status === 'pending') return purchase.amountCents;
  return wallet.traceable ? (purchase.remainingAmountCents ?? 0) : wallet.balanceCents;
}

function finalizedNotes(work: LimitsWork, invoiceId: string): CreditNote[] {
  return notesOf(work, invoiceId).filter((note) => note.status === 'finalized');
}

/**
 * Whether these items, with the notes there are, leave nothing of the invoice's fees to credit (§5.4 step 3). A note that
 * is computed anew is none of the others.
 */
export function completionBy(
  work: LimitsWork,
  invoice: Invoice,
  items: readonly CreditedItem[],
  ownId: string | null = null,
): Completion {
  const credited = new Map<string, number>();
  const add = (feeId: string, cents: number) => credited.set(feeId, (credited.get(feeId) ?? 0) + cents);
  const otherNotes = notesOf(work, invoice.id).filter((note) => note.id !== ownId);
  for (const item of otherNotes.flatMap((note) => note.items)) add(item.feeId, item.amountCents);
  for (const { fee, preciseAmountCents } of items) add(fee.id, round(preciseAmountCents).toNumber());
  const left = work.account
    .ofInvoice('fee', invoice.id)
    .reduce((sum, fee) => sum + fee.amountCents - (credited.get(fee.id) ?? 0), 0);
  return { completesInvoice: left === 0, otherNotes };
}
