/**
 * Credits and money: the conversion between them, and what a transaction does to a wallet's balances.
 *
 * Only whole-cent quantities of credits exist: at rate 3, 1.2345 credits are 3.70, which are 1.23333 credits.
 * In a traceable wallet every outbound transaction names the inbound ones it drew on: lowest priority number first,
 * granted before purchased, oldest first. Ongoing balances follow at the next refresh, which tells threshold rules whether
 * they changed. (invoicing §4.2–§4.4)
 */
import { invalid } from '../errors.js';
import { recordId } from '../ids.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Wallet, WalletTransaction } from '../model.js';
import { exponent, fromCents, subunit, toCents } from '../money/currency.js';
import { Decimal, type DecimalText, floor, round, toText } from '../money/decimal.js';

interface WalletCredit {
  /** Major units. */
  readonly amount: DecimalText;
  readonly amountCents: number;
  readonly creditAmount: DecimalText;
}

/** What a quantity of credits is worth, and the credits that this worth is. */
export function creditOf(wallet: Pick<Wallet, 'rateAmount' | 'currency'>, credits: Decimal): WalletCredit {
  const amount = round(floor(credits, 5).times(wallet.rateAmount), exponent(wallet.currency));
  return {
    amount: toText(amount),
    amountCents: toCents(amount, wallet.currency),
    creditAmount: toText(round(amount.div(wallet.rateAmount), 5)),
  };
}

/** The credits that an amount of cents is. */
export function creditOfCents(wallet: Pick<Wallet, 'rateAmount' | 'currency'>, amountCents: number): WalletCredit {
  const amount = fromCents(amountCents, wallet.currency);
  return { amount: toText(amount), amountCents, creditAmount: toText(round(amount.div(wallet.rateAmount), 5)) };
}

type NewWalletTransaction = WalletCredit &
  Pick<WalletTransaction, 'transactionType' | 'transactionStatus' | 'status'> &
  Partial<WalletTransaction>;

/** Puts a transaction into the account; the balance is not touched. */
export function putTransaction(work: BillingWork, wallet: Wallet, given: NewWalletTransaction): WalletTransaction {
  const transaction: WalletTransaction = {
    id: recordId('wallet_transaction', wallet.id, transactionsOf(work, wallet.id).length + 1),
    customerId: wallet.customerId,
    walletId: wallet.id,
    invoiceId: null,
    creditNoteId: null,
    voidedInvoiceId: null,
    source: 'manual',
    remainingAmountCents: null,
    consumptions: [],
    priority: 50,
    name: null,
    metadata: [],
    invoiceRequiresSuccessfulPayment: false,
    settledAt: given.status === 'settled' ? work.at : null,
    failedAt: null,
    createdAt: work.at,
    ...given,
  };
  work.account.put('wallet_transaction', transaction);
  return transaction;
}

export function transactionsOf(work: Pick<BillingWork, 'account'>, walletId: string): WalletTransaction[] {
  return work.account.all('wallet_transaction').filter((transaction) => transaction.walletId === walletId);
}

/** A settled inbound transaction: the balance grows by it. */
export function increaseBalance(work: BillingWork, walletId: string, transaction: WalletTransaction): Wallet {
  const wallet = walletOf(work, walletId);
  if (wallet.traceable) {
    work.account.put('wallet_transaction', { ...transaction, remainingAmountCents: transaction.amountCents });
  }
  const increased: Wallet = {
    ...wallet,
    balanceCents: wallet.balanceCents + transaction.amountCents,
    creditsBalance: toText(round(new Decimal(wallet.creditsBalance).plus(transaction.creditAmount), 5)),
    lastBalanceSyncAt: work.at,
  };
  work.account.put('wallet', increased);
  return increased;
}

/** An outbound transaction, invoiced or voided: the balance shrinks by it, and it counts as consumption. */
export function decreaseBalance(
  work: BillingWork,
  walletId: string,
  transaction: WalletTransaction,
  targetInboundId: string | null = null,
): WalletTransaction {
  const wallet = walletOf(work, walletId);
  const traced = wallet.traceable ? trace(work, transaction, targetInboundId) : transaction;
  if (traced !== transaction) work.account.put('wallet_transaction', traced);
  work.account.put('wallet', {
    ...wallet,
    balanceCents: wallet.balanceCents - transaction.amountCents,
    creditsBalance: toText(round(new Decimal(wallet.creditsBalance).minus(transaction.creditAmount), 5)),
    consumedAmountCents: wallet.consumedAmountCents + transaction.amountCents,
    consumedCredits: toText(round(new Decimal(wallet.consumedCredits).plus(transaction.creditAmount), 5)),
    lastConsumedCreditAt: work.at,
    lastBalanceSyncAt: work.at,
  });
  return traced;
}

/** The customer's active wallets in the order in which they pay: priority, then age. */
export function activeWallets(work: Pick<BillingWork, 'account'>): Wallet[] {
  return work.account
    .all('wallet')
    .filter((wallet) => wallet.status === 'active')
    .sort((a, b) => a.priority - b.priority || a.createdAt - b.createdAt);
}

export function walletOf(work: Pick<BillingWork, 'account'>, walletId: string): Wallet {
  const wallet = work.account.get('wallet', walletId);
  if (wallet === undefined) throw new Error(`no wallet ${walletId}`);
  return wallet;
}

/** Minor units that one credit is worth, unrounded. */
export function centsPerCredit(wallet: Pick<Wallet, 'rateAmount' | 'currency'>): Decimal {
  return new Decimal(wallet.rateAmount).times(subunit(wallet.currency));
}

function trace(work: BillingWork, outbound: WalletTransaction, targetInboundId: string | null): WalletTransaction {
  let left = outbound.amountCents;
  const consumptions: { inboundId: string; consumedAmountCents: number }[] = [];
  for (const inbound of availableInbounds(work, outbound.walletId, targetInboundId)) {
    if (left === 0) break;
    const consumedAmountCents = Math.min(left, inbound.remainingAmountCents ?? 0);
    left -= consumedAmountCents;
    consumptions.push({ inboundId: inbound.id, consumedAmountCents });
    work.account.put('wallet_transaction', {
      ...inbound,
      remainingAmountCents: (inbound.remainingAmountCents ?? 0) - consumedAmountCents,
    });
  }
  if (left > 0) {
    throw invalid({
      field: 'amount_cents',
      code: targetInboundId === null ? 'exceeds_available_amount' : 'exceeds_remaining_transaction_amount',
      message: `${outbound.amountCents} is ${left} more than what the wallet's transactions still hold`,
    });
  }
  return { ...outbound, consumptions };
}

function availableInbounds(work: BillingWork, walletId: string, targetInboundId: string | null): WalletTransaction[] {
  return transactionsOf(work, walletId)
    .filter(
      (transaction) =>
        transaction.transactionType === 'inbound' &&
        transaction.status === 'settled' &&
        (transaction.remainingAmountCents ?? 0) > 0 &&
        (targetInboundId === null || transaction.id === targetInboundId),
    )
    .sort((a, b) => a.priority - b.priority || purchasedLast(a) - purchasedLast(b) || a.createdAt - b.createdAt);
}

function purchasedLast(transaction: WalletTransaction): number {
  return transaction.transactionStatus === 'granted' ? 0 : 1;
}
