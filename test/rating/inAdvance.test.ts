import { describe, expect, test } from 'vitest';
import type { BillableMetric, Charge } from '../../src/catalog/types.js';
import { type InAdvanceFee, type InAdvanceInput, inAdvanceFee } from '../../src/rating/inAdvance.js';
import { InAdvanceRecords } from '../../src/rating/inAdvanceRecords.js';
import {
  at,
  charge,
  type EventSketch,
  filter,
  graduated,
  MARCH,
  metric,
  percentage,
  properties,
  SUBSCRIPTION,
  standard,
  stored,
  window,
} from '../metering/fixtures.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';

/** The fees of the events in order of arrival, each with the records that those before it left. */
function feesOf(
  of: Charge,
  on: BillableMetric,
  sketches: readonly EventSketch[],
  given: Partial<InAdvanceInput> = {},
): (InAdvanceFee | null)[] {
  const records = new InAdvanceRecords([]);
  const events = stored(sketches);
  return events.map((event, index) => {
    const fee = inAdvanceFee({
      charge: { ...of, payInAdvance: true },
      metric: on,
      currency: 'EUR',
      externalSubscriptionId: SUBSCRIPTION,
      subscriptionId: 'subscription',
      window: MARCH,
      usage: memoryUsageReader(events.slice(0, index + 1)),
      inAdvanceUsages: records,
      event,
      at: event.timestamp,
      ...given,
    });
    if (fee?.newInAdvanceUsage) records.add(fee.newInAdvanceUsage);
    return fee;
  });
}

const figures = (fees: readonly (InAdvanceFee | null)[]) =>
  fees.map((fee) => (fee === null ? null : [fee.amountCents, fee.units.toNumber()]));

const days = (values: readonly unknown[]): EventSketch[] =>
  values.map((value, index) => ({ at: `2024-03-${String(index + 1).padStart(2, '0')}`, properties: { value } }));

const change = (when: string, value: string, operation = 'add', more: Record<string, unknown> = {}) => ({
  at: when,
  properties: { value, operation_type: operation, ...more },
});

const SUM = metric('sum_agg');
const UNIQUE = metric('unique_count_agg');

describe('a sum paid in advance', () => {
  test('is billed above its highest level only: +10 −5 +3 +4', () => {
    expect(figures(feesOf(charge(standard('1')), SUM, days([10, -5, 3, 4])))).toEqual([
      [1000, 10],
      [0, 0],
      [0, 3],
      [200, 2],
    ]);
  });

  test('that begins below zero: −5 +3 +4 +2', () => {
    const fees = feesOf(charge(standard('1')), SUM, days([-5, 3, 4, 2]));
    expect(fees.map((fee) => fee?.amountCents)).toEqual([0, 300, 0, 100]);
    expect(fees.map((fee) => fee?.newInAdvanceUsage?.max)).toEqual(['-5', '3', '3', '4']);
  });

  test('begins again with each period', () => {
    const april = window('2024-04-01', '2024-04-30T23:59:59.999999Z');
    const [first] = feesOf(charge(standard('1')), SUM, days([10]));
    const [next] = feesOf(charge(standard('1')), SUM, [{ at: '2024-04-02', properties: { value: 4 } }], {
      window: april,
      inAdvanceUsages: new InAdvanceRecords(first?.newInAdvanceUsage ? [first.newInAdvanceUsage] : []),
    });
    expect(next?.amountCents).toBe(400);
  });

  test.each([null, '', ' ', 'abc', undefined])('has no fee for the value %j', (value) => {
    expect(feesOf(charge(standard('1')), SUM, days([value]))).toEqual([null]);
  });

  test('keeps the levels of groups and filters apart', () => {
    const prices = standard('1');
    const of = charge(prices, {
      properties: properties(prices, { pricingGroupKeys: ['user'] }),
      filters: [filter({ r: ['eu'] }, standard('2'))],
    });
    const events = [
      { user: 'a', value: 10 },
      { user: 'b', value: 4 },
      { user: 'a', value: 1 },
      { r: 'eu', user: 'a', value: 3 },
    ].map((properties_, index) => ({ at: `2024-03-0${index + 1}`, properties: properties_ }));
    const fees = feesOf(of, SUM, events);
    expect(fees.map((fee) => fee?.amountCents)).toEqual([1000, 400, 100, 600]);
    expect(fees.map((fee) => fee?.groupedBy)).toEqual([{ user: 'a' }, { user: 'b' }, { user: 'a' }, {}]);
  });

  test('package of 2, 3 free: 3, 1, 2', () => {
    const of = charge({ model: 'package', amount: '100', packageSize: 2, freeUnits: 3 });
    expect(figures(feesOf(of, SUM, days([3, 1, 2])))).toEqual([
      [0, 3],
      [10_000, 1],
      [10_000, 2],
    ]);
  });

  test('graduated: the first event pays the flat fee, so does one that reaches a tier', () => {
    const of = charge(graduated([0, 5, '0.02', '0.01'], [6, null, '0.01', '0.01']));
    expect(feesOf(of, SUM, days([3, 1, 2])).map((fee) => fee?.amountCents)).toEqual([7, 2, 4]);
  });

  test('graduated, back to exactly 0: the flat fee of the first tier again', () => {
    const of = charge(graduated([0, null, '0.02', '0.01']));
    expect(feesOf(of, SUM, days([3, -3])).map((fee) => fee?.amountCents)).toEqual([7, 1]);
  });

  test('percentage with free units inside an event', () => {
    const of = charge(percentage({ rate: '5', fixedAmount: '1', freeUnitsPerTotalAggregation: '3' }));
    const fees = feesOf(of, SUM, days([5, 1]));
    expect(fees.map((fee) => fee?.amountCents)).toEqual([110, 105]);
    expect(fees[0]?.amountDetails).toMatchObject({
      units: '5.0',
      free_units: '3.0',
      paid_units: '2.0',
      paid_events: 1,
    });
  });

  test('percentage with a minimum and a maximum per transaction prices the event alone', () => {
    const of = charge(
      percentage({ rate: '1', fixedAmount: '0.5', perTransactionMinAmount: '1.75', perTransactionMaxAmount: '2' }),
    );
    expect(feesOf(of, SUM, days([100, 1000, 10_000])).map((fee) => fee?.amountCents)).toEqual([175, 200, 200]);
  });

  test('dynamic takes the precise amount of the event', () => {
    const events = [
      { at: '2024-03-01', properties: { value: 5 }, preciseTotalAmountCents: '1234.56' },
      { at: '2024-03-02', properties: { value: 1 }, preciseTotalAmountCents: '2.1' },
    ];
    expect(feesOf(charge({ model: 'dynamic' }), SUM, events).map((fee) => fee?.amountCents)).toEqual([1235, 2]);
  });

  test('in a pricing unit is rounded to the currency before it is converted', () => {
    const of = charge(standard('0.005'), {
      appliedPricingUnit: { code: 'credits', shortName: 'CRD', conversionRate: '0.5' },
    });
    const [fee] = feesOf(of, SUM, days([1]), { currency: 'JPY' });
    expect([fee?.pricingUnit?.amountCents, fee?.amountCents]).toEqual([0, 0]);
    const [euros] = feesOf(of, SUM, days([3]));
    expect([euros?.pricingUnit?.amountCents, euros?.amountCents]).toEqual([2, 1]);
  });
});

describe('a count paid in advance', () => {
  test('gives events of one instant each their own place', () => {
    const of = charge(graduated([0, 2, '0', '0'], [3, null, '2', '0']));
    const events = ['2024-03-05', '2024-03-05', '2024-03-05'].map((when) => ({ at: when }));
    const fees = feesOf(of, metric('count_agg'), events);
    expect(fees.map((fee) => fee?.amountCents)).toEqual([0, 0, 200]);
    expect(fees.every((fee) => fee?.newInAdvanceUsage === null)).toBe(true);
  });

  test('prices a late event at its own place and leaves the others alone', () => {
    const of = charge(graduated([0, 1, '5', '0'], [2, null, '1', '0']));
    const events = ['2024-03-05', '2024-03-06', '2024-03-04'].map((when) => ({ at: when }));
    expect(feesOf(of, metric('count_agg'), events).map((fee) => fee?.amountCents)).toEqual([500, 100, 500]);
  });

  test('an event that several filters fit goes to the one with the most keys', () => {
    const of = charge(standard('1'), {
      filters: [filter({ r: ['eu'] }, standard('2')), filter({ r: ['eu'], s: ['x'] }, standard('3'))],
    });
    const [fee] = feesOf(of, metric('count_agg'), [{ at: '2024-03-05', properties: { r: 'eu', s: 'x' } }]);
    expect(fee?.amountCents).toBe(300);
    expect(fee?.chargeFilter?.values).toEqual({ r: ['eu'], s: ['x'] });
  });
});

describe('a unique count paid in advance', () => {
  test('add, remove, add, another, again', () => {
    const events = [
      change('2024-03-01', 'id1'),
      change('2024-03-02', 'id1', 'remove'),
      change('2024-03-03', 'id1'),
      change('2024-03-04', 'id2'),
      change('2024-03-05', 'id2'),
    ];
    expect(figures(feesOf(charge(standard('12')), UNIQUE, events))).toEqual([
      [1200, 1],
      [0, 0],
      [0, 1],
      [1200, 1],
      [0, 0],
    ]);
  });

  test('whose period begins with a removal bills the add that follows', () => {
    const events = [change('2024-02-01', 'a'), change('2024-03-01', 'a', 'remove'), change('2024-03-02', 'a')];
    const recurring = metric('unique_count_agg', { recurring: true });
    expect(feesOf(charge(standard('12')), recurring, events.slice(0)).map((fee) => fee?.amountCents)[2]).toBe(1200);
  });

  test('knows what a recurring metric already held', () => {
    const recurring = metric('unique_count_agg', { recurring: true });
    const events = [change('2024-02-01', 'a'), change('2024-03-01', 'a')];
    expect(feesOf(charge(standard('12')), recurring, events)[1]?.amountCents).toBe(0);
    expect(feesOf(charge(standard('12')), UNIQUE, events)[1]?.amountCents).toBe(1200);
  });
});

describe('prorated in advance', () => {
  const SEATS = metric('unique_count_agg', { recurring: true });
  const february = window('2024-02-01', '2024-02-29T23:59:59.999999Z');
  const of = charge(standard('1'), { prorated: true });

  test('a seat added on the 23rd: 7/29 → 24 cents; its removal 0', () => {
    const events = [change('2024-02-23T01:02', 'a'), change('2024-02-29', 'a', 'remove')];
    const fees = feesOf(of, SEATS, events, { window: february });
    expect(figures(fees)).toEqual([
      [24, 1],
      [0, 0],
    ]);
    expect(fees[0]?.newInAdvanceUsage).toMatchObject({
      current: '1',
      max: '1',
      maxProrated: '0.24138',
      eventTransactionId: 't1',
      eventTimestamp: at('2024-02-23T01:02'),
      createdAt: at('2024-02-23T01:02'),
    });
    expect(fees[1]?.newInAdvanceUsage).toMatchObject({ current: '0', max: '1', maxProrated: '0.24138' });
  });

  test('a sum above its highest level: 4 × 2/31', () => {
    const may = window('2023-05-01', '2023-05-31T23:59:59.999999Z');
    const events = [
      { at: '2023-05-28', properties: { value: 10 } },
      { at: '2023-05-29', properties: { value: -6 } },
      { at: '2023-05-30', properties: { value: 10 } },
    ];
    const total = metric('sum_agg', { recurring: true });
    const fees = feesOf(charge(standard('1000'), { prorated: true }), total, events, { window: may });
    expect(fees.map((fee) => fee?.amountCents)).toEqual([129_033, 0, 25_807]);
  });
});
