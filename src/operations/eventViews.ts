/** Stored events as Lago's v1 JSON. */
import { notFound } from '../errors.js';
import type { EventFilter, StoredEvent } from '../ledger/types.js';
import { type EventJson, type EventParts, eventJson } from '../render/json/event.js';
import type { OperationContext } from './context.js';

/** The latest arrivals first; `offset` of them are passed over. */
export function events(
  context: OperationContext,
  filter: EventFilter,
  { offset = 0, limit = Number.POSITIVE_INFINITY }: { readonly offset?: number; readonly limit?: number },
): EventJson[] {
  const shown: EventJson[] = [];
  const parts = partsBySubscription(context);
  let passed = 0;
  for (const event of context.ledger.events({ ...filter, newestFirst: true, limit: offset + limit })) {
    passed += 1;
    if (passed > offset) shown.push(eventJson(event, parts(event.externalSubscriptionId)));
  }
  return shown;
}

export function event(context: OperationContext, transactionId: string): EventJson {
  const found = eventNamed(context, transactionId);
  return eventJson(found, partsBySubscription(context)(found.externalSubscriptionId));
}

export function eventNamed({ ledger }: OperationContext, transactionId: string): StoredEvent {
  const found = ledger.event(transactionId);
  if (found === undefined) throw notFound('event', transactionId, 'See them with `lago-cli events list`.');
  return found;
}

/** Whose event it is; looked up once for each subscription. */
function partsBySubscription({ ledger }: OperationContext): (externalSubscriptionId: string | null) => EventParts {
  const known = new Map<string | null, EventParts>();
  return (id) => {
    let parts = known.get(id);
    if (parts === undefined) {
      const account = id === null ? undefined : ledger.accountOfSubscription(id);
      const subscription = account?.all('subscription').findLast((record) => record.externalId === id);
      parts = { customerId: account?.customer.id ?? null, subscriptionId: subscription?.id ?? null };
      known.set(id, parts);
    }
    return parts;
  };
}
