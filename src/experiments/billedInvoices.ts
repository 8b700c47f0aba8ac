/**
 * What was billed to each customer in a span of days, from the accounts of any ledger, real or replayed.
 *
 * An invoice belongs to the day on which the usage period that it bills ends, by the customer's calendar; an invoice
 * without usage to the day that it is dated by. Void invoices and purchases of credits do not count; credit notes count
 * against, on their own day. Fees that stand on no invoice count on the day that they were made.
 */
import type { Account } from '../accounts/account.js';
import type { Ledger } from '../ledger/types.js';
import type { Invoice } from '../model.js';
import type { LocalDate } from '../time/localDate.js';
import { localDateOf, type ZoneName } from '../time/zone.js';

/** Both ends included. */
export interface DaySpan {
  readonly from: LocalDate;
  readonly to: LocalDate;
}

export interface CustomerBilled {
  readonly externalCustomerId: string;
  readonly name: string | null;
  readonly currency: string;
  readonly invoices: number;
  /** Fees less coupons and credit notes, without taxes. */
  readonly billedCents: number;
  readonly taxesCents: number;
  /** By plan: fees before coupons. */
  readonly feesByPlan: ReadonlyMap<string, number>;
  /** Every figure of every invoice: equal texts, equal invoices. */
  readonly fingerprint: string;
}

export function billedInvoices(
  ledger: Ledger,
  defaultZone: ZoneName,
  defaultCurrency: string,
  span: DaySpan,
): Map<string, CustomerBilled> {
  const billed = new Map<string, CustomerBilled>();
  for (const customer of ledger.customers()) {
    const account = ledger.accountOf(customer);
    const zone = customer.timezone ?? defaultZone;
    billed.set(customer.externalId, billedOf(account, zone, customer.currency ?? defaultCurrency, span));
  }
  return billed;
}

function billedOf(account: Account, zone: ZoneName, currency: string, span: DaySpan): CustomerBilled {
  const within = (day: LocalDate) => span.from <= day && day <= span.to;
  const counted = account
    .all('invoice')
    .filter((invoice) => isCounted(invoice) && within(dayOf(account, invoice, zone)));
  const ids = new Set(counted.map((invoice) => invoice.id));
  const standing = account
    .all('fee')
    .filter((fee) => fee.invoiceId === null && within(localDateOf(fee.createdAt, zone)));
  const notes = account.all('credit_note').filter((note) => note.status === 'finalized' && within(note.issuingDate));
  const fees = account
    .all('fee')
    .filter((fee) => (fee.invoiceId !== null && ids.has(fee.invoiceId)) || standing.includes(fee));
  const subTotals = sum(counted.map((invoice) => invoice.subTotalExcludingTaxesAmountCents));
  const taxes =
    sum(counted.map((invoice) => invoice.taxesAmountCents)) + sum(standing.map((fee) => fee.taxesAmountCents));
  const { customer } = account;
  return {
    externalCustomerId: customer.externalId,
    name: customer.name,
    currency,
    invoices: counted.length,
    billedCents:
      subTotals +
      sum(standing.map((fee) => fee.amountCents)) -
      sum(notes.map((note) => note.subTotalExcludingTaxesAmountCents)),
    taxesCents: taxes - sum(notes.map((note) => note.taxesAmountCents)),
    feesByPlan: feesByPlan(account, fees),
    fingerprint: JSON.stringify([
      counted.map((invoice) => [
        invoice.number,
        invoice.status,
        invoice.issuingDate,
        invoice.totalAmountCents,
        invoice.taxesAmountCents,
        invoice.couponsAmountCents,
        invoice.prepaidCreditAmountCents,
        invoice.creditNotesAmountCents,
      ]),
      fees.map((fee) => [
        fee.item.code,
        fee.units,
        fee.preciseAmountCents,
        fee.amountCents,
        fee.taxesAmountCents,
        fee.preciseCouponsAmountCents,
      ]),
      notes.map((note) => [note.number, note.totalAmountCents]),
    ]),
  };
}

function isCounted(invoice: Invoice): boolean {
  return invoice.invoiceType !== 'credit' && invoice.status !== 'voided' && invoice.status !== 'closed';
}

function dayOf(account: Account, invoice: Invoice, zone: ZoneName): LocalDate {
  const ends = account.all('billing_period').flatMap((period) => {
    const { chargesFromDatetime: from, chargesToDatetime: to } = period;
    const isOther = period.invoiceId !== invoice.id || period.invoicingReason === 'in_advance_charge';
    return isOther || from === null || to === null || from >= to ? [] : [localDateOf(to, zone)];
  });
  return ends.sort().at(-1) ?? invoice.issuingDate;
}

function feesByPlan(
  account: Account,
  fees: readonly { readonly subscriptionId: string | null; readonly amountCents: number }[],
): Map<string, number> {
  const byPlan = new Map<string, number>();
  for (const { subscriptionId, amountCents } of fees) {
    const code = subscriptionId === null ? '' : (account.get('subscription', subscriptionId)?.planCode ?? '');
    byPlan.set(code, (byPlan.get(code) ?? 0) + amountCents);
  }
  return byPlan;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
