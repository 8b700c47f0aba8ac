/** What follows from stored events at once: fees of charges paid in advance, and the wallets that will pay for usage. */
import { concerning } from '../errors.js';
import type { StoredEvent } from '../ledger/types.js';
import { billEvents } from '../lifecycle/inAdvanceEvents.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { ingestEvents } from './ingest.js';
import { saveWork } from './saveWork.js';

/** The verb `ingest`: a list of events, all or none, and what each of them bills at once. Answers the new events. */
export function ingest(context: OperationContext, input: unknown): StoredEvent[] {
  const stored = ingestEvents(context, input);
  billStoredEvents(context, stored);
  return stored;
}

/** Bills what is paid in advance, account by account, each event in order of arrival (usage-and-pricing §6.2). */
export function billStoredEvents(context: OperationContext, events: readonly StoredEvent[]): void {
  const codes = codesPaidInAdvance(context);
  for (const [externalSubscriptionId, own] of bySubscription(events)) {
    const account = context.ledger.accountOfSubscription(externalSubscriptionId);
    if (account === undefined) continue;
    const work = billingWork(context, account);
    const billed = own.filter((event) => codes.has(event.code));
    if (billed.length > 0) billEvents(work, billed);
    saveWork(context, work);
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

/** Brings the wallets of every customer up to date with the usage: what ends a bulk ingestion. */
export function refreshWallets(context: OperationContext): void {
  for (const customer of context.ledger.customers()) {
    const account = context.ledger.accountOf(customer);
    if (!account.all('wallet').some((wallet) => wallet.status === 'active')) continue;
    try {
      saveWork(context, billingWork(context, account));
    } catch (error) {
      throw concerning(`customer ${customer.externalId}`, error);
    }
  }
}

function bySubscription(events: readonly StoredEvent[]): Map<string, StoredEvent[]> {
  const grouped = new Map<string, StoredEvent[]>();
  for (const event of events) {
    if (event.externalSubscriptionId === null) continue;
    const known = grouped.get(event.externalSubscriptionId);
    if (known === undefined) grouped.set(event.externalSubscriptionId, [event]);
    else known.push(event);
  }
  return grouped;
}
