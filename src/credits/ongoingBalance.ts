/**
 * Ongoing balances: what the wallets will hold once the usage of today is billed.
 *
 * All active wallets of a customer are looked at together: the unbilled amounts are laid on them in the order in which
 * they pay. A wallet with an active threshold rule, and the last one that applies, take all that is left, and may fall
 * below zero. Balance 1000 and usage 500: ongoing balance 500. (invoicing §4.6)
 */
import type { BillingWork } from '../invoicing/work.js';
import type { Fee, Wallet } from '../model.js';
import { Decimal, truncate, ZERO } from '../money/decimal.js';
import { feeSubTotal } from './feeAmounts.js';
import { activeWallets, creditOfCents } from './walletBalance.js';
import { type FeeKey, isApplicable, keyOf, keyText } from './walletStage.js';

/** An unbilled amount, or, below zero, one that is billed already. */
export interface OngoingUsageFee extends FeeKey {
  readonly currency: string;
  /** Amount with taxes, in cents; negative for what was billed in advance. */
  readonly amountCents: Decimal;
}

/** The current usage of the active subscriptions, charges paid in advance entered a second time below zero. */
export type UsageOf = (work: BillingWork) => readonly OngoingUsageFee[];

/** Brings every active wallet up to date; answers those whose ongoing balance changed. */
export function updateOngoingBalances(work: BillingWork, usageOf: UsageOf): Wallet[] {
  const wallets = activeWallets(work);
  if (wallets.length === 0) return [];
  const changed: Wallet[] = [];
  const usage = allot(wallets, [...usageOf(work), ...draftAmounts(work), ...progressiveAmounts(work)]);
  for (const wallet of wallets) {
    const updated = withOngoingUsage(work, wallet, usage.get(wallet) ?? ZERO);
    work.account.put('wallet', updated);
    if (updated.ongoingBalanceCents !== wallet.ongoingBalanceCents) changed.push(updated);
  }
  return changed;
}

/** Cents of usage on each wallet; wallets in the order in which they pay. */
export function allot(wallets: readonly Wallet[], fees: readonly OngoingUsageFee[]): Map<Wallet, Decimal> {
  const taken = new Map<Wallet, Decimal>();
  for (const currency of new Set(fees.map((fee) => fee.currency))) {
    const amounts = sumByKey(fees.filter((fee) => fee.currency === currency));
    let budget = Decimal.max(
      0,
      amounts.reduce((sum, amount) => sum.plus(amount.amountCents), ZERO),
    );
    for (const amount of amounts) {
      if (amount.amountCents.lte(0)) continue;
      const applicable = wallets.filter((wallet) => wallet.currency === currency && isApplicable(wallet, amount));
      let left = Decimal.min(amount.amountCents, budget);
      for (const [index, wallet] of applicable.entries()) {
        const before = taken.get(wallet) ?? ZERO;
        const room = Decimal.max(0, new Decimal(wallet.balanceCents).minus(before));
        const takesAll = index === applicable.length - 1 || hasThresholdRule(wallet);
        const share = takesAll ? left : Decimal.min(left, room);
        taken.set(wallet, before.plus(share));
        left = left.minus(share);
        budget = budget.minus(share);
      }
    }
  }
  return taken;
}

function sumByKey(fees: readonly OngoingUsageFee[]): OngoingUsageFee[] {
  const sums = new Map<string, OngoingUsageFee>();
  for (const fee of fees) {
    const known = sums.get(keyText(fee));
    sums.set(keyText(fee), { ...fee, amountCents: fee.amountCents.plus(known?.amountCents ?? ZERO) });
  }
  return [...sums.values()].sort((a, b) => b.amountCents.cmp(a.amountCents) || (keyText(a) < keyText(b) ? -1 : 1));
}

function draftAmounts(work: BillingWork): OngoingUsageFee[] {
  const drafts = work.account
    .all('invoice')
    .filter((invoice) => invoice.status === 'draft' && invoice.totalAmountCents !== 0);
  return drafts.flatMap((invoice) => feesWithTaxes(work, invoice.id, 1));
}

/** Progressive invoices of the periods that are running: what they billed is no longer to be expected. */
function progressiveAmounts(work: BillingWork): OngoingUsageFee[] {
  return work.account
    .all('billing_period')
    .filter(
      (period) =>
        period.invoicingReason === 'progressive_billing' &&
        period.chargesFromDatetime !== null &&
        period.chargesToDatetime !== null &&
        period.chargesFromDatetime <= work.at &&
        work.at <= period.chargesToDatetime,
    )
    .filter(
      (period) =>
        work.account.get('invoice', period.invoiceId)?.status === 'finalized' &&
        work.account.get('subscription', period.subscriptionId)?.status === 'active',
    )
    .flatMap((period) => feesWithTaxes(work, period.invoiceId, -1));
}

function feesWithTaxes(work: BillingWork, invoiceId: string, sign: 1 | -1): OngoingUsageFee[] {
  return work.account.ofInvoice('fee', invoiceId).map((fee: Fee) => ({
    ...keyOf(fee),
    currency: fee.currency,
    amountCents: feeSubTotal(fee).plus(fee.taxesAmountCents).times(sign),
  }));
}

function withOngoingUsage(work: BillingWork, wallet: Wallet, usageCents: Decimal): Wallet {
  const ongoingUsageBalanceCents = truncate(usageCents).toNumber();
  const ongoingBalanceCents = wallet.balanceCents - ongoingUsageBalanceCents;
  return {
    ...wallet,
    ongoingUsageBalanceCents,
    creditsOngoingUsageBalance: creditOfCents(wallet, ongoingUsageBalanceCents).creditAmount,
    ongoingBalanceCents,
    creditsOngoingBalance: creditOfCents(wallet, ongoingBalanceCents).creditAmount,
    depletedOngoingBalance: ongoingBalanceCents <= 0,
    lastBalanceSyncAt: work.at,
  };
}

function hasThresholdRule(wallet: Wallet): boolean {
  return wallet.recurringTransactionRules.some((rule) => rule.status === 'active' && rule.trigger === 'threshold');
}
