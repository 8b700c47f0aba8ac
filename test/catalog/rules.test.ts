import { describe, expect, test } from 'vitest';
import { catalogFrom, checkedCatalog } from '../../src/catalog/catalog.js';
import { parseCustomerAttributes } from '../../src/catalog/customerRules.js';
import { BillingError } from '../../src/errors.js';
import { metrics, plan, problemsOf, seatsAddOn, withCharge, withPlan } from './samples.js';

describe('billable metrics', () => {
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['a count', {}, []],
    ['without a name', { name: ' ' }, ['name: value_is_mandatory']],
    ['a sum without a field', { aggregation_type: 'sum_agg' }, ['field_name: value_is_mandatory']],
    ['an unknown aggregation', { aggregation_type: 'avg_agg' }, ['aggregation_type: value_is_invalid']],
    ['a recurring count', { recurring: true }, ['recurring: not_compatible_with_aggregation_type']],
    [
      'a weighted sum without its interval',
      { aggregation_type: 'weighted_sum_agg', field_name: 'level' },
      ['weighted_interval: value_is_invalid'],
    ],
    ['an unknown rounding', { rounding_function: 'trunc' }, ['rounding_function: value_is_invalid']],
    [
      'an expression that does not parse',
      { aggregation_type: 'sum_agg', field_name: 'n', expression: '1 +' },
      ['expression: invalid_expression'],
    ],
    ['a filter without values', { filters: [{ key: 'region', values: [] }] }, ['values: value_is_mandatory']],
    [
      'code of the user',
      { aggregation_type: 'custom_agg' },
      ['aggregation_type: forbidden', 'custom_aggregator: value_is_mandatory'],
    ],
  ];
  test.each(cases)('%s', (_name, fields, expected) => {
    expect(problemsOf({ billable_metrics: [{ ...metrics.calls, ...fields }] })).toEqual(expected);
  });

  test('codes are unique', () => {
    expect(problemsOf({ billable_metrics: [metrics.calls, metrics.calls] })).toEqual(['code: value_already_exist']);
  });
});

describe('plans', () => {
  const fixed = (fields: object) => ({
    fixed_charges: [{ add_on_code: 'seats', properties: { amount: '1' }, ...fields }],
  });
  const tier = { from_value: 0, to_value: null, per_unit_amount: '1', flat_amount: '0' };
  const threshold = (amount_cents: unknown, recurring = false) => ({ amount_cents, recurring });
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['the least that one needs', {}, []],
    ['no interval', { interval: undefined }, ['interval: value_is_invalid']],
    ['no amount', { amount_cents: null }, ['amount_cents: value_is_mandatory']],
    ['a negative amount', { amount_cents: -1 }, ['amount_cents: value_is_out_of_range']],
    ['a currency that is none', { amount_currency: 'EURO' }, ['amount_currency: value_is_invalid']],
    ['an unknown tax', { tax_codes: ['vat'] }, ['tax_codes: tax_not_found']],
    ['a commitment to nothing', { minimum_commitment: { amount_cents: 0 } }, ['amount_cents: value_is_out_of_range']],
    ['a threshold without an amount', { usage_thresholds: [{}] }, ['usage_thresholds: missing_amount_cents']],
    [
      'the same threshold twice',
      { usage_thresholds: [threshold(100), threshold(100)] },
      ['usage_thresholds: duplicated_values'],
    ],
    [
      'two recurring thresholds',
      { usage_thresholds: [threshold(100, true), threshold(200, true)] },
      ['usage_thresholds: multiple_recurring_thresholds'],
    ],
    ['a fixed charge', fixed({ units: 10 }), []],
    ['a fixed charge of an unknown add-on', fixed({ add_on_code: 'chairs' }), ['add_on_code: add_ons_not_found']],
    ['a fixed charge of negative units', fixed({ units: '-1' }), ['units: value_is_out_of_range']],
    ['a fixed charge of an unknown model', fixed({ charge_model: 'package' }), ['charge_model: value_is_invalid']],
    [
      'a volume fixed charge in advance',
      fixed({ charge_model: 'volume', pay_in_advance: true, properties: { volume_ranges: [tier] } }),
      ['pay_in_advance: invalid_charge_model'],
    ],
    [
      'a graduated fixed charge prorated in advance',
      fixed({
        charge_model: 'graduated',
        pay_in_advance: true,
        prorated: true,
        properties: { graduated_ranges: [tier] },
      }),
      ['prorated: invalid_charge_model'],
    ],
    [
      'two fixed charges of one code',
      { fixed_charges: [...fixed({ code: 'a' }).fixed_charges, ...fixed({ code: 'a' }).fixed_charges] },
      ['code: value_already_exist'],
    ],
  ];
  test.each(cases)('%s', (_name, fields, expected) => {
    expect(problemsOf(withPlan(fields))).toEqual(expected);
  });
});

describe('taxes, add-ons and coupons', () => {
  const coupon = {
    code: 'welcome',
    name: 'Welcome',
    coupon_type: 'fixed_amount',
    amount_cents: 500,
    amount_currency: 'EUR',
    frequency: 'once',
  };
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['a fixed amount', {}, []],
    ['without an amount', { amount_cents: null }, ['amount_cents: value_is_mandatory']],
    ['of nothing', { amount_cents: 0 }, ['amount_cents: value_is_out_of_range']],
    ['without a currency', { amount_currency: null }, ['amount_currency: value_is_mandatory']],
    ['a percentage without a rate', { coupon_type: 'percentage' }, ['percentage_rate: value_is_mandatory']],
    ['recurring without a number', { frequency: 'recurring' }, ['frequency_duration: value_is_mandatory']],
    ['limited without a date', { expiration: 'time_limit' }, ['expiration_at: invalid_date']],
    ['until a day that is none', { expiration_at: '2027-02-30' }, ['expiration_at: invalid_date']],
    ['for an unknown plan', { applies_to: { plan_codes: ['gone'] } }, ['plan_codes: plans_not_found']],
    [
      'for plans and metrics',
      { applies_to: { plan_codes: ['pro'], billable_metric_codes: ['calls'] } },
      ['applies_to: only_one_limitation_type_per_coupon_allowed'],
    ],
  ];
  test.each(cases)('a coupon %s', (_name, fields, expected) => {
    const definitions = { billable_metrics: [metrics.calls], plans: [plan], coupons: [{ ...coupon, ...fields }] };
    expect(problemsOf(definitions)).toEqual(expected);
  });

  test('a tax has a rate, which may be zero', () => {
    expect(problemsOf({ taxes: [{ code: 'vat', name: 'VAT' }] })).toEqual(['rate: value_is_mandatory']);
    expect(problemsOf({ taxes: [{ code: 'vat', name: 'VAT', rate: 0 }] })).toEqual([]);
    expect(problemsOf({ taxes: [{ code: 'vat', name: 'VAT', rate: -1 }] })).toEqual(['rate: value_is_out_of_range']);
  });

  test('an add-on has a price', () => {
    expect(problemsOf({ add_ons: [{ ...seatsAddOn, amount_cents: undefined }] })).toEqual([
      'amount_cents: value_is_mandatory',
    ]);
  });
});

describe('the organization and its customers', () => {
  const cases: [Record<string, unknown>, string[]][] = [
    [{ timezone: 'Mars/Olympus' }, ['timezone: invalid_timezone']],
    [{ timezone: '+02:00' }, ['timezone: invalid_timezone']],
    [{ country: 'fr' }, ['country: not_a_valid_country_code']],
    [{ document_locale: 'xx' }, ['document_locale: not_a_valid_language_code']],
    [{ document_number_prefix: 'ABCDEFGHIJK' }, ['document_number_prefix: value_is_too_long']],
    [{ document_number_prefix: '' }, ['document_number_prefix: value_is_too_short']],
    [{ invoice_footer: 'x'.repeat(601) }, ['invoice_footer: value_is_too_long']],
    [{ billing_configuration: { invoice_grace_period: -1 } }, ['invoice_grace_period: value_is_out_of_range']],
    [{ tax_codes: ['vat'] }, ['tax_codes: tax_not_found']],
    [{ eu_tax_management: true, country: 'US' }, ['eu_tax_management: org_must_be_in_eu']],
    [{ eu_tax_management: true, country: 'FR', tax_codes: ['lago_eu_fr_standard'] }, []],
  ];
  test.each(cases)('organization %j', (organization, expected) => {
    expect(problemsOf({ organization })).toEqual(expected);
  });

  const refusals: [Record<string, unknown>, string][] = [
    [{ external_id: '' }, 'value_is_mandatory'],
    [{ name: 'x'.repeat(256) }, 'value_is_too_long'],
    [{ timezone: 'foo' }, 'invalid_timezone'],
    [{ country: 'FRA' }, 'not_a_valid_country_code'],
    [{ email: 'a@b.c, d@e f.g' }, 'invalid_email_format'],
    [{ email: 'a@b.c,,d@e.f' }, 'invalid_email_format'],
    [{ currency: 'EURO' }, 'value_is_invalid'],
    [{ customer_type: 'robot' }, 'value_is_invalid'],
    [{ finalize_zero_amount_invoice: 'never' }, 'invalid_value'],
    [{ billing_configuration: { document_locale: 'xx' } }, 'not_a_valid_language_code'],
    [{ tax_codes: ['vat'] }, 'tax_not_found'],
    [{ zipcode: 146 }, 'value_is_invalid'],
    [{ metadata: Array.from({ length: 6 }, (_, i) => ({ key: `k${i}`, value: 'v' })) }, 'invalid_count'],
    [{ metadata: [{ key: 'x'.repeat(21), value: 'v' }] }, 'value_is_too_long'],
    [{ nmae: 'Acme' }, 'unknown_field'],
  ];
  test.each(refusals)('customer %j', (attributes, code) => {
    expect(codesThrown(() => parseCustomerAttributes({ external_id: 'acme', ...attributes }, new Map()))).toContain(
      code,
    );
    expect(problemsOf({ customers: [{ external_id: 'acme', ...attributes }] }).join()).toContain(code);
  });

  test('several e-mail addresses are one field', () => {
    const customer = { external_id: 'acme', email: 'billing@acme.example, cfo+lago@acme.example,' };
    expect(parseCustomerAttributes(customer, new Map())).toEqual(customer);
  });

  test('what an update leaves out stays out', () => {
    expect(Object.keys(parseCustomerAttributes({ external_id: 'acme', city: null }, new Map()))).toEqual([
      'external_id',
      'city',
    ]);
  });
});

describe('the shape', () => {
  test('every problem is reported at once, and none twice', () => {
    const definitions = {
      organization: { timezone: 5 },
      plan: [],
      taxes: 'vat',
      billable_metrics: [{ ...metrics.calls, agregation_type: 'count_agg' }, 'calls'],
      plans: [{ ...plan, interval: 'montly', amount_cents: '4900', charges: [{ propertys: {} }], tax_codes: [{}] }],
    };
    expect(problemsOf(definitions)).toEqual([
      'plan: unknown_field',
      'timezone: value_is_invalid',
      'taxes: value_is_invalid',
      'agregation_type: unknown_field',
      'billable_metrics: value_is_invalid',
      'interval: value_is_invalid',
      'amount_cents: value_is_invalid',
      'tax_codes: value_is_invalid',
      'propertys: unknown_field',
      'billable_metric_code: billable_metrics_not_found',
    ]);
  });

  test('a misspelt field, value or code is met with the nearest one', () => {
    const definitions = withCharge({ billable_metric_code: 'cals', charge_modle: 'standard' });
    const suggestions = checkedCatalog(definitions).problems.map(({ suggestion }) => suggestion);
    expect(suggestions).toEqual(['Did you mean charge_model?', 'Did you mean "calls"?']);
  });

  test('texts that YAML took for numbers are asked for in quotes', () => {
    const [problem] = checkedCatalog({ customers: [{ external_id: 42 }] }).problems;
    expect(problem).toMatchObject({
      field: 'external_id',
      message: 'customer 1: 42 is not a text',
      suggestion: 'Put it in quotes, "42": it is a text.',
    });
  });

  test('a refused set names every code', () => {
    const codes = codesThrown(() => catalogFrom(withCharge({ billable_metric_code: 'gone', min_amount_cents: -5 })));
    expect(codes).toEqual(['validation_errors', 'billable_metrics_not_found', 'value_is_out_of_range']);
  });

  test('what is sound stands beside what is broken', () => {
    const { catalog } = checkedCatalog({
      plans: [
        { ...plan, interval: 'daily' },
        { ...plan, code: 'basic' },
      ],
    });
    expect([...catalog.plans.keys()]).toEqual(['basic']);
  });
});

function codesThrown(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof BillingError) return error.codes();
    throw error;
  }
  return [];
}
