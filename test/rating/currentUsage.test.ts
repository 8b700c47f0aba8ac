import { describe, expect, test } from 'vitest';
import type { BillableMetric, Charge } from '../../src/catalog/types.js';
import type { InAdvanceUsage } from '../../src/model.js';
import { type CurrentUsageInput, currentUsage } from '../../src/rating/currentUsage.js';
import { toCustomerUsageJson } from '../../src/render/json/usage.js';
import {
  at,
  charge,
  type EventSketch,
  filter,
  graduated,
  MARCH,
  metric,
  plan,
  properties,
  reader,
  SUBSCRIPTION,
  standard,
  window,
} from '../metering/fixtures.js';

function usage(
  charges: readonly Charge[],
  metrics: readonly BillableMetric[],
  events: readonly EventSketch[],
  given: Partial<CurrentUsageInput> = {},
) {
  return currentUsage({
    plan: plan(charges),
    catalog: { billableMetrics: new Map(metrics.map((each) => [each.code, each])) },
    externalSubscriptionId: SUBSCRIPTION,
    previousSubscriptionExists: false,
    subscriptionStartedAt: MARCH.from,
    window: MARCH,
    usage: reader(...events),
    inAdvanceUsages: [],
    weightedLevels: [],
    at: at('2024-03-10'),
    taxRates: () => [],
    ...given,
  });
}

const sum = (value: number, more: Record<string, unknown> = {}, when = '2024-03-05'): EventSketch => ({
  at: when,
  properties: { value, ...more },
});

describe('a charge paid in advance, as current usage shows it', () => {
  const record = (given: Partial<InAdvanceUsage>): InAdvanceUsage => ({
    id: 'record',
    externalSubscriptionId: SUBSCRIPTION,
    subscriptionId: 'subscription',
    chargeId: 'charge',
    chargeFilterId: null,
    groupedBy: {},
    eventTransactionId: 't',
    eventTimestamp: at('2024-03-06'),
    current: '0',
    max: '0',
    maxProrated: null,
    createdAt: at('2024-03-06'),
    ...given,
  });
  const recurring = metric('sum_agg', { recurring: true });
  const carried = sum(5, {}, '2024-02-01');

  test('carried 5, 4 now and 6 at most, 3.8 of it prorated: 9 − 4 + 3.8', () => {
    const of = charge(standard('1'), { payInAdvance: true, prorated: true });
    const inAdvanceUsages = [record({ current: '4', max: '6', maxProrated: '3.8' })];
    const { chargesUsage } = usage([of], [recurring], [carried, sum(4)], { inAdvanceUsages });
    expect(chargesUsage[0]).toMatchObject({ amountCents: 880, eventsCount: 2 });
    expect(chargesUsage[0]?.units.toFixed()).toBe('9');
  });

  test('unprorated, it is priced at the highest level: 9 − 4 + 6', () => {
    const of = charge(standard('1'), { payInAdvance: true });
    const inAdvanceUsages = [
      record({ current: '9', max: '9', eventTimestamp: at('2024-03-05'), id: 'older' }),
      record({ current: '4', max: '6' }),
      record({ current: '1', max: '1', eventTimestamp: at('2024-02-05'), id: 'of the period before' }),
      record({ current: '1', max: '1', eventTimestamp: at('2024-03-07'), chargeId: 'other', id: 'of another' }),
    ];
    const { chargesUsage } = usage([of], [recurring], [carried, sum(4)], { inAdvanceUsages });
    expect(chargesUsage[0]?.amountCents).toBe(1100);
    expect(chargesUsage[0]?.units.toFixed()).toBe('9');
  });

  test('a removed seat still costs what it cost, at no units', () => {
    const seats = metric('unique_count_agg', { recurring: true });
    const february = window('2024-02-01', '2024-02-29T23:59:59.999999Z');
    const of = charge(standard('1'), { payInAdvance: true, prorated: true });
    const add = { at: '2024-02-23T01:02', properties: { value: 'a' } };
    const remove = { at: '2024-02-29', properties: { value: 'a', operation_type: 'remove' } };
    const mark = { max: '1', maxProrated: '0.24138' };
    const before = usage([of], [seats], [add], {
      window: february,
      inAdvanceUsages: [record({ ...mark, current: '1', eventTimestamp: at('2024-02-23T01:02') })],
    });
    const after = usage([of], [seats], [add, remove], {
      window: february,
      inAdvanceUsages: [record({ ...mark, current: '0', eventTimestamp: at('2024-02-29') })],
    });
    expect([before, after].map(({ chargesUsage: [one] }) => [one?.units.toNumber(), one?.amountCents])).toEqual([
      [1, 24],
      [0, 24],
    ]);
  });

  test('held units of a shorter first period are prorated: 5 × 17/31', () => {
    const of = charge(standard('1000'), { payInAdvance: true, prorated: true });
    const cut = window('2023-05-15', '2023-05-31T23:59:59.999999Z', { durationDays: 31 });
    const { chargesUsage } = usage([of], [recurring], [sum(5, {}, '2023-03-01')], { window: cut });
    expect([chargesUsage[0]?.units.toNumber(), chargesUsage[0]?.amountCents]).toEqual([5, 274_194]);
  });

  test('nothing is shown below zero', () => {
    const of = charge(standard('1'), { payInAdvance: true });
    const { chargesUsage } = usage([of], [metric('sum_agg')], [sum(-3)]);
    expect([chargesUsage[0]?.units.toNumber(), chargesUsage[0]?.amountCents]).toEqual([0, 0]);
  });
});

describe('totals', () => {
  const metrics = [metric('sum_agg', { code: 'b', name: 'beta' }), metric('sum_agg', { code: 'a', name: 'Alpha' })];
  const charges = [
    charge(standard('1'), { id: '1', code: 'b', billableMetricCode: 'b' }),
    charge(standard('0.03'), { id: '2', code: 'a', billableMetricCode: 'a' }),
  ];
  const events = [
    { ...sum(1), code: 'b' },
    { ...sum(1), code: 'a' },
  ];

  test('charges come by the name of their metric, whatever its case', () => {
    expect(usage(charges, metrics, events).chargesUsage.map((each) => each.billableMetric.name)).toEqual([
      'Alpha',
      'beta',
    ]);
  });

  test('taxes are rounded once, over all fees and taxes: 3 × 20 % + 100 × 7.5 % = 8.1', () => {
    const taxRates = ({ code }: Charge) => (code === 'a' ? [{ rate: 15 }, { rate: 5 }] : [{ rate: 7.5 }]);
    const { amountCents, taxesAmountCents, totalAmountCents } = usage(charges, metrics, events, { taxRates });
    expect([amountCents, taxesAmountCents, totalAmountCents]).toEqual([103, 8, 111]);
    const untaxed = usage(charges, metrics, events, { taxRates, options: { applyTaxes: false } });
    expect([untaxed.taxesAmountCents, untaxed.totalAmountCents]).toEqual([0, 103]);
  });

  test('future events of the period count, and the invoice would be dated at its end', () => {
    const { issuingDate, amountCents } = usage(charges, metrics, [{ ...sum(2, {}, '2024-03-31T23:00'), code: 'b' }]);
    expect([issuingDate, amountCents]).toEqual(['2024-03-31', 200]);
  });

  test.each([
    [{ chargeCode: 'a' }, ['a']],
    [{ chargeId: '1' }, ['b']],
    [{ billableMetricCode: 'b' }, ['b']],
  ])('%j shows some charges only', (options, codes) => {
    expect(usage(charges, metrics, events, { options }).chargesUsage.map((each) => each.charge.code)).toEqual(codes);
  });

  test('an unknown charge is refused', () => {
    expect(() => usage(charges, metrics, events, { options: { chargeCode: 'x' } })).toThrow('no charge "x"');
  });
});

describe('groups and filters', () => {
  const prices = standard('10');
  const grouped = charge(prices, { properties: properties(prices, { pricingGroupKeys: ['workspace', 'user'] }) });
  const events = [
    sum(3, { workspace: 'a', user: 1 }),
    sum(3, { workspace: 'a', user: 2 }),
    sum(3, { workspace: 'b', user: 1 }),
  ];
  const groups = (options: CurrentUsageInput['options'] & object) =>
    usage([grouped], [metric('sum_agg')], events, { options }).chargesUsage[0]?.groupedUsage.map((each) => [
      each.groupedBy,
      each.amountCents,
    ]);

  test('are listed apart', () => {
    expect(groups({})).toEqual([
      [{ workspace: 'a', user: '1' }, 3000],
      [{ workspace: 'a', user: '2' }, 3000],
      [{ workspace: 'b', user: '1' }, 3000],
    ]);
  });

  test('one value of a key leaves the other keys to group by', () => {
    expect(groups({ group: { workspace: 'a' } })).toEqual([
      [{ user: '1' }, 3000],
      [{ user: '2' }, 3000],
    ]);
  });

  test('without grouping the charge is priced as a whole', () => {
    expect(groups({ skipGrouping: true })).toEqual([]);
  });

  test('filters are all listed, and again within each group', () => {
    const filtered = { ...grouped, filters: [filter({ r: ['eu'] }, standard('20'), { pricingGroupKeys: ['user'] })] };
    const { chargesUsage } = usage([filtered], [metric('sum_agg')], [sum(1, { r: 'eu', user: 'u' }), sum(2)]);
    const json = toCustomerUsageJson({ ...usage([filtered], [metric('sum_agg')], []), chargesUsage });
    expect(json.charges_usage[0]).toMatchObject({
      units: '3.0',
      amount_cents: 4000,
      filters: [
        { values: { r: ['eu'] }, units: '1.0', amount_cents: 2000, events_count: 1 },
        { values: null, units: '2.0', amount_cents: 2000 },
      ],
      grouped_usage: [
        { grouped_by: { user: 'u' }, amount_cents: 2000, filters: [{ values: { r: ['eu'] }, amount_cents: 2000 }] },
        { grouped_by: { workspace: null, user: null }, amount_cents: 2000, filters: [{ values: null }] },
      ],
    });
  });
});

describe('usage since the start of the subscription', () => {
  const of = charge(standard('1'));
  const events = [sum(1, {}, '2024-02-10'), sum(2)];
  const given = { subscriptionStartedAt: at('2024-02-01') };

  test('takes in the periods before', () => {
    const all = usage([of], [metric('sum_agg')], events, {
      ...given,
      options: { fullUsage: true, chargeCode: 'usage' },
    });
    expect(all.amountCents).toBe(300);
  });

  test('needs something to narrow it down, and nothing prorated', () => {
    const recurring = metric('sum_agg', { recurring: true });
    expect(() => usage([of], [metric('sum_agg')], events, { ...given, options: { fullUsage: true } })).toThrow(
      expect.objectContaining({ code: 'full_usage_not_allowed' }),
    );
    const prorated = { ...of, prorated: true };
    const options = { fullUsage: true, chargeCode: 'usage' };
    expect(() => usage([prorated], [recurring], events, { ...given, options })).toThrow(
      expect.objectContaining({ code: 'full_usage_not_allowed' }),
    );
  });
});

describe('projected usage', () => {
  const options = { projected: true };
  // 10 of 31 days are over at the end of the 10th.
  const when = { at: at('2024-03-10T23:59:59'), options };

  test('goes on as it began: 10 units in 10 of 31 days', () => {
    const { chargesUsage, projectedAmountCents } = usage([charge(standard('1'))], [metric('sum_agg')], [sum(10)], when);
    expect(chargesUsage[0]?.projected?.units.toFixed()).toBe('31');
    expect(projectedAmountCents).toBe(3100);
  });

  test('of a charge with filters adds up the filters, of all usage every bucket', () => {
    const of = charge(standard('1'), { filters: [filter({ r: ['eu'] }, standard('2'))] });
    const result = usage([of], [metric('sum_agg')], [sum(10), sum(10, { r: 'eu' })], when);
    expect(result.chargesUsage[0]?.projected?.amountCents).toBe(6200);
    expect(result.projectedAmountCents).toBe(9300);
  });

  test('of what is held is what is held', () => {
    const held = metric('sum_agg', { recurring: true });
    const { chargesUsage } = usage([charge(standard('1'))], [held], [sum(10)], when);
    expect(chargesUsage[0]?.projected).toMatchObject({ amountCents: 1000 });
  });
});

test('the JSON of current usage is field for field that of Lago', () => {
  const of = charge(graduated([0, null, '0', '7']), {
    appliedPricingUnit: { code: 'credits', shortName: 'CRD', conversionRate: '0.5' },
  });
  expect(toCustomerUsageJson(usage([of], [metric('sum_agg')], [sum(10)], { taxRates: () => [{ rate: 20 }] }))).toEqual({
    from_datetime: '2024-03-01T00:00:00Z',
    to_datetime: '2024-03-31T23:59:59Z',
    issuing_date: '2024-03-31',
    lago_invoice_id: null,
    currency: 'EUR',
    amount_cents: 350,
    taxes_amount_cents: 70,
    total_amount_cents: 420,
    charges_usage: [
      {
        units: '10.0',
        total_aggregated_units: '10.0',
        events_count: 1,
        amount_cents: 350,
        amount_currency: 'EUR',
        pricing_unit_details: { amount_cents: 700, short_name: 'CRD', conversion_rate: '0.5' },
        charge: { lago_id: 'charge', code: 'usage', charge_model: 'graduated', invoice_display_name: null },
        billable_metric: { lago_id: 'metric', name: 'Usage', code: 'usage', aggregation_type: 'sum_agg' },
        filters: [],
        grouped_usage: [],
        presentation_breakdowns: [],
      },
    ],
  });
});
