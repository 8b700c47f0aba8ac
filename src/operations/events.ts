/** What follows from stored events at once: fees of charges paid in advance (usage-and-pricing §6.2). */
import type { StoredEvent } from '../ledger/types.js';
import { billEvent } from '../lifecycle/inAdvanceEvents.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { ingestEvents } from './ingest.js';

/** The verb `ingest`: a list of events, all or none, and what each of them bills at once. Answers the new events. */
export function ingest(context: OperationContext, input: unknown): StoredEvent[] {
  const stored = ingestEvents(context, input);
  billStoredEvents(context, stored);
  return stored;
}

/** Bills the events whose metric has a charge paid in advance, account by account, each in order of time and arrival. */
export function billStoredEvents(context: OperationContext, events: readonly StoredEvent[]): void {
  const codes = codesPaidInAdvance(context);
  const bySubscription = new Map<string, StoredEvent[]>();
  for (const event of events) {
    if (event.externalSubscriptionId === null || !codes.has(event.code)) continue;
    const known = bySubscription.get(event.externalSubscriptionId);
    if (known === undefined) bySubscription.set(event.externalSubscriptionId, [event]);
    else known.push(event);
  }
  for (const [externalSubscriptionId, own] of bySubscription) {
    const account = context.ledger.accountOfSubscription(externalSubscriptionId);
    if (account === undefined) continue;
    const work = billingWork(context, account);
    for (const event of own) billEvent(work, event);
    context.ledger.saveAccount(account);
  }
}

/** Codes of the metrics that some plan charges in advance; an override never changes a charge's timing. */
export function codesPaidInAdvance({ catalog }: Pick<OperationContext, 'catalog'>): Set<string> {
  const codes = new Set<string>();
  for (const plan of catalog.plans.values()) {
    for (const charge of plan.charges) if (charge.payInAdvance) codes.add(charge.billableMetricCode);
  }
  return codes;
}
