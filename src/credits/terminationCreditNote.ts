/**
 * The credit note of a subscription paid in advance and ended before its period was over.
 *
 * How many days were not used is the calendar's affair; here their worth becomes a note on the invoice that billed
 * them: coupons and taxes in proportion, what was credited before left out, and of what was paid beyond the used days
 * a refund, where that was asked for. 3100 for 31 days at 20 %, 16 unused: 1600 + 320 = 1920. (invoicing §5.5)
 */
import type { BillingWork } from '../invoicing/work.js';
import type { CreditNote, Fee, Invoice, TerminationCreditNote } from '../model.js';
import { Decimal, round, truncate } from '../money/decimal.js';
import { couponsShare, creditNoteAmounts } from './creditNoteAmounts.js';
import type { CreditNoteSplit } from './creditNoteLimits.js';
import { createCreditNote } from './creditNotes.js';
import { feeSubTotal } from './feeAmounts.js';

export interface UnusedDays {
  /** The subscription fee that billed the period in advance. */
  readonly baseFee: Fee;
  /** Cents of the unused days, before what other notes credited. */
  readonly itemPreciseAmount: Decimal;
  /** Cents of the days that were used, likewise. */
  readonly usedPreciseAmount: Decimal;
  readonly option: TerminationCreditNote;
}

/** Null when nothing is left to credit, when the invoice is gone, or when no note is wanted. */
export function createTerminationCreditNote(work: BillingWork, unused: UnusedDays): CreditNote | null {
  const { baseFee, option } = unused;
  const invoice = baseFee.invoiceId === null ? undefined : work.account.get('invoice', baseFee.invoiceId);
  if (option === 'skip' || invoice === undefined || invoice.status === 'voided') return null;
  const amount = uncredited(work, baseFee, unused.itemPreciseAmount);
  if (amount.lte(0)) return null;
  const total = totalWithTaxes(invoice, baseFee, amount);
  return createCreditNote(work, {
    invoiceId: invoice.id,
    items: [{ fee: baseFee, preciseAmountCents: amount }],
    reason: 'order_cancellation',
    automatic: true,
    ...split(invoice, unused, total),
  });
}

/** At most the fee, less what other notes credited of it, cut after the fifth decimal. */
function uncredited(work: BillingWork, fee: Fee, amount: Decimal): Decimal {
  const credited = work.account
    .all('credit_note')
    .flatMap((note) => note.items)
    .filter((item) => item.feeId === fee.id)
    .reduce((sum, item) => sum + item.amountCents, 0);
  return truncate(Decimal.min(amount, fee.amountCents).minus(credited), 5);
}

function split(invoice: Invoice, unused: UnusedDays, total: number): CreditNoteSplit {
  if (unused.option === 'credit' || unused.option === 'skip') {
    return { creditAmountCents: total, refundAmountCents: 0, offsetAmountCents: 0 };
  }
  const refund = refundOf(invoice, unused, total);
  const rest = total - refund;
  return unused.option === 'offset'
    ? { creditAmountCents: 0, refundAmountCents: refund, offsetAmountCents: rest }
    : { creditAmountCents: rest, refundAmountCents: refund, offsetAmountCents: 0 };
}

/** What was paid for this fee beyond its used days: 5580 of 7440 paid for two such fees, 2790 − 1800 = 990. */
function refundOf(invoice: Invoice, { baseFee, usedPreciseAmount }: UnusedDays, total: number): number {
  if (invoice.subTotalIncludingTaxesAmountCents === 0) return 0;
  const feeTotal = feeSubTotal(baseFee).plus(baseFee.taxesPreciseAmountCents);
  const paidShare = feeTotal.times(invoice.totalPaidAmountCents).div(invoice.subTotalIncludingTaxesAmountCents);
  const used = totalWithTaxes(invoice, baseFee, truncate(usedPreciseAmount, 5));
  return Math.max(0, round(Decimal.min(total, paidShare.minus(used))).toNumber());
}

function totalWithTaxes(invoice: Invoice, fee: Fee, amount: Decimal): number {
  const items = [{ fee, preciseAmountCents: amount }];
  const { preciseTaxesAmountCents } = creditNoteAmounts(invoice, items);
  return round(amount.minus(couponsShare(items)).plus(preciseTaxesAmountCents)).toNumber();
}
