import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { importDefinitions } from '../../src/catalog/import.js';
import { metrics, problemsOf } from './samples.js';

const ranges = [
  { from_value: 0, to_value: 10, per_unit_amount: 0.001, flat_amount: '0' },
  { from_value: 11, to_value: null, per_unit_amount: '0.0005', flat_amount: 0 },
];

const legacy = {
  plan: {
    lago_id: '1a901a90-1a90-1a90-1a90-1a901a901a90',
    name: 'Basic',
    code: 'basic',
    interval: 'yearly',
    amount_cents: 90000,
    amount_currency: 'USD',
    trial_period: 3,
    pay_in_advance: true,
    bill_charges_monthly: null,
    active_subscriptions_count: 4,
    created_at: '2022-04-29T08:59:51Z',
    taxes: [],
    charges: [
      { billable_metric_id: 'calls', charge_model: 'graduated', properties: ranges },
      { billable_metric_id: 'calls', charge_model: 'volume', properties: { ranges } },
      {
        lago_billable_metric_id: '2b902b90-2b90-2b90-2b90-2b902b902b90',
        billable_metric_code: 'gb',
        charge_model: 'percentage',
        properties: { rate: 0.5, fixed_amount: 1e-7, free_units_per_events: '3', grouped_by: ['region'] },
        invoiceable: true,
        colour: 'red',
      },
    ],
  },
};

test('older shapes come out in the current one, prices as texts of every digit', () => {
  const { yaml } = importDefinitions(legacy);
  const tiers = [
    { from_value: 0, to_value: 10, per_unit_amount: '0.001', flat_amount: '0' },
    { from_value: 11, to_value: null, per_unit_amount: '0.0005', flat_amount: '0' },
  ];
  expect(parse(yaml)).toEqual({
    plans: [
      {
        code: 'basic',
        name: 'Basic',
        interval: 'yearly',
        amount_cents: 90000,
        amount_currency: 'USD',
        pay_in_advance: true,
        trial_period: 3,
        charges: [
          { billable_metric_code: 'calls', charge_model: 'graduated', properties: { graduated_ranges: tiers } },
          { billable_metric_code: 'calls', charge_model: 'volume', properties: { volume_ranges: tiers } },
          {
            billable_metric_code: 'gb',
            charge_model: 'percentage',
            properties: {
              rate: '0.5',
              fixed_amount: '0.0000001',
              free_units_per_events: 3,
              pricing_group_keys: ['region'],
            },
          },
        ],
      },
    ],
  });
});

test('what comes out is accepted, and points an editor to its schema', () => {
  const { yaml } = importDefinitions(legacy);
  expect(problemsOf({ billable_metrics: Object.values(metrics), ...(parse(yaml) as object) })).toEqual([]);
  expect(yaml).toMatch(/^# yaml-language-server: \$schema=\.\.\/schema\/plans\.schema\.json\n/);
  expect(yaml).toContain('# 900.00 USD yearly, in advance, after 3 days of trial');
  expect(yaml).toContain('- {from_value: 0, to_value: 10, per_unit_amount: "0.001", flat_amount: "0"}');
});

test('unknown keys are named, those of an answer are not', () => {
  expect(importDefinitions(legacy).warnings).toEqual([
    'plan "basic", charge "gb": colour is not known and was left out',
  ]);
});

test('a metric named by an id is found beside the plan, else asked for', () => {
  const id = '3c903c90-3c90-3c90-3c90-3c903c903c90';
  const plans = [{ code: 'a', name: 'A', interval: 'monthly', charges: [{ billable_metric_id: id }] }];
  const metric = { lago_id: id, code: 'calls', name: 'Calls', aggregation_type: 'count_agg' };
  const together = importDefinitions({ plans, billable_metrics: [metric] });
  expect(together.warnings).toEqual([]);
  expect(together.definitions.plans).toMatchObject([{ charges: [{ billable_metric_code: 'calls' }] }]);
  expect(importDefinitions({ plans }).warnings).toEqual([
    `plan "a": a charge names its metric by the id ${id}; put the metric's code in its place`,
  ]);
});

test('metrics come alone, in a list, or bare', () => {
  const metric = {
    lago_id: '4d904d90-4d90-4d90-4d90-4d904d904d90',
    code: 'images',
    name: 'Images',
    aggregation_type: 'sum_agg',
    field_name: 'n',
    recurring: false,
    filters: [{ key: 'cloud', values: ['aws'] }],
    active_subscriptions_count: 0,
  };
  const expected = [
    {
      code: 'images',
      name: 'Images',
      aggregation_type: 'sum_agg',
      field_name: 'n',
      filters: [{ key: 'cloud', values: ['aws'] }],
    },
  ];
  for (const json of [metric, { billable_metric: metric }, { billable_metrics: [metric] }, [metric]]) {
    const { definitions, warnings } = importDefinitions(json);
    expect([definitions, warnings]).toEqual([{ billable_metrics: expected }, []]);
  }
});

test('a document with neither is refused', () => {
  expect(() => importDefinitions({ invoice: {} })).toThrow(/no plan and no billable metric/);
});
