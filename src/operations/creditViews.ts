/** The ledger's credit notes, coupons, wallets and payments as Lago's v1 JSON; as `views.ts` shows the rest. */
import type { Account } from '../accounts/account.js';
import { BillingError, notFound } from '../errors.js';
import type { CreditNote, Invoice, Payment, Wallet } from '../model.js';
import { type AppliedCouponJson, appliedCouponJson } from '../render/json/appliedCoupon.js';
import { type CreditNoteJson, creditNoteJson } from '../render/json/creditNote.js';
import { creditJson } from '../render/json/invoice.js';
import { type PaymentJson, paymentJson } from '../render/json/payment.js';
import { type WalletJson, walletJson } from '../render/json/wallet.js';
import { type WalletTransactionJson, walletTransactionJson } from '../render/json/walletTransaction.js';
import type { OperationContext } from './context.js';
import { accountNamed, accountsOf, listed, type ViewFields } from './lists.js';

export function creditNotes(context: OperationContext, fields: ViewFields): CreditNoteJson[] {
  return listed(accountsOf(context, fields), fields, (account) => creditNoteViews(account, account.all('credit_note')));
}

/** By its number or id. */
export function creditNote(context: OperationContext, named: string): CreditNoteJson {
  const { account, record } = creditNoteNamed(context, named);
  return creditNoteView(account, record);
}

/** The record, with the invoice that it credits. */
export function creditNoteNamed(context: OperationContext, named: string) {
  const account = context.ledger.accountOfCreditNote(named);
  const record = account?.all('credit_note').find(({ id, number }) => id === named || number === named);
  if (account === undefined || record === undefined) {
    throw notFound('credit_note', named, 'See the numbers with `lago-cli credit-notes list`.');
  }
  return { account, record, invoice: invoiceOf(account, record) };
}

export function creditNoteView(account: Account, note: CreditNote): CreditNoteJson {
  return creditNoteViews(account, [note])[0] as CreditNoteJson;
}

function creditNoteViews(account: Account, notes: readonly CreditNote[]): CreditNoteJson[] {
  if (notes.length === 0) return [];
  const feesById = new Map(account.all('fee').map((fee) => [fee.id, fee]));
  return notes.map((note) => creditNoteJson(note, { invoice: invoiceOf(account, note), fees: feesById }));
}

function invoiceOf(account: Account, note: CreditNote): Invoice {
  const credited = account.get('invoice', note.invoiceId);
  if (credited === undefined) throw notFound('invoice', note.invoiceId);
  return credited;
}

export function appliedCoupons(context: OperationContext, fields: ViewFields): AppliedCouponJson[] {
  return listed(accountsOf(context, fields), fields, (account) => {
    const standing = account.all('invoice').filter(({ status }) => status !== 'voided' && status !== 'closed');
    return account.all('applied_coupon').map((applied) => {
      const used = standing.flatMap((billed) =>
        billed.credits.filter((credit) => credit.appliedCouponId === applied.id).map((credit) => ({ credit, billed })),
      );
      return appliedCouponJson(applied, {
        coupon: context.catalog.coupons.get(applied.couponCode) ?? null,
        externalCustomerId: account.customer.externalId,
        usedAmountCents: used.reduce((sum, { credit }) => sum + credit.amountCents, 0),
        credits: used.map(({ credit, billed }) => creditJson(credit, billed)),
      });
    });
  });
}

export function wallets(context: OperationContext, fields: ViewFields): WalletJson[] {
  const billingEntityCode = context.catalog.organization.code;
  return listed(accountsOf(context, fields), fields, (account) =>
    account
      .all('wallet')
      .map((record) => walletJson(record, { externalCustomerId: account.customer.externalId, billingEntityCode })),
  );
}

/** Fields: `external_customer_id`, `wallet` (its code; may be left out when the customer has one). */
export function wallet(context: OperationContext, fields: ViewFields): WalletJson {
  const account = accountNamed(context, fields.external_customer_id);
  return walletJson(walletNamed(account, fields.wallet), {
    externalCustomerId: account.customer.externalId,
    billingEntityCode: context.catalog.organization.code,
  });
}

export function walletTransactions(context: OperationContext, fields: ViewFields): WalletTransactionJson[] {
  const account = accountNamed(context, fields.external_customer_id);
  const record = walletNamed(account, fields.wallet);
  return listed([account], fields, () =>
    account
      .all('wallet_transaction')
      .filter((transaction) => transaction.walletId === record.id)
      .map((transaction) =>
        walletTransactionJson(transaction, { wallet: record, billingEntityCode: context.catalog.organization.code }),
      ),
  );
}

export function payments(context: OperationContext, fields: ViewFields): PaymentJson[] {
  return listed(accountsOf(context, fields), fields, (account) =>
    account.all('payment').flatMap((payment) => paymentView(account, payment) ?? []),
  );
}

/** One that was just recorded. */
export function payment(context: OperationContext, record: Payment): PaymentJson {
  const account = context.ledger.accountOfInvoice(record.invoiceId);
  const shown = account && paymentView(account, record);
  if (shown === undefined) throw notFound('payment', record.id);
  return shown;
}

function paymentView(account: Account, record: Payment): PaymentJson | undefined {
  const paid = account.get('invoice', record.invoiceId);
  if (paid === undefined) return undefined;
  return paymentJson(record, { externalCustomerId: account.customer.externalId, invoiceNumber: paid.number });
}

/** The named wallet: the active one where a terminated one bore the same code; the only or first active without code. */
function walletNamed(account: Account, code: unknown): Wallet {
  const all = account.all('wallet').filter((record) => code === undefined || code === null || record.code === code);
  const active = all.filter((record) => record.status === 'active');
  const found = active[0] ?? all.at(-1);
  if (found === undefined) {
    const message = code == null ? `${account.customer.externalId} has no wallet` : `no wallet ${JSON.stringify(code)}`;
    throw new BillingError('wallet_not_found', { message, suggestion: 'See them with `lago-cli wallets list`.' });
  }
  return found;
}
