/**
 * A usage fee from its events up: window, events, units, tiers, cents. Everything is computed anew by the code that billed
 * it, over the window that the fee names and with the definitions of its day; the fee itself only says what must come out.
 *
 * Events that arrived after the invoice was made are not in it. Where today's events give another figure, the ledger is
 * asked again as it stood after each earlier arrival, until the fee's own figure appears.
 */
import type { BillableMetric, Charge, Plan } from '../../catalog/types.js';
import { roundedUsage } from '../../metering/aggregate.js';
import { type ChargeBucket, chargeBuckets } from '../../metering/buckets.js';
import type { AggregationInput } from '../../metering/metered.js';
import type { UsageReader } from '../../metering/usageReader.js';
import type { UsageWindow } from '../../metering/window.js';
import type { BillingPeriod, Fee } from '../../model.js';
import { subunit } from '../../money/currency.js';
import { Decimal } from '../../money/decimal.js';
import { aggregationInput } from '../../rating/chargeBasis.js';
import { InAdvanceRecords } from '../../rating/inAdvanceRecords.js';
import { price } from '../../rating/price.js';
import { instant } from '../../time/instant.js';
import { billedDays, type ZoneName } from '../../time/zone.js';
import { resultOf, type Step, step } from '../arithmetic.js';
import { filterText, units as shown } from '../figures.js';
import { plain, priceSteps, signed } from '../priceSteps.js';
import { usageThrough } from '../usageThrough.js';
import type { Fact } from './explanation.js';
import type { ExplainedFee, FeeInHand } from './feeInHand.js';
import { windowText } from './localTime.js';
import { groupSelection, unitsSteps } from './unitsSteps.js';

/** The parts of the definitions that priced the fee; null where they are gone. */
export interface FeeTerms {
  readonly plan: Plan;
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly zone: ZoneName;
}

export function chargeFeeSteps(hand: FeeInHand, terms: FeeTerms): ExplainedFee {
  const window = windowOf(hand.fee, hand.period, terms.zone);
  if (window === null) return { facts: [], steps: [] };
  const windowFact: Fact = { label: 'window', text: windowText(window.from, window.to, terms.zone) };
  if (hand.fee.eventTransactionId !== null) return inAdvanceSteps(hand, terms, window, windowFact);
  let best: ExplainedFee | null = null;
  for (const sequence of [null, ...hand.arrivals()]) {
    const reader = sequence === null ? hand.work.usage : usageThrough(hand.work.usage, sequence);
    const attempt = periodSteps(hand, terms, window, reader);
    best ??= attempt;
    if (!resultOf(attempt.steps).equals(hand.fee.amountCents)) continue;
    const late = sequence === null ? [] : [lateFact(hand, attempt, sequence)];
    return { ...attempt, facts: [windowFact, ...attempt.facts, ...late], through: sequence };
  }
  const text = 'what the events and definitions come to today is not what was billed';
  return {
    ...(best as ExplainedFee),
    facts: [windowFact, ...(best as ExplainedFee).facts, { label: 'differs', text }],
  };
}

function windowOf(fee: Fee, period: BillingPeriod | null, zone: ZoneName): UsageWindow | null {
  if (fee.fromAt === null || fee.toAt === null) return null;
  const endedByUpgrade = period?.situation === 'upgraded';
  return {
    from: fee.fromAt,
    to: fee.toAt,
    durationDays: period?.chargesDurationDays ?? 1,
    zone,
    endedByUpgrade,
    ...(endedByUpgrade ? { eventsTo: instant(fee.toAt - 1) } : {}),
  };
}

const NOT_NUMERIC: ReadonlySet<string> = new Set(['count_agg', 'unique_count_agg']);

function periodSteps(hand: FeeInHand, terms: FeeTerms, window: UsageWindow, usage: UsageReader): ExplainedFee {
  const { fee } = hand;
  const { charge, metric, plan } = terms;
  const bucket = bucketOf(fee, charge, metric);
  const isRenewal = charge.payInAdvance;
  const input = inputOf(hand, terms, window, usage, bucket, charge.prorated && !isRenewal);
  const { metered, facts, steps } = unitsSteps(input, fee.item.groupedBy);
  const rounded = roundedUsage(metric, metered);
  const { prices } = bucket.properties;
  const priced = price(prices, rounded, plan.amountCurrency);
  const selection = groupSelection(input, fee.item.groupedBy);
  return {
    facts: [...bucketFacts(fee, bucket, charge), ...facts],
    steps: [
      ...steps,
      ...priceSteps(prices, rounded, priced, plan.amountCurrency),
      ...centsSteps(hand, charge, priced.amount),
    ],
    events: { reader: usage, selection, isNumeric: !NOT_NUMERIC.has(metric.aggregationType) },
  };
}

/** Graduated steps end with the amount before the guard against negatives, so the last step is taken as it stands. */
function centsSteps({ fee }: FeeInHand, charge: Charge, amount: Decimal): Step[] {
  const figure = signed(Decimal.max(amount, 0));
  const subunits = subunit(fee.currency);
  const unit = charge.appliedPricingUnit;
  if (unit === null) return [step('in cents', `round(${figure} × ${subunits})`)];
  const own = step(`in ${unit.shortName}`, `round(${figure}, 2)`);
  const fiat = step(`in ${fee.currency}`, `${own.result} × ${plain(unit.conversionRate)}`);
  return [own, fiat, step('in cents', `round(${fiat.result} × ${subunits})`)];
}

function bucketOf(fee: Fee, charge: Charge, metric: BillableMetric): ChargeBucket {
  const buckets = chargeBuckets(charge, metric);
  return (
    buckets.find((each) => (each.chargeFilter?.id ?? null) === fee.chargeFilterId) ?? (buckets.at(-1) as ChargeBucket)
  );
}

function inputOf(
  hand: FeeInHand,
  terms: FeeTerms,
  window: UsageWindow,
  usage: UsageReader,
  bucket: ChargeBucket,
  isProrated: boolean,
): AggregationInput {
  const { fee, work, subscription } = hand;
  return aggregationInput(
    {
      charge: terms.charge,
      metric: terms.metric,
      currency: fee.currency,
      externalSubscriptionId: fee.externalSubscriptionId ?? '',
      previousSubscriptionExists: subscription?.previousSubscriptionId != null,
      window,
      usage,
      inAdvanceUsages: work.account.all('in_advance_usage'),
      weightedLevels: work.account.all('weighted_level'),
    },
    bucket,
    isProrated,
  );
}

function bucketFacts(fee: Fee, bucket: ChargeBucket, charge: Charge): Fact[] {
  const facts: Fact[] = [];
  const values = bucket.chargeFilter?.values;
  if (values !== undefined) {
    facts.push({ label: 'filter', text: filterText(values) });
  } else if (charge.filters.length > 0)
    facts.push({ label: 'filter', text: 'events that no filter of the charge takes' });
  const groups = Object.entries(fee.item.groupedBy);
  if (groups.length > 0) {
    facts.push({ label: 'group', text: groups.map(([key, value]) => `${key}: ${value ?? 'none'}`).join('; ') });
  }
  return facts;
}

function lateFact(hand: FeeInHand, attempt: ExplainedFee, sequence: number): Fact {
  const selection = attempt.events?.selection;
  const count = (reader: UsageReader) =>
    selection === undefined ? 0 : reader.count(selection).reduce((total, row) => total + row.eventsCount, 0);
  const late = count(hand.work.usage) - count(usageThrough(hand.work.usage, sequence));
  return { label: 'late events', text: `${shown(late)} arrived after this was billed and are not in it` };
}

/** An event paid in advance: what the usage with it costs, less what it cost before (usage-and-pricing §6.2). */
function inAdvanceSteps(hand: FeeInHand, terms: FeeTerms, window: UsageWindow, windowFact: Fact): ExplainedFee {
  const { fee, work } = hand;
  const { charge, metric } = terms;
  const event: Fact = { label: 'event', text: `${fee.eventTransactionId}, billed when it arrived` };
  const facts = [windowFact, event];
  const records = work.account.all('in_advance_usage');
  const own = records.findIndex(
    (each) => each.eventTransactionId === fee.eventTransactionId && each.chargeId === charge.id,
  );
  const scope = {
    externalSubscriptionId: fee.externalSubscriptionId ?? '',
    chargeId: charge.id,
    chargeFilterId: fee.chargeFilterId,
    window,
  };
  const before = own === -1 ? null : new InAdvanceRecords(records.slice(0, own)).mark(scope, fee.item.groupedBy);
  const after = own === -1 ? null : (records[own] ?? null);
  const bucket = bucketOf(fee, charge, metric);
  const { prices } = bucket.properties;
  if (after !== null) {
    const from =
      before === null ? 'nothing' : `a level of ${shown(before.current)}, the highest being ${shown(before.max)}`;
    facts.push({
      label: 'level',
      text: `from ${from}, to ${shown(after.current)}; only what rises above the highest is billed`,
    });
  }
  if (prices.model !== 'standard' || (charge.prorated && fee.eventTimestamp === null)) return { facts, steps: [] };
  const max = before === null ? '0' : plain(before.max);
  const steps =
    after === null
      ? [step('units', plain(fee.units))]
      : [step('units', `max(${signed(after.current)} − ${signed(max)}, 0)`)];
  if (charge.prorated && fee.eventTimestamp !== null) {
    const days = billedDays(fee.eventTimestamp, window.to, window.zone);
    const share = `double(${days} ÷ ${window.durationDays})`;
    steps.push(step(`for the ${days} days left`, `ceil(${resultOf(steps).toFixed()} × ${share}, 5)`));
  }
  const amount = step('amount', `${resultOf(steps).toFixed()} × ${plain(prices.amount)}`);
  return { facts, steps: [...steps, amount, ...centsSteps(hand, charge, new Decimal(amount.result))] };
}
