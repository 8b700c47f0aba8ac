/**
 * Stage 1 of an invoice: what progressive billing has billed of the same period already.
 *
 * Only the latest progressive invoice counts: it holds everything from the start of the period, the earlier ones
 * included. What it billed beyond this invoice's usage comes back as a credit note on it. (invoicing §6.9)
 */
import type { BillingWork } from '../invoicing/work.js';
import { groupKey } from '../metering/metered.js';
import type { BillingPeriod, Fee, Invoice } from '../model.js';
import { Decimal, round, toText } from '../money/decimal.js';
import { creditNoteAmounts } from './creditNoteAmounts.js';
import { notesOf } from './creditNoteLimits.js';
import { createCreditNote } from './creditNotes.js';
import { creditRow, type InvoiceInProgress } from './inProgress.js';

export function applyProgressiveBillingCredit(work: BillingWork, state: InvoiceInProgress): InvoiceInProgress {
  let current = state;
  for (const period of work.account.all('billing_period')) {
    if (period.invoiceId !== state.invoice.id) continue;
    const billed = latestProgressiveInvoice(work, period, state.invoice);
    if (billed !== undefined) current = applyOne(work, current, period.subscriptionId, billed);
  }
  return current;
}

/** The subscription's latest progressive invoice of the charge period that this one bills, by date of issue. */
function latestProgressiveInvoice(work: BillingWork, period: BillingPeriod, current: Invoice): Invoice | undefined {
  const from = period.chargesFromDatetime;
  if (from === null) return undefined;
  return work.account
    .all('billing_period')
    .filter(
      (candidate) =>
        candidate.subscriptionId === period.subscriptionId &&
        candidate.invoiceId !== current.id &&
        candidate.invoicingReason === 'progressive_billing' &&
        candidate.chargesFromDatetime !== null &&
        candidate.chargesToDatetime !== null &&
        candidate.chargesFromDatetime <= from &&
        from <= candidate.chargesToDatetime,
    )
    .flatMap((candidate) => work.account.get('invoice', candidate.invoiceId) ?? [])
    .filter((invoice) => invoice.invoiceType === 'progressive_billing' && invoice.status === 'finalized')
    .sort((a, b) => compare(a.issuingDate, b.issuingDate) || a.createdAt - b.createdAt || a.ordinal - b.ordinal)
    .at(-1);
}

function applyOne(
  work: BillingWork,
  state: InvoiceInProgress,
  subscriptionId: string,
  billed: Invoice,
): InvoiceInProgress {
  const billedFees = work.account.all('fee').filter((fee) => fee.invoiceId === billed.id && fee.feeType === 'charge');
  const available = availableCredit(work, billed, state.invoice.id);
  const cap = chargesTotal(state.fees, subscriptionId, billedFees);
  if (available > cap) creditExcess(work, billed, available - cap);
  const amountCents = Math.min(available, cap);
  if (amountCents <= 0) return state;
  const { invoice } = state;
  const credit = creditRow(invoice, {
    amountCents,
    beforeTaxes: true,
    item: { id: billed.id, type: 'invoice', code: billed.number, name: billed.number, description: null },
    progressiveBillingInvoiceId: billed.id,
  });
  return {
    invoice: {
      ...invoice,
      progressiveBillingCreditAmountCents: invoice.progressiveBillingCreditAmountCents + amountCents,
      credits: [...invoice.credits, credit],
    },
    fees: state.fees.map((fee) => (fee.subscriptionId === subscriptionId ? reduced(fee, billedFees) : fee)),
  };
}

/** What the progressive invoice asked for, less what other invoices and credit notes took back. */
function availableCredit(work: BillingWork, billed: Invoice, currentInvoiceId: string): number {
  const taken = work.account
    .all('invoice')
    .filter((invoice) => invoice.id !== currentInvoiceId && invoice.status !== 'voided' && invoice.status !== 'closed')
    .flatMap((invoice) => invoice.credits)
    .filter((credit) => credit.progressiveBillingInvoiceId === billed.id)
    .reduce((sum, credit) => sum + credit.amountCents, 0);
  const credited = notesOf(work, billed.id)
    .filter((note) => note.creditStatus !== 'voided')
    .reduce((sum, note) => sum + note.creditAmountCents, 0);
  return Math.max(0, billed.feesAmountCents - billed.couponsAmountCents - taken - credited);
}

function chargesTotal(fees: readonly Fee[], subscriptionId: string, billedFees: readonly Fee[]): number {
  const charges = new Set(billedFees.map((fee) => fee.chargeId));
  return fees
    .filter((fee) => fee.feeType === 'charge' && fee.subscriptionId === subscriptionId && charges.has(fee.chargeId))
    .reduce((sum, fee) => sum + fee.amountCents, 0);
}

/** The fee less what the same charge, filter and group were billed before: gross of coupons, as Lago takes it. */
function reduced(fee: Fee, billedFees: readonly Fee[]): Fee {
  if (fee.feeType !== 'charge' || fee.trueUpParentFeeId !== null) return fee;
  const before = billedFees.find(
    (billed) =>
      billed.chargeId === fee.chargeId &&
      billed.chargeFilterId === fee.chargeFilterId &&
      groupKey(billed.item.groupedBy) === groupKey(fee.item.groupedBy),
  );
  if (before === undefined) return fee;
  const total = Decimal.min(new Decimal(fee.preciseCouponsAmountCents).plus(before.amountCents), fee.amountCents);
  return { ...fee, preciseCouponsAmountCents: toText(total) };
}

/** A credit note of the excess, fee after fee, with their coupons and taxes. */
function creditExcess(work: BillingWork, billed: Invoice, excessCents: number): void {
  let left = excessCents;
  const items: { fee: Fee; preciseAmountCents: Decimal }[] = [];
  for (const fee of work.account.ofInvoice('fee', billed.id)) {
    const amount = Math.min(left, fee.amountCents);
    if (amount > 0) items.push({ fee, preciseAmountCents: new Decimal(amount) });
    left -= amount;
  }
  const { preciseTotalAmountCents } = creditNoteAmounts(billed, items);
  const creditAmountCents = round(new Decimal(preciseTotalAmountCents)).toNumber();
  if (creditAmountCents <= 0) return;
  createCreditNote(work, {
    invoiceId: billed.id,
    items,
    reason: 'other',
    automatic: true,
    creditAmountCents,
    refundAmountCents: 0,
    offsetAmountCents: 0,
  });
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
