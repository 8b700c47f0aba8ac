/**
 * What became of an event under one charge: the filter and group that take it, and the fee that counted it or why none
 * did (usage-and-pricing §1.4, §5.2).
 */
import type { Account } from '../../accounts/account.js';
import type { BillableMetric, Charge } from '../../catalog/types.js';
import { runningWindow } from '../../invoicing/runningUsage.js';
import type { StoredEvent } from '../../ledger/types.js';
import { bucketOfEvent, type ChargeBucket, chargeBuckets } from '../../metering/buckets.js';
import { groupKey } from '../../metering/metered.js';
import type { EventProperties } from '../../metering/propertyText.js';
import type { BillingPeriod, Fee } from '../../model.js';
import type { OperationContext } from '../../operations/context.js';
import type { SubscriptionTerms } from '../../subscriptions/terms.js';
import { floorToMillisecond, type Instant } from '../../time/instant.js';
import { filterText } from '../figures.js';
import { chargeFeeSteps } from './chargeFeeSteps.js';
import { type Explanation, type Fact, NOTHING } from './explanation.js';
import { inHand } from './invoiceExplanation.js';
import { windowText } from './localTime.js';

/** An event whose metric, subscription and plan are known. */
export interface PlacedEvent {
  readonly context: OperationContext;
  readonly account: Account;
  readonly terms: SubscriptionTerms;
  readonly metric: BillableMetric;
  readonly event: StoredEvent;
  readonly properties: EventProperties;
}

/** One verdict for each bucket of the charge that takes the event. */
export function chargeFates(placed: PlacedEvent, charge: Charge): Explanation[] {
  return bucketsThatTake(placed, charge).map((bucket) => {
    const groupedBy = Object.fromEntries(bucket.groupKeys.map((key) => [key, placed.properties.text(key) || null]));
    const fees = feesOf(placed, charge, bucket, groupKey(groupedBy));
    const facts: Fact[] = filterFacts(charge, bucket);
    if (bucket.groupKeys.length > 0) facts.push({ label: 'group', text: JSON.stringify(groupedBy) });
    return { ...NOTHING, title: `Charge ${charge.code}`, subtitle: verdict(placed, charge, fees), facts };
  });
}

/** Usage of a period counts in every filter that it satisfies; an event in advance has one bucket. */
function bucketsThatTake({ metric, properties }: PlacedEvent, charge: Charge): ChargeBucket[] {
  if (charge.payInAdvance) return [bucketOfEvent(charge, metric, properties.text)];
  const satisfies = (values: Readonly<Record<string, readonly string[]>>) =>
    Object.entries(values).every(([key, accepted]) => accepted.includes(properties.text(key) ?? '\u0000'));
  return chargeBuckets(charge, metric).filter(({ bucket }) => {
    if (bucket === null) return true;
    return (bucket.matching === null || satisfies(bucket.matching)) && !bucket.ignored.some(satisfies);
  });
}

function feesOf({ account, event }: PlacedEvent, charge: Charge, bucket: ChargeBucket, group: string): Fee[] {
  return account
    .all('fee')
    .filter(
      (fee) =>
        fee.chargeId === charge.id &&
        fee.chargeFilterId === (bucket.chargeFilter?.id ?? null) &&
        fee.externalSubscriptionId === event.externalSubscriptionId &&
        fee.trueUpParentFeeId === null &&
        groupKey(fee.item.groupedBy) === group &&
        (fee.invoiceId === null || account.get('invoice', fee.invoiceId)?.status !== 'voided'),
    );
}

function filterFacts(charge: Charge, { chargeFilter }: ChargeBucket): Fact[] {
  if (chargeFilter !== null) return [{ label: 'filter', text: filterText(chargeFilter.values) }];
  return charge.filters.length > 0 ? [{ label: 'filter', text: 'none takes it: priced by the charge itself' }] : [];
}

function verdict(placed: PlacedEvent, charge: Charge, fees: readonly Fee[]): string {
  const { account, terms, event } = placed;
  const own = fees.find((fee) => fee.eventTransactionId === event.transactionId);
  if (own !== undefined) return `counted at once: ${feePlace(account, own)}`;
  if (charge.payInAdvance) return 'not counted: it billed nothing when it arrived';
  const fee = fees.findLast((each) => each.eventTransactionId === null && covers(event, each.fromAt, each.toAt));
  if (fee !== undefined) return verdictOfFee(placed, charge, fee);
  const billed = account
    .all('billing_period')
    .find(
      (each) =>
        each.subscriptionId === terms.subscription.id &&
        each.situation !== 'progressive_billing' &&
        covers(event, each.chargesFromDatetime, each.chargesToDatetime),
    );
  if (billed !== undefined) return verdictOfPeriod(placed, billed);
  if (terms.subscription.status !== 'active') return 'not counted: the subscription ended without billing its usage';
  const window = runningWindow({ account }, terms, event.timestamp);
  const text = windowText(window.from, window.to, terms.zone);
  return `counted in the running period, ${text}, not billed yet${whileHeld(placed)}`;
}

function covers({ timestamp }: StoredEvent, from: Instant | null, to: Instant | null): boolean {
  return from !== null && to !== null && floorToMillisecond(from) <= timestamp && timestamp <= to;
}

/** The fee of the event's window: it counts the event unless the event arrived after the fee was made. */
function verdictOfFee(placed: PlacedEvent, charge: Charge, fee: Fee): string {
  const { context, account, terms, metric, event } = placed;
  const invoice = fee.invoiceId === null ? null : (account.get('invoice', fee.invoiceId) ?? null);
  const { plan, zone } = terms;
  const { through } = chargeFeeSteps(inHand(context, account, invoice, fee), { plan, charge, metric, zone });
  return through != null && event.sequence > through
    ? `not counted: it arrived after ${feePlace(account, fee)} was billed`
    : `counted in ${feePlace(account, fee)}${whileHeld(placed)}`;
}

/** The period was billed without a fee for this bucket. */
function verdictOfPeriod(placed: PlacedEvent, billed: BillingPeriod): string {
  const invoice = placed.account.get('invoice', billed.invoiceId);
  return invoice?.status === 'draft'
    ? `to be counted when draft ${invoice.number} is refreshed or finalized${whileHeld(placed)}`
    : `not counted: its period was billed on invoice ${invoice?.number ?? billed.invoiceId} before it arrived`;
}

function whileHeld({ metric }: PlacedEvent): string {
  return metric.recurring ? ', and in every later period while it is held' : '';
}

function feePlace(account: Account, fee: Fee): string {
  const invoice = fee.invoiceId === null ? undefined : account.get('invoice', fee.invoiceId);
  if (invoice === undefined) return 'a fee that stands alone';
  const fees = account.all('fee').filter((each) => each.invoiceId === invoice.id);
  return `invoice ${invoice.number}, fee ${fees.findIndex((each) => each.id === fee.id) + 1}`;
}
