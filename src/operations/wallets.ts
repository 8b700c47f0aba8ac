/**
 * create_wallet, update_wallet, terminate_wallet, top_up_wallet (scenarios.md; invoicing §4).
 */
import { z } from 'zod';
import { grantCredits, type TransactionTerms, voidCredits, voidCreditsOf } from '../credits/topUp.js';
import { walletOf } from '../credits/walletBalance.js';
import * as wallets from '../credits/wallets.js';
import { notFound } from '../errors.js';
import { purchaseCredits } from '../invoicing/purchaseCredits.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Wallet, WalletTransaction } from '../model.js';
import { isCurrency } from '../money/currency.js';
import { Decimal, toText } from '../money/decimal.js';
import { workOfCustomer } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';
import {
  Checks,
  checkAppliesTo,
  checkCredits,
  checkExpiration,
  checkLimits,
  checkMetadata,
  checkPriority,
  checkTransactionMetadata,
  walletTermsShape,
} from './walletInput.js';
import { checkRules } from './walletRuleInput.js';

const loose = z.unknown().optional();

const createSchema = z.strictObject({
  external_customer_id: z.string(),
  code: z.string().nullish(),
  rate_amount: loose,
  currency: z.string().nullish(),
  paid_credits: loose,
  granted_credits: loose,
  ignore_paid_top_up_limits_on_creation: z.boolean().nullish(),
  transaction_name: z.string().nullish(),
  transaction_priority: loose,
  transaction_metadata: loose,
  ...walletTermsShape,
});

const updateSchema = z.strictObject({
  external_customer_id: z.string(),
  wallet: z.string().nullish(),
  ...walletTermsShape,
});

const terminateSchema = z.strictObject({ external_customer_id: z.string(), wallet: z.string().nullish() });

const topUpSchema = z.strictObject({
  external_customer_id: z.string(),
  wallet: z.string().nullish(),
  paid_credits: loose,
  granted_credits: loose,
  voided_credits: loose,
  voided_transaction_id: z.string().nullish(),
  name: z.string().nullish(),
  priority: loose,
  metadata: loose,
  ignore_paid_top_up_limits: z.boolean().nullish(),
  invoice_requires_successful_payment: z.boolean().nullish(),
});

export function createWallet(context: OperationContext, raw: unknown): Wallet {
  const input = parseInput(createSchema, raw);
  const work = workOfCustomer(context, input.external_customer_id);
  const checks = new Checks();
  const money = checkMoney(checks, work, input.rate_amount, input.currency ?? null);
  const paid = checkCredits(checks, 'paid_credits', input.paid_credits);
  const granted = checkCredits(checks, 'granted_credits', input.granted_credits);
  const limits = checkLimits(checks, input.paid_top_up_min_amount_cents, input.paid_top_up_max_amount_cents);
  const invoiceRequiresSuccessfulPayment = input.invoice_requires_successful_payment ?? false;
  const terms = {
    name: input.name ?? null,
    priority: checkPriority(checks, input.priority) ?? 50,
    expirationAt: checkExpiration(checks, input.expiration_at, work.at),
    appliesTo: checkAppliesTo(checks, input.applies_to, work.catalog),
    metadata: checkMetadata(checks, input.metadata),
    invoiceRequiresSuccessfulPayment,
    ...limits,
  };
  const transaction = {
    priority: checkPriority(checks, input.transaction_priority) ?? 50,
    name: checkName(checks, 'transaction_name', input.transaction_name ?? null),
    metadata: checkTransactionMetadata(checks, 'transaction_metadata', input.transaction_metadata, 5),
  };
  const rules = checkRules(checks, input.recurring_transaction_rules ?? [], {
    paidCredits: toText(paid ?? new Decimal(0)),
    grantedCredits: toText(granted ?? new Decimal(0)),
    invoiceRequiresSuccessfulPayment,
    limits,
    wallet: money,
    at: work.at,
  });
  checks.refuse();
  const wallet = wallets.createWallet(work, { ...terms, ...money, rules, code: input.code ?? null });
  const ignoreLimits = input.ignore_paid_top_up_limits_on_creation ?? false;
  addCredits(work, wallet, { paid, granted }, transaction, ignoreLimits);
  saveWork(context, work);
  return walletOf(work, wallet.id);
}

export function updateWallet(context: OperationContext, raw: unknown): Wallet {
  const input = parseInput(updateSchema, raw);
  const { work, wallet } = find(context, input.external_customer_id, input.wallet ?? null);
  wallets.activeWalletOf(wallet);
  const checks = new Checks();
  const given = <K extends keyof typeof input, V>(key: K, read: () => V, kept: V): V =>
    input[key] === undefined ? kept : read();
  const limits = checkLimits(
    checks,
    given('paid_top_up_min_amount_cents', () => input.paid_top_up_min_amount_cents, wallet.paidTopUpMinAmountCents),
    given('paid_top_up_max_amount_cents', () => input.paid_top_up_max_amount_cents, wallet.paidTopUpMaxAmountCents),
  );
  // Without `applies_to` Lago forgets the metrics and keeps the fee types.
  const appliesTo =
    input.applies_to == null
      ? { feeTypes: wallet.appliesTo.feeTypes, billableMetricCodes: [] }
      : checkAppliesTo(checks, input.applies_to, work.catalog);
  const terms = {
    name: given('name', () => input.name ?? null, wallet.name),
    priority: checkPriority(checks, input.priority) ?? wallet.priority,
    expirationAt: given(
      'expiration_at',
      () => checkExpiration(checks, input.expiration_at, work.at),
      wallet.expirationAt,
    ),
    appliesTo,
    metadata: given('metadata', () => checkMetadata(checks, input.metadata), wallet.metadata),
    invoiceRequiresSuccessfulPayment:
      input.invoice_requires_successful_payment ?? wallet.invoiceRequiresSuccessfulPayment,
    ...limits,
  };
  const rules =
    input.recurring_transaction_rules == null
      ? null
      : checkRules(checks, input.recurring_transaction_rules, {
          paidCredits: '0',
          grantedCredits: '0',
          invoiceRequiresSuccessfulPayment: terms.invoiceRequiresSuccessfulPayment,
          limits,
          wallet,
          at: work.at,
        });
  checks.refuse();
  const updated = wallets.updateWallet(work, wallet, { ...terms, rules });
  saveWork(context, work);
  return walletOf(work, updated.id);
}

export function terminateWallet(context: OperationContext, raw: unknown): Wallet {
  const input = parseInput(terminateSchema, raw);
  const { work, wallet } = find(context, input.external_customer_id, input.wallet ?? null);
  const terminated = wallet.status === 'terminated' ? wallet : wallets.terminateWallet(work, wallet);
  saveWork(context, work);
  return terminated;
}

/** Paid, granted and voided credits of one request, in that order. */
export function topUpWallet(context: OperationContext, raw: unknown): WalletTransaction[] {
  const input = parseInput(topUpSchema, raw);
  const { work, wallet } = find(context, input.external_customer_id, input.wallet ?? null);
  wallets.activeWalletOf(wallet);
  const checks = new Checks();
  const paid = checkCredits(checks, 'paid_credits', input.paid_credits);
  const granted = checkCredits(checks, 'granted_credits', input.granted_credits);
  const voided = checkCredits(checks, 'voided_credits', input.voided_credits);
  const terms: TransactionTerms = {
    priority: checkPriority(checks, input.priority) ?? 50,
    name: checkName(checks, 'name', input.name ?? null),
    metadata: checkTransactionMetadata(checks, 'metadata', input.metadata, 15),
    ...(input.invoice_requires_successful_payment == null
      ? {}
      : { invoiceRequiresSuccessfulPayment: input.invoice_requires_successful_payment }),
  };
  checks.refuse();
  const made = addCredits(work, wallet, { paid, granted }, terms, input.ignore_paid_top_up_limits ?? false);
  const plain = withoutPaymentTerms(terms);
  if (input.voided_transaction_id != null) {
    made.push(voidCreditsOf(work, wallet.id, input.voided_transaction_id, voided, plain));
  } else if (voided?.gt(0)) {
    made.push(voidCredits(work, wallet.id, voided, plain));
  }
  saveWork(context, work);
  return made.map((transaction) => work.account.get('wallet_transaction', transaction.id) ?? transaction);
}

function addCredits(
  work: BillingWork,
  wallet: Wallet,
  { paid, granted }: { readonly paid: Decimal | null; readonly granted: Decimal | null },
  terms: TransactionTerms,
  ignoreLimits: boolean,
): WalletTransaction[] {
  const made: WalletTransaction[] = [];
  if (paid?.gt(0)) made.push(purchaseCredits(work, wallet.id, paid, { ...terms, ignoreLimits }));
  if (granted?.gt(0)) made.push(grantCredits(work, wallet.id, granted, withoutPaymentTerms(terms)));
  return made;
}

function withoutPaymentTerms({ invoiceRequiresSuccessfulPayment: _, ...terms }: TransactionTerms): TransactionTerms {
  return terms;
}

/** The rate is above 0; the currency is the given one, else the customer's. */
function checkMoney(
  checks: Checks,
  work: BillingWork,
  rate: unknown,
  given: string | null,
): { readonly rateAmount: string; readonly currency: string } {
  const currency = given ?? work.account.customer.currency;
  if (currency === null) checks.add('currency', 'value_is_mandatory', 'neither the wallet nor the customer has one');
  else if (!isCurrency(currency)) checks.add('currency', 'value_is_invalid', `${currency} is not a currency`);
  const text = typeof rate === 'number' ? String(rate) : rate;
  let rateAmount = new Decimal(1);
  if (text === undefined || text === null || text === '') {
    checks.add('rate_amount', 'value_is_mandatory', 'what one credit is worth');
  } else if (typeof text !== 'string' || !/^\d+(\.\d+)?$/.test(text.trim()) || new Decimal(text.trim()).lte(0)) {
    checks.add('rate_amount', 'value_is_out_of_range', 'must be a number above 0');
  } else {
    rateAmount = new Decimal(text.trim()).toDecimalPlaces(5);
  }
  return { rateAmount: toText(rateAmount), currency: isCurrency(currency) ? currency : 'USD' };
}

function checkName(checks: Checks, field: string, name: string | null): string | null {
  if (name !== null && name.length > 255) checks.add(field, 'too_long', 'at most 255 characters');
  return name;
}

function find(
  context: OperationContext,
  externalCustomerId: string,
  code: string | null,
): { work: BillingWork; wallet: Wallet } {
  const work = workOfCustomer(context, externalCustomerId);
  const wallet = wallets.findWallet(work, code);
  if (wallet === undefined) throw notFound('wallet', code ?? externalCustomerId);
  return { work, wallet };
}
