/**
 * A plan lived through by a customer that nobody has: real operations on a ledger in memory, with the project's taxes and
 * coupons, over months of imagined usage. What it prints is what `bill` would issue.
 */
import type { Catalog, Plan } from '../catalog/types.js';
import { invalid } from '../errors.js';
import { openLedger } from '../ledger/open.js';
import type { Ledger } from '../ledger/types.js';
import type { CreditNote, Fee, Invoice } from '../model.js';
import { Decimal, ZERO } from '../money/decimal.js';
import type { OperationContext } from '../operations/context.js';
import { syncDefinitions } from '../operations/define.js';
import { billStoredEvents, codesPaidInAdvance } from '../operations/events.js';
import { operations } from '../operations/verbs.js';
import { formatInstant, HOUR, type Instant, instant } from '../time/instant.js';
import { addMonths, type LocalDate } from '../time/localDate.js';
import { startOfDay, type ZoneName } from '../time/zone.js';
import { imaginedEvents } from './imaginedEvents.js';
import type { MetricMonths } from './usagePlan.js';

export interface Simulation {
  readonly plan: Plan;
  readonly from: LocalDate;
  readonly months: number;
  readonly usage: readonly MetricMonths[];
  /** Events a month of a metric that is summed; absent: one a day. */
  readonly eventCounts: ReadonlyMap<string, number>;
  readonly couponCodes: readonly string[];
  readonly billingTime: 'calendar' | 'anniversary';
  readonly timezone: ZoneName;
  readonly country: string | null;
}

export interface SimulatedInvoice {
  readonly invoice: Invoice;
  readonly fees: readonly Fee[];
}

export interface Simulated {
  readonly invoices: readonly SimulatedInvoice[];
  readonly creditNotes: readonly CreditNote[];
}

const CUSTOMER = 'imagined';
const SUBSCRIPTION = 'imagined-subscription';
const MOST_EVENTS = 5_000_000;
const TOLD = 10_000;

export function simulate(catalog: Catalog, simulation: Simulation): Simulated {
  refuseTooMany(catalog, simulation);
  const ledger = openLedger(':memory:');
  try {
    return run(ledger, catalog, simulation);
  } finally {
    ledger.close();
  }
}

function run(ledger: Ledger, catalog: Catalog, simulation: Simulation): Simulated {
  const { plan, from, months, timezone } = simulation;
  const startOf = (month: number) => startOfDay(addMonths(from, month), timezone);
  const start = startOf(0);
  const context = ledger.transaction(() =>
    syncDefinitions({ ledger, catalog: { ...catalog, customers: [] }, at: start }),
  );
  const act = (verb: string, input: unknown, at: Instant) =>
    ledger.transaction(() => operations[verb]?.({ ...context, at }, input));
  act(
    'create_customer',
    { external_id: CUSTOMER, currency: plan.amountCurrency, timezone, country: simulation.country },
    start,
  );
  for (const code of simulation.couponCodes)
    act('apply_coupon', { external_customer_id: CUSTOMER, coupon_code: code }, start);
  act(
    'create_subscription',
    {
      external_customer_id: CUSTOMER,
      external_id: SUBSCRIPTION,
      plan_code: plan.code,
      billing_time: simulation.billingTime,
      subscription_at: formatInstant(start),
    },
    start,
  );
  for (let month = 0; month < months; month += 1) {
    storeMonth(
      { ...context, at: instant(startOf(month + 1) - 1) },
      simulation,
      month,
      startOf(month),
      startOf(month + 1),
    );
    act('bill', {}, instant(startOf(month + 1) + HOUR));
  }
  const account = ledger.account(CUSTOMER);
  if (account === undefined) return { invoices: [], creditNotes: [] };
  const fees = account.all('fee');
  return {
    invoices: account
      .all('invoice')
      .filter((invoice) => invoice.status !== 'closed')
      .map((invoice) => ({ invoice, fees: fees.filter((fee) => fee.invoiceId === invoice.id) })),
    creditNotes: account.all('credit_note'),
  };
}

function storeMonth(
  context: OperationContext,
  simulation: Simulation,
  month: number,
  from: Instant,
  to: Instant,
): void {
  const { ledger, catalog } = context;
  const codes = codesPaidInAdvance(context);
  for (const { code, properties, months } of simulation.usage) {
    const metric = catalog.billableMetrics.get(code);
    if (metric === undefined) continue;
    const events = imaginedEvents({
      metric,
      properties,
      externalSubscriptionId: SUBSCRIPTION,
      units: months[month] ?? ZERO,
      before: month === 0 ? ZERO : (months[month - 1] ?? ZERO),
      from,
      to,
      eventsCount: simulation.eventCounts.get(code) ?? null,
    });
    ledger.transaction(() => {
      const { firstSequence } = ledger.appendBatch(events, context.at);
      if (!codes.has(code)) return;
      for (let part = 0; part < events.length; part += TOLD) {
        const stored = events.slice(part, part + TOLD).map((event, index) => ({
          ...event,
          sequence: firstSequence + part + index,
          receivedAt: context.at,
        }));
        billStoredEvents(context, stored);
      }
    });
  }
}

/** Counted units are an event each: the imagination has to end somewhere. */
function refuseTooMany(catalog: Catalog, { usage }: Simulation): void {
  const counted = usage.filter(({ code }) => {
    const type = catalog.billableMetrics.get(code)?.aggregationType;
    return type === 'count_agg' || type === 'unique_count_agg';
  });
  const total = counted.flatMap((each) => each.months).reduce((sum, each) => sum.plus(each), new Decimal(0));
  if (total.lte(MOST_EVENTS)) return;
  throw invalid({
    field: '--units',
    code: 'value_is_out_of_range',
    message: `${total.toFixed()} counted units are more than the ${MOST_EVENTS} events that a simulation makes`,
    suggestion: 'Simulate fewer months or units; `plans price` prices any number of them.',
  });
}
