/**
 * What the items of a credit note amount to: their share of coupons, their taxes, the total.
 *
 * Pure: the caller says which fees, how much of each, and what the invoice's other notes are. The note that completes
 * the credit of an invoice takes back what the roundings of its predecessors gave or kept, so that all of them add up
 * to the invoice: two lines of 6833 at 20 % (invoice tax 2733) are credited with taxes 1367 and
 * round(1366.6 − 0.4) = 1366. (invoicing §5.4)
 */
import type { CreditNote, Fee, Invoice } from '../model.js';
import { type Decimal, round, toText, ZERO } from '../money/decimal.js';

export interface CreditedItem {
  readonly fee: Fee;
  /** Cents, fractions allowed; kept at 5 decimals. */
  readonly preciseAmountCents: Decimal;
}

export type CreditNoteAmounts = Pick<
  CreditNote,
  | 'couponsAdjustmentAmountCents'
  | 'preciseCouponsAdjustmentAmountCents'
  | 'taxesAmountCents'
  | 'preciseTaxesAmountCents'
  | 'taxesRate'
  | 'subTotalExcludingTaxesAmountCents'
  | 'preciseTotalAmountCents'
  | 'appliedTaxes'
>;

export interface Completion {
  /** True when nothing of the invoice is left to credit after these items. */
  readonly completesInvoice: boolean;
  readonly otherNotes: readonly CreditNote[];
}

export function creditNoteAmounts(
  invoice: Pick<Invoice, 'appliedTaxes'>,
  items: readonly CreditedItem[],
  completion: Completion = { completesInvoice: false, otherNotes: [] },
): CreditNoteAmounts {
  const itemsAmount = items.reduce((sum, item) => sum.plus(item.preciseAmountCents), ZERO);
  const coupons = round(couponsShare(items), 5);
  const net = itemsAmount.minus(coupons);
  const { appliedTaxes, preciseTaxes, taxesRate } = taxesOf(invoice, items, net);
  const taxes = round(preciseTaxes.minus(completion.completesInvoice ? roundingOf(completion.otherNotes) : ZERO), 5);
  return {
    couponsAdjustmentAmountCents: round(coupons).toNumber(),
    preciseCouponsAdjustmentAmountCents: toText(coupons),
    taxesAmountCents: round(taxes).toNumber(),
    preciseTaxesAmountCents: toText(taxes),
    taxesRate,
    subTotalExcludingTaxesAmountCents: round(net).toNumber(),
    preciseTotalAmountCents: toText(net.plus(taxes)),
    appliedTaxes,
  };
}

/** The coupons that the credited part of the fees had: Σ coupons of the fee × credited part. */
export function couponsShare(items: readonly CreditedItem[]): Decimal {
  return items.reduce((sum, item) => sum.plus(couponShare(item)), ZERO);
}

function taxesOf(
  invoice: Pick<Invoice, 'appliedTaxes'>,
  items: readonly CreditedItem[],
  net: Decimal,
): { appliedTaxes: CreditNote['appliedTaxes']; preciseTaxes: Decimal; taxesRate: number } {
  let preciseTaxes = ZERO;
  let rate = ZERO;
  const appliedTaxes: CreditNote['appliedTaxes'][number][] = [];
  for (const { feesAmountCents: _, ...tax } of invoice.appliedTaxes) {
    const taxed = items.filter((item) => item.fee.appliedTaxes.some((applied) => applied.taxCode === tax.taxCode));
    if (taxed.length === 0) continue;
    const base = taxed.reduce((sum, item) => sum.plus(item.preciseAmountCents).minus(couponShare(item)), ZERO);
    const amount = base.times(tax.taxRate).div(100);
    preciseTaxes = preciseTaxes.plus(amount);
    if (!net.isZero()) rate = rate.plus(base.times(tax.taxRate).div(net));
    appliedTaxes.push({
      ...tax,
      amountCents: round(amount).toNumber(),
      baseAmountCents: round(base).toNumber(),
    });
  }
  return { appliedTaxes, preciseTaxes: round(preciseTaxes, 5), taxesRate: round(rate, 5).toNumber() };
}

function couponShare({ fee, preciseAmountCents }: CreditedItem): Decimal {
  if (fee.amountCents === 0) return ZERO;
  return preciseAmountCents.times(fee.preciseCouponsAmountCents).div(fee.amountCents);
}

function roundingOf(notes: readonly CreditNote[]): Decimal {
  return notes.reduce((sum, note) => sum.plus(note.taxesAmountCents).minus(note.preciseTaxesAmountCents), ZERO);
}
