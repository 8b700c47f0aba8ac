/** Prints current usage; its table says where in the tiers the usage stands. */
import type { CustomerUsageJson } from '../render/json/usage.js';
import { renderUsageCsv } from '../render/usageCsv.js';
import { renderUsageTable } from '../render/usageTable.js';
import type { Session } from './context.js';
import { runQuery } from './flags.js';
import { printOne, tableOptions } from './output.js';

/** `options` are fields of the current usage view, such as `charge_code` and `projected`. */
export async function printCurrentUsage(
  session: Session,
  externalSubscriptionId: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const [usageViews, lists, { planJson }] = await Promise.all([
    import('../operations/usageViews.js'),
    import('../operations/lists.js'),
    import('../render/json/plan.js'),
  ]);
  const { usage, plan } = await runQuery(session, (context) => {
    const fields = { ...options, external_subscription_id: externalSubscriptionId };
    const shown = usageViews.currentUsage(context, fields);
    const subscription = lists
      .accountOfSubscription(context, externalSubscriptionId)
      .all('subscription')
      .findLast((record) => record.externalId === externalSubscriptionId && record.status === 'active');
    const own = subscription?.childPlan ?? context.catalog.plans.get(subscription?.planCode ?? '');
    return { usage: shown, plan: own === undefined ? undefined : planJson(own, context.catalog) };
  });
  const table = (shown: CustomerUsageJson) =>
    renderUsageTable(shown, { ...tableOptions(session), ...(plan === undefined ? {} : { plan }) });
  printOne<CustomerUsageJson>(session, 'customer_usage', usage, table, renderUsageCsv);
}
