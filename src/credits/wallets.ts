/**
 * Wallets as records: creation, change of terms, termination. Their credits are `topUp.ts`, their rules
 * `invoicing/walletRules.ts`. (invoicing §4.1, §4.3)
 */
import { BillingError, invalid } from '../errors.js';
import { recordId } from '../ids.js';
import type { BillingWork } from '../invoicing/work.js';
import type { RecurringTransactionRule, Wallet } from '../model.js';
import { SECOND } from '../time/instant.js';
import { activeWallets } from './walletBalance.js';

/** Active wallets that a customer may have. */
const MOST_WALLETS = 6;

export type RuleTerms = Omit<RecurringTransactionRule, 'id' | 'status' | 'lastRunOn' | 'createdAt'> & {
  /** The rule that an update changes; null makes a new one. */
  readonly id: string | null;
};

/** What may change after creation. */
export interface WalletTerms
  extends Pick<
    Wallet,
    | 'name'
    | 'priority'
    | 'expirationAt'
    | 'appliesTo'
    | 'paidTopUpMinAmountCents'
    | 'paidTopUpMaxAmountCents'
    | 'metadata'
    | 'invoiceRequiresSuccessfulPayment'
  > {
  readonly rules: readonly RuleTerms[];
}

export interface NewWallet extends WalletTerms {
  /** Null: made from the name. */
  readonly code: string | null;
  readonly currency: string;
  readonly rateAmount: string;
}

/** Puts an empty wallet into the account; a customer without currency takes the wallet's. */
export function createWallet(work: BillingWork, { rules, code, ...given }: NewWallet): Wallet {
  const { account } = work;
  const active = activeWallets(work);
  if (active.length >= MOST_WALLETS) {
    throw invalid({
      field: 'customer',
      code: 'wallet_limit_reached',
      message: `a customer has at most ${MOST_WALLETS} active wallets`,
    });
  }
  const id = recordId('wallet', account.customer.id, account.all('wallet').length + 1);
  const wallet: Wallet = {
    ...given,
    id,
    customerId: account.customer.id,
    code: freeCode(work, active, code, given.name),
    status: 'active',
    traceable: active.every((other) => other.traceable),
    recurringTransactionRules: rules.map((rule, index) => newRule(work, id, index, rule)),
    ...EMPTY,
    createdAt: work.at,
  };
  account.put('wallet', wallet);
  if (account.customer.currency === null) {
    account.putCustomer({ ...account.customer, currency: wallet.currency, updatedAt: work.at });
  }
  return wallet;
}

/** Rules are matched by id; those that the update does not name end. Null rules leave them as they are. */
export function updateWallet(
  work: BillingWork,
  wallet: Wallet,
  { rules, ...terms }: Omit<WalletTerms, 'rules'> & { readonly rules: WalletTerms['rules'] | null },
): Wallet {
  const updated: Wallet = {
    ...wallet,
    ...terms,
    recurringTransactionRules: rules === null ? wallet.recurringTransactionRules : mergedRules(work, wallet, rules),
  };
  work.account.put('wallet', updated);
  return updated;
}

/** The balance stays as it is, and can no longer be used. */
export function terminateWallet(work: BillingWork, wallet: Wallet): Wallet {
  const terminated: Wallet = {
    ...wallet,
    status: 'terminated',
    terminatedAt: work.at,
    recurringTransactionRules: wallet.recurringTransactionRules.map((rule) => ({ ...rule, status: 'terminated' })),
  };
  work.account.put('wallet', terminated);
  return terminated;
}

const EMPTY = {
  creditsBalance: '0',
  balanceCents: 0,
  consumedCredits: '0',
  consumedAmountCents: 0,
  ongoingUsageBalanceCents: 0,
  creditsOngoingUsageBalance: '0',
  ongoingBalanceCents: 0,
  creditsOngoingBalance: '0',
  depletedOngoingBalance: false,
  terminatedAt: null,
  lastBalanceSyncAt: null,
  lastConsumedCreditAt: null,
} as const satisfies Partial<Wallet>;

function freeCode(work: BillingWork, active: readonly Wallet[], code: string | null, name: string | null): string {
  const isTaken = (candidate: string) => active.some((wallet) => wallet.code === candidate);
  if (code !== null) {
    if (!isTaken(code)) return code;
    throw invalid({ field: 'code', code: 'value_already_exist', message: `another active wallet is called ${code}` });
  }
  const fromName = name === null || name.trim() === '' ? 'default' : snakeCase(name);
  return isTaken(fromName) ? `${fromName}_${Math.floor(work.at / SECOND)}` : fromName;
}

/** `My Premium Wallet` → `my_premium_wallet`. */
function snakeCase(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
}

function newRule(work: BillingWork, walletId: string, index: number, given: RuleTerms): RecurringTransactionRule {
  return {
    ...given,
    id: recordId('recurring_transaction_rule', walletId, index),
    status: 'active',
    lastRunOn: null,
    createdAt: work.at,
  };
}

function mergedRules(
  work: BillingWork,
  wallet: Wallet,
  given: readonly RuleTerms[],
): readonly RecurringTransactionRule[] {
  const kept = wallet.recurringTransactionRules.map((rule): RecurringTransactionRule => {
    const change = given.find((candidate) => candidate.id === rule.id);
    if (change === undefined) return { ...rule, status: 'terminated' };
    return { ...rule, ...change, id: rule.id };
  });
  const known = new Set(kept.map((rule) => rule.id));
  const added = given
    .filter((rule) => rule.id === null || !known.has(rule.id))
    .map((rule, index) => newRule(work, wallet.id, kept.length + index, rule));
  return [...kept, ...added];
}

/** The wallet that a verb names; without a name, the customer's only active one. */
export function findWallet(work: Pick<BillingWork, 'account'>, code: string | null): Wallet | undefined {
  const wallets = work.account.all('wallet');
  const candidates = code === null ? wallets : wallets.filter((wallet) => wallet.code === code);
  return candidates.findLast((wallet) => wallet.status === 'active') ?? candidates.at(-1);
}

/** Verbs that need a living wallet. */
export function activeWalletOf(wallet: Wallet): Wallet {
  if (wallet.status === 'active') return wallet;
  throw new BillingError('wallet_is_terminated', { message: `wallet ${wallet.code} is terminated` });
}
