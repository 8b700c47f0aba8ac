/** An event explained: which metric, subscription and charges it belongs to, and what became of it under each. */
import type { Account } from '../../accounts/account.js';
import type { BillableMetric } from '../../catalog/types.js';
import { BillingError } from '../../errors.js';
import { termsOf } from '../../invoicing/subscriptionInvoice.js';
import type { StoredEvent } from '../../ledger/types.js';
import { subscriptionOf } from '../../lifecycle/inAdvanceEvents.js';
import { type EventProperties, eventProperties, numericValue } from '../../metering/propertyText.js';
import { billingWork } from '../../operations/billingWork.js';
import type { OperationContext } from '../../operations/context.js';
import { formatInstantMs } from '../../time/instant.js';
import { chargeFates } from './chargeFate.js';
import { type Explanation, type Fact, NOTHING } from './explanation.js';
import { localTime } from './localTime.js';

export function explainTransaction(context: OperationContext, event: StoredEvent): Explanation {
  const facts: Fact[] = [
    { label: 'metric', text: event.code },
    { label: 'subscription', text: event.externalSubscriptionId ?? 'none' },
    { label: 'time', text: formatInstantMs(event.timestamp) },
    { label: 'arrived', text: `as number ${event.sequence}, at ${formatInstantMs(event.receivedAt)}` },
    { label: 'properties', text: event.properties },
  ];
  const { verdict, parts } = fate(context, event, facts);
  return { ...NOTHING, title: `Event ${event.transactionId}`, subtitle: verdict, facts, parts };
}

interface Fate {
  readonly verdict: string;
  readonly parts: readonly Explanation[];
}

function fate(context: OperationContext, event: StoredEvent, facts: Fact[]): Fate {
  const metric = context.catalog.billableMetrics.get(event.code);
  if (metric === undefined) return nowhere(`no billable metric has the code ${event.code}`);
  const properties = eventProperties(event.properties);
  const unusable = valueFact(metric, properties, facts);
  if (unusable !== null) return nowhere(unusable);
  const id = event.externalSubscriptionId;
  const account = id === null ? undefined : context.ledger.accountOfSubscription(id);
  if (account === undefined) return nowhere(`no subscription has the external id ${id ?? '(none)'}`);
  const subscription = subscriptionOf({ account }, event);
  if (subscription === null) return nowhere(outside(account, event));
  const terms = termsOf(billingWork(context, account), subscription);
  facts.push({ label: 'local time', text: `${localTime(event.timestamp, terms.zone)}, ${terms.zone}` });
  const charges = terms.plan.charges.filter((charge) => charge.billableMetricCode === metric.code);
  if (charges.length === 0) return nowhere(`plan ${terms.plan.code} has no charge on ${metric.code}`);
  const parts = charges.flatMap((charge) =>
    chargeFates({ context, account, terms, metric, event, properties }, charge),
  );
  const counted = parts.some((part) => part.subtitle?.startsWith('counted') ?? false);
  return { verdict: counted ? 'counted' : (parts[0]?.subtitle ?? 'not counted'), parts };
}

function nowhere(reason: string): Fate {
  return { verdict: `not counted: ${reason}`, parts: [] };
}

/** Adds what the event brings; answers why its value cannot count. */
function valueFact(metric: BillableMetric, properties: EventProperties, facts: Fact[]): string | null {
  if (metric.fieldName === null) return null;
  const text = properties.text(metric.fieldName);
  facts.push({ label: 'value', text: text === null ? `no ${metric.fieldName}` : `${metric.fieldName} is ${text}` });
  if (metric.aggregationType === 'unique_count_agg') return null;
  if (text === null) return `its properties have no ${metric.fieldName}`;
  return numericValue(text) === null ? `${metric.fieldName} is not a plain number` : null;
}

function outside(account: Account, event: StoredEvent): string {
  const own = account.all('subscription').filter((each) => each.externalId === event.externalSubscriptionId);
  const starts = own.flatMap((each) => (each.startedAt === null ? [] : [each.startedAt]));
  if (starts.length === 0) return 'the subscription has not started';
  const first = Math.min(...starts) as StoredEvent['timestamp'];
  if (event.timestamp < first) return `it lies before the subscription's start at ${formatInstantMs(first)}`;
  const ended = own.findLast((each) => each.terminatedAt !== null);
  return ended?.terminatedAt == null
    ? 'no subscription covers its time'
    : `it lies after the subscription's end at ${formatInstantMs(ended.terminatedAt)}`;
}

/** Codes of refusals that mean "nothing to explain". */
export function isNothingFound(error: unknown): boolean {
  return error instanceof BillingError && error.code.endsWith('_not_found');
}
