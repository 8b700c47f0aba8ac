import { describe, expect, test } from 'vitest';
import { applyCoupon } from '../../src/credits/coupons.js';
import { selectTaxes } from '../../src/invoicing/taxes.js';
import { billing, coupon, feeAt, issued, NO_OVERRIDES, tax } from '../support/billing.js';
import { plan, subscription } from '../support/terms.js';

const work = (customerTaxes: readonly string[] = []) =>
  billing({
    customer: { taxCodes: customerTaxes },
    taxes: ['line', 'own', 'plan', 'customer', 'entity'].map((code) =>
      tax(code, 10, { appliedToOrganization: code === 'entity' }),
    ),
  });

describe('the first non-empty list of taxes wins', () => {
  const own = { taxCodes: ['own'] };
  const ofPlan = { taxCodes: ['plan'] };
  const none = { taxCodes: [] };

  test.each([
    ['charge: its own', { feeType: 'charge', charge: own, plan: ofPlan }, ['customer'], ['own']],
    ['charge: the plan', { feeType: 'charge', charge: none, plan: ofPlan }, ['customer'], ['plan']],
    ['charge: the customer', { feeType: 'charge', charge: none, plan: none }, ['customer'], ['customer']],
    ['charge: the billing entity', { feeType: 'charge', charge: none, plan: none }, [], ['entity']],
    ['fixed charge: its own', { feeType: 'fixed_charge', fixedCharge: own, plan: ofPlan }, [], ['own']],
    ['commitment: its own', { feeType: 'commitment', commitment: own, plan: ofPlan }, [], ['own']],
    ['commitment: the plan', { feeType: 'commitment', commitment: none, plan: ofPlan }, [], ['plan']],
    ['subscription: the plan', { feeType: 'subscription', plan: ofPlan }, ['customer'], ['plan']],
    ['line: its codes', { feeType: 'add_on', lineTaxCodes: ['line'], addOn: own }, ['customer'], ['line']],
    ['line: unknown codes are dropped', { feeType: 'add_on', lineTaxCodes: ['line', 'x'], addOn: own }, [], ['line']],
    ['line: an empty list is none', { feeType: 'add_on', lineTaxCodes: [], addOn: own }, ['customer'], ['own']],
    ['line: the customer', { feeType: 'add_on', addOn: none }, ['customer'], ['customer']],
    ['bought credits: never', { feeType: 'credit' }, ['customer'], []],
  ] as const)('%s', (_, item, customerTaxes, expected) => {
    expect(selectTaxes(work(customerTaxes), item).map((each) => each.code)).toEqual(expected);
  });

  test('the billing entity has the taxes it names and those that apply to the organization', () => {
    const both = billing({
      organization: { taxCodes: ['b'] },
      taxes: [tax('a', 5, { appliedToOrganization: true }), tax('b', 6), tax('c', 7)],
    });
    expect(selectTaxes(both, { feeType: 'subscription' }).map((each) => each.code)).toEqual(['a', 'b']);
  });
});

describe("an invoice's rate", () => {
  test('weighs rates by what coupons leave of the fees: 10 × 32800/32800 + 10 × 14900/32800', () => {
    const limited = coupon('c', { amountCents: 25_000, planCodes: ['plan2'] });
    const taxed = billing({
      taxes: [tax('vat', 10), tax('plan', 10)],
      coupons: [limited],
      plans: [plan({ code: 'plan1', taxCodes: ['vat'] }), plan({ code: 'plan2', taxCodes: ['vat', 'plan'] })],
    });
    for (const planCode of ['plan1', 'plan2']) {
      taxed.account.put('subscription', subscription('2024-01-01', { id: planCode, planCode }));
    }
    applyCoupon(taxed, limited, NO_OVERRIDES);
    const invoice = issued(
      taxed,
      [
        { amountCents: 17_900, feeType: 'subscription', subscriptionId: 'plan1' },
        { amountCents: 39_900, feeType: 'subscription', subscriptionId: 'plan2' },
      ],
      'subscription',
    );
    expect(invoice).toMatchObject({ taxesRate: 14.54268, taxesAmountCents: 4_770, totalAmountCents: 37_570 });
  });

  test('counts fees when nothing is left of them', () => {
    const zero = billing({ taxes: [tax('vat', 20)] });
    const invoice = issued(zero, [{ amountCents: 0, taxCodes: ['vat'] }, { amountCents: 0 }]);
    expect(invoice.taxesRate).toBe(10);
  });

  test('a rate of zero still makes a line; no tax makes none', () => {
    const zero = billing({ taxes: [tax('zero', 0)] });
    expect(issued(zero, [{ taxCodes: ['zero'] }]).appliedTaxes).toMatchObject([{ taxCode: 'zero', amountCents: 0 }]);
    expect(issued(zero, [{}])).toMatchObject({ appliedTaxes: [], taxesRate: 0 });
  });

  test('precise taxes keep fifteen decimals of the unrounded amount', () => {
    const precise = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const invoice = issued(precise, [{ amountCents: 1, preciseAmountCents: '0.5' }]);
    expect(feeAt(precise, invoice, 0)).toMatchObject({ taxesAmountCents: 0, taxesPreciseAmountCents: '0.1' });
  });
});
