/**
 * The verb `bill`: everything that is due at this instant and was not issued before, for one customer or for all
 * (periods §8, scenarios.md). Running it again issues nothing.
 */
import { z } from 'zod';
import type { Account } from '../accounts/account.js';
import { notFound } from '../errors.js';
import { runWalletRules } from '../invoicing/walletRules.js';
import type { BillingWork } from '../invoicing/work.js';
import { runBillingPass } from '../lifecycle/billingPass.js';
import { billPassedThresholds } from '../lifecycle/progressiveBilling.js';
import type { Invoice } from '../model.js';
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
  for (const account of accountsToBill(context, input.external_customer_id ?? null)) {
    const work = billingWork(context, account);
    issued.push(...billDue(work, input.catch_up ?? true));
    saveWork(context, work);
  }
  return issued;
}

function billDue(work: BillingWork, catchUp: boolean): Invoice[] {
  const before = new Set(work.account.all('invoice').map((invoice) => invoice.id));
  runBillingPass(work, { catchUp });
  runWalletRules(work, { catchUp });
  billPassedThresholds(work);
  return work.account.all('invoice').filter((invoice) => !before.has(invoice.id));
}

function* accountsToBill(context: OperationContext, externalCustomerId: string | null): Iterable<Account> {
  if (externalCustomerId === null) {
    for (const customer of context.ledger.customers()) yield context.ledger.accountOf(customer);
    return;
  }
  const account = context.ledger.account(externalCustomerId);
  if (account === undefined) throw notFound('customer', externalCustomerId);
  yield account;
}
