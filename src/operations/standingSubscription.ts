/** The subscription that an external id names, and as it stands after a change. */
import { BillingError, notFound } from '../errors.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Subscription } from '../model.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';

/** Of several with these statuses the latest, the first status before the second. */
export function subscriptionNamed(
  context: OperationContext,
  externalId: string,
  statuses: readonly Subscription['status'][],
): { work: BillingWork; subscription: Subscription } {
  const account = context.ledger.accountOfSubscription(externalId);
  const all = account?.all('subscription').filter((each) => each.externalId === externalId) ?? [];
  for (const status of statuses) {
    const subscription = all.findLast((each) => each.status === status);
    if (account !== undefined && subscription !== undefined) {
      return { work: billingWork(context, account), subscription };
    }
  }
  throw notFound(
    'subscription',
    externalId,
    all.length === 0
      ? 'lago-cli subscriptions list shows the external ids.'
      : `It is ${all.at(-1)?.status}; none is ${statuses.join(' or ')}.`,
  );
}

export function latest(work: BillingWork, id: string): Subscription {
  const subscription = work.account.get('subscription', id);
  if (subscription === undefined)
    throw new BillingError('subscription_not_found', { message: `no subscription ${id}` });
  return subscription;
}
