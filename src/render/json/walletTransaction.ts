/** A wallet transaction as Lago prints it (invoicing §7.5). */
import type { Wallet, WalletTransaction } from '../../model.js';
import { fromCents } from '../../money/currency.js';
import { round } from '../../money/decimal.js';
import { decimal, defaultPaymentMethod, timestamp } from './encoding.js';

export interface WalletTransactionParts {
  /** The transaction's wallet: its rate turns what remains into credits. */
  readonly wallet: Pick<Wallet, 'currency' | 'rateAmount'>;
  readonly billingEntityCode: string;
}

export type WalletTransactionJson = ReturnType<typeof walletTransactionJson>;

export function walletTransactionJson(transaction: WalletTransaction, parts: WalletTransactionParts) {
  return {
    lago_id: transaction.id,
    lago_wallet_id: transaction.walletId,
    lago_invoice_id: transaction.invoiceId,
    lago_credit_note_id: transaction.creditNoteId,
    lago_voided_invoice_id: transaction.voidedInvoiceId,
    billing_entity_code: parts.billingEntityCode,
    status: transaction.status,
    source: transaction.source,
    transaction_status: transaction.transactionStatus,
    transaction_type: transaction.transactionType,
    amount: decimal(transaction.amount),
    credit_amount: decimal(transaction.creditAmount),
    remaining_amount_cents: transaction.remainingAmountCents,
    remaining_credit_amount: remainingCredits(transaction, parts.wallet),
    priority: transaction.priority,
    purchase_order_number: null,
    settled_at: timestamp(transaction.settledAt),
    failed_at: timestamp(transaction.failedAt),
    created_at: timestamp(transaction.createdAt),
    invoice_requires_successful_payment: transaction.invoiceRequiresSuccessfulPayment,
    metadata: transaction.metadata,
    name: transaction.name,
    payment_method: defaultPaymentMethod,
  };
}

/** 50.00 left at 2.00 a credit → "25.0"; credits have 5 decimals. */
function remainingCredits(transaction: WalletTransaction, wallet: WalletTransactionParts['wallet']): string | null {
  if (transaction.remainingAmountCents === null) return null;
  const amount = fromCents(transaction.remainingAmountCents, wallet.currency);
  return decimal(round(amount.div(wallet.rateAmount), 5));
}
