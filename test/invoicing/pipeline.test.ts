import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyCoupon } from '../../src/credits/coupons.js';
import { createCreditNote } from '../../src/credits/creditNotes.js';
import { issueInvoice } from '../../src/invoicing/finalize.js';
import type { Fee } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import { billing, coupon, draftWith, feeAt, feesOf, issued, NO_OVERRIDES, tax, wallet } from '../support/billing.js';
import { plan, subscription } from '../support/terms.js';

/** A charge fee of the subscription `sub-<plan>` whose charge carries these taxes. */
function withCharge(code: string, amountCents: number, planCode = 'plan') {
  return {
    code,
    amountCents,
    feeType: 'charge' as const,
    subscriptionId: `sub-${planCode}`,
    chargeId: `charge-${code}`,
  };
}

const charge = (code: string, taxCodes: readonly string[]) =>
  ({ id: `charge-${code}`, code, billableMetricCode: code, taxCodes }) as never;

function putSubscription(work: ReturnType<typeof billing>, planCode = 'plan') {
  work.account.put('subscription', subscription('2024-01-01', { id: `sub-${planCode}`, planCode }));
}

describe('an invoice from its fees to its total', () => {
  test('E1: a coupon over four fees with a tax of their own each', () => {
    const work = billing({
      taxes: [tax('ten', 10), tax('zero', 0), tax('twenty', 20)],
      coupons: [coupon('thousand')],
      plans: [plan({ taxCodes: ['ten'], charges: [charge('a', ['zero']), charge('b', ['twenty'])] })],
    });
    putSubscription(work);
    applyCoupon(work, coupon('thousand'), NO_OVERRIDES);
    const invoice = issued(
      work,
      [
        { code: 'plan', amountCents: 10_000, feeType: 'subscription', subscriptionId: 'sub-plan' },
        withCharge('a', 5_000),
        withCharge('b', 3_000),
        { ...withCharge('b', 2_000), trueUpParentFeeId: 'parent' },
      ],
      'subscription',
    );
    expect(feesOf(work, invoice).map((fee) => [fee.preciseCouponsAmountCents, fee.taxesAmountCents])).toEqual([
      ['500', 950],
      ['250', 0],
      ['150', 570],
      ['100', 380],
    ]);
    expect(invoice).toMatchObject({
      feesAmountCents: 20_000,
      couponsAmountCents: 1_000,
      subTotalExcludingTaxesAmountCents: 19_000,
      taxesAmountCents: 1_900,
      subTotalIncludingTaxesAmountCents: 20_900,
      totalAmountCents: 20_900,
      taxesRate: 10,
    });
    expect(invoice.appliedTaxes.map((line) => [line.taxRate, line.feesAmountCents, line.amountCents])).toEqual([
      [10, 9_500, 950],
      [0, 4_750, 0],
      [20, 4_750, 950],
    ]);
  });

  test('E2: metric, plan and unlimited coupons over eight fees', () => {
    const codes = ['bm1', 'bm2', 'bm3', 'bm4', 'bm5', 'bm6', 'bm7', 'bm8'];
    const taxed = (code: string) => charge(code, [code === 'bm2' || code === 'bm6' ? 'twenty' : 'ten']);
    const first = coupon('c1', { amountCents: 2_000, billableMetricCodes: ['bm1', 'bm2'] });
    const second = coupon('c2', { amountCents: 1_000, planCodes: ['plan2'] });
    const third = coupon('c3', { amountCents: 500 });
    const work = billing({
      taxes: [tax('ten', 10), tax('twenty', 20)],
      coupons: [first, second, third],
      plans: [
        plan({ code: 'plan1', charges: codes.slice(0, 4).map(taxed) }),
        plan({ code: 'plan2', charges: codes.slice(4).map(taxed) }),
      ],
    });
    putSubscription(work, 'plan1');
    putSubscription(work, 'plan2');
    for (const each of [third, second, first]) applyCoupon(work, each, NO_OVERRIDES);
    const amounts = [1_000, 2_000, 3_000, 4_000];
    const invoice = issued(
      work,
      codes.map((code, index) => withCharge(code, amounts[index % 4] ?? 0, index < 4 ? 'plan1' : 'plan2')),
      'subscription',
    );
    expect(feesOf(work, invoice).map((fee) => [fee.preciseCouponsAmountCents, fee.taxesAmountCents])).toEqual([
      ['676.47059', 32],
      ['1352.94117', 129],
      ['88.23529', 291],
      ['117.64706', 388],
      ['126.47059', 87],
      ['252.94118', 349],
      ['379.41176', 262],
      ['505.88235', 349],
    ]);
    expect(invoice.appliedTaxes.map((line) => [line.taxRate, line.feesAmountCents, line.amountCents])).toEqual([
      [10, 14_105, 1_411],
      [20, 2_394, 479],
    ]);
    expect(invoice).toMatchObject({
      couponsAmountCents: 3_500,
      subTotalExcludingTaxesAmountCents: 16_500,
      taxesAmountCents: 1_889,
      totalAmountCents: 18_389,
    });
  });

  test('E3: coupon, tax, credit note, wallet', () => {
    const work = billing({ taxes: [tax('ten', 10, { appliedToOrganization: true })], coupons: [coupon('thousand')] });
    applyCoupon(work, coupon('thousand'), NO_OVERRIDES);
    const earlier = issued(work, [{ amountCents: 5_000 }]);
    createCreditNote(work, {
      invoiceId: earlier.id,
      items: [{ fee: feeAt(work, earlier, 0), preciseAmountCents: new Decimal('1818.18182') }],
      reason: 'other',
      automatic: true,
      creditAmountCents: 2_000,
      refundAmountCents: 0,
      offsetAmountCents: 0,
    });
    const paying = wallet(work, { balanceCents: 3_000 });
    const invoice = issued(
      work,
      [{ amountCents: 5_000, feeType: 'subscription' }, { amountCents: 2_000 }],
      'subscription',
    );
    expect(feesOf(work, invoice).map((fee) => [fee.preciseCouponsAmountCents, fee.taxesAmountCents])).toEqual([
      ['714.28571', 429],
      ['285.71429', 171],
    ]);
    expect(invoice).toMatchObject({
      taxesAmountCents: 600,
      subTotalIncludingTaxesAmountCents: 6_600,
      creditNotesAmountCents: 2_000,
      prepaidCreditAmountCents: 3_000,
      totalAmountCents: 1_600,
      paymentStatus: 'pending',
    });
    expect(work.account.get('wallet', paying.id)?.balanceCents).toBe(0);
    expect(work.account.all('credit_note')[0]).toMatchObject({ balanceAmountCents: 0, creditStatus: 'consumed' });
  });

  test("E4: the invoice's tax is not the sum of its fees' taxes", () => {
    const work = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const invoice = issued(work, [{ amountCents: 17 }, { amountCents: 446 }]);
    expect(feesOf(work, invoice).map((fee) => fee.taxesAmountCents)).toEqual([3, 89]);
    expect(invoice.taxesAmountCents).toBe(93);
  });

  test('E4 the other way: a statement of paid fees sums what they carry', () => {
    const work = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const paid = issued(work, [{ amountCents: 17 }, { amountCents: 446 }]);
    const statement = draftWith(work, [], 'advance_charges');
    for (const fee of feesOf(work, paid)) work.account.put('fee', { ...fee, invoiceId: statement.id });
    const summed = issueAgain(work, statement.id);
    expect(summed).toMatchObject({
      taxesAmountCents: 92,
      totalAmountCents: 555,
      paymentStatus: 'succeeded',
      taxesRate: 19.87,
    });
    expect(summed.appliedTaxes.map((line) => [line.amountCents, line.feesAmountCents])).toEqual([[92, 463]]);
  });

  test('E5: two taxes of 10 % on 105 are 11 each and 21 together', () => {
    const work = billing({
      taxes: [tax('one', 10, { appliedToOrganization: true }), tax('two', 10, { appliedToOrganization: true })],
    });
    const invoice = issued(work, [{ amountCents: 105 }]);
    expect(invoice.appliedTaxes.map((line) => line.amountCents)).toEqual([11, 11]);
    expect(invoice.taxesAmountCents).toBe(21);
    expect(feeAt(work, invoice, 0)).toMatchObject({ taxesAmountCents: 21, taxesRate: 20 });
  });

  test('a draft shows taxes, but neither coupons nor credit notes nor prepaid credits', () => {
    const work = billing({ customer: { invoiceGracePeriod: 3 }, coupons: [coupon('thousand')] });
    applyCoupon(work, coupon('thousand'), NO_OVERRIDES);
    wallet(work, { balanceCents: 3_000 });
    const invoice = issued(work, [{ amountCents: 5_000 }], 'subscription', 'subscription_periodic');
    expect(invoice).toMatchObject({
      status: 'draft',
      totalAmountCents: 5_000,
      couponsAmountCents: 0,
      sequentialId: null,
    });
    expect(work.account.all('applied_coupon')[0]?.status).toBe('active');
  });

  test('a one-off invoice uses no coupon and no prepaid credit', () => {
    const work = billing({ coupons: [coupon('thousand')] });
    applyCoupon(work, coupon('thousand'), NO_OVERRIDES);
    wallet(work, { balanceCents: 3_000 });
    expect(issued(work, [{ amountCents: 5_000 }])).toMatchObject({ totalAmountCents: 5_000, status: 'finalized' });
  });

  test('an invoice computed twice is the same invoice', () => {
    const work = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const invoice = issued(work, [{ amountCents: 1_234 }]);
    const again = issueAgain(work, invoice.id);
    expect(again).toEqual(invoice);
  });
});

describe('whatever the fees, coupons, credit notes and wallets', () => {
  const scenario = fc.record({
    amounts: fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 6 }),
    rates: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }),
    coupons: fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 3 }),
    credited: fc.integer({ min: 0, max: 60_000 }),
    balances: fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 3 }),
  });

  test('fees − coupons + taxes − credit notes − prepaid credits are the total, and nothing falls below zero', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const coupons = given.coupons.map((amountCents, index) => coupon(`c${index}`, { amountCents }));
        const taxes = given.rates.map((rate) => tax(`t${rate}`, rate, { appliedToOrganization: true }));
        const work = billing({ taxes, coupons });
        for (const each of coupons) applyCoupon(work, each, NO_OVERRIDES);
        for (const balanceCents of given.balances) wallet(work, { balanceCents });
        if (given.credited > 0) creditedBefore(work, given.credited);
        const invoice = issued(
          work,
          given.amounts.map((amountCents) => ({ amountCents })),
          'subscription',
        );
        const { feesAmountCents, couponsAmountCents, taxesAmountCents } = invoice;
        expect(invoice.totalAmountCents).toBe(
          feesAmountCents -
            couponsAmountCents +
            taxesAmountCents -
            invoice.creditNotesAmountCents -
            invoice.prepaidCreditAmountCents,
        );
        expect(invoice.totalAmountCents).toBeGreaterThanOrEqual(0);
        for (const each of work.account.all('wallet')) expect(each.balanceCents).toBeGreaterThanOrEqual(0);
        for (const note of work.account.all('credit_note')) expect(note.balanceAmountCents).toBeGreaterThanOrEqual(0);
        for (const fee of feesOf(work, invoice)) expect(sharesWithinAmount(fee)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

function sharesWithinAmount(fee: Fee): boolean {
  const payable = new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents).plus(fee.taxesAmountCents);
  return (
    new Decimal(fee.preciseCouponsAmountCents).lte(fee.amountCents) &&
    new Decimal(fee.preciseCreditNotesAmountCents).lte(payable)
  );
}

function creditedBefore(work: ReturnType<typeof billing>, amountCents: number): void {
  const earlier = issued(work, [{ amountCents, taxCodes: ['none'] }]);
  createCreditNote(work, {
    invoiceId: earlier.id,
    items: [{ fee: feeAt(work, earlier, 0), preciseAmountCents: new Decimal(amountCents) }],
    reason: 'other',
    automatic: true,
    creditAmountCents: amountCents,
    refundAmountCents: 0,
    offsetAmountCents: 0,
  });
}

function issueAgain(work: ReturnType<typeof billing>, invoiceId: string) {
  return issueInvoice(work, invoiceId, null);
}
