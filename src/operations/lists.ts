/** What the views share: whose records a list shows, and which part of a long list. */
import type { Account } from '../accounts/account.js';
import { invalid, notFound } from '../errors.js';
import type { OperationContext } from './context.js';

export type ViewFields = Readonly<Record<string, unknown>>;

/**
 * Every list takes `offset` and `limit` too: accounts beyond the part that is wanted are not read, and none is kept once
 * its own are shown.
 */
export function listed<R, T = R>(
  accounts: Iterable<Account>,
  fields: ViewFields,
  of: (account: Account) => readonly R[],
  show: (own: R, account: Account) => T = (own) => own as unknown as T,
): T[] {
  const { offset = 0, limit = Number.POSITIVE_INFINITY } = fields as {
    readonly offset?: number;
    readonly limit?: number;
  };
  const found: T[] = [];
  let skipped = 0;
  for (const account of accounts) {
    const own = of(account);
    const left = Math.min(offset - skipped, own.length);
    skipped += left;
    for (const each of own.slice(left)) {
      if (found.length >= limit) return found;
      found.push(show(each, account));
    }
  }
  return found;
}

export function accountNamed(context: OperationContext, externalId: unknown): Account {
  if (typeof externalId !== 'string' || externalId === '') {
    throw invalid({ field: 'external_customer_id', code: 'value_is_mandatory', message: 'name the customer' });
  }
  const account = context.ledger.account(externalId);
  if (account === undefined) throw notFound('customer', externalId, 'See them with `lago-cli customers list`.');
  return account;
}

export function accountOfSubscription(context: OperationContext, externalId: unknown): Account {
  const account = typeof externalId === 'string' ? context.ledger.accountOfSubscription(externalId) : undefined;
  if (account === undefined) {
    throw notFound('subscription', String(externalId), 'See them with `lago-cli subscriptions list`.');
  }
  return account;
}

/** The customer's, the subscription's customer's, or everyone's: deleted customers' too, as in Lago. */
export function* accountsOf(context: OperationContext, fields: ViewFields): Iterable<Account> {
  const { external_customer_id: customerId, external_subscription_id: subscriptionId } = fields;
  if (customerId !== undefined) yield accountNamed(context, customerId);
  else if (subscriptionId !== undefined) yield accountOfSubscription(context, subscriptionId);
  else for (const record of context.ledger.allCustomers()) yield context.ledger.accountOf(record);
}
