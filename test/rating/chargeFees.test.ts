import { describe, expect, test } from 'vitest';
import type { Charge } from '../../src/catalog/types.js';
import { Decimal } from '../../src/money/decimal.js';
import { type ChargeFeesInput, chargeFees, renewalFees } from '../../src/rating/chargeFees.js';
import type { ChargeFeeAmounts } from '../../src/rating/feeAmounts.js';
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
  reader,
  SUBSCRIPTION,
  standard,
  window,
} from '../metering/fixtures.js';

function fees(of: Charge, events: readonly EventSketch[], given: Partial<ChargeFeesInput> = {}): ChargeFeeAmounts[] {
  return chargeFees(input(of, events, given));
}

function input(of: Charge, events: readonly EventSketch[], given: Partial<ChargeFeesInput> = {}): ChargeFeesInput {
  return {
    charge: of,
    metric: metric('sum_agg'),
    currency: 'EUR',
    externalSubscriptionId: SUBSCRIPTION,
    previousSubscriptionExists: false,
    window: MARCH,
    usage: reader(...events),
    inAdvanceUsages: [],
    weightedLevels: [],
    mode: 'invoice',
    ...given,
  };
}

const cents = (of: readonly ChargeFeeAmounts[]) => of.map((fee) => fee.amountCents);
const sum = (value: number | string, more: Record<string, unknown> = {}): EventSketch => ({
  at: '2024-03-05',
  properties: { value, ...more },
});

describe('rounding once per fee', () => {
  test.each([
    [12.345, '0.0175', 'EUR', 22, '21.60375', 1, '0.0175'],
    [3, '0.175', 'EUR', 53, '52.5', 17, '0.175'],
    [3, '10.5', 'JPY', 32, '31.5', 10, '10.5'],
    [3, '0.0125', 'KWD', 38, '37.5', 12, '0.0125'],
  ] as const)('%s units at %s %s', (units, amount, currency, amountCents, precise, unitCents, preciseUnit) => {
    const [fee] = fees(charge(standard(amount)), [sum(units)], { currency });
    expect(fee?.amountCents).toBe(amountCents);
    expect(fee?.preciseAmountCents.toFixed()).toBe(precise);
    expect(fee?.unitAmountCents).toBe(unitCents);
    expect(fee?.preciseUnitAmount.toFixed()).toBe(preciseUnit);
  });

  test('three groups of half a cent are 3 cents, ungrouped they are 2', () => {
    const events = ['a', 'b', 'c'].map((user) => sum(1, { user }));
    const prices = standard('0.005');
    const grouped = charge(prices, { properties: properties(prices, { pricingGroupKeys: ['user'] }) });
    expect(cents(fees(grouped, events))).toEqual([1, 1, 1]);
    expect(cents(fees(charge(prices), events))).toEqual([2]);
  });
});

describe('which fees exist', () => {
  const prices = standard('2');
  const filtered = charge(prices, {
    filters: [filter({ r: ['eu'] }, standard('3')), filter({ r: ['us'] }, standard('5'))],
  });

  test('filters as defined, the default last, empty ones dropped from an invoice', () => {
    const events = [sum(1), sum(1, { r: 'us' })];
    expect(fees(filtered, events).map((fee) => [fee.chargeFilter?.values ?? null, fee.amountCents])).toEqual([
      [{ r: ['us'] }, 500],
      [null, 200],
    ]);
    expect(cents(fees(filtered, events, { mode: 'current_usage' }))).toEqual([0, 500, 200]);
  });

  test('an event of no units keeps its fee', () => {
    expect(fees(charge(prices), [sum(0)]).map((fee) => [fee.units.toFixed(), fee.eventsCount])).toEqual([['0', 1]]);
  });

  test('a flat fee is charged without usage, for each bucket', () => {
    const flat = graduated([0, null, '1', '7']);
    const of = charge(flat, { filters: [filter({ r: ['eu'] }, flat)] });
    expect(cents(fees(of, []))).toEqual([700, 700]);
  });

  test('a charge paid in advance has none at the end of a period, unless it is recurring', () => {
    const inAdvance = charge(prices, { payInAdvance: true });
    expect(fees(inAdvance, [sum(1)])).toEqual([]);
    expect(cents(fees(inAdvance, [sum(1)], { metric: metric('sum_agg', { recurring: true }) }))).toEqual([200]);
    expect(
      fees(inAdvance, [sum(1)], { metric: metric('sum_agg', { recurring: true }), mode: 'progressive_billing' }),
    ).toEqual([]);
  });
});

describe('the guard against negative figures', () => {
  test('is per group: one group never offsets another', () => {
    const prices = standard('2');
    const grouped = charge(prices, { properties: properties(prices, { pricingGroupKeys: ['user'] }) });
    const result = fees(grouped, [sum(-4, { user: 'a' }), sum(3, { user: 'b' })]);
    expect(result.map((fee) => [fee.units.toFixed(), fee.amountCents, fee.eventsCount])).toEqual([
      ['0', 0, 1],
      ['3', 600, 1],
    ]);
  });

  test('leaves the level of a weighted sum as it is', () => {
    const storage = metric('weighted_sum_agg');
    const [fee] = fees(charge(graduated([0, null, '0.01', '0.01'])), [sum(-10)], { metric: storage });
    expect(fee?.amountCents).toBe(0);
    expect(fee?.units.toFixed()).toBe('0');
    expect(fee?.totalAggregatedUnits?.toFixed()).toBe('-10');
    expect(fee?.eventsCount).toBe(1);
  });
});

describe('the units that a fee shows', () => {
  const seats = metric('sum_agg', { recurring: true });
  const may = window('2023-05-01', '2023-05-31T23:59:59.999999Z');
  const held = [
    { at: '2023-03-01', properties: { value: 5 } },
    { at: '2023-05-26', properties: { value: 24 } },
  ];

  test('are the full ones of a prorated charge: 29 units, 96.4517', () => {
    const [fee] = fees(charge(standard('10'), { prorated: true }), held, { metric: seats, window: may });
    expect(fee?.units.toFixed()).toBe('29');
    expect(fee?.amountCents).toBe(9645);
    expect(fee?.preciseUnitAmount.toFixed(4)).toBe('3.3259');
  });

  test('of a renewal are all that is held, unprorated', () => {
    const of = charge(standard('10'), { prorated: true, payInAdvance: true });
    const [fee] = renewalFees(input(of, held, { metric: seats, window: may }));
    expect(fee?.units.toFixed()).toBe('29');
    expect(fee?.amountCents).toBe(29000);
  });

  test('of a renewal without units: kept only where the charge is not invoiced', () => {
    const of = charge(standard('10'), { payInAdvance: true });
    expect(renewalFees(input(of, [], { metric: seats }))).toEqual([]);
    expect(cents(renewalFees(input({ ...of, invoiceable: false }, [], { metric: seats })))).toEqual([0]);
  });
});

describe('the true-up of a minimum', () => {
  const due = (of: Charge, events: readonly EventSketch[], given: Partial<ChargeFeesInput> = {}) =>
    fees(of, events, given).map((fee) => ({
      cents: fee.amountCents,
      isTrueUp: fee.isTrueUp,
      hasTrueUp: fee.hasTrueUp,
    }));

  test('1000 on 25 of 28 days, used 800: 93', () => {
    const february = window('2023-02-04', '2023-02-28T23:59:59.999999Z', { durationDays: 28 });
    const of = charge(standard('8'), { minAmountCents: 1000 });
    expect(due(of, [{ at: '2023-02-10', properties: { value: 1 } }], { window: february })).toEqual([
      { cents: 800, isTrueUp: false, hasTrueUp: true },
      { cents: 93, isTrueUp: true, hasTrueUp: false },
    ]);
  });

  test('1000 on 15 of 31 days, used 200: 284, precisely 283.8709677419355', () => {
    const august = window('2022-08-01', '2022-08-15T23:59:59Z', { durationDays: 31 });
    const of = charge(standard('2'), { minAmountCents: 1000 });
    const [, trueUp] = fees(of, [{ at: '2022-08-10', properties: { value: 1 } }], { window: august });
    expect(trueUp?.amountCents).toBe(284);
    expect(trueUp?.preciseAmountCents.toFixed()).toBe('283.8709677419355');
    expect(trueUp?.units.toFixed()).toBe('1');
    expect(trueUp?.eventsCount).toBe(0);
    expect(trueUp?.preciseUnitAmount.toFixed()).toBe('2.84');
  });

  test('10000 on 25 of 28 days over all buckets, used 2000 + 5000 + 0: 1929 on the default one', () => {
    const february = window('2023-02-04', '2023-02-28T23:59:59.999999Z', { durationDays: 28 });
    const filters = [filter({ r: ['eu'] }, standard('20')), filter({ r: ['us'] }, standard('50'))];
    const of = charge(standard('0'), { minAmountCents: 10_000, filters });
    const events = ['eu', 'us'].map((r) => ({ at: '2023-02-10', properties: { value: 1, r } }));
    expect(due(of, events, { window: february })).toEqual([
      { cents: 2000, isTrueUp: false, hasTrueUp: false },
      { cents: 5000, isTrueUp: false, hasTrueUp: false },
      { cents: 0, isTrueUp: false, hasTrueUp: true },
      { cents: 1929, isTrueUp: true, hasTrueUp: false },
    ]);
  });

  test('leaves usage at or above the minimum alone, current usage and progressive billing too', () => {
    const of = charge(standard('10'), { minAmountCents: 1000 });
    expect(due(of, [sum(1)])).toHaveLength(1);
    expect(due(of, [sum('0.1')], { mode: 'current_usage' })).toHaveLength(1);
    expect(due(of, [sum('0.1')], { mode: 'progressive_billing' })).toHaveLength(1);
  });

  test('in a pricing unit is reckoned in its cents and converted: 1000 − 200 = 800 → 4.00', () => {
    const appliedPricingUnit = { code: 'credits', shortName: 'CRD', conversionRate: '0.5' };
    const of = charge(standard('2'), { minAmountCents: 1000, appliedPricingUnit });
    const [, trueUp] = fees(of, [sum(1)]);
    expect([trueUp?.pricingUnit?.amountCents, trueUp?.amountCents]).toEqual([800, 400]);
  });
});

describe('a pricing unit', () => {
  const unit = (conversionRate: string) => ({ code: 'credits', shortName: 'CRD', conversionRate });

  test.each([
    [300, '1.0', '0.5', 30_000, 15_000, '15000'],
    [1, '1.005', '0.5', 101, 51, '50.5'],
    [1, '20', '0.25', 2000, 500, '500'],
  ])('%s units at %s, worth %s: rounded twice', (units, amount, rate, unitCents, amountCents, precise) => {
    const [fee] = fees(charge(standard(amount), { appliedPricingUnit: unit(rate) }), [sum(units)]);
    expect(fee?.pricingUnit?.amountCents).toBe(unitCents);
    expect(fee?.amountCents).toBe(amountCents);
    expect(fee?.preciseAmountCents.toFixed()).toBe(precise);
  });

  test('has a unit amount of its whole cents: 0.015 × 2 → 0.02', () => {
    const of = charge(graduated([0, null, '0.01', '0.01']), { appliedPricingUnit: unit('2') });
    const [fee] = fees(of, [sum(2)]);
    expect(fee?.preciseUnitAmount.toFixed()).toBe('0.02');
    expect(fee?.pricingUnit).toMatchObject({ unitAmountCents: 1, preciseAmountCents: '3', preciseUnitAmount: '0.015' });
  });
});

describe('the level of a recurring weighted sum', () => {
  const storage = metric('weighted_sum_agg', { recurring: true });
  const of = charge(standard('1'));
  const april = window('2023-04-01', '2023-04-30T23:59:59.999999Z');
  const events = [
    { at: '2023-03-05', properties: { value: 2500 } },
    { at: '2023-04-04', properties: { value: -2000 } },
    { at: '2023-04-06', properties: { value: -200 } },
  ];
  const march = window('2023-03-05', '2023-03-31T23:59:59.999999Z', { durationDays: 31 });
  const first = fees(of, events, { metric: storage, window: march });
  const stored = first.flatMap((fee) => fee.weightedLevel ?? []);

  test('is handed over with the fee, at the last event', () => {
    expect(cents(first)).toEqual([217_742]);
    expect(stored).toMatchObject([{ level: '2500', at: at('2023-03-05'), chargeFilterId: null, groupedBy: {} }]);
  });

  test('starts the next period: 533.33, level 300', () => {
    const [fee] = fees(of, events, { metric: storage, window: april, weightedLevels: stored });
    expect(fee?.amountCents).toBe(53_333);
    expect(fee?.totalAggregatedUnits?.toFixed()).toBe('300');
  });

  test('is that of the whole history where the subscription replaced another', () => {
    const [fee] = fees(of, events, { metric: storage, window: april, previousSubscriptionExists: true });
    expect(fee?.amountCents).toBe(53_333);
  });

  test('is 0 for a first subscription without a stored level', () => {
    const [fee] = fees(of, events, { metric: storage, window: april });
    expect(fee?.totalAggregatedUnits?.toFixed()).toBe('-2200');
  });

  test('stands at the start of a period without events, is not stored twice, and not at all by current usage', () => {
    const may = window('2023-05-01', '2023-05-31T23:59:59.999999Z');
    const given = { metric: storage, window: may, weightedLevels: stored };
    const [fee] = fees(of, events.slice(0, 1), given);
    expect(fee?.weightedLevel).toMatchObject({ at: at('2023-05-01'), level: '2500' });
    const again = fees(of, events.slice(0, 1), {
      ...given,
      weightedLevels: fee?.weightedLevel ? [...stored, fee.weightedLevel] : [],
    });
    expect(again[0]?.weightedLevel).toBeNull();
    expect(fees(of, events, { ...given, mode: 'current_usage' })[0]?.weightedLevel).toBeNull();
  });
});

describe('fees adjusted by hand on a draft', () => {
  test('are priced anew for the units given, before the true-up: 200.00 × 17/31 − 60.00', () => {
    const of = charge(standard('20'), { minAmountCents: 20_000 });
    const march = window('2022-03-15', '2022-03-31T23:59:59.999999Z', { durationDays: 31 });
    const result = fees(of, [{ at: '2022-03-16', properties: { value: 1 } }], {
      window: march,
      adjust: (_, withUnits) => withUnits(new Decimal(3)),
    });
    expect(result.map((fee) => [fee.units.toFixed(), fee.amountCents, fee.adjusted])).toEqual([
      ['3', 6000, true],
      ['1', 4968, false],
    ]);
  });
});

describe('presentation breakdowns', () => {
  const prices = standard('0');
  const keys = [{ value: 'region', displayInInvoice: true }];

  test('split each filter and group', () => {
    const of = charge(prices, {
      properties: properties(prices, { presentationGroupKeys: keys, pricingGroupKeys: ['cloud'] }),
    });
    const events = [
      sum(10, { cloud: 'aws', region: 'east' }),
      sum(5, { cloud: 'aws', region: 'central' }),
      sum(3, { cloud: 'gcp', region: 'west' }),
    ];
    const shown = fees(of, events).map((fee) =>
      fee.presentationBreakdowns.map((each) => [each.presentationBy.region, each.units.toNumber()]),
    );
    expect(shown).toEqual([
      [
        ['central', 5],
        ['east', 10],
      ],
      [['west', 3]],
    ]);
  });

  test('appear on an invoice only where the key says so', () => {
    const hidden = [{ value: 'region', displayInInvoice: false }];
    const of = charge(prices, { properties: properties(prices, { presentationGroupKeys: hidden }) });
    expect(fees(of, [sum(1, { region: 'x' })])[0]?.presentationBreakdowns).toEqual([]);
    expect(fees(of, [sum(1, { region: 'x' })], { mode: 'current_usage' })[0]?.presentationBreakdowns).toHaveLength(1);
  });
});

describe('free units of a percentage charge', () => {
  test('count the history of a recurring sum', () => {
    const recurring = metric('sum_agg', { recurring: true });
    const of = charge(percentage({ rate: '10', freeUnitsPerEvents: 1 }));
    const events = [{ at: '2024-02-01', properties: { value: 30 } }, sum(50)];
    // The free event is February's: 80 − 30 = 50 at 10 %.
    expect(cents(fees(of, events, { metric: recurring }))).toEqual([500]);
  });
});
