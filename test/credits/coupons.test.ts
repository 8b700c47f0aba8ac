import { describe, expect, test } from 'vitest';
import { applyCoupon, removeAppliedCoupon } from '../../src/credits/coupons.js';
import { BillingError } from '../../src/errors.js';
import { voidInvoice } from '../../src/invoicing/void.js';
import type { AppliedCoupon } from '../../src/model.js';
import { billing, coupon, feesOf, issued, NO_OVERRIDES } from '../support/billing.js';
import { plan, subscription } from '../support/terms.js';

const onlyApplied = (work: ReturnType<typeof billing>) => work.account.all('applied_coupon')[0] as AppliedCoupon;
const VOID = { generateCreditNote: false, creditAmountCents: 0, refundAmountCents: 0 };

function codesOf(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof BillingError) return error.codes();
    throw error;
  }
  return [];
}

describe('a coupon on an invoice', () => {
  test.each([
    ['fixed, below the fees', { amountCents: 300 }, 1_000, 300, 'terminated'],
    ['fixed, above the fees: the rest waits', { amountCents: 1_500 }, 1_000, 1_000, 'active'],
    ['fixed forever', { amountCents: 300, frequency: 'forever' }, 1_000, 300, 'active'],
    ['a percentage', { couponType: 'percentage', percentageRate: '10' }, 1_005, 101, 'terminated'],
    ['more than 100 %', { couponType: 'percentage', percentageRate: '120' }, 1_000, 1_000, 'terminated'],
    [
      '35 % of 90 in doubles: 31.499999999999996',
      { couponType: 'percentage', percentageRate: '35' },
      90,
      31,
      'terminated',
    ],
    ['of another currency is passed over', { amountCurrency: 'USD' }, 1_000, 0, 'active'],
  ] as const)('%s', (_, given, fees, expected, status) => {
    const reduction = coupon('c', given);
    const work = billing({ coupons: [reduction] });
    applyCoupon(work, reduction, NO_OVERRIDES);
    expect(issued(work, [{ amountCents: fees }], 'subscription').couponsAmountCents).toBe(expected);
    expect(onlyApplied(work).status).toBe(status);
  });

  test('35 % of 90 limited to a plan is exact: 31.5 → 32', () => {
    const limited = coupon('c', { couponType: 'percentage', percentageRate: '35', planCodes: ['plan'] });
    const work = billing({ coupons: [limited], plans: [plan()] });
    work.account.put('subscription', subscription('2024-01-01', { id: 'sub' }));
    applyCoupon(work, limited, NO_OVERRIDES);
    const invoice = issued(work, [{ amountCents: 90, subscriptionId: 'sub' }, { amountCents: 500 }], 'subscription');
    expect(invoice.couponsAmountCents).toBe(32);
    expect(feesOf(work, invoice).map((fee) => fee.preciseCouponsAmountCents)).toEqual(['32', '0']);
  });

  test('once and fixed gives its amount over several invoices', () => {
    const work = billing({ coupons: [coupon('c', { amountCents: 1_500 })] });
    applyCoupon(work, coupon('c', { amountCents: 1_500 }), NO_OVERRIDES);
    expect(issued(work, [{}], 'subscription').couponsAmountCents).toBe(1_000);
    expect(issued(work, [{}], 'subscription').couponsAmountCents).toBe(500);
    expect(onlyApplied(work).status).toBe('terminated');
    expect(issued(work, [{}], 'subscription').couponsAmountCents).toBe(0);
  });

  test('a recurring one spends an invoice whatever it gave', () => {
    const recurring = coupon('c', { amountCents: 5_000, frequency: 'recurring', frequencyDuration: 2 });
    const work = billing({ coupons: [recurring] });
    applyCoupon(work, recurring, NO_OVERRIDES);
    expect(issued(work, [{}], 'subscription').couponsAmountCents).toBe(1_000);
    expect(onlyApplied(work)).toMatchObject({ frequencyDurationRemaining: 1, status: 'active' });
    issued(work, [{}], 'subscription');
    expect(onlyApplied(work)).toMatchObject({ frequencyDurationRemaining: 0, status: 'terminated' });
  });

  test('stops where nothing is left: the later ones are untouched', () => {
    const [first, second] = [coupon('a', { amountCents: 1_000 }), coupon('b', { amountCents: 1_000 })];
    const work = billing({ coupons: [first, second] });
    applyCoupon(work, first, NO_OVERRIDES);
    applyCoupon(work, second, NO_OVERRIDES);
    issued(work, [{}], 'subscription');
    expect(work.account.all('applied_coupon').map((applied) => applied.status)).toEqual(['terminated', 'active']);
  });
});

describe('applying a coupon', () => {
  test('takes what is overridden, and gives the customer its currency', () => {
    const work = billing({ customer: { currency: null } });
    const applied = applyCoupon(work, coupon('c', { amountCurrency: 'NOK' }), {
      ...NO_OVERRIDES,
      amountCents: 250,
      frequency: 'recurring',
      frequencyDuration: 3,
    });
    expect(applied).toMatchObject({ amountCents: 250, frequency: 'recurring', frequencyDurationRemaining: 3 });
    expect(work.account.customer.currency).toBe('NOK');
  });

  test('recurring needs a duration', () => {
    const codes = codesOf(() => applyCoupon(billing(), coupon('c'), { ...NO_OVERRIDES, frequency: 'recurring' }));
    expect(codes).toContain('value_is_mandatory');
  });

  test('that is not reusable is refused the second time, even after its removal', () => {
    const once = coupon('c', { reusable: false });
    const work = billing({ coupons: [once] });
    removeAppliedCoupon(work, applyCoupon(work, once, NO_OVERRIDES));
    expect(codesOf(() => applyCoupon(work, once, NO_OVERRIDES))).toContain('coupon_is_not_reusable');
  });

  const charged = plan({ charges: [{ billableMetricCode: 'metric' } as never] });
  test.each([
    ['a common plan', { planCodes: ['plan'] }, { planCodes: ['plan'] }, true],
    ['a common metric', { billableMetricCodes: ['metric'] }, { billableMetricCodes: ['metric'] }, true],
    ['a plan that charges for the metric', { planCodes: ['plan'] }, { billableMetricCodes: ['metric'] }, true],
    ['a metric that the plan charges for', { billableMetricCodes: ['metric'] }, { planCodes: ['plan'] }, true],
    ['nothing in common', { planCodes: ['other'] }, { planCodes: ['plan'] }, false],
    ['an unlimited one', {}, { planCodes: ['plan'] }, false],
  ])('beside %s', (_, old, added, overlaps) => {
    const coupons = [coupon('old', old), coupon('new', added)] as const;
    const work = billing({ coupons, plans: [charged, plan({ code: 'other' })] });
    applyCoupon(work, coupons[0], NO_OVERRIDES);
    expect(codesOf(() => applyCoupon(work, coupons[1], NO_OVERRIDES)).includes('plan_overlapping')).toBe(overlaps);
  });
});

describe('voiding an invoice gives its coupons back', () => {
  test.each([
    ['once: active again, its amount too', { amountCents: 300 }, { status: 'active', terminatedAt: null }],
    [
      'recurring: one invoice more',
      { frequency: 'recurring', frequencyDuration: 1 },
      { status: 'active', frequencyDurationRemaining: 1 },
    ],
    ['forever: as it was', { frequency: 'forever' }, { status: 'active', frequencyDurationRemaining: null }],
    ['an ended coupon stays used', { status: 'terminated' }, { status: 'terminated' }],
  ] as const)('%s', (_, given, expected) => {
    const reduction = coupon('c', given);
    const work = billing({ coupons: [reduction] });
    applyCoupon(work, reduction, NO_OVERRIDES);
    const invoice = issued(work, [{}], 'subscription');
    voidInvoice(work, invoice, VOID);
    expect(onlyApplied(work)).toMatchObject(expected);
    if (expected.status === 'active') {
      expect(issued(work, [{}], 'subscription').couponsAmountCents).toBe(invoice.couponsAmountCents);
    }
  });
});
