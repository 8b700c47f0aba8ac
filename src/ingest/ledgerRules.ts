/** What ingestion asks of the ledger: whose subscription a customer's event is, and which ids are known. */
import type { Problem } from '../errors.js';
import type { Ledger } from '../ledger/types.js';
import type { Instant } from '../time/instant.js';
import type { EventRules } from './eventRecord.js';
import type { KnownIds } from './mappingPresets.js';

/** Answers are remembered: one set of rules serves one run. */
export function ledgerRules(ledger: Ledger, at: Instant): EventRules & KnownIds {
  return {
    at,
    subscriptionOfCustomer: remembered((id) => onlyActiveSubscription(ledger, id)),
    isSubscription: remembered((id) => ledger.accountOfSubscription(id) !== undefined),
    isCustomer: remembered((id) => ledger.account(id) !== undefined),
  };
}

function onlyActiveSubscription(ledger: Ledger, externalCustomerId: string): { externalId: string } | Problem {
  const account = ledger.account(externalCustomerId);
  const field = 'external_customer_id';
  const shown = JSON.stringify(externalCustomerId);
  if (account === undefined) {
    return {
      field,
      code: 'customer_not_found',
      message: `no customer has the external id ${shown}`,
      suggestion: 'Create the customer and a subscription first, or name the subscription: external_subscription_id.',
    };
  }
  const active = account.all('subscription').filter(({ status }) => status === 'active');
  const [only, ...others] = active;
  if (only !== undefined && others.length === 0) return { externalId: only.externalId };
  return {
    field,
    code: only === undefined ? 'no_active_subscription' : 'several_active_subscriptions',
    message:
      only === undefined
        ? `customer ${shown} has no active subscription`
        : `customer ${shown} has ${active.length} active subscriptions: ${active.map(({ externalId }) => externalId).join(', ')}`,
    suggestion: 'Name the subscription: external_subscription_id.',
  };
}

function remembered<T>(answer: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>();
  return (id) => {
    if (!known.has(id)) known.set(id, answer(id));
    return known.get(id) as T;
  };
}
