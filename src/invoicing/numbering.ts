/**
 * Numbers of invoices, given once, when an invoice becomes final.
 *
 * `per_customer` (the default) numbers each customer's invoices: `LAG-1234-001-002` is the second of the first customer.
 * `per_billing_entity` numbers across customers: `LAG-1234-202602-017`; its counter goes on through the months. The
 * customer's own sequence is kept in both modes. Three digits at least; 1000 and beyond grow. (invoicing §6.5)
 */
import type { Invoice } from '../model.js';
import { parts } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import type { BillingWork } from './work.js';

export function draftNumber(work: Pick<BillingWork, 'catalog'>): string {
  return `${prefix(work)}-DRAFT`;
}

/** The invoice with its sequential ids and its number; unchanged when it has them. */
export function numbered(work: BillingWork, invoice: Invoice): Invoice {
  if (invoice.sequentialId !== null) return invoice;
  const sequentialId = nextSequentialId(work);
  if (work.catalog.organization.documentNumbering === 'per_customer' || isSelfBilled(work)) {
    const customer = padded(work.account.customer.sequentialId);
    return { ...invoice, sequentialId, number: `${prefix(work)}-${customer}-${padded(sequentialId)}` };
  }
  const billingEntitySequentialId = work.numbering.nextBillingEntitySequentialId();
  const [year, month] = parts(localDateOf(work.at, work.catalog.organization.timezone));
  const yearMonth = `${year}${String(month).padStart(2, '0')}`;
  return {
    ...invoice,
    sequentialId,
    billingEntitySequentialId,
    number: `${prefix(work)}-${yearMonth}-${padded(billingEntitySequentialId)}`,
  };
}

/** A partner issues the invoices to itself: they stay out of the billing entity's sequence. */
function isSelfBilled(work: BillingWork): boolean {
  return work.account.customer.accountType === 'partner';
}

function nextSequentialId(work: BillingWork): number {
  return 1 + work.account.all('invoice').reduce((max, invoice) => Math.max(max, invoice.sequentialId ?? 0), 0);
}

function prefix(work: Pick<BillingWork, 'catalog'>): string {
  return work.catalog.organization.documentNumberPrefix;
}

function padded(sequence: number): string {
  return String(sequence).padStart(3, '0');
}
