/**
 * What must hold for every subscription, whatever its plan, its zone and its story: usage windows tile its life, the number
 * of passes does not matter, a preview is the invoice to come, and a period split by a change of plan is billed once.
 * Real operations on a real ledger.
 */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { assert } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import type { BillingPeriod, Fee, Invoice, Subscription } from '../../src/model.js';
import { defineInitially } from '../../src/operations/define.js';
import { perform, query } from '../../src/operations/perform.js';
import { previewInvoice } from '../../src/operations/preview.js';
import { DAY, formatInstantMs, HOUR, type Instant, instant } from '../../src/time/instant.js';
import { addDays } from '../../src/time/localDate.js';
import { localDateOf, startOfDay, type ZoneName } from '../../src/time/zone.js';
import { at } from '../support/terms.js';

type Interval = 'weekly' | 'monthly' | 'quarterly' | 'semiannual' | 'yearly';

interface PlanTraits {
  readonly interval: Interval;
  readonly amount: number;
  readonly advance: boolean;
  readonly chargesMonthly: boolean;
  readonly fixedMonthly: boolean;
  readonly trialDays: number;
  readonly commitment: number;
}

interface Story {
  readonly zone: ZoneName;
  readonly start: Instant;
  readonly anniversary: boolean;
  readonly plan: PlanTraits;
  /** The plan of the change, and of a second subscription of the customer. */
  readonly other: PlanTraits;
  readonly act: 'none' | 'change' | 'terminate';
  readonly actAfterHours: number;
  readonly days: number;
  /** Hours after the start. */
  readonly eventHours: readonly number[];
}

const PLAIN = { chargesMonthly: false, fixedMonthly: false, trialDays: 0, commitment: 0 };
const QUIET = { anniversary: false, act: 'none', actAfterHours: 0, days: 0, eventHours: [] } as const;
const ZONES = ['UTC', 'America/New_York', 'Asia/Tokyo', 'Europe/Paris', 'Pacific/Auckland', 'America/Santiago'];
const LENGTHS: Readonly<Record<Interval, number>> = {
  weekly: 7,
  monthly: 31,
  quarterly: 92,
  semiannual: 184,
  yearly: 366,
};

const traits: fc.Arbitrary<PlanTraits> = fc.record({
  interval: fc.constantFrom<Interval>('weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'),
  amount: fc.constantFrom(0, 122, 1_000, 31_000, 99_999),
  advance: fc.boolean(),
  chargesMonthly: fc.boolean(),
  fixedMonthly: fc.boolean(),
  trialDays: fc.constantFrom(0, 0, 0, 0.5, 10, 45),
  commitment: fc.constantFrom(0, 0, 50_000),
});

const stories: fc.Arbitrary<Story> = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    startHour: fc.integer({ min: 0, max: 24 * 400 }),
    anniversary: fc.boolean(),
    plan: traits,
    other: traits,
    act: fc.constantFrom<Story['act']>('none', 'change', 'terminate'),
    actShare: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    eventShares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
  })
  .map(({ startHour, actShare, eventShares, ...rest }) => {
    const days = Math.ceil(2.3 * LENGTHS[rest.plan.interval]) + 2;
    return {
      ...rest,
      days,
      start: instant(at('2023-01-10T00:00:00Z') + startHour * HOUR),
      actAfterHours: Math.round(days * 24 * actShare),
      eventHours: eventShares.map((share) => Math.floor(share * days * 24)),
    };
  });

let open: Ledger[] = [];
afterEach(() => {
  for (const ledger of open) ledger.close();
  open = [];
});

class World {
  readonly ledger = openLedger(':memory:');
  readonly #catalog;

  constructor(readonly story: Story) {
    open.push(this.ledger);
    this.#catalog = defineInitially(this.ledger, definitionsOf(story), story.start).catalog;
  }

  run(verb: string, input: unknown, now: Instant): void {
    perform({ ledger: this.ledger, catalog: this.#catalog, at: now }, verb, input);
  }

  preview(ids: readonly string[], now: Instant): { invoice: Invoice; fees: Fee[] } {
    return query({ ledger: this.ledger, catalog: this.#catalog, at: now }, (context) => {
      const { account, invoice } = previewInvoice(context, { external_subscription_ids: ids });
      return { invoice, fees: account.all('fee').filter((fee) => fee.invoiceId === invoice.id) };
    });
  }

  get account() {
    const account = this.ledger.account('cust');
    assert(account !== undefined, 'the customer is defined');
    return account;
  }

  /** The story up to `until`, with a pass before each act, and those of `passes`. */
  play(until: Instant, passes: readonly Instant[], twice = false): this {
    const { story } = this;
    this.subscribe('sub', 'plan', story.start);
    this.subscribe('second', 'other', story.start);
    this.run('ingest', eventsOf(story), story.start);
    const actAt = instant(story.start + story.actAfterHours * HOUR);
    const acts = story.act === 'none' || actAt > until ? [] : [actAt];
    for (const now of [...new Set([...passes, ...acts, until])].sort((a, b) => a - b)) {
      this.run('bill', {}, now);
      if (twice) this.run('bill', {}, now);
      if (acts.includes(now)) this.act(now);
    }
    return this;
  }

  subscribe(externalId: string, plan: string, now: Instant): void {
    const billing_time = this.story.anniversary ? 'anniversary' : 'calendar';
    const input = { external_customer_id: 'cust', external_id: externalId, plan_code: plan, billing_time };
    this.run('create_subscription', input, now);
  }

  act(now: Instant): void {
    if (this.story.act === 'terminate') this.run('terminate_subscription', { external_id: 'sub' }, now);
    else this.subscribe('sub', 'other', now);
  }
}

function definitionsOf({ plan, other, zone }: Story): unknown {
  return {
    organization: { name: 'Org', timezone: 'UTC', default_currency: 'EUR' },
    taxes: [{ code: 'vat', name: 'VAT', rate: 20, applied_to_organization: true }],
    billable_metrics: [
      { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
      { code: 'seats', name: 'Seats', aggregation_type: 'sum_agg', field_name: 'n', recurring: true },
    ],
    add_ons: [{ code: 'seat', name: 'Seat', amount_cents: 100, amount_currency: 'EUR' }],
    plans: [planOf('plan', plan), planOf('other', other)],
    customers: [{ external_id: 'cust', name: 'Customer', currency: 'EUR', timezone: zone }],
  };
}

function planOf(code: string, given: PlanTraits): unknown {
  const fixed = { add_on_code: 'seat', charge_model: 'standard', units: 3, properties: { amount: '1.1' } };
  return {
    code,
    name: code,
    interval: given.interval,
    amount_cents: given.amount,
    amount_currency: 'EUR',
    pay_in_advance: given.advance,
    bill_charges_monthly: given.chargesMonthly,
    bill_fixed_charges_monthly: given.fixedMonthly,
    trial_period: given.trialDays,
    ...(given.commitment > 0 ? { minimum_commitment: { amount_cents: given.commitment } } : {}),
    charges: [
      { billable_metric_code: 'calls', charge_model: 'standard', properties: { amount: '0.7' } },
      { billable_metric_code: 'seats', charge_model: 'standard', prorated: true, properties: { amount: '5' } },
    ],
    fixed_charges: [
      { ...fixed, code: 'arrears', prorated: true },
      { ...fixed, code: 'advance', pay_in_advance: true, prorated: true },
    ],
  };
}

function eventsOf({ start, eventHours }: Story): unknown[] {
  return eventHours.map((hours, index) => ({
    code: index % 2 === 0 ? 'calls' : 'seats',
    external_subscription_id: 'sub',
    transaction_id: `event-${index}`,
    timestamp: formatInstantMs(instant(start + hours * HOUR)),
    properties: { n: 1 + index },
  }));
}

/** The first instant of each local day of the story. */
function midnights({ start, days, zone }: Story): Instant[] {
  const first = localDateOf(start, zone);
  return Array.from({ length: days }, (_, index) => startOfDay(addDays(first, index + 1), zone));
}

function lastMidnight(story: Story): Instant {
  return midnights(story).at(-1) as Instant;
}

const USAGE_SITUATIONS = ['periodic', 'terminated', 'upgraded', 'downgraded'];

function usageWindows(
  world: World,
  subscription: Subscription,
): { from: Instant; to: Instant; period: BillingPeriod }[] {
  return world.account
    .all('billing_period')
    .filter((period) => period.subscriptionId === subscription.id && USAGE_SITUATIONS.includes(period.situation))
    .flatMap((period) => {
      const { chargesFromDatetime: from, chargesToDatetime: to } = period;
      return from === null || to === null ? [] : [{ from, to, period }];
    })
    .sort((a, b) => a.from - b.from);
}

/** Everything of the invoices that a customer sees; not when the pass ran. */
function shown(world: World) {
  const { account } = world;
  return account.all('invoice').map((invoice) => ({
    number: invoice.number,
    issuingDate: invoice.issuingDate,
    total: invoice.totalAmountCents,
    taxes: invoice.taxesAmountCents,
    credited: invoice.creditNotesAmountCents,
    fees: account
      .all('fee')
      .filter((fee) => fee.invoiceId === invoice.id)
      .map(({ feeType, item, amountCents, units, fromAt, toAt }) => [
        feeType,
        item.code,
        amountCents,
        units,
        fromAt,
        toAt,
      ]),
    periods: account
      .all('billing_period')
      .filter((period) => period.invoiceId === invoice.id)
      .map(({ billedAt, situation, ...period }) => ({ ...period, id: null, invoiceId: null })),
  }));
}

function creditNotes(world: World) {
  return world.account
    .all('credit_note')
    .map(({ number, totalAmountCents, issuingDate }) => ({ number, totalAmountCents, issuingDate }));
}

describe('windows', () => {
  test('the usage windows of a subscription tile its life, without a gap and without an overlap', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const world = new World(story).play(lastMidnight(story), []);
        const { account } = world;
        for (const subscription of account.all('subscription')) {
          const windows = usageWindows(world, subscription);
          if (subscription.startedAt === null || windows.length === 0) continue;
          expect(windows[0]?.from).toBe(subscription.startedAt);
          for (const [index, window] of windows.entries()) {
            expect(window.to).toBeGreaterThanOrEqual(window.from);
            const next = windows[index + 1];
            if (next !== undefined) expect(next.from).toBe(window.to + 1);
          }
          if (subscription.endedBy === 'upgrade' || subscription.endedBy === 'termination') {
            expect(windows.at(-1)?.to).toBe(subscription.terminatedAt);
          }
          if (subscription.endedBy === 'downgrade')
            expect(windows.at(-1)?.to).toBe((subscription.terminatedAt ?? 0) - 1);
          const next = account.get('subscription', subscription.nextSubscriptionId ?? '');
          if (subscription.terminatedAt !== null && next !== undefined) {
            expect(next.startedAt).toBe(subscription.terminatedAt);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('a customer that moves to another zone', () => {
  const moves = fc.record({
    interval: fc.constantFrom<Interval>('weekly', 'monthly', 'quarterly'),
    zones: fc.tuple(fc.constantFrom(...ZONES), fc.constantFrom(...ZONES)),
    startHour: fc.integer({ min: 0, max: 24 * 400 }),
    moveShare: fc.double({ min: 0.1, max: 0.9, noNaN: true }),
  });

  test('the usage windows still tile, though the calendar shifts by hours', () => {
    fc.assert(
      fc.property(moves, ({ interval, zones: [zone, nextZone], startHour, moveShare }) => {
        const plan = { ...PLAIN, interval, amount: 1_000, advance: false };
        const start = instant(at('2023-01-10T00:00:00Z') + startHour * HOUR);
        const days = Math.ceil(3.3 * LENGTHS[interval]);
        const story: Story = { ...QUIET, zone, start, plan, other: plan, days };
        const world = new World(story);
        world.subscribe('sub', 'plan', start);
        const moveAt = instant(start + Math.round(days * 24 * moveShare) * HOUR);
        for (let now = start; now < start + days * DAY; now = instant(now + HOUR * 6)) {
          if (now >= moveAt && now - moveAt < 6 * HOUR) {
            world.run('update_customer', { external_id: 'cust', timezone: nextZone }, now);
          }
          world.run('bill', {}, now);
        }
        const [subscription] = world.account.all('subscription');
        assert(subscription !== undefined, 'it was created');
        const windows = usageWindows(world, subscription);
        expect(windows.length).toBeGreaterThan(1);
        for (const [index, window] of windows.slice(1).entries())
          expect(window.from).toBe((windows[index]?.to ?? 0) + 1);
      }),
      { numRuns: 8 },
    );
  });
});

describe('passes', () => {
  test('day by day, twice a day, or all at once: the same invoices', () => {
    fc.assert(
      fc.property(stories, (story) => {
        fc.pre(story.days < 250);
        const until = lastMidnight(story);
        const daily = new World(story).play(until, midnights(story));
        const atOnce = new World(story).play(until, []);
        expect(shown(atOnce)).toEqual(shown(daily));
        expect(creditNotes(atOnce)).toEqual(creditNotes(daily));
        const monthly = new World(story).play(
          until,
          midnights(story).filter((_, index) => index % 17 === 3),
          true,
        );
        expect(shown(monthly)).toEqual(shown(daily));
      }),
      { numRuns: 12 },
    );
  });

  test('a pass that ran leaves nothing due', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const until = lastMidnight(story);
        const world = new World(story).play(until, []);
        const before = shown(world);
        world.run('bill', {}, until);
        world.run('bill', {}, instant(until + 5 * HOUR));
        expect(shown(world)).toEqual(before);
      }),
      { numRuns: 12 },
    );
  });
});

describe('previews', () => {
  test('the preview of the next invoice is the invoice that its day issues', () => {
    fc.assert(
      fc.property(stories, fc.double({ min: 0.05, max: 0.7, noNaN: true }), (story, share) => {
        const now = instant(story.start + Math.round(share * story.days * 24) * HOUR);
        const world = new World({ ...story, act: 'none' }).play(now, []);
        const preview = world.preview(['sub'], now);
        const issued = issuedAlone(world, now, preview.invoice.issuingDate);
        expect(issued.invoice.issuingDate).toBe(preview.invoice.issuingDate);
        expect(amounts(issued.fees)).toEqual(amounts(preview.fees));
      }),
      { numRuns: 20 },
    );
  });
});

/** What the passes up to the day issue for the subscription `sub` on it. */
function issuedAlone(world: World, now: Instant, date: string): { invoice: Invoice; fees: Fee[] } {
  const { zone } = world.story;
  for (let day = addDays(localDateOf(now, zone), 1); day <= date; day = addDays(day, 1)) {
    world.run('bill', {}, startOfDay(day, zone));
  }
  const { account } = world;
  const period = account
    .all('billing_period')
    .findLast((each) => each.externalSubscriptionId === 'sub' && each.billingDate === date);
  const invoice = account.get('invoice', period?.invoiceId ?? '');
  assert(invoice !== undefined, `no invoice of ${date}`);
  const fees = account.all('fee').filter((fee) => fee.invoiceId === invoice.id && fee.externalSubscriptionId === 'sub');
  return { invoice, fees };
}

function amounts(fees: readonly Fee[]) {
  return fees.map(({ feeType, item, amountCents, units }) => ({ feeType, code: item.code, amountCents, units }));
}

describe('a period split by a change of plan', () => {
  interface Change {
    readonly zone: ZoneName;
    readonly interval: Interval;
    readonly amount: number;
    readonly startHour: number;
    readonly anniversary: boolean;
    readonly share: number;
  }

  const changes: fc.Arbitrary<Change> = fc.record({
    zone: fc.constantFrom(...ZONES),
    interval: fc.constantFrom<Interval>('weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'),
    amount: fc.integer({ min: 0, max: 200_000 }),
    startHour: fc.integer({ min: 0, max: 24 * 400 }),
    anniversary: fc.boolean(),
    share: fc.double({ min: 0, max: 0.99, noNaN: true }),
  });

  /** A whole period, and an equal plan taken up somewhere in it. */
  function changed(given: Change, advance: boolean): { world: World; amount: number } {
    const traitsOf = { ...PLAIN, interval: given.interval, amount: given.amount, advance };
    const start = instant(at('2023-01-10T00:00:00Z') + given.startHour * HOUR);
    const { zone, anniversary } = given;
    const story: Story = { ...QUIET, zone, start, anniversary, plan: traitsOf, other: traitsOf, act: 'change' };
    const world = new World(story);
    world.subscribe('sub', 'plan', story.start);
    const boundary = world.preview(['sub'], story.start).invoice.issuingDate;
    const opening = startOfDay(boundary, story.zone);
    world.run('bill', {}, opening);
    const following = world.preview(['sub'], opening).invoice.issuingDate;
    const closing = startOfDay(following, story.zone);
    const switchAt = instant(opening + Math.floor(((closing - opening) * given.share) / HOUR) * HOUR);
    world.subscribe('sub', 'other', switchAt);
    world.run('bill', {}, closing);
    return { world, amount: given.amount };
  }

  test('in arrears: the two parts are the whole, but for the rounding of each', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const { world, amount } = changed(given, false);
        const [, before, after] = world.account.all('fee').filter((fee) => fee.feeType === 'subscription');
        assert(before !== undefined && after !== undefined, 'three base fees');
        expect(Math.abs(before.amountCents + after.amountCents - amount)).toBeLessThanOrEqual(1);
        const precise = Number(before.preciseAmountCents) + Number(after.preciseAmountCents);
        expect(precise).toBeCloseTo(amount, 6);
      }),
      { numRuns: 20 },
    );
  });

  test('in advance: what was paid, less the credit, and the new part are the whole', () => {
    fc.assert(
      fc.property(changes, (given) => {
        const { world, amount } = changed(given, true);
        const fees = world.account.all('fee').filter((fee) => fee.feeType === 'subscription');
        const [, paid, after] = fees;
        assert(paid !== undefined && after !== undefined, 'three base fees or more');
        const credited = world.account
          .all('credit_note')
          .flatMap((note) => note.items)
          .reduce((sum, item) => sum + item.amountCents, 0);
        expect(Math.abs(paid.amountCents - credited + after.amountCents - amount)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 20 },
    );
  });
});
