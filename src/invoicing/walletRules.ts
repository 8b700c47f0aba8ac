/**
 * Recurring top-ups: by the calendar, or when the ongoing balance falls to a threshold.
 *
 * Threshold 5, paid 10: at an ongoing balance of 4 the rule buys 10, at −5 it buys 20, at −23 it buys 30.
 * (invoicing §4.8)
 */
import { type UsageOf, updateOngoingBalances } from '../credits/ongoingBalance.js';
import { grantCredits } from '../credits/topUp.js';
import { activeWallets, centsPerCredit, creditOf, transactionsOf, walletOf } from '../credits/walletBalance.js';
import { assert } from '../errors.js';
import type { RecurringTransactionRule, Wallet, WalletTransaction } from '../model.js';
import { Decimal, floor, ZERO } from '../money/decimal.js';
import { HOUR } from '../time/instant.js';
import { addDays, daysInMonth, type LocalDate, laterDate, parts, weekday } from '../time/localDate.js';
import { localDateOf, startOfDay } from '../time/zone.js';
import { purchaseCredits } from './purchaseCredits.js';
import { ongoingUsage } from './runningUsage.js';
import { applicableZone, type BillingWork } from './work.js';

/** Today's interval rules, by the balances of now. A day fires once, at the first run that has something to add. */
export function runWalletRules(work: BillingWork): void {
  const today = localDateOf(work.at, applicableZone(work));
  const due = activeWallets(work).filter((wallet) => {
    const rule = intervalRule(work, wallet);
    return rule !== undefined && lastFired(work, wallet, rule) < today && isOn(work, wallet, rule, today);
  });
  if (due.length === 0) return;
  refreshOngoingBalances(work, ongoingUsage);
  for (const wallet of due) runOn(work, wallet.id, today);
}

/** The first day before today on which a wallet's interval rule should have run and did not. */
export function missedRuleDay(work: BillingWork, wallet: Wallet): LocalDate | null {
  const rule = wallet.recurringTransactionRules.find((each) => each.status === 'active' && each.trigger === 'interval');
  if (rule === undefined) return null;
  const today = localDateOf(work.at, applicableZone(work));
  const fired = lastFired(work, wallet, rule);
  for (let date = addDays(laterDate(fired, rule.lastRunOn ?? fired), 1); date < today; date = addDays(date, 1)) {
    if (isOn(work, wallet, rule, date)) return date;
  }
  return null;
}

/** Runs the interval rule as of a missed day; `work.at` is its first instant. */
export function runMissedRule(work: BillingWork, wallet: Wallet, date: LocalDate): void {
  refreshOngoingBalances(work, ongoingUsage);
  runOn(work, wallet.id, date);
}

/** A wallet whose time is over, and that still counts as active. */
export function isExpired(work: Pick<BillingWork, 'at'>, wallet: Wallet): boolean {
  return wallet.status === 'active' && wallet.expirationAt !== null && wallet.expirationAt <= work.at;
}

/** Brings ongoing balances up to date; wallets whose balance changed may then reach their threshold. */
export function refreshOngoingBalances(work: BillingWork, usageOf: UsageOf): void {
  for (const wallet of updateOngoingBalances(work, usageOf)) {
    const rule = activeRule(work, wallet);
    if (rule?.trigger === 'threshold' && isThresholdReached(work, wallet, rule)) topUpByRule(work, wallet, rule);
  }
}

/** True on the local days on which an interval rule fires, by its base day. */
export function firesOn(interval: RecurringTransactionRule['interval'], base: LocalDate, date: LocalDate): boolean {
  if (interval === 'weekly') return weekday(base) === weekday(date);
  const [year, month, day] = parts(date);
  const [, baseMonth, baseDay] = parts(base);
  if (day !== Math.min(baseDay, daysInMonth(year, month))) return false;
  switch (interval) {
    case 'monthly':
      return true;
    case 'quarterly':
      return month % 3 === baseMonth % 3;
    case 'semiannual':
      return month % 6 === baseMonth % 6;
    default:
      return month === baseMonth;
  }
}

/** Credits that a fixed threshold rule buys. `ongoing`, `granted` and `pending` are credits. */
export function thresholdPurchase(
  threshold: Decimal,
  paid: Decimal,
  { ongoing, granted, pending }: { ongoing: Decimal; granted: Decimal; pending: Decimal },
  maximum: Decimal | null,
): Decimal {
  const gap = threshold.minus(ongoing).minus(granted).minus(pending);
  if (paid.isZero() || gap.lt(paid)) return paid;
  const credits = paid.times(floor(gap.div(paid)).plus(1));
  return maximum === null ? credits : Decimal.min(credits, maximum);
}

function activeRule(work: BillingWork, wallet: Wallet): RecurringTransactionRule | undefined {
  return wallet.recurringTransactionRules.find(
    (rule) => rule.status === 'active' && (rule.expirationAt === null || rule.expirationAt > work.at),
  );
}

function intervalRule(work: BillingWork, wallet: Wallet): RecurringTransactionRule | undefined {
  const rule = activeRule(work, wallet);
  return rule?.trigger === 'interval' ? rule : undefined;
}

function isOn(work: BillingWork, wallet: Wallet, rule: RecurringTransactionRule, date: LocalDate): boolean {
  const zone = applicableZone(work);
  if (rule.startedAt !== null && localDateOf(rule.startedAt, zone) > date) return false;
  if (rule.expirationAt !== null && rule.expirationAt <= startOfDay(date, zone)) return false;
  return firesOn(rule.interval, localDateOf(rule.startedAt ?? wallet.createdAt, zone), date);
}

function runOn(work: BillingWork, walletId: string, date: LocalDate): void {
  const rule = intervalRule(work, walletOf(work, walletId));
  assert(rule !== undefined, `wallet ${walletId} has no interval rule`);
  topUpByRule(work, walletOf(work, walletId), rule);
  const wallet = walletOf(work, walletId);
  work.account.put('wallet', {
    ...wallet,
    recurringTransactionRules: wallet.recurringTransactionRules.map((each) =>
      each.id === rule.id ? { ...each, lastRunOn: date } : each,
    ),
  });
}

/** The last day that is done with: the wallet's first, the one before the rule's first, the last on which a rule fired. */
function lastFired(work: BillingWork, wallet: Wallet, rule: RecurringTransactionRule): LocalDate {
  const zone = applicableZone(work);
  const created = localDateOf(wallet.createdAt, zone);
  const ruled = addDays(localDateOf(rule.createdAt, zone), -1);
  const fired = transactionsOf(work, wallet.id)
    .filter((transaction) => transaction.source === 'interval')
    .map((transaction) => localDateOf(transaction.createdAt, zone));
  return [created, ruled, ...fired].sort().at(-1) ?? created;
}

function isThresholdReached(work: BillingWork, wallet: Wallet, rule: RecurringTransactionRule): boolean {
  const threshold = rule.thresholdCredits ?? '0';
  const ongoing = new Decimal(wallet.creditsOngoingBalance);
  if (ongoing.gt(threshold) || ongoing.plus(pendingCredits(work, wallet)).gt(threshold)) return false;
  return !isDeclinedLately(work, wallet);
}

/** For an hour after an automatic top-up was declined nothing is tried again, unless a purchase has worked since. */
function isDeclinedLately(work: BillingWork, wallet: Wallet): boolean {
  const transactions = transactionsOf(work, wallet.id);
  const declined = transactions
    .filter((transaction) => transaction.source !== 'manual' && transaction.status === 'failed')
    .reduce((latest, transaction) => Math.max(latest, transaction.failedAt ?? 0), 0);
  if (declined === 0 || work.at - declined >= HOUR) return false;
  return !transactions.some(
    (transaction) => transaction.transactionStatus === 'purchased' && (transaction.settledAt ?? 0) > declined,
  );
}

function topUpByRule(work: BillingWork, stale: Wallet, rule: RecurringTransactionRule): void {
  const wallet = walletOf(work, stale.id);
  const { paid, granted } = ruleCredits(work, wallet, rule);
  const terms = {
    source: rule.trigger,
    name: rule.transactionName,
    metadata: rule.transactionMetadata,
  } satisfies Partial<WalletTransaction>;
  if (creditOf(wallet, paid).amountCents > 0) {
    purchaseCredits(work, wallet.id, paid, {
      ...terms,
      invoiceRequiresSuccessfulPayment: rule.invoiceRequiresSuccessfulPayment,
      ignoreLimits: true,
    });
  }
  if (creditOf(wallet, granted).amountCents > 0) grantCredits(work, wallet.id, granted, terms);
}

function ruleCredits(
  work: BillingWork,
  wallet: Wallet,
  rule: RecurringTransactionRule,
): { readonly paid: Decimal; readonly granted: Decimal } {
  const paid = new Decimal(rule.paidCredits);
  const granted = new Decimal(rule.grantedCredits);
  const ongoing = new Decimal(wallet.creditsOngoingBalance);
  if (rule.method === 'target') {
    const gap = new Decimal(rule.targetOngoingBalance ?? '0').minus(ongoing);
    if (gap.lte(0)) return { paid: ZERO, granted: ZERO };
    if (rule.grantsTargetTopUp) return { paid: ZERO, granted: gap };
    return { paid: rule.ignorePaidTopUpLimits ? gap : atLeastMinimum(wallet, gap), granted: ZERO };
  }
  if (rule.trigger === 'interval') return { paid, granted };
  const pending = pendingCredits(work, wallet);
  const maximum = rule.ignorePaidTopUpLimits ? null : creditsOf(wallet, wallet.paidTopUpMaxAmountCents);
  const threshold = new Decimal(rule.thresholdCredits ?? '0');
  return { paid: thresholdPurchase(threshold, paid, { ongoing, granted, pending }, maximum), granted };
}

function atLeastMinimum(wallet: Wallet, credits: Decimal): Decimal {
  return Decimal.max(credits, creditsOf(wallet, wallet.paidTopUpMinAmountCents) ?? ZERO);
}

function creditsOf(wallet: Wallet, amountCents: number | null): Decimal | null {
  return amountCents === null ? null : new Decimal(amountCents).div(centsPerCredit(wallet));
}

function pendingCredits(work: BillingWork, wallet: Wallet): Decimal {
  return transactionsOf(work, wallet.id)
    .filter((transaction) => transaction.status === 'pending')
    .reduce((sum, transaction) => sum.plus(transaction.creditAmount), ZERO);
}
