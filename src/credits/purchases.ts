/**
 * Bought credits: a pending transaction and its `credit` invoice, and what payment, failure and refund do to both.
 * (invoicing §4.3, §4.7, §5.4 step 8)
 */
import type { BillingWork } from '../invoicing/work.js';
import type { CreditNote } from '../model.js';
import { fromCents } from '../money/currency.js';
import { Decimal, round, toText } from '../money/decimal.js';
import { purchaseOf } from './creditNoteLimits.js';
import { decreaseBalance, increaseBalance, putTransaction, walletOf } from './walletBalance.js';

/** The invoice was paid: the credits are there. Does nothing for an invoice that sells none, or twice. */
export function settlePurchase(work: BillingWork, invoiceId: string): void {
  const purchase = purchaseOf(work, invoiceId);
  if (purchase === undefined || purchase.status !== 'pending') return;
  const settled = { ...purchase, status: 'settled', settledAt: work.at } as const;
  work.account.put('wallet_transaction', settled);
  increaseBalance(work, purchase.walletId, settled);
}

/** The payment failed, or a credit note took its place. A settled purchase stays settled. */
export function failPurchase(work: BillingWork, invoiceId: string): void {
  const purchase = purchaseOf(work, invoiceId);
  if (purchase === undefined || purchase.status !== 'pending') return;
  work.account.put('wallet_transaction', { ...purchase, status: 'failed', failedAt: work.at });
}

/** A refund of bought credits takes them out of the wallet: 12.00 at 10.00 a credit voids 1.2 credits. */
export function voidRefundedCredits(work: BillingWork, invoiceId: string, note: CreditNote): void {
  const purchase = purchaseOf(work, invoiceId);
  if (purchase === undefined) return;
  const wallet = walletOf(work, purchase.walletId);
  const amount = fromCents(note.refundAmountCents, wallet.currency);
  const outbound = putTransaction(work, wallet, {
    amount: toText(amount),
    amountCents: note.refundAmountCents,
    creditAmount: toText(round(new Decimal(amount).div(wallet.rateAmount), 5)),
    transactionType: 'outbound',
    transactionStatus: 'voided',
    status: 'settled',
    creditNoteId: note.id,
  });
  decreaseBalance(work, wallet.id, outbound, wallet.traceable ? purchase.id : null);
}
