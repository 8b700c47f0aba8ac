/**
 * An issued invoice computed again from the ledger, and where it differs from what is stored.
 *
 * Always: fees add up, taxes follow from the fees' rates, credits and prepaid credits from their rows, the total from all
 * of them (§1.1). For invoices of billing periods also the fees themselves, rebuilt with the definitions, the customer and
 * the records of their day; other fees (of single events, of thresholds passed) hang on the instant at which they were
 * made and are taken as they stand.
 */
import { Account } from '../accounts/account.js';
import type { Catalog } from '../catalog/types.js';
import type { Fee, Invoice, InvoiceStatus } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { feesOfInvoice } from './feeScope.js';
import { rebuildFees } from './rebuildFees.js';
import { applyFeeTaxes, invoiceTaxes } from './taxes.js';
import type { BillingWork } from './work.js';

export interface Deviation {
  /** `fees[2].amount_cents` */
  readonly field: string;
  readonly stored: unknown;
  readonly derived: unknown;
}

/** What an invoice was issued with. */
export interface ItsDay {
  readonly catalog: Catalog;
  /** Whether this event was in the ledger by then. */
  readonly hadArrived: (transactionId: string) => boolean;
}

/** Figures of the invoice that do not follow from its own parts. */
export function deviationsOfTotals(work: Pick<BillingWork, 'account'>, invoice: Invoice): Deviation[] {
  const fees = feesOfInvoice(work, invoice.id);
  const subTotal = invoice.feesAmountCents - invoice.progressiveBillingCreditAmountCents - invoice.couponsAmountCents;
  const withTaxes = subTotal + invoice.taxesAmountCents;
  const found = [
    deviation('fees_amount_cents', invoice.feesAmountCents, sum(fees.map((fee) => fee.amountCents))),
    deviation(
      'progressive_billing_credit_amount_cents',
      invoice.progressiveBillingCreditAmountCents,
      credited('invoice'),
    ),
    deviation('coupons_amount_cents', invoice.couponsAmountCents, credited('coupon')),
    deviation('credit_notes_amount_cents', invoice.creditNotesAmountCents, credited('credit_note')),
    deviation('prepaid_credit_amount_cents', invoice.prepaidCreditAmountCents, prepaid(work, invoice.id)),
    deviation('sub_total_excluding_taxes_amount_cents', invoice.subTotalExcludingTaxesAmountCents, subTotal),
    deviation('sub_total_including_taxes_amount_cents', invoice.subTotalIncludingTaxesAmountCents, withTaxes),
    deviation(
      'total_amount_cents',
      invoice.totalAmountCents,
      withTaxes - invoice.creditNotesAmountCents - invoice.prepaidCreditAmountCents,
    ),
  ];
  return [...found, ...taxDeviations(invoice, fees)].filter((each) => each !== null);

  function credited(type: 'coupon' | 'credit_note' | 'invoice'): number {
    return sum(invoice.credits.filter((credit) => credit.item.type === type).map((credit) => credit.amountCents));
  }
}

/**
 * Fees that are made otherwise from the invoice's billing periods; null where fees are not rebuilt. A subscription that
 * ended since was running then, or its end was known already when a missed period was billed: one of the two must fit.
 */
export function deviationsOfFees(work: BillingWork, invoice: Invoice, itsDay: ItsDay): Deviation[] | null {
  const periods = work.account.ofInvoice('billing_period', invoice.id);
  const rebuilt = invoice.voidedInvoiceId === null && invoice.invoiceType === 'subscription' && periods.length > 0;
  if (!rebuilt || periods.some((period) => period.situation === 'in_advance_charge')) return null;
  const found = compareFees(work, invoice, rebuiltFees(work, invoice, itsDay, false));
  if (found.length === 0) return [];
  const running = compareFees(work, invoice, rebuiltFees(work, invoice, itsDay, true));
  return running.length === 0 ? [] : found;
}

function rebuiltFees(work: BillingWork, invoice: Invoice, itsDay: ItsDay, endedLater: boolean): Fee[] {
  const account = asOf(work, invoice, itsDay, endedLater);
  rebuildFees({ ...work, account, catalog: itsDay.catalog }, invoice);
  return feesOfInvoice({ account }, invoice.id);
}

/** Fees adjusted by hand are what somebody wanted them to be. */
function compareFees(work: BillingWork, invoice: Invoice, rebuilt: readonly Fee[]): Deviation[] {
  const derived = new Map(rebuilt.map((fee) => [fee.id, fee]));
  const found: (Deviation | null)[] = [];
  for (const [index, fee] of feesOfInvoice(work, invoice.id).entries()) {
    const again = derived.get(fee.id);
    derived.delete(fee.id);
    if (fee.adjusted) continue;
    if (again === undefined) found.push(deviation(`fees[${index}]`, fee.amountCents, null));
    else found.push(...feeDeviations(index, fee, again));
  }
  for (const fee of derived.values()) found.push(deviation('fees', null, fee.amountCents));
  return found.filter((each) => each !== null);
}

function feeDeviations(index: number, stored: Fee, derived: Fee): (Deviation | null)[] {
  return [
    deviation(`fees[${index}].amount_cents`, stored.amountCents, derived.amountCents),
    deviation(`fees[${index}].units`, new Decimal(stored.units).toFixed(), new Decimal(derived.units).toFixed()),
    deviation(
      `fees[${index}].precise_amount_cents`,
      new Decimal(stored.preciseAmountCents).toFixed(),
      new Decimal(derived.preciseAmountCents).toFixed(),
    ),
  ];
}

/** The rates are those that the fees carry: definitions may have changed since. */
function taxDeviations(invoice: Invoice, fees: readonly Fee[]): (Deviation | null)[] {
  if (invoice.invoiceType === 'advance_charges' || invoice.invoiceType === 'credit') return [];
  const again = fees.map((fee) => applyFeeTaxes(fee, fee.appliedTaxes.map(taxOf)));
  const { taxesAmountCents, taxesRate } = invoiceTaxes(again, invoice.subTotalExcludingTaxesAmountCents);
  return [
    ...fees.map((fee, index) =>
      deviation(`fees[${index}].taxes_amount_cents`, fee.taxesAmountCents, again[index]?.taxesAmountCents),
    ),
    deviation('taxes_amount_cents', invoice.taxesAmountCents, taxesAmountCents),
    deviation('taxes_rate', invoice.taxesRate, taxesRate),
  ];
}

function taxOf(applied: Fee['appliedTaxes'][number]) {
  const { taxId: id, taxCode: code, taxName: name, taxRate: rate, taxDescription: description } = applied;
  return { id, code, name, rate, description, appliedToOrganization: false };
}

/** The account as the invoice was made from it: the customer that it names, and nothing that came later. */
function asOf(
  { account }: BillingWork,
  invoice: Invoice,
  { hadArrived }: Pick<ItsDay, 'hadArrived'>,
  endedLater: boolean,
): Account {
  const then = new Account(invoice.billTo, { records: (kind) => account.all(kind) });
  const madeAt = invoice.finalizedAt ?? invoice.createdAt;
  const later = new Set<string>();
  for (const other of account.all('invoice')) {
    if (other.ordinal > invoice.ordinal) later.add(other.id);
    else if (other.voidedAt !== null && other.voidedAt > madeAt) {
      then.put('invoice', { ...other, status: 'finalized' satisfies InvoiceStatus });
    }
  }
  for (const id of later) then.remove('invoice', id);
  for (const period of account.all('billing_period')) {
    if (later.has(period.invoiceId)) then.remove('billing_period', period.id);
  }
  for (const fee of account.all('fee')) {
    const invoicedLater = fee.invoiceId !== null && later.has(fee.invoiceId);
    const isStatement = invoicedLater && account.get('invoice', fee.invoiceId)?.invoiceType === 'advance_charges';
    // It stands alone from the arrival of its event on. Dates do not tell: a missed period is billed as if on its own day.
    const standsAlone = fee.eventTransactionId !== null && (fee.invoiceId === null || isStatement);
    if (standsAlone ? !hadArrived(fee.eventTransactionId) : invoicedLater) then.remove('fee', fee.id);
    else if (isStatement) then.put('fee', { ...fee, invoiceId: null });
  }
  for (const units of account.all('fixed_charge_units')) {
    if (units.createdAt > madeAt) then.remove('fixed_charge_units', units.id);
  }
  for (const each of endedLater ? account.all('subscription') : []) {
    if (each.terminatedAt === null || each.terminatedAt <= madeAt) continue;
    const running = { status: 'active', terminatedAt: null, endedBy: null, nextSubscriptionId: null } as const;
    then.put('subscription', { ...each, ...running });
  }
  return then;
}

function prepaid({ account }: Pick<BillingWork, 'account'>, invoiceId: string): number {
  return sum(
    account
      .all('wallet_transaction')
      .filter((transaction) => transaction.invoiceId === invoiceId && transaction.transactionType === 'outbound')
      .map((transaction) => transaction.amountCents),
  );
}

function deviation(field: string, stored: unknown, derived: unknown): Deviation | null {
  return stored === derived ? null : { field, stored, derived };
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
