/**
 * The verb `bill`: everything that is due at this instant and was not issued before, for one customer or for all
 * (periods §8, scenarios.md). Running it again issues nothing.
 */
import { z } from 'zod';
import { concerning, notFound } from '../errors.js';
import { markOverdueInvoices } from '../invoicing/payments.js';
import { runWalletRules } from '../invoicing/walletRules.js';
import type { BillingWork } from '../invoicing/work.js';
import { runBillingPass } from '../lifecycle/billingPass.js';
import { billPassedThresholds } from '../lifecycle/progressiveBilling.js';
import type { Customer, Invoice } from '../model.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';

const schema = z.strictObject({
  external_customer_id: z.string().nullish(),
  /** False: only what falls due on this local day. */
  catch_up: z.boolean().nullish(),
});

/** The invoices that the pass created, customer by customer, in order. */
export function bill(context: OperationContext, raw: unknown): Invoice[] {
  const input = parseInput(schema, raw ?? {});
  const issued: Invoice[] = [];
  const customers = customersToBill(context, input.external_customer_id ?? null);
  for (const [index, customer] of customers.entries()) {
    context.ledger.runHasCome(index, customers.length);
    try {
      const work = billingWork(context, context.ledger.accountOf(customer));
      const invoices = billDue(work, input.catch_up ?? true);
      saveWork(context, work);
      issued.push(...invoices.map((invoice) => work.account.get('invoice', invoice.id) ?? invoice));
    } catch (error) {
      throw concerning(`customer ${customer.externalId}`, error);
    }
    context.onProgress?.(index + 1, customers.length);
  }
  return issued;
}

function billDue(work: BillingWork, catchUp: boolean): Invoice[] {
  const before = new Set(work.account.all('invoice').map((invoice) => invoice.id));
  runBillingPass(work, { catchUp });
  runWalletRules(work);
  billPassedThresholds(work);
  markOverdueInvoices(work);
  return work.account.all('invoice').filter((invoice) => !before.has(invoice.id));
}

function customersToBill({ ledger }: OperationContext, externalCustomerId: string | null): readonly Customer[] {
  if (externalCustomerId === null) return ledger.customers();
  const account = ledger.account(externalCustomerId);
  if (account === undefined) throw notFound('customer', externalCustomerId, 'See them with `lago-cli customers list`.');
  return [account.customer];
}
