import { describe, expect, it } from 'vitest';
import { importPlans } from '../../src/cli/importPlans.js';

describe('importing plans of the API', () => {
  it('reads the legacy payload: bare tiers, volume ranges, a metric by its code', () => {
    const { definitions, leftOut } = importPlans({
      plan: {
        name: 'Pro',
        code: 'pro',
        interval: 'monthly',
        amount_cents: 1000,
        amount_currency: 'USD',
        charges: [
          { billable_metric_id: 'calls', charge_model: 'graduated', properties: [{ from_value: 0, to_value: null }] },
          { billable_metric_id: 'seats', charge_model: 'volume', properties: { ranges: [{ from_value: 0 }] } },
        ],
      },
    });
    expect(leftOut).toEqual([]);
    expect(definitions.plans).toEqual([
      {
        code: 'pro',
        name: 'Pro',
        interval: 'monthly',
        amount_cents: 1000,
        amount_currency: 'USD',
        charges: [
          {
            billable_metric_code: 'calls',
            charge_model: 'graduated',
            properties: { graduated_ranges: [{ from_value: 0, to_value: null }] },
          },
          { billable_metric_code: 'seats', charge_model: 'volume', properties: { volume_ranges: [{ from_value: 0 }] } },
        ],
      },
    ]);
  });

  it('reads what the API answers: taxes as codes, metrics by id, no server fields', () => {
    const { definitions, leftOut } = importPlans({
      billable_metrics: [{ lago_id: 'm-1', code: 'calls', name: 'Calls', aggregation_type: 'count_agg', filters: [] }],
      plans: [
        {
          lago_id: 'p-1',
          code: 'pro',
          created_at: '2024-01-01T00:00:00Z',
          customers_count: 3,
          taxes: [{ lago_id: 't-1', code: 'vat' }],
          minimum_commitment: { lago_id: 'c-1', plan_code: 'pro', amount_cents: 500, interval: 'monthly', taxes: [] },
          charges: [
            {
              lago_id: 'c-1',
              billable_metric_id: 'm-1',
              charge_model: 'standard',
              properties: { amount: '1', grouped_by: ['region'] },
              filters: [{ lago_id: 'f-1', values: { region: ['eu'] }, properties: { amount: '2' } }],
            },
          ],
          colour: 'blue',
        },
      ],
    });
    expect(leftOut).toEqual(['plan: colour']);
    expect(definitions.billable_metrics).toEqual([{ code: 'calls', name: 'Calls', aggregation_type: 'count_agg' }]);
    expect(definitions.plans).toEqual([
      {
        code: 'pro',
        minimum_commitment: { amount_cents: 500 },
        tax_codes: ['vat'],
        charges: [
          {
            billable_metric_code: 'calls',
            charge_model: 'standard',
            properties: { amount: '1', pricing_group_keys: ['region'] },
            filters: [{ values: { region: ['eu'] }, properties: { amount: '2' } }],
          },
        ],
      },
    ]);
  });

  it('refuses a file without a plan', () => {
    expect(() => importPlans({ customers: [] })).toThrow('neither a plan nor a billable metric');
  });
});
