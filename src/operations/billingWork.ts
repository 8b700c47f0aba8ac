/**
 * The work of one account inside an operation: its records, the definitions, the usage, the instant, and the numbers
 * that run across customers.
 *
 * The billing entity's own sequence goes on from the highest number it gave, or from the count of invoices issued, if
 * that is more: 9 invoices numbered per customer, then 010. A partner's invoices count for neither. One account is
 * worked on and saved before the next: the ledger does not know the numbers of accounts that are not saved.
 * (invoicing §6.5)
 */
import type { Account } from '../accounts/account.js';
import { notFound } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Ledger } from '../ledger/types.js';
import type { OperationContext } from './context.js';

export function billingWork(context: OperationContext, account: Account): BillingWork {
  const { ledger, catalog, at } = context;
  return {
    account,
    catalog,
    at,
    usage: ledger.usage,
    numbering: { nextBillingEntitySequentialId: () => 1 + lastBillingEntitySequentialId(ledger, account) },
  };
}

/** The work of the customer with this external id. */
export function workOfCustomer(context: OperationContext, externalCustomerId: string): BillingWork {
  const account = context.ledger.account(externalCustomerId);
  if (account === undefined) throw notFound('customer', externalCustomerId, 'See them with `lago-cli customers list`.');
  return billingWork(context, account);
}

function lastBillingEntitySequentialId(ledger: Ledger, account: Account): number {
  const unsaved = account.all('invoice').map((invoice) => invoice.billingEntitySequentialId ?? 0);
  return Math.max(ledger.maxBillingEntitySequentialId(), ledger.issuedInvoiceCount(), ...unsaved);
}
