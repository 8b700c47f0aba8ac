/**
 * An event explained: which metric, subscription, charge, filter and group it belongs to, which invoice counted it, or why
 * none did (usage-and-pricing §1.4, §5.2).
 */
import type { Account } from '../../accounts/account.js';
import type { BillableMetric, Charge } from '../../catalog/types.js';
import { BillingError } from '../../errors.js';
import { runningWindow } from '../../invoicing/runningUsage.js';
import { termsOf } from '../../invoicing/subscriptionInvoice.js';
import type { StoredEvent } from '../../ledger/types.js';
import { subscriptionOf } from '../../lifecycle/inAdvanceEvents.js';
import { bucketOfEvent, chargeBuckets } from '../../metering/buckets.js';
import { groupKey } from '../../metering/metered.js';
import { type EventProperties, eventProperties, numericValue } from '../../metering/propertyText.js';
import type { Fee, Subscription } from '../../model.js';
import { billingWork } from '../../operations/billingWork.js';
import type { OperationContext } from '../../operations/context.js';
import { formatInstantMs } from '../../time/instant.js';
import type { ZoneName } from '../../time/zone.js';
import { chargeFeeSteps } from './chargeFeeSteps.js';
import { type Explanation, type Fact, NOTHING } from './explanation.js';
import { inHand } from './invoiceExplanation.js';
import { localTime, windowText } from './localTime.js';

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
    chargeFates(context, account, subscription, charge, metric, event, properties, terms.zone),
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

/** One verdict for each bucket of the charge that takes the event. */
function chargeFates(
  context: OperationContext,
  account: Account,
  subscription: Subscription,
  charge: Charge,
  metric: BillableMetric,
  event: StoredEvent,
  properties: EventProperties,
  zone: ZoneName,
): Explanation[] {
  const buckets = charge.payInAdvance
    ? [bucketOfEvent(charge, metric, properties.text)]
    : chargeBuckets(charge, metric).filter(({ bucket }) => {
        if (bucket === null) return true;
        const satisfies = (values: Readonly<Record<string, readonly string[]>>) =>
          Object.entries(values).every(([key, accepted]) => accepted.includes(properties.text(key) ?? '\u0000'));
        return (bucket.matching === null || satisfies(bucket.matching)) && !bucket.ignored.some(satisfies);
      });
  return buckets.map((bucket) => {
    const groupedBy = Object.fromEntries(bucket.groupKeys.map((key) => [key, properties.text(key) || null]));
    const filterId = bucket.chargeFilter?.id ?? null;
    const fees = account
      .all('fee')
      .filter(
        (fee) =>
          fee.chargeId === charge.id &&
          fee.chargeFilterId === filterId &&
          fee.externalSubscriptionId === event.externalSubscriptionId &&
          fee.trueUpParentFeeId === null &&
          groupKey(fee.item.groupedBy) === groupKey(groupedBy) &&
          (fee.invoiceId === null || account.get('invoice', fee.invoiceId)?.status !== 'voided'),
      );
    const facts: Fact[] = [];
    const filter = bucket.chargeFilter;
    if (filter !== null)
      facts.push({
        label: 'filter',
        text: Object.entries(filter.values)
          .map(([key, of]) => `${key}: ${of.join(', ')}`)
          .join('; '),
      });
    else if (charge.filters.length > 0)
      facts.push({ label: 'filter', text: 'none takes it: priced by the charge itself' });
    if (bucket.groupKeys.length > 0) facts.push({ label: 'group', text: JSON.stringify(groupedBy) });
    const verdict = chargeVerdict(context, account, subscription, charge, metric, event, fees, zone);
    return { ...NOTHING, title: `Charge ${charge.code}`, subtitle: verdict, facts };
  });
}

function chargeVerdict(
  context: OperationContext,
  account: Account,
  subscription: Subscription,
  charge: Charge,
  metric: BillableMetric,
  event: StoredEvent,
  fees: readonly Fee[],
  zone: ZoneName,
): string {
  const own = fees.find((fee) => fee.eventTransactionId === event.transactionId);
  if (own !== undefined) return `counted at once: ${feePlace(account, own)}`;
  if (charge.payInAdvance) return 'not counted: it billed nothing when it arrived';
  const covering = (from: number | null, to: number | null) =>
    from !== null && to !== null && Math.floor(from / 1000) * 1000 <= event.timestamp && event.timestamp <= to;
  const fee = fees.findLast((each) => each.eventTransactionId === null && covering(each.fromAt, each.toAt));
  const held = metric.recurring ? ', and in every later period while it is held' : '';
  if (fee !== undefined) {
    const invoice = fee.invoiceId === null ? null : (account.get('invoice', fee.invoiceId) ?? null);
    const plan = subscription.childPlan ?? context.catalog.plans.get(subscription.planCode);
    if (plan !== undefined) {
      const { through } = chargeFeeSteps(inHand(context, account, invoice, fee), { plan, charge, metric, zone });
      if (through != null && event.sequence > through)
        return `not counted: it arrived after ${feePlace(account, fee)} was billed`;
    }
    return `counted in ${feePlace(account, fee)}${held}`;
  }
  const billed = account
    .all('billing_period')
    .find(
      (each) =>
        each.subscriptionId === subscription.id &&
        each.situation !== 'progressive_billing' &&
        covering(each.chargesFromDatetime, each.chargesToDatetime),
    );
  if (billed !== undefined) {
    const invoice = account.get('invoice', billed.invoiceId);
    if (invoice?.status === 'draft')
      return `to be counted when draft ${invoice.number} is refreshed or finalized${held}`;
    return `not counted: its period was billed on invoice ${invoice?.number ?? billed.invoiceId} before it arrived`;
  }
  if (subscription.status !== 'active') return 'not counted: the subscription ended without billing its usage';
  const window = runningWindow(
    { account },
    termsOf({ account, catalog: context.catalog }, subscription),
    event.timestamp,
  );
  return `counted in the running period, ${windowText(window.from, window.to, zone)}, not billed yet${held}`;
}

function feePlace(account: Account, fee: Fee): string {
  const invoice = fee.invoiceId === null ? undefined : account.get('invoice', fee.invoiceId);
  if (invoice === undefined) return 'a fee that stands alone';
  const place = account
    .all('fee')
    .filter((each) => each.invoiceId === invoice.id)
    .findIndex((each) => each.id === fee.id);
  return `invoice ${invoice.number}, fee ${place + 1}`;
}

/** Codes of refusals that mean "nothing to explain". */
export function isNothingFound(error: unknown): boolean {
  return error instanceof BillingError && error.code.endsWith('_not_found');
}
