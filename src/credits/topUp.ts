/**
 * Credits that enter or leave a wallet by request: granted, voided, and the pending half of a purchase.
 *
 * What a purchase sells is a transaction that waits; its `credit` invoice is made by invoicing, and its payment
 * settles both. (invoicing §4.2, §4.3)
 */
import { invalid, notFound, type Problem } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Wallet, WalletTransaction } from '../model.js';
import { exponent, toCents } from '../money/currency.js';
import { Decimal, floor, round, toText } from '../money/decimal.js';
import {
  creditOf,
  creditOfCents,
  decreaseBalance,
  increaseBalance,
  putTransaction,
  transactionsOf,
  walletOf,
} from './walletBalance.js';

/** What the transactions of one request have in common. */
export type TransactionTerms = Partial<
  Pick<WalletTransaction, 'priority' | 'name' | 'metadata' | 'source' | 'invoiceRequiresSuccessfulPayment'>
>;

export interface PurchaseTerms extends TransactionTerms {
  readonly ignoreLimits: boolean;
}

/** The pending transaction of bought credits. */
export function openPurchase(
  work: BillingWork,
  walletId: string,
  credits: Decimal,
  { ignoreLimits, ...terms }: PurchaseTerms,
): WalletTransaction {
  const wallet = walletOf(work, walletId);
  const credit = creditOf(wallet, credits);
  refuseNothing(credit.amountCents, 'paid_credits');
  const problems = ignoreLimits ? [] : limitProblems(wallet, credit.amountCents, 'paid_credits');
  if (problems.length > 0) throw invalid(...problems);
  return putTransaction(work, wallet, {
    ...credit,
    ...terms,
    transactionType: 'inbound',
    transactionStatus: 'purchased',
    status: 'pending',
    invoiceRequiresSuccessfulPayment: terms.invoiceRequiresSuccessfulPayment ?? wallet.invoiceRequiresSuccessfulPayment,
  });
}

export function grantCredits(
  work: BillingWork,
  walletId: string,
  credits: Decimal,
  terms: TransactionTerms,
): WalletTransaction {
  const wallet = walletOf(work, walletId);
  const credit = creditOf(wallet, credits);
  refuseNothing(credit.amountCents, 'granted_credits');
  const granted = putTransaction(work, wallet, {
    ...credit,
    ...terms,
    transactionType: 'inbound',
    transactionStatus: 'granted',
    status: 'settled',
  });
  increaseBalance(work, walletId, granted);
  return granted;
}

/** Voided credits keep the quantity that was asked for: 14.28444 credits are worth 14.28 and leave 85.71556 of 100. */
export function voidCredits(
  work: BillingWork,
  walletId: string,
  credits: Decimal,
  terms: TransactionTerms,
  targetInboundId: string | null = null,
): WalletTransaction {
  const wallet = walletOf(work, walletId);
  const creditAmount = floor(credits, 5);
  if (creditAmount.gt(wallet.creditsBalance)) {
    throw invalid({
      field: 'voided_credits',
      code: 'insufficient_credits',
      message: `${toText(creditAmount)} credits to void, ${wallet.creditsBalance} in the wallet`,
    });
  }
  const amount = round(creditAmount.times(wallet.rateAmount), exponent(wallet.currency));
  const voided = putTransaction(work, wallet, {
    ...terms,
    amount: toText(amount),
    amountCents: toCents(amount, wallet.currency),
    creditAmount: toText(creditAmount),
    transactionType: 'outbound',
    transactionStatus: 'voided',
    status: 'settled',
  });
  return decreaseBalance(work, walletId, voided, targetInboundId);
}

/** Voids what is left of one inbound transaction, or a part of it. */
export function voidCreditsOf(
  work: BillingWork,
  walletId: string,
  inboundId: string,
  credits: Decimal | null,
  terms: TransactionTerms,
): WalletTransaction {
  const wallet = walletOf(work, walletId);
  if (!wallet.traceable) {
    throw invalid({
      field: 'voided_transaction_id',
      code: 'wallet_not_traceable',
      message: 'the wallet is not traced',
    });
  }
  const inbound = transactionsOf(work, walletId).find((transaction) => transaction.id === inboundId);
  if (inbound === undefined) throw notFound('wallet_transaction', inboundId);
  const left = inbound.remainingAmountCents ?? 0;
  if (left <= 0) {
    throw invalid({ field: 'voided_transaction_id', code: 'no_remaining_amount', message: 'nothing of it is left' });
  }
  const wanted = credits ?? new Decimal(creditOfCents(wallet, left).creditAmount);
  return voidCredits(work, walletId, wanted, terms, inboundId);
}

/** Limits of paid top-ups, in cents. */
export function limitProblems(
  wallet: Pick<Wallet, 'paidTopUpMinAmountCents' | 'paidTopUpMaxAmountCents'>,
  amountCents: number,
  field: string,
): Problem[] {
  const { paidTopUpMinAmountCents: min, paidTopUpMaxAmountCents: max } = wallet;
  if (min !== null && amountCents < min) {
    return [{ field, code: 'amount_below_minimum', message: `${amountCents} cents, the minimum is ${min}` }];
  }
  if (max !== null && amountCents > max) {
    return [{ field, code: 'amount_above_maximum', message: `${amountCents} cents, the maximum is ${max}` }];
  }
  return [];
}

/** What an invoice had taken from the wallet comes back as granted credits, and was not consumed after all (§6.7). */
export function returnCredits(work: BillingWork, outbound: WalletTransaction, voidedInvoiceId: string): void {
  const before = walletOf(work, outbound.walletId);
  if (before.status !== 'active') return;
  const returned = putTransaction(work, before, {
    amount: outbound.amount,
    amountCents: outbound.amountCents,
    creditAmount: outbound.creditAmount,
    transactionType: 'inbound',
    transactionStatus: 'granted',
    status: 'settled',
    voidedInvoiceId,
  });
  const wallet = increaseBalance(work, before.id, returned);
  const consumed = Decimal.max(0, new Decimal(wallet.consumedCredits).minus(returned.creditAmount));
  const consumedAmount = new Decimal(wallet.consumedCredits).minus(returned.creditAmount).times(wallet.rateAmount);
  work.account.put('wallet', {
    ...wallet,
    consumedCredits: toText(consumed),
    consumedAmountCents: Math.max(0, floor(consumedAmount.times(10 ** exponent(wallet.currency))).toNumber()),
  });
}

function refuseNothing(amountCents: number, field: string): void {
  if (amountCents > 0) return;
  throw invalid({ field, code: 'amount_rounds_to_zero', message: 'these credits are worth less than half a cent' });
}
