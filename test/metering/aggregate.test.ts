import { describe, expect, test } from 'vitest';
import type { BillableMetric } from '../../src/catalog/types.js';
import { aggregate, roundUnits } from '../../src/metering/aggregate.js';
import type { AggregationInput } from '../../src/metering/metered.js';
import { Decimal } from '../../src/money/decimal.js';
import { instant } from '../../src/time/instant.js';
import { aggregation, at, type EventSketch, metric, reader, window } from './fixtures.js';

function figures(of: BillableMetric, events: readonly EventSketch[], given: Partial<AggregationInput> = {}) {
  return aggregate(aggregation(of, reader(...events), given)).map(({ units, eventsCount, groupedBy }) => ({
    units: units.toFixed(),
    eventsCount,
    ...(Object.keys(groupedBy).length === 0 ? {} : { groupedBy }),
  }));
}

const values = (...texts: readonly unknown[]): EventSketch[] =>
  texts.map((value, index) => ({ at: `2024-03-0${index + 1}`, properties: { value } }));

describe('aggregation', () => {
  test.each([
    ['count_agg', values('1', 'x', null), '3', 3],
    ['count_agg', [], '0', 0],
    ['sum_agg', values('0.1', 0.2, 'x', '1e3', true, '-0.05'), '0.25', 3],
    ['sum_agg', [], '0', 0],
    ['max_agg', values(1, '12.5', 'x'), '12.5', 2],
    ['max_agg', values(-3, -7), '-3', 2],
    ['max_agg', [], '0', 0],
    ['latest_agg', values(5, 7, 'x'), '7', 2],
    ['latest_agg', values(5, -7), '0', 2],
    ['unique_count_agg', values('a', 'b', 'a', 1, '1'), '3', 3],
    ['unique_count_agg', values(null, undefined), '1', 1],
    ['unique_count_agg', [], '0', 0],
  ] as const)('%s of its events', (type, events, units, eventsCount) => {
    expect(figures(metric(type), events)).toEqual([{ units, eventsCount }]);
  });

  test('latest of one instant is the last to arrive', () => {
    const events = [5, 9].map((value) => ({ at: '2024-03-05', properties: { value } }));
    expect(figures(metric('latest_agg'), events)).toEqual([{ units: '9', eventsCount: 2 }]);
  });

  test('both ends of the window are in it, to the millisecond at its start', () => {
    const from = '2024-03-05T10:00:00.000400Z';
    const events = ['2024-03-05T09:59:59.999999Z', '2024-03-05T10:00:00Z', '2024-03-31T23:59:59.999999Z', '2024-04-01'];
    const usage = events.map((when) => ({ at: when }));
    const given = { window: window(from, '2024-03-31T23:59:59.999999Z') };
    expect(figures(metric('count_agg'), usage, given)).toEqual([{ units: '2', eventsCount: 2 }]);
  });

  test('an event at the instant of an upgrade belongs to the new subscription alone', () => {
    const upgraded = window('2024-03-01', '2024-03-05', {
      endedByUpgrade: true,
      eventsTo: instant(at('2024-03-05') - 1),
    });
    expect(figures(metric('count_agg'), [{ at: '2024-03-05' }], { window: upgraded })[0]?.units).toBe('0');
  });

  test('recurring sums and unique counts reach back to the first event', () => {
    const events = [{ at: '2023-01-01', properties: { value: 5 } }, ...values(2)];
    expect(figures(metric('sum_agg', { recurring: true }), events)).toEqual([{ units: '7', eventsCount: 2 }]);
    expect(figures(metric('unique_count_agg', { recurring: true }), events)).toEqual([{ units: '2', eventsCount: 2 }]);
    expect(figures(metric('unique_count_agg'), events)).toEqual([{ units: '1', eventsCount: 1 }]);
  });

  test('an earlier end counts up to an event of its instant', () => {
    const events = ['2024-03-05', '2024-03-05', '2024-03-05'].map((when) => ({ at: when }));
    const upTo = { timestamp: at('2024-03-05'), sequence: 2 };
    expect(figures(metric('count_agg'), events, { upTo })).toEqual([{ units: '2', eventsCount: 2 }]);
  });
});

describe('unique count by replay', () => {
  const change = (value: string, operation?: string, user = 'u') => ({
    at: '2024-03-05',
    properties: { value, user, ...(operation === undefined ? {} : { operation_type: operation }) },
  });
  test.each([
    ['added again after a removal counts once', [change('a'), change('a', 'remove'), change('a', 'add')], '1'],
    ['added and removed counts nothing', [change('a'), change('a', 'remove')], '0'],
    ['a removal of what is absent changes nothing', [change('a', 'remove'), change('a')], '1'],
    ['an unknown operation removes', [change('a'), change('a', 'delete')], '0'],
  ])('%s', (_, events, units) => {
    expect(figures(metric('unique_count_agg'), events)[0]?.units).toBe(units);
  });

  test('one value in two groups counts twice', () => {
    const events = [change('a', 'add', 'x'), change('a', 'add', 'y')];
    expect(figures(metric('unique_count_agg'), events, { groupKeys: ['user'] })).toEqual([
      { units: '1', eventsCount: 1, groupedBy: { user: 'x' } },
      { units: '1', eventsCount: 1, groupedBy: { user: 'y' } },
    ]);
  });
});

describe('grouping', () => {
  test('takes missing, null and empty text as one group, the groups in order of their values', () => {
    const events = ['b', null, 'a', '', undefined].map((user) => ({ at: '2024-03-05', properties: { user } }));
    expect(figures(metric('count_agg'), events, { groupKeys: ['user'] })).toEqual([
      { units: '3', eventsCount: 3, groupedBy: { user: null } },
      { units: '1', eventsCount: 1, groupedBy: { user: 'a' } },
      { units: '1', eventsCount: 1, groupedBy: { user: 'b' } },
    ]);
  });

  test.each(['count_agg', 'sum_agg', 'max_agg', 'latest_agg', 'unique_count_agg', 'weighted_sum_agg'] as const)(
    'of %s without an event is one group of null values',
    (type) => {
      expect(figures(metric(type), [], { groupKeys: ['user', 'cloud'] })).toEqual([
        { units: '0', eventsCount: 0, groupedBy: { user: null, cloud: null } },
      ]);
    },
  );
});

describe('metric rounding', () => {
  test.each([
    ['round', 2, '123.46'],
    ['round', null, '123'],
    ['round', -2, '100'],
    ['ceil', 2, '123.46'],
    ['ceil', null, '124'],
    ['ceil', -2, '200'],
    ['floor', 2, '123.45'],
    ['floor', -2, '100'],
    [null, null, '123.456'],
  ] as const)('123.456 by %s at %s is %s', (roundingFunction, roundingPrecision, expected) => {
    const rounding = metric('sum_agg', { roundingFunction, roundingPrecision });
    expect(roundUnits(rounding, new Decimal('123.456')).toFixed()).toBe(expected);
  });
});

describe('weighted sum', () => {
  const STORAGE = metric('weighted_sum_agg', { recurring: true });
  const level = (when: string, value: number) => ({ at: when, properties: { value } });

  test('counts the days before a mid-period start as zero: 2500 × 27/31', () => {
    const given = { window: window('2023-03-05', '2023-03-31T23:59:59.999999Z', { durationDays: 31 }) };
    expect(figures(STORAGE, [level('2023-03-05', 2500)], given)).toEqual([
      { units: '2177.4193548387096774', eventsCount: 1 },
    ]);
  });

  test('starts at the carried level: (2500×3 + 500×2 + 300×25) / 30', () => {
    const given = {
      window: window('2023-04-01', '2023-04-30T23:59:59.999999Z'),
      startLevels: [{ groupedBy: {}, level: new Decimal(2500) }],
    };
    const [usage] = aggregate(
      aggregation(STORAGE, reader(level('2023-04-04', -2000), level('2023-04-06', -200)), given),
    );
    expect(usage?.units.toFixed(10)).toBe('533.3333333333');
    expect(usage?.level?.toFixed()).toBe('300');
    expect(usage?.lastEventAt).toBe(at('2023-04-06'));
  });

  test('keeps a carried group that has no event', () => {
    const given = {
      groupKeys: ['agent'],
      startLevels: [{ groupedBy: { agent: 'frodo' }, level: new Decimal(31) }],
    };
    const aragorn = { at: '2024-03-31', properties: { value: 31, agent: 'aragorn' } };
    expect(figures(STORAGE, [aragorn], given)).toEqual([
      { units: '1', eventsCount: 1, groupedBy: { agent: 'aragorn' } },
      { units: '31', eventsCount: 0, groupedBy: { agent: 'frodo' } },
    ]);
  });

  test('divides by whole days even where a day of the month has 23 hours: 743 of 744', () => {
    const given = {
      window: window('2024-03-01T00:00+01:00', '2024-03-31T23:59:59.999999+02:00', { zone: 'Europe/Paris' }),
    };
    expect(figures(STORAGE, [level('2024-02-29T23:00:00Z', 744)], given)).toEqual([{ units: '743', eventsCount: 1 }]);
  });
});
