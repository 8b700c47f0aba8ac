import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import { mergeDefinitions } from '../../src/catalog/definitions.js';
import type { Charge, Plan } from '../../src/catalog/types.js';
import { parseInstant } from '../../src/time/instant.js';
import { metrics, plan, problemsOf, seatsAddOn, withCharge, withPlan } from './samples.js';

function planOf(definitions: unknown): Plan {
  return catalogFrom(definitions).plans.get('pro') as Plan;
}

function chargeOf(charge: Record<string, unknown>): Charge {
  return planOf(withCharge(charge)).charges[0] as Charge;
}

describe('defaults', () => {
  test('a plan in arrears, without trial or monthly parts', () => {
    expect(planOf(withPlan({ bill_charges_monthly: true }))).toMatchObject({
      payInAdvance: false,
      trialPeriod: null,
      billChargesMonthly: null,
      billFixedChargesMonthly: null,
      minimumCommitment: null,
      parentId: null,
    });
  });

  test('monthly parts are for yearly and semiannual plans', () => {
    for (const interval of ['yearly', 'semiannual']) {
      const { billChargesMonthly, billFixedChargesMonthly } = planOf(
        withPlan({ interval, bill_charges_monthly: true }),
      );
      expect([billChargesMonthly, billFixedChargesMonthly]).toEqual([true, false]);
    }
  });

  const free = [{ fromValue: '0', toValue: null, perUnitAmount: '0', flatAmount: '0' }];
  const prices: [string, unknown][] = [
    ['standard', { amount: '0' }],
    ['graduated', { ranges: free }],
    ['graduated_percentage', { ranges: [{ fromValue: '0', toValue: null, rate: '0', flatAmount: '0' }] }],
    ['package', { amount: '0', packageSize: 1, freeUnits: 0 }],
    ['percentage', { rate: '0', fixedAmount: null, freeUnitsPerEvents: null, perTransactionMinAmount: null }],
    ['volume', { ranges: free }],
  ];
  test.each(prices)('a %s charge without properties costs nothing', (charge_model, expected) => {
    const { properties } = chargeOf({ charge_model, properties: null });
    expect(properties).toMatchObject({
      prices: { model: charge_model, ...(expected as object) },
      pricingGroupKeys: [],
    });
  });

  test('the organization is numbered by its name and id, billed in UTC and dollars', () => {
    const { organization } = catalogFrom({ organization: { name: 'Acme' } });
    expect(organization).toMatchObject({
      timezone: 'UTC',
      defaultCurrency: 'USD',
      documentNumbering: 'per_customer',
      documentLocale: 'en',
      netPaymentTerm: 0,
      invoiceGracePeriod: 0,
      finalizeZeroAmountInvoice: true,
      issuingDateAnchor: 'next_period_start',
      issuingDateAdjustment: 'align_with_finalization_date',
    });
    expect(organization.documentNumberPrefix).toMatch(/^ACM-[0-9A-F]{4}$/);
  });

  test('older places and names of settings still count', () => {
    const { organization } = catalogFrom({
      organization: { document_numbering: 'per_organization', billing_configuration: { invoice_grace_period: 3 } },
    });
    expect(organization).toMatchObject({ documentNumbering: 'per_billing_entity', invoiceGracePeriod: 3 });
  });

  test('an expiration needs no flag beside its date', () => {
    const coupon = { code: 'c', name: 'C', coupon_type: 'percentage', percentage_rate: 10, frequency: 'forever' };
    const expiring = catalogFrom({ coupons: [{ ...coupon, expiration_at: '2027-01-01T00:00:00Z' }] });
    expect(expiring.coupons.get('c')).toMatchObject({
      percentageRate: '10',
      amountCents: null,
      reusable: true,
      expirationAt: parseInstant('2027-01-01T00:00:00Z'),
    });
  });

  test('European VAT brings its taxes', () => {
    const { taxes } = catalogFrom({ organization: { country: 'FR', eu_tax_management: true } });
    expect(taxes.get('lago_eu_fi_standard')?.rate).toBe(25.5);
    expect(taxes.get('lago_eu_es_exception_canary_islands')?.rate).toBe(0);
    expect(taxes.get('lago_eu_reverse_charge')?.name).toBe('Lago EU Reverse Charge');
  });
});

describe('codes and ids', () => {
  test('charges without a code are numbered after their metric, past the codes that are taken', () => {
    const charge = { billable_metric_code: 'calls', properties: { amount: '1' } };
    const charges = [charge, { ...charge, code: 'calls_2' }, charge, charge, { ...charge, billable_metric_code: 'gb' }];
    expect(planOf(withPlan({ charges })).charges.map(({ code }) => code)).toEqual([
      'calls',
      'calls_2',
      'calls_3',
      'calls_4',
      'gb',
    ]);
  });

  test('fixed charges likewise, after their add-on', () => {
    const fixed_charges = [{ add_on_code: 'seats' }, { add_on_code: 'seats' }];
    expect(planOf(withPlan({ fixed_charges })).fixedCharges.map(({ code }) => code)).toEqual(['seats', 'seats_2']);
  });

  test('a filter keeps its id when another is added before it', () => {
    const filter = (cloud: string) => ({ values: { cloud: [cloud] }, properties: { amount: '1' } });
    const one = chargeOf({ billable_metric_code: 'images', filters: [filter('aws')] });
    const two = chargeOf({ billable_metric_code: 'images', filters: [filter('gcp'), filter('aws')] });
    expect(two.filters[1]?.id).toBe(one.filters[0]?.id);
    expect(two.filters[0]?.id).not.toBe(one.filters[0]?.id);
  });

  test('identical filters are two filters', () => {
    const filter = { values: { cloud: ['aws'] }, properties: { amount: '1' } };
    const { filters } = chargeOf({ billable_metric_code: 'images', filters: [filter, filter] });
    expect(new Set(filters.map(({ id }) => id)).size).toBe(2);
  });
});

describe('prices', () => {
  const texts: [string, string][] = [
    ['12.50', '12.5'],
    ['1e-3', '0.001'],
    ['+5', '5'],
    [' 0.10 ', '0.1'],
    ['0.000000000000001', '0.000000000000001'],
  ];
  test.each(texts)('%j is %s', (written, amount) => {
    expect(chargeOf({ properties: { amount: written } }).properties.prices).toEqual({ model: 'standard', amount });
  });

  test('unknown keys are dropped, the old name of the group keys is read', () => {
    const { properties } = chargeOf({ properties: { amount: '1', colour: 'red', grouped_by: ['region'] } });
    expect(properties).toEqual({
      prices: { model: 'standard', amount: '1' },
      pricingGroupKeys: ['region'],
      presentationGroupKeys: [],
    });
  });
});

describe('the hash of a catalog', () => {
  const definitions = {
    organization: { name: 'Acme' },
    billable_metrics: Object.values(metrics),
    add_ons: [seatsAddOn],
    plans: [plan, { ...plan, code: 'basic' }],
  };

  test('does not depend on the order of the files', () => {
    const turned = { ...definitions, plans: [...definitions.plans].reverse() };
    expect(catalogFrom(turned).hash).toBe(catalogFrom(definitions).hash);
  });

  test('changes with a price, not with what an edit says about itself', () => {
    const hashOf = (fields: Record<string, unknown>) => catalogFrom(withPlan(fields)).hash;
    expect(hashOf({ amount_cents: 5000 })).not.toBe(hashOf({}));
    expect(hashOf({ cascade_updates: true })).toBe(hashOf({}));
    const fixed = (fields: object) => hashOf({ fixed_charges: [{ add_on_code: 'seats', ...fields }] });
    expect(fixed({ apply_units_immediately: true })).toBe(fixed({}));
    expect(fixed({ units: 2 })).not.toBe(fixed({ units: 1 }));
  });

  test('is that of the content, wherever the project lies', () => {
    const at = (logo: string) => catalogFrom({ organization: { logo } }).hash;
    expect(at('/home/a/logo.png')).toBe(at('C:\\b\\logo.png'));
    expect(at('/home/a/logo.png')).not.toBe(at('/home/a/other.png'));
  });
});

describe('definitions merged over others', () => {
  const base = { organization: { name: 'Acme', timezone: 'UTC' }, plans: [plan, { ...plan, code: 'basic' }] };

  test('an item replaces the one of its code where it stands', () => {
    const merged = mergeDefinitions(base, {
      plans: [
        { ...plan, amount_cents: 1 },
        { ...plan, code: 'new' },
      ],
    });
    const { plans } = catalogFrom(merged);
    expect([...plans.values()].map(({ code, amountCents }) => [code, amountCents])).toEqual([
      ['pro', 1],
      ['basic', 4900],
      ['new', 4900],
    ]);
  });

  test('the organization is merged field by field', () => {
    const merged = mergeDefinitions(base, { organization: { timezone: 'Europe/Paris' } });
    expect(catalogFrom(merged).organization).toMatchObject({ name: 'Acme', timezone: 'Europe/Paris' });
  });

  test('customers are named by their external ids', () => {
    const first = mergeDefinitions(base, { customers: [{ external_id: 'a', name: 'A' }] });
    const second = mergeDefinitions(first, { customers: [{ external_id: 'a', name: 'B' }] });
    expect(catalogFrom(second).customers).toEqual([{ externalId: 'a', attributes: { external_id: 'a', name: 'B' } }]);
  });

  test('a code given twice in one edit is refused', () => {
    expect(problemsOf(mergeDefinitions(base, { plans: [plan, plan] }))).toEqual(['code: value_already_exist']);
  });

  test('merging the same edit again changes nothing', () => {
    const edits = fc.record({
      plans: fc.uniqueArray(
        fc.constantFrom('pro', 'basic', 'a', 'b').map((code) => ({ ...plan, code })),
        {
          selector: ({ code }) => code,
        },
      ),
      organization: fc.record({ city: fc.string() }),
    });
    fc.assert(
      fc.property(edits, (edit) => {
        const once = mergeDefinitions(base, edit);
        expect(mergeDefinitions(once, edit)).toEqual(once);
      }),
    );
  });
});

test('tiers that follow one another are accepted, and moved by any other step refused', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 });
  const models = fc.constantFrom('graduated', 'volume', 'graduated_percentage');
  const moves = fc.integer({ min: -5, max: 5 }).filter((move) => move !== 0 && move !== -1);
  fc.assert(
    fc.property(models, steps, fc.nat(), moves, (model, lengths, position, move) => {
      const ranges = tiersOf(lengths);
      expect(problemsOf(tiered(model, ranges))).toEqual([]);
      const moved = 1 + (position % (ranges.length - 1));
      const broken = ranges.map((range, index) =>
        index === moved ? { ...range, from_value: range.from_value + move } : range,
      );
      expect(problemsOf(tiered(model, broken)).length).toBeGreaterThan(0);
    }),
  );
});

function tiersOf(lengths: readonly number[]) {
  const ranges: { from_value: number; to_value: number | null }[] = [];
  let from = 0;
  for (const length of lengths) {
    ranges.push({ from_value: from, to_value: from + length });
    from += length + 1;
  }
  return [...ranges, { from_value: from, to_value: null }].map((range) => ({
    ...range,
    per_unit_amount: '1',
    rate: '1',
    flat_amount: '0',
  }));
}

function tiered(charge_model: string, ranges: unknown) {
  return withCharge({ charge_model, properties: { [`${charge_model}_ranges`]: ranges } });
}
