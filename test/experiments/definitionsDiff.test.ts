import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import { diffCatalogs } from '../../src/experiments/definitionsDiff.js';
import { diffMarkdown, renderDiff } from '../../src/experiments/definitionsDiffText.js';

interface Given {
  readonly amount?: number;
  readonly trial?: number;
  readonly tiers?: readonly (readonly [from: number, to: number | null, price: string, flat: string])[];
  readonly more?: readonly object[];
  readonly rate?: number;
}

function definitions({ amount = 1000, trial = 0, tiers = [[0, null, '1', '0']], more = [], rate = 20 }: Given) {
  return catalogFrom({
    taxes: [{ code: 'vat', name: 'VAT', rate }],
    billable_metrics: [
      { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
      { code: 'gb', name: 'GB', aggregation_type: 'sum_agg', field_name: 'gb' },
    ],
    plans: [
      {
        code: 'pro',
        name: 'Pro',
        interval: 'monthly',
        amount_cents: amount,
        amount_currency: 'USD',
        trial_period: trial,
        charges: [
          {
            billable_metric_code: 'calls',
            charge_model: 'graduated',
            properties: {
              graduated_ranges: tiers.map(([from, to, price, flat]) => ({
                from_value: from,
                to_value: to,
                per_unit_amount: price,
                flat_amount: flat,
              })),
            },
          },
          ...more,
        ],
      },
    ],
  });
}

const lines = (before: Given, after: Given) =>
  diffCatalogs(definitions(before), definitions(after)).map((each) => [
    each.subject,
    each.part ?? each.kind,
    each.before,
    each.after,
    each.percent,
  ]);

describe('changes of definitions in pricing words', () => {
  test('nothing', () => {
    expect(lines({}, {})).toEqual([]);
    expect(renderDiff([], { colour: false })).toBe('nothing that is billed changes');
  });

  test('a base fee, a trial and a tax', () => {
    expect(lines({}, { amount: 1250, trial: 14, rate: 21 })).toEqual([
      ['plan pro', 'base fee', '10.00 USD a month', '12.50 USD a month', 25],
      ['plan pro', 'trial', 'none', '14 days', null],
      ['tax vat', 'rate', '20', '21', 5],
    ]);
  });

  test('a tier by its bounds', () => {
    const before: Given = {
      tiers: [
        [0, 100, '1', '0'],
        [101, null, '0.5', '0'],
      ],
    };
    const after: Given = {
      tiers: [
        [0, 100, '0.9', '0'],
        [101, null, '0.5', '7'],
      ],
    };
    expect(lines(before, after)).toEqual([
      ['plan pro, charge calls', 'units 0 to 100, each', '1', '0.9', -10],
      ['plan pro, charge calls', 'units from 101 on, for reaching them', null, '7', null],
    ]);
  });

  test('a charge that came', () => {
    const more = [{ billable_metric_code: 'gb', charge_model: 'standard', properties: { amount: '3' } }];
    expect(lines({}, { more })).toEqual([['plan pro, charge gb', 'added', null, 'each unit 3', null]]);
    expect(lines({ more }, {})).toEqual([['plan pro, charge gb', 'removed', 'each unit 3', null, null]]);
  });

  test('as text and as a table of a pull request', () => {
    const changes = diffCatalogs(definitions({}), definitions({ amount: 1250 }));
    expect(renderDiff(changes, { colour: false })).toBe(
      '~ plan pro\n    base fee  10.00 USD a month → 12.50 USD a month  +25 %',
    );
    expect(diffMarkdown(changes)).toContain('| plan pro | base fee | 10.00 USD a month | 12.50 USD a month | +25 % |');
  });
});
