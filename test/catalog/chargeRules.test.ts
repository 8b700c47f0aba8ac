import { describe, expect, test } from 'vitest';
import { problemsOf, withCharge } from './samples.js';

const range = { from_value: 0, to_value: null, per_unit_amount: '1', flat_amount: '0' };
const rate = { from_value: 0, to_value: null, rate: '1', flat_amount: '0' };

describe('what a charge may combine', () => {
  const inAdvance = { pay_in_advance: true };
  const mismatch = 'invalid_aggregation_type_or_charge_model';
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['a count in advance', inAdvance, []],
    ['a maximum in advance', { ...inAdvance, billable_metric_code: 'peak' }, [`pay_in_advance: ${mismatch}`]],
    ['a latest value in advance', { ...inAdvance, billable_metric_code: 'level' }, [`pay_in_advance: ${mismatch}`]],
    ['a weighted sum in advance', { ...inAdvance, billable_metric_code: 'stock' }, [`pay_in_advance: ${mismatch}`]],
    [
      'volume in advance',
      { ...inAdvance, charge_model: 'volume', properties: { volume_ranges: [range] } },
      [`pay_in_advance: ${mismatch}`],
    ],
    ['dynamic on a count', { charge_model: 'dynamic', properties: {} }, [`charge_model: ${mismatch}`]],
    ['dynamic on a sum', { charge_model: 'dynamic', billable_metric_code: 'gb', properties: {} }, []],
    ['custom on a count', { charge_model: 'custom' }, [`charge_model: ${mismatch}`]],
    ['an unknown model', { charge_model: 'tiered' }, ['charge_model: value_is_invalid']],
    ['seats prorated', { prorated: true, billable_metric_code: 'seats' }, []],
    [
      'a metric that is not recurring, prorated',
      { prorated: true, billable_metric_code: 'gb' },
      ['prorated: invalid_billable_metric_or_charge_model'],
    ],
    [
      'a weighted sum prorated',
      { prorated: true, billable_metric_code: 'stock' },
      ['prorated: invalid_billable_metric_or_charge_model'],
    ],
    [
      'graduated seats prorated in arrears',
      {
        prorated: true,
        billable_metric_code: 'seats',
        charge_model: 'graduated',
        properties: { graduated_ranges: [range] },
      },
      [],
    ],
    [
      'graduated seats prorated in advance',
      {
        ...inAdvance,
        prorated: true,
        billable_metric_code: 'seats',
        charge_model: 'graduated',
        properties: { graduated_ranges: [range] },
      },
      ['prorated: invalid_billable_metric_or_charge_model'],
    ],
    ['not invoiced in arrears', { invoiceable: false }, ['invoiceable: must_be_true_unless_pay_in_advance']],
    [
      'regrouped though invoiced at once',
      { ...inAdvance, regroup_paid_fees: 'invoice' },
      ['regroup_paid_fees: only_compatible_with_pay_in_advance_and_non_invoiceable'],
    ],
    ['regrouped', { ...inAdvance, invoiceable: false, regroup_paid_fees: 'invoice' }, []],
    ['a negative minimum', { min_amount_cents: -1 }, ['min_amount_cents: value_is_out_of_range']],
    [
      'a minimum in advance',
      { ...inAdvance, min_amount_cents: 1000 },
      ['min_amount_cents: not_compatible_with_pay_in_advance'],
    ],
    ['an unknown metric', { billable_metric_code: 'cals' }, ['billable_metric_code: billable_metrics_not_found']],
    ['an unknown tax', { tax_codes: ['vat'] }, ['tax_codes: tax_not_found']],
    [
      'an unknown pricing unit without a rate',
      { applied_pricing_unit: { code: 'credits' } },
      ['pricing_unit: relation_must_exist', 'conversion_rate: value_is_mandatory'],
    ],
  ];
  test.each(cases)('%s', (_name, charge, expected) => {
    expect(problemsOf(withCharge(charge))).toEqual(expected);
  });

  test('a pricing unit is worth more than nothing', () => {
    const applied = (rate: unknown) => ({
      ...withCharge({ applied_pricing_unit: { code: 'credits', conversion_rate: rate } }),
      pricing_units: [{ code: 'credits', name: 'Credits', short_name: 'CR' }],
    });
    expect(problemsOf(applied('0'))).toEqual(['conversion_rate: value_is_out_of_range']);
    expect(problemsOf(applied('a lot'))).toEqual(['conversion_rate: value_is_invalid']);
    expect(problemsOf(applied(0.25))).toEqual([]);
  });

  test('the codes of two charges of a plan differ', () => {
    const { plans, ...rest } = withCharge({ code: 'usage' }) as { plans: { charges: unknown[] }[] };
    const [plan] = plans;
    const twice = { ...rest, plans: [{ ...plan, charges: [...(plan?.charges ?? []), ...(plan?.charges ?? [])] }] };
    expect(problemsOf(twice)).toEqual(['code: value_already_exist']);
  });
});

describe('filters of a charge', () => {
  const filtered = (values: unknown) =>
    withCharge({ billable_metric_code: 'images', filters: [{ values, properties: { amount: '2' } }] });
  const cases: [string, unknown, string[]][] = [
    ['declared values', { cloud: ['aws'], region: ['eu', 'us'] }, []],
    ['every declared value', { cloud: ['__ALL_FILTER_VALUES__'] }, []],
    ['nothing', {}, ['values: value_is_mandatory']],
    ['no mapping', ['aws'], ['values: value_is_invalid']],
    ['no value of a key', { cloud: [] }, ['values: value_is_mandatory']],
    ['an unknown key', { cluod: ['aws'] }, ['values: value_is_invalid']],
    ['an undeclared value', { cloud: ['azure'] }, ['values: value_is_invalid']],
    ['every value and one more', { cloud: ['__ALL_FILTER_VALUES__', 'aws'] }, ['values: value_is_invalid']],
    ['a value that is no list', { cloud: 'aws' }, ['values: value_is_invalid']],
  ];
  test.each(cases)('%s', (_name, values, expected) => {
    expect(problemsOf(filtered(values))).toEqual(expected);
  });

  test('are priced by the model of the charge', () => {
    const graduated = withCharge({
      billable_metric_code: 'images',
      charge_model: 'graduated',
      properties: { graduated_ranges: [range] },
      filters: [{ values: { cloud: ['aws'] }, properties: { amount: '2' } }],
    });
    expect(problemsOf(graduated)).toEqual(['properties: missing_graduated_ranges']);
  });
});

describe('prices', () => {
  const priced = (charge_model: string, properties: unknown, billable_metric_code = 'calls') =>
    problemsOf(withCharge({ charge_model, properties, billable_metric_code })).map((each) => each.split(': ')[1]);
  const pack = (fields: object) => ({ amount: '5', package_size: 10, free_units: 0, ...fields });
  const tiers = (...bounds: [unknown, unknown][]) =>
    bounds.map(([from_value, to_value]) => ({ ...range, from_value, to_value }));

  const cases: [string, string, unknown, string[]][] = [
    ['standard without an amount', 'standard', { amount: null }, ['invalid_amount']],
    ['standard with a number', 'standard', { amount: 12 }, ['invalid_amount']],
    ['standard below zero', 'standard', { amount: '-1' }, ['invalid_amount']],
    ['standard with an exponent', 'standard', { amount: '1e-3' }, []],
    ['standard with no properties at all', 'standard', null, []],
    ['package of nothing', 'package', pack({ package_size: 0 }), ['invalid_package_size']],
    ['package of a half', 'package', pack({ package_size: 1.5 }), ['invalid_package_size']],
    ['package without free units', 'package', pack({ free_units: null }), ['invalid_free_units']],
    ['package with negative free units', 'package', pack({ free_units: -3 }), ['invalid_free_units']],
    ['package without a price', 'package', pack({ amount: undefined }), ['invalid_amount']],
    ['percentage without a rate', 'percentage', { fixed_amount: '1' }, ['invalid_rate']],
    ['percentage with a number', 'percentage', { rate: 0.25 }, ['invalid_rate']],
    ['percentage with a fee as a number', 'percentage', { rate: '1', fixed_amount: 1 }, ['invalid_fixed_amount']],
    [
      'percentage with no free event',
      'percentage',
      { rate: '1', free_units_per_events: 0 },
      ['invalid_free_units_per_events'],
    ],
    [
      'percentage with a negative free total',
      'percentage',
      { rate: '1', free_units_per_total_aggregation: '-1' },
      ['invalid_free_units_per_total_aggregation'],
    ],
    [
      'percentage with bounds crossed',
      'percentage',
      { rate: '1', per_transaction_min_amount: '3', per_transaction_max_amount: '2' },
      ['per_transaction_max_lower_than_per_transaction_min'],
    ],
    ['no tier', 'graduated', { graduated_ranges: [] }, ['missing_graduated_ranges']],
    ['no tier of volume', 'volume', { volume_ranges: null }, ['missing_volume_ranges']],
    [
      'no tier of percentages',
      'graduated_percentage',
      { graduated_percentage_ranges: [] },
      ['missing_graduated_percentage_ranges'],
    ],
    ['tiers from 1', 'graduated', { graduated_ranges: tiers([1, null]) }, []],
    ['tiers from 2', 'graduated', { graduated_ranges: tiers([2, null]) }, ['invalid_graduated_ranges']],
    ['tiers that end', 'graduated', { graduated_ranges: tiers([0, 9]) }, ['invalid_graduated_ranges']],
    ['tiers that touch', 'graduated', { graduated_ranges: tiers([0, 10], [10, null]) }, []],
    ['tiers that follow', 'graduated', { graduated_ranges: tiers([0, 10], [11, null]) }, []],
    ['tiers with a hole', 'graduated', { graduated_ranges: tiers([0, 10], [12, null]) }, ['invalid_graduated_ranges']],
    ['tiers that overlap', 'graduated', { graduated_ranges: tiers([0, 10], [9, null]) }, ['invalid_graduated_ranges']],
    ['tiers of text', 'graduated', { graduated_ranges: tiers(['0', null]) }, ['invalid_graduated_ranges']],
    ['a tier that goes back', 'volume', { volume_ranges: tiers([0, 0], [1, null]) }, ['invalid_volume_ranges']],
    ['volume tiers that follow', 'volume', { volume_ranges: tiers([0, 10], [11, null]) }, []],
    ['volume tiers that touch', 'volume', { volume_ranges: tiers([0, 10], [10, null]) }, ['invalid_volume_ranges']],
    ['volume tiers two apart', 'volume', { volume_ranges: tiers([0, 10], [12, null]) }, ['invalid_volume_ranges']],
    [
      'a tier without prices',
      'graduated',
      { graduated_ranges: [{ from_value: 0, to_value: null }] },
      ['invalid_amount', 'invalid_amount'],
    ],
    [
      'a tier without a rate',
      'graduated_percentage',
      { graduated_percentage_ranges: [{ ...rate, rate: null }] },
      ['invalid_rate'],
    ],
    ['grouped by a text', 'standard', { amount: '1', pricing_group_keys: 'region' }, ['invalid_type']],
    ['grouped by a number', 'standard', { amount: '1', pricing_group_keys: [12] }, ['invalid_type']],
    ['grouped by the old name', 'standard', { amount: '1', grouped_by: ['region'] }, []],
    [
      'shown by three keys',
      'standard',
      { amount: '1', presentation_group_keys: [{ value: 'a' }, { value: 'b' }, { value: 'c' }] },
      ['too_many_keys'],
    ],
    [
      'shown by one key twice',
      'standard',
      { amount: '1', presentation_group_keys: [{ value: 'a' }, { value: 'a' }] },
      ['value_is_duplicated'],
    ],
  ];
  test.each(cases)('%s', (_name, model, properties, expected) => {
    expect(priced(model, properties)).toEqual(expected);
  });

  test('a latest value has no percentage', () => {
    expect(priced('percentage', { rate: '1' }, 'level')).toEqual(['invalid_value']);
    expect(priced('graduated_percentage', { graduated_percentage_ranges: [rate] }, 'level')).toEqual(['invalid_value']);
  });

  test('a weighted sum has no price per event to bound', () => {
    expect(priced('percentage', { rate: '1', per_transaction_min_amount: '1' }, 'stock')).toEqual(['invalid_value']);
  });
});
