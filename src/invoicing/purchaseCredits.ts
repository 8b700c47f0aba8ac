/**
 * The sale of prepaid credits: a pending transaction and an invoice of type `credit`, issued at once.
 *
 * No tax, no coupon, no other credit. Where the payment must succeed first the invoice stays open: unnumbered and
 * unseen, until the day that it is paid becomes its date. (invoicing §4.7)
 */
import { openPurchase, type PurchaseTerms } from '../credits/topUp.js';
import { walletOf } from '../credits/walletBalance.js';
import type { Invoice, Wallet, WalletTransaction } from '../model.js';
import { subunit } from '../money/currency.js';
import { Decimal, round, toText, truncate } from '../money/decimal.js';
import { invoiceOf, issueInvoice } from './finalize.js';
import { newFee } from './newFee.js';
import { newInvoice } from './newInvoice.js';
import { computeInvoice, stagesOf } from './pipeline.js';
import type { BillingWork } from './work.js';

export function purchaseCredits(
  work: BillingWork,
  walletId: string,
  credits: Decimal,
  terms: PurchaseTerms,
): WalletTransaction {
  const purchase = openPurchase(work, walletId, credits, terms);
  const wallet = walletOf(work, walletId);
  const invoice = newInvoice(work, { invoiceType: 'credit', currency: wallet.currency, billedAt: work.at });
  addCreditFee(work, wallet, purchase, invoice);
  if (purchase.invoiceRequiresSuccessfulPayment) {
    computeInvoice(work, invoice.id, stagesOf('credit', null, false));
    work.account.put('invoice', { ...invoiceOf(work, invoice.id), status: 'open' });
  } else {
    issueInvoice(work, invoice.id, null);
  }
  const invoiced = { ...purchase, invoiceId: invoice.id };
  work.account.put('wallet_transaction', invoiced);
  return invoiced;
}

function addCreditFee(work: BillingWork, wallet: Wallet, purchase: WalletTransaction, invoice: Invoice): void {
  const rate = new Decimal(wallet.rateAmount);
  const fee = newFee({
    index: 0,
    customerId: wallet.customerId,
    invoiceId: invoice.id,
    feeType: 'credit',
    item: {
      id: purchase.id,
      type: 'WalletTransaction',
      code: 'credit',
      name: 'credit',
      invoiceDisplayName: purchase.name ?? wallet.name,
    },
    currency: wallet.currency,
    amountCents: purchase.amountCents,
    units: purchase.creditAmount,
    unitAmountCents: truncate(rate.times(subunit(wallet.currency))).toNumber(),
    preciseUnitAmount: toText(round(rate, 15)),
    createdAt: work.at,
  });
  work.account.put('fee', fee);
}
