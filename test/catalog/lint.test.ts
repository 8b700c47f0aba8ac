import { describe, expect, test } from 'vitest';
import { plan, problemsOf, warningsOf, withCharge, withPlan } from './samples.js';

const range = (from_value: number, to_value: number | null) => ({
  from_value,
  to_value,
  per_unit_amount: '1',
  rate: '1',
  flat_amount: '0',
});

describe('tiers', () => {
  const cases: [string, string, [number, number | null][], string[]][] = [
    [
      'that follow',
      'graduated',
      [
        [0, 10],
        [11, 20],
        [21, null],
      ],
      [],
    ],
    [
      'that all touch',
      'graduated',
      [
        [0, 10],
        [10, 20],
        [20, null],
      ],
      [],
    ],
    [
      'of which some touch (P-4)',
      'graduated',
      [
        [0, 10],
        [10, 20],
        [21, null],
      ],
      ['properties: mixed_adjacency'],
    ],
    [
      'of percentages that touch (P-4)',
      'graduated_percentage',
      [
        [0, 10],
        [10, null],
      ],
      ['properties: mixed_adjacency'],
    ],
    [
      'of volume from 1',
      'volume',
      [
        [1, 10],
        [11, null],
      ],
      ['properties: first_tier_from_one'],
    ],
    [
      'from 1 that touch',
      'graduated',
      [
        [1, 10],
        [10, null],
      ],
      ['properties: first_tier_from_one'],
    ],
    [
      'from 1 that follow',
      'graduated',
      [
        [1, 10],
        [11, null],
      ],
      [],
    ],
  ];
  test.each(cases)('%s', (_name, charge_model, bounds, expected) => {
    const properties = { [`${charge_model}_ranges`]: bounds.map(([from, to]) => range(from, to)) };
    const definitions = withCharge({ charge_model, properties });
    expect(problemsOf(definitions)).toEqual([]);
    expect(warningsOf(definitions)).toEqual(expected);
  });
});

describe('filters that share events (P-7)', () => {
  const ALL = ['__ALL_FILTER_VALUES__'];
  const cases: [string, Record<string, string[]>[], string[]][] = [
    ['distinct values', [{ cloud: ['aws'] }, { cloud: ['gcp'] }], []],
    ['a part of the other', [{ cloud: ['aws', 'gcp'] }, { cloud: ['aws'] }], []],
    ['a refinement', [{ cloud: ['aws'] }, { cloud: ['aws'], region: ['eu'] }], []],
    ['a refinement of all values', [{ cloud: ALL }, { cloud: ['aws'], region: ['eu'] }], []],
    ['other keys', [{ cloud: ['aws'] }, { region: ['eu'] }], ['values: overlapping_filters']],
    ['the same', [{ cloud: ['aws'] }, { cloud: ['aws'] }], ['values: identical_filters']],
    ['the same, written otherwise', [{ cloud: ALL }, { cloud: ['gcp', 'aws'] }], ['values: identical_filters']],
    [
      'a cross of two keys',
      [
        { cloud: ['aws', 'gcp'], region: ['eu'] },
        { cloud: ['aws'], region: ['eu', 'us'] },
      ],
      ['values: overlapping_filters'],
    ],
  ];
  test.each(cases)('%s', (_name, values, expected) => {
    const filters = values.map((each) => ({ values: each, properties: { amount: '1' } }));
    expect(warningsOf(withCharge({ billable_metric_code: 'images', filters }))).toEqual(expected);
  });
});

test('what has no effect is said', () => {
  const charges = [{ billable_metric_code: 'calls', properties: { amount: '1' } }];
  expect(warningsOf(withPlan({ bill_charges_monthly: true, charges }))).toEqual([
    'bill_charges_monthly: has_no_effect',
  ]);
  expect(warningsOf(withCharge({ properties: { amount: '1', ammount: '2' } }))).toEqual([
    'properties: unknown_property',
  ]);
});

test('prices that are missing are said', () => {
  expect(warningsOf(withCharge({ properties: null }))).toEqual(['properties: charge_without_prices']);
  expect(warningsOf({ plans: [{ ...plan, amount_cents: 0 }] })).toEqual(['amount_cents: plan_without_prices']);
});
