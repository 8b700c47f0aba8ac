/**
 * Stage 8 of an invoice: prepaid credits.
 *
 * Fees are summed in buckets by type, metric and target wallet; the largest bucket goes first. A wallet pays the
 * buckets that it is meant for, up to its balance and to what is left of the invoice. Caps hold unrounded taxes, so
 * what they miss of the total (a cent or so a bucket) goes to the largest: caps 1.4 + 1.4 and a total of 3 use 3.
 * (invoicing §4.5)
 */
import { invalid } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Fee, Wallet } from '../model.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import type { InvoiceInProgress } from './inProgress.js';
import { activeWallets, creditOfCents, decreaseBalance, putTransaction } from './walletBalance.js';

export interface FeeKey {
  readonly feeType: Fee['feeType'];
  /** Null for fees of no metric. */
  readonly billableMetricCode: string | null;
  readonly targetWalletCode: string | null;
}

export interface Bucket extends FeeKey {
  readonly capCents: Decimal;
}

/** Consumes prepaid credits; the invoice's total must be what remains to pay. */
export function applyWallets(work: BillingWork, state: InvoiceInProgress): InvoiceInProgress {
  const { invoice } = state;
  const wallets = activeWallets(work).filter(
    (wallet) => wallet.balanceCents > 0 && wallet.currency === invoice.currency,
  );
  if (wallets.length === 0) return state;
  refuseTwice(work, invoice.id);
  const shares = allocate(wallets, bucketsOf(state.fees), invoice.totalAmountCents);
  let used = 0;
  const bySource = { granted: 0, purchased: 0 };
  for (const [wallet, share] of shares) {
    const amountCents = round(share).toNumber();
    if (amountCents === 0) continue;
    used += amountCents;
    const outbound = putTransaction(work, wallet, {
      ...creditOfCents(wallet, amountCents),
      transactionType: 'outbound',
      transactionStatus: 'invoiced',
      status: 'settled',
      invoiceId: invoice.id,
    });
    for (const { inboundId, consumedAmountCents } of decreaseBalance(work, wallet.id, outbound).consumptions) {
      const granted = work.account.get('wallet_transaction', inboundId)?.transactionStatus === 'granted';
      bySource[granted ? 'granted' : 'purchased'] += consumedAmountCents;
    }
  }
  if (used === 0) return state;
  const traced = work.account.all('wallet').every((wallet) => wallet.traceable);
  return {
    fees: state.fees,
    invoice: {
      ...invoice,
      prepaidCreditAmountCents: used,
      prepaidGrantedCreditAmountCents: traced && bySource.granted > 0 ? bySource.granted : null,
      prepaidPurchasedCreditAmountCents: traced && bySource.purchased > 0 ? bySource.purchased : null,
      totalAmountCents: invoice.totalAmountCents - used,
    },
  };
}

/** What each wallet pays, unrounded, wallets in the given order. */
export function allocate(
  wallets: readonly Wallet[],
  buckets: readonly Bucket[],
  totalCents: number,
): Map<Wallet, Decimal> {
  const remaining = withRoundingGap(buckets, totalCents);
  let left = new Decimal(totalCents);
  const shares = new Map<Wallet, Decimal>();
  for (const wallet of wallets) {
    let taken = ZERO;
    for (const bucket of remaining) {
      if (!isApplicable(wallet, bucket)) continue;
      const amount = Decimal.min(bucket.capCents, new Decimal(wallet.balanceCents).minus(taken), left);
      bucket.capCents = bucket.capCents.minus(amount);
      taken = taken.plus(amount);
      left = left.minus(amount);
    }
    if (taken.gt(0)) shares.set(wallet, taken);
  }
  return shares;
}

/** A bucket with a target wallet goes to that wallet alone; else the wallet's restrictions decide, by metric or type. */
export function isApplicable(wallet: Wallet, key: FeeKey): boolean {
  if (key.targetWalletCode !== null) return wallet.code === key.targetWalletCode;
  const { feeTypes, billableMetricCodes } = wallet.appliesTo;
  if (feeTypes.length === 0 && billableMetricCodes.length === 0) return true;
  if (key.billableMetricCode !== null && billableMetricCodes.includes(key.billableMetricCode)) return true;
  return feeTypes.includes(key.feeType);
}

export function keyOf(fee: Fee): FeeKey {
  return {
    feeType: fee.feeType,
    billableMetricCode: fee.feeType === 'charge' ? fee.item.code : null,
    targetWalletCode: fee.targetWalletCode,
  };
}

/** The text that orders equal buckets, and that makes two keys one. */
export function keyText(key: FeeKey): string {
  return [key.feeType, key.billableMetricCode ?? '', key.targetWalletCode ?? ''].join('/');
}

/** Largest first; equal ones by key. */
function bucketsOf(fees: readonly Fee[]): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const fee of fees) {
    const net = new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents);
    if (net.isZero()) continue;
    const cap = net.plus(fee.taxesPreciseAmountCents).minus(fee.preciseCreditNotesAmountCents);
    if (cap.lte(0)) continue;
    const key = keyOf(fee);
    const known = buckets.get(keyText(key));
    buckets.set(keyText(key), { ...key, capCents: cap.plus(known?.capCents ?? ZERO) });
  }
  return [...buckets.values()].sort((a, b) => b.capCents.cmp(a.capCents) || (keyText(a) < keyText(b) ? -1 : 1));
}

function withRoundingGap(buckets: readonly Bucket[], totalCents: number): (FeeKey & { capCents: Decimal })[] {
  const sum = buckets.reduce((total, bucket) => total.plus(bucket.capCents), ZERO);
  const gap = new Decimal(totalCents).minus(sum);
  const isRounding = gap.gt(0) && gap.lte(buckets.length);
  return buckets.map((bucket, index) =>
    isRounding && index === 0 ? { ...bucket, capCents: bucket.capCents.plus(gap) } : { ...bucket },
  );
}

function refuseTwice(work: BillingWork, invoiceId: string): void {
  const applied = work.account
    .all('wallet_transaction')
    .some((transaction) => transaction.invoiceId === invoiceId && transaction.transactionType === 'outbound');
  if (applied) {
    throw invalid({
      field: 'service',
      code: 'already_applied',
      message: 'prepaid credits are on this invoice already',
    });
  }
}
