import { describe, expect, test } from 'vitest';
import { aggregate } from '../../src/metering/aggregate.js';
import type { AggregationInput } from '../../src/metering/metered.js';
import { price } from '../../src/rating/price.js';
import { aggregation, type EventSketch, graduated, metric, reader, window } from './fixtures.js';

const SUM = metric('sum_agg', { recurring: true });
const SEATS = metric('unique_count_agg', { recurring: true });
const MAY = window('2023-05-01', '2023-05-31T23:59:59.999999Z');
const JULY_9 = window('2022-07-09', '2022-08-08T23:59:59.999999Z');

const sum = (when: string, value: number | string, more: Record<string, unknown> = {}) => ({
  at: when,
  properties: { value, ...more },
});
const add = (when: string, value = 'a') => ({ at: when, properties: { value } });
const remove = (when: string, value = 'a') => ({ at: when, properties: { value, operation_type: 'remove' } });

function prorated(of: typeof SUM, events: readonly EventSketch[], given: Partial<AggregationInput>) {
  return aggregate(aggregation(of, reader(...events), { prorated: true, ...given })).map((usage) => ({
    units: usage.units.toFixed(),
    full: usage.fullUnits.toFixed(),
    eventsCount: usage.eventsCount,
  }));
}

describe('prorated sum', () => {
  test.each([
    [
      'held and added: 5 + 24 × 6/31',
      [sum('2023-03-01', 2.5), sum('2023-03-01', 2.5), sum('2023-05-26', 12), sum('2023-05-26', 12)],
      '9.64517',
      '29',
      4,
    ],
    ['on the first instant weighs the whole period', [sum('2023-05-01', 10)], '10', '10', 1],
    ['on the last day weighs one day', [sum('2023-05-31T23:00', 31)], '1.00001', '31', 1],
    ['a removal has the same weight', [sum('2023-03-01', 31), sum('2023-05-31', -31)], '30', '0', 2],
    ['nothing', [], '0', '0', 0],
  ] as const)('%s', (_, events, units, full, eventsCount) => {
    expect(prorated(SUM, events, { window: MAY })).toEqual([{ units, full, eventsCount }]);
  });

  test('a window cut short keeps the divisor, and the day of an upgrade is not its own: 29 × 11/29', () => {
    const upgraded = window('2024-02-01', '2024-02-12T10:00:00Z', { durationDays: 29, endedByUpgrade: true });
    const terminated = { ...upgraded, endedByUpgrade: false };
    const held = [sum('2024-01-10', 29)];
    expect(prorated(SUM, held, { window: upgraded })[0]?.units).toBe('11');
    expect(prorated(SUM, held, { window: terminated })[0]?.units).toBe('12');
  });

  test('days are those of the zone', () => {
    const paris = window('2023-05-01T00:00+02:00', '2023-05-31T23:59:59.999999+02:00', { zone: 'Europe/Paris' });
    expect(paris.durationDays).toBe(31);
    // 22:30 UTC on the 30th is the 31st in Paris: one day.
    expect(prorated(SUM, [sum('2023-05-30T22:30:00Z', 3.1)], { window: paris })[0]?.units).toBe('0.10001');
  });

  test('each group has its own carry-over', () => {
    const events = [sum('2023-01-01', 3, { user: 'a' }), sum('2023-05-31', 31, { user: 'b' })];
    expect(prorated(SUM, events, { window: MAY, groupKeys: ['user'] })).toEqual([
      { units: '3', full: '3', eventsCount: 1 },
      { units: '1.00001', full: '31', eventsCount: 1 },
    ]);
  });
});

describe('prorated unique count', () => {
  test.each([
    ['present since before, and added on day 11', [add('2022-06-10'), add('2022-07-19', 'b')], '1.67742', '2'],
    ['added on the first day', [add('2022-07-09')], '1', '1'],
    ['removed on the last day', [add('2022-06-10'), remove('2022-08-08T23:59:59')], '1', '0'],
    ['added and removed in the period: 29 days', [add('2022-07-10'), remove('2022-08-07T23:59:59')], '0.93549', '0'],
    ['added and removed on one day', [add('2022-07-10T01:00'), remove('2022-07-10T02:00')], '0.03226', '0'],
    [
      'any number of pairs on one day is one day',
      [add('2022-07-09T01:00'), remove('2022-07-09T02:00'), add('2022-07-09T03:00'), remove('2022-07-09T04:00')],
      '0.03226',
      '0',
    ],
    [
      'back on a later day: two stays',
      [add('2022-07-09'), remove('2022-07-09T05:00'), add('2022-07-11'), remove('2022-07-11T05:00')],
      '0.06452',
      '0',
    ],
    ['removed before the period', [add('2022-06-10'), remove('2022-06-20')], '0', '0'],
    ['repeated adds', [add('2022-07-09'), add('2022-07-20')], '1', '1'],
  ])('%s', (_, events, units, full) => {
    expect(prorated(SEATS, events, { window: JULY_9 })[0]).toMatchObject({ units, full });
  });

  test('thirty-one single days come to 1.00001, and the count of events is what remains of it', () => {
    const stays = Array.from({ length: 31 }, (_, day) => {
      const date = `2023-05-${String(day + 1).padStart(2, '0')}`;
      return [add(`${date}T01:00`, String(day)), remove(`${date}T02:00`, String(day))];
    }).flat();
    expect(prorated(SEATS, stays, { window: MAY })).toEqual([{ units: '1.00001', full: '0', eventsCount: 1 }]);
  });
});

describe('prorated graduated', () => {
  const prices = graduated([0, 5, '10', '100'], [6, 15, '5', '50'], [16, null, '2', '0']);
  const SEPTEMBER = window('2022-09-01', '2022-09-30T23:59:59.999999Z');
  const changes: readonly (readonly [number, number])[] = [
    [10, 2],
    [16, 5],
    [20, -6],
    [25, 10],
    [26, 4],
  ];
  const cost = (events: readonly EventSketch[], of = SUM) => {
    const [usage] = aggregate(aggregation(of, reader(...events), { window: SEPTEMBER, prorated: true }));
    if (usage === undefined) throw new Error('no usage');
    return price(prices, usage, 'EUR').amount.toFixed(2);
  };

  test.each([
    [0, '100.00'],
    [1, '114.00'],
    [2, '184.00'],
    [3, '165.67'],
    [4, '179.67'],
    [5, '183.00'],
  ])('after %s changes of a sum', (count, amount) => {
    expect(cost(changes.slice(0, count).map(([day, value]) => sum(`2022-09-${day}`, value)))).toBe(amount);
  });

  test('of seats counts every one from its own day', () => {
    // Two seats on the 10th: 2 × 21/30 × 10 + 100.
    expect(cost([add('2022-09-10', 'a'), add('2022-09-10', 'b')], SEATS)).toBe('114.00');
  });
});
