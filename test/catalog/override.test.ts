import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import {
  fixedChargeUnitOverrides,
  isUnitsOnlyOverride,
  overridePlan,
  usageThresholdsFrom,
} from '../../src/catalog/override.js';
import type { Plan } from '../../src/catalog/types.js';
import { BillingError } from '../../src/errors.js';
import { withPlan } from './samples.js';

const catalog = catalogFrom({
  ...withPlan({
    amount_cents: 10000,
    tax_codes: ['vat'],
    minimum_commitment: { amount_cents: 20000 },
    usage_thresholds: [{ amount_cents: 5000 }],
    charges: [
      { billable_metric_code: 'calls', properties: { amount: '1' } },
      {
        billable_metric_code: 'images',
        properties: { amount: '2' },
        filters: [{ values: { cloud: ['aws'] }, properties: { amount: '3' } }],
      },
    ],
    fixed_charges: [{ add_on_code: 'seats', units: 10, properties: { amount: '5' }, apply_units_immediately: true }],
  }),
  taxes: [{ code: 'vat', name: 'VAT', rate: 20 }],
});
const parent = catalog.plans.get('pro') as Plan;
const child = (overrides: unknown, of: Plan = parent) => overridePlan(of, overrides, 'sub-1', catalog);

describe('a child plan', () => {
  test('has the code of its parent, clones of its charges, and ids of its own', () => {
    const { id, code, parentId, charges, fixedCharges } = child({ amount_cents: 5000 });
    expect({ code, parentId }).toEqual({ code: 'pro', parentId: parent.id });
    expect(charges.map((charge) => charge.parentId)).toEqual(parent.charges.map((charge) => charge.id));
    expect(fixedCharges[0]).toMatchObject({ parentId: parent.fixedCharges[0]?.id, applyUnitsImmediately: false });
    const ids = [id, ...charges.map((charge) => charge.id), charges[1]?.filters[0]?.id];
    expect(new Set([...ids, parent.id, ...parent.charges.map((charge) => charge.id)]).size).toBe(7);
  });

  test('does not inherit the commitment and the taxes of the plan, but its thresholds', () => {
    const { minimumCommitment, taxCodes, usageThresholds } = child({ name: 'Custom' });
    expect({ minimumCommitment, taxCodes, usageThresholds }).toEqual({
      minimumCommitment: null,
      taxCodes: [],
      usageThresholds: parent.usageThresholds,
    });
  });

  test('takes what the overrides give', () => {
    const custom = child({
      amount_cents: 5000,
      trial_period: 7,
      tax_codes: ['vat'],
      minimum_commitment: { amount_cents: 900 },
      charges: [{ code: 'calls', properties: { amount: '0.5' }, min_amount_cents: 100 }],
      fixed_charges: [{ add_on_code: 'seats', units: '12.5', apply_units_immediately: true }],
    });
    expect(custom).toMatchObject({ amountCents: 5000, trialPeriod: 7, taxCodes: ['vat'] });
    expect(custom.minimumCommitment?.amountCents).toBe(900);
    expect(custom.charges[0]).toMatchObject({ properties: { prices: { amount: '0.5' } }, minAmountCents: 100 });
    expect(custom.charges[1]?.properties.prices).toEqual({ model: 'standard', amount: '2' });
    expect(custom.fixedCharges[0]).toMatchObject({ units: '12.5', applyUnitsImmediately: true });
  });

  test('is edited in place by further overrides', () => {
    const first = child({ amount_cents: 5000, minimum_commitment: { amount_cents: 900 } });
    const second = child({ fixed_charges: [{ code: 'seats', units: 3 }] }, first);
    expect(second).toMatchObject({ id: first.id, parentId: parent.id, amountCents: 5000 });
    expect(second.minimumCommitment).toEqual(first.minimumCommitment);
    expect(second.fixedCharges[0]).toMatchObject({
      id: first.fixedCharges[0]?.id,
      parentId: parent.fixedCharges[0]?.id,
      units: '3',
    });
  });

  test('is the same on every machine, and another for another subscription', () => {
    expect(child({ amount_cents: 1 })).toEqual(child({ amount_cents: 1 }));
    expect(overridePlan(parent, { amount_cents: 1 }, 'sub-2', catalog).id).not.toBe(child({ amount_cents: 1 }).id);
  });
});

describe('refused overrides', () => {
  const cases: [string, unknown, string][] = [
    [
      'another charge model',
      { fixed_charges: [{ code: 'seats', charge_model: 'volume' }] },
      'cannot_override_charge_model',
    ],
    ['an unknown charge', { charges: [{ code: 'gone' }] }, 'charge_not_found'],
    ['an unknown fixed charge', { fixed_charges: [{ code: 'gone', units: 1 }] }, 'fixed_charge_not_found'],
    ['prices of another model', { charges: [{ code: 'calls', properties: { rate: '1' } }] }, 'invalid_amount'],
    [
      'an undeclared filter value',
      { charges: [{ code: 'images', filters: [{ values: { cloud: ['x'] } }] }] },
      'value_is_invalid',
    ],
    ['an unknown tax', { tax_codes: ['gst'] }, 'tax_not_found'],
    ['a commitment to nothing', { minimum_commitment: { amount_cents: 0 } }, 'value_is_out_of_range'],
    ['negative units', { fixed_charges: [{ code: 'seats', units: -1 }] }, 'value_is_out_of_range'],
    ['another interval', { interval: 'yearly' }, 'unknown_field'],
  ];
  test.each(cases)('%s', (_name, overrides, code) => {
    expect(codesThrown(() => child(overrides))).toContain(code);
  });
});

describe('units of fixed charges alone', () => {
  const cases: [unknown, boolean][] = [
    [{ fixed_charges: [{ code: 'seats', units: 5 }] }, true],
    [{ fixed_charges: [{ code: 'seats', add_on_code: 'seats', units: 5, apply_units_immediately: true }] }, true],
    [{ fixed_charges: [{ code: 'seats', units: 5, properties: { amount: '1' } }] }, false],
    [{ fixed_charges: [{ code: 'seats' }] }, false],
    [{ fixed_charges: [{ code: 'seats', units: 5 }], name: 'Custom' }, false],
    [{ fixed_charges: [] }, false],
    [{}, false],
    [null, false],
  ];
  test.each(cases)('%j: %s', (overrides, expected) => {
    expect(isUnitsOnlyOverride(overrides)).toBe(expected);
  });

  test('are kept by the id of the fixed charge', () => {
    const id = parent.fixedCharges[0]?.id as string;
    expect(fixedChargeUnitOverrides(parent, { fixed_charges: [{ code: 'seats', units: 5 }] })).toEqual({ [id]: '5' });
    expect(
      codesThrown(() => fixedChargeUnitOverrides(parent, { fixed_charges: [{ code: 'seats', units: -5 }] })),
    ).toContain('value_is_out_of_range');
  });
});

test('thresholds of a subscription obey the rules of those of a plan', () => {
  expect(usageThresholdsFrom([{ amount_cents: 100, recurring: true }], 'sub-1')).toMatchObject([
    { amountCents: 100, recurring: true, thresholdDisplayName: null },
  ]);
  expect(codesThrown(() => usageThresholdsFrom([{}], 'sub-1'))).toContain('missing_amount_cents');
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
