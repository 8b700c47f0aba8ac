import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyCoupon } from '../../src/credits/coupons.js';
import {
  type CreditNoteSplit,
  creditableAmount,
  refundableAmount,
  totalDueAmount,
} from '../../src/credits/creditNoteLimits.js';
import { createCreditNote, estimateCreditNote, voidCreditNote } from '../../src/credits/creditNotes.js';
import { createTerminationCreditNote } from '../../src/credits/terminationCreditNote.js';
import { BillingError } from '../../src/errors.js';
import { recordPayment } from '../../src/invoicing/payments.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import type { CreditNote, Invoice, TerminationCreditNote } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import { billing, coupon, current, feeAt, issued, NO_OVERRIDES, tax } from '../support/billing.js';
import { plan, subscription } from '../support/terms.js';

function taxed(rate: number, given = {}) {
  return billing({ taxes: [tax('vat', rate, { appliedToOrganization: true })], ...given });
}

function credit(
  work: BillingWork,
  invoice: Invoice,
  items: readonly (readonly [index: number, cents: number])[],
  split: Partial<CreditNoteSplit>,
): CreditNote {
  return createCreditNote(work, {
    invoiceId: invoice.id,
    items: items.map(([index, cents]) => ({
      fee: feeAt(work, invoice, index),
      preciseAmountCents: new Decimal(cents),
    })),
    reason: 'other',
    automatic: false,
    creditAmountCents: 0,
    refundAmountCents: 0,
    offsetAmountCents: 0,
    ...split,
  });
}

function pay(work: BillingWork, invoice: Invoice, amountCents: number): void {
  recordPayment(work, current(work, invoice), { amountCents, reference: 'ref', paidAt: null });
}

function codesOf(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof BillingError) return error.codes();
    throw error;
  }
  return [];
}

describe('the note of a terminated subscription', () => {
  test.each([
    ['C1: 20000 of 30 days at 25 %', 20_000, 25, '19333.333333', '19333.33333', 19_333, 4_833, 24_166],
    ['C2: 16000 likewise', 16_000, 25, '15466.666666', '15466.66666', 15_467, 3_867, 19_334],
    ['C3: 2999 weekly at 23.33 %, 6 of 7 days', 2_999, 23.33, '2570.5714285', '2570.57142', 2_571, 600, 3_171],
  ])('%s', (_, amountCents, rate, unused, item, subTotal, taxes, total) => {
    const work = taxed(rate);
    const invoice = issued(work, [{ amountCents, feeType: 'subscription' }], 'subscription');
    const note = createTerminationCreditNote(work, {
      baseFee: feeAt(work, invoice, 0),
      itemPreciseAmount: new Decimal(unused),
      usedPreciseAmount: new Decimal(0),
      option: 'credit',
    });
    expect(note).toMatchObject({
      subTotalExcludingTaxesAmountCents: subTotal,
      taxesAmountCents: taxes,
      totalAmountCents: total,
      creditAmountCents: total,
      balanceAmountCents: total,
      reason: 'order_cancellation',
    });
    expect(note?.items[0]?.preciseAmountCents).toBe(item);
  });

  /** Two plans of 3100 billed together at 20 %; a coupon of 500 on the first. */
  function twoFees(option: TerminationCreditNote, paid: number, couponCents = 0, creditedBefore = 0) {
    const limited = coupon('c', { amountCents: couponCents, planCodes: ['plan'] });
    const work = taxed(20, { coupons: [limited], plans: [plan(), plan({ code: 'other' })] });
    work.account.put('subscription', subscription('2024-01-01', { id: 'sub', planCode: 'plan' }));
    if (couponCents > 0) applyCoupon(work, limited, NO_OVERRIDES);
    const invoice = issued(
      work,
      [{ amountCents: 3_100, feeType: 'subscription', subscriptionId: 'sub' }, { amountCents: 3_100 }],
      'subscription',
    );
    if (paid > 0) pay(work, invoice, paid);
    if (creditedBefore > 0) credit(work, invoice, [[0, creditedBefore]], { creditAmountCents: 201 });
    return createTerminationCreditNote(work, {
      baseFee: feeAt(work, invoice, 0),
      itemPreciseAmount: new Decimal(1_600),
      usedPreciseAmount: new Decimal(1_500),
      option,
    });
  }

  test.each([
    // option, paid, coupon, credited before, credit, refund, offset
    ['credit', 0, 0, 0, 1_920, 0, 0],
    ['credit', 0, 1_000, 0, 1_301, 0, 0],
    ['refund', 0, 0, 0, 1_920, 0, 0],
    ['refund', 5_580, 0, 0, 930, 990, 0],
    ['offset', 5_580, 0, 0, 0, 990, 930],
    ['offset', 7_440, 0, 0, 0, 1_920, 0],
    ['offset', 5_580, 500, 200, 0, 1_035, 374],
  ] as const)('%s, %i paid, coupon %i, %i credited before', (option, paid, couponCents, before, ...split) => {
    const note = twoFees(option, paid, couponCents, before);
    expect([note?.creditAmountCents, note?.refundAmountCents, note?.offsetAmountCents]).toEqual(split);
  });

  test('skip makes none, and nothing is credited twice', () => {
    expect(twoFees('skip', 0)).toBeNull();
    const work = taxed(20);
    const invoice = issued(work, [{ amountCents: 100, feeType: 'subscription' }], 'subscription');
    const end = () =>
      createTerminationCreditNote(work, {
        baseFee: feeAt(work, invoice, 0),
        itemPreciseAmount: new Decimal(100),
        usedPreciseAmount: new Decimal(0),
        option: 'credit',
      });
    expect(end()?.totalAmountCents).toBe(120);
    expect(end()).toBeNull();
  });
});

describe('notes that complete an invoice', () => {
  test('C4: two lines of 6833 at 20 % add up to the invoice', () => {
    const work = taxed(20);
    const invoice = issued(work, [{ amountCents: 6_833 }, { amountCents: 6_833 }]);
    expect(invoice).toMatchObject({ taxesAmountCents: 2_733, totalAmountCents: 16_399 });
    expect(credit(work, invoice, [[0, 6_833]], { creditAmountCents: 8_200 })).toMatchObject({
      taxesAmountCents: 1_367,
      totalAmountCents: 8_200,
    });
    expect(credit(work, invoice, [[1, 6_833]], { creditAmountCents: 8_199 })).toMatchObject({
      preciseTaxesAmountCents: '1366.2',
      taxesAmountCents: 1_366,
      totalAmountCents: 8_199,
    });
  });

  test('C5: three fees that share a coupon', () => {
    const work = taxed(20, { coupons: [coupon('c')] });
    applyCoupon(work, coupon('c'), NO_OVERRIDES);
    const invoice = issued(
      work,
      [{ amountCents: 1_999 }, { amountCents: 6_833 }, { amountCents: 20_033 }],
      'subscription',
    );
    expect(invoice).toMatchObject({ taxesAmountCents: 5_573, totalAmountCents: 33_438 });
    const notes = [2_316, 7_915, 23_207].map((creditAmountCents, index) =>
      credit(work, invoice, [[index, feeAt(work, invoice, index).amountCents]], { creditAmountCents }),
    );
    expect(notes.map((note) => [note.totalAmountCents, note.taxesAmountCents, note.preciseTaxesAmountCents])).toEqual([
      [2_316, 386, '385.94932'],
      [7_915, 1_319, '1319.25547'],
      [23_207, 3_868, '3868.00001'],
    ]);
  });

  test('whole or in parts, the notes never credit more than the invoice', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 30_000 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(0, 5.5, 20, 25),
        (amounts, rate) => {
          const work = taxed(rate);
          const invoice = issued(
            work,
            amounts.map((amountCents) => ({ amountCents })),
          );
          let credited = 0;
          for (const [index, amountCents] of amounts.entries()) {
            const items = [{ fee: feeAt(work, invoice, index), preciseAmountCents: new Decimal(amountCents) }];
            const { maxCreditableAmountCents } = estimateCreditNote(work, invoice, items);
            credited += credit(work, invoice, [[index, amountCents]], {
              creditAmountCents: maxCreditableAmountCents,
            }).totalAmountCents;
          }
          expect(Math.abs(credited - invoice.totalAmountCents)).toBeLessThanOrEqual(1);
          expect(creditableAmount(work, current(work, invoice)).toNumber()).toBe(0);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a credit note by hand', () => {
  test('C6: 26260 of a fee of 39900 with a coupon of 25000 at 20 %', () => {
    const work = taxed(20, { coupons: [coupon('c', { amountCents: 25_000 })] });
    applyCoupon(work, coupon('c', { amountCents: 25_000 }), NO_OVERRIDES);
    const invoice = issued(work, [{ amountCents: 39_900 }], 'subscription');
    expect(credit(work, invoice, [[0, 26_260]], { creditAmountCents: 11_767 })).toMatchObject({
      couponsAdjustmentAmountCents: 16_454,
      subTotalExcludingTaxesAmountCents: 9_806,
      taxesAmountCents: 1_961,
      totalAmountCents: 11_767,
    });
  });

  test('the cent that roundings leave goes to the credit', () => {
    const work = taxed(20, { coupons: [coupon('c', { amountCents: 10 })] });
    applyCoupon(work, coupon('c', { amountCents: 10 }), NO_OVERRIDES);
    const invoice = issued(work, [{ amountCents: 10 }, { amountCents: 10 }], 'subscription');
    pay(work, invoice, 12);
    expect(
      credit(
        work,
        invoice,
        [
          [0, 10],
          [1, 5],
        ],
        { creditAmountCents: 6, refundAmountCents: 3 },
      ),
    ).toMatchObject({ totalAmountCents: 10, creditAmountCents: 7, refundAmountCents: 3, taxesAmountCents: 2 });
  });

  test.each([
    ['more than the fee', [[0, 110]], { creditAmountCents: 132 }, 0, 'higher_than_remaining_fee_amount'],
    ['less than nothing', [[0, -1]], { creditAmountCents: 1 }, 0, 'invalid_value'],
    ['nothing', [[0, 0]], {}, 0, 'total_amount_must_be_positive'],
    ['amounts unlike the items', [[0, 10]], { creditAmountCents: 20 }, 0, 'does_not_match_item_amounts'],
    ['a refund of what was not paid', [[0, 10]], { refundAmountCents: 12 }, 0, 'cannot_refund_unpaid_invoice'],
    ['a refund above the payment', [[0, 20]], { refundAmountCents: 24 }, 20, 'higher_than_remaining_invoice_amount'],
    ['an offset above what is due', [[0, 10]], { offsetAmountCents: 12 }, 240, 'higher_than_remaining_invoice_amount'],
    ['a credit above the invoice', [[0, 100]], { creditAmountCents: 250 }, 0, 'higher_than_remaining_invoice_amount'],
  ] as const)('refuses %s', (_, items, split, paid, code) => {
    const work = taxed(20);
    const invoice = issued(work, [{ amountCents: 100 }, { amountCents: 100 }]);
    if (paid > 0) pay(work, invoice, paid);
    expect(codesOf(() => credit(work, invoice, items, split))).toContain(code);
    expect(work.account.all('credit_note')).toEqual([]);
  });

  test('credit, refund and offset together; an offset of all that is due pays the invoice', () => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 120 }]);
    pay(work, invoice, 50);
    const note = credit(work, invoice, [[0, 100]], {
      creditAmountCents: 10,
      refundAmountCents: 20,
      offsetAmountCents: 70,
    });
    expect(note).toMatchObject({ totalAmountCents: 100, balanceAmountCents: 10, refundStatus: 'pending' });
    expect(totalDueAmount(work, current(work, invoice))).toBe(0);
    expect(current(work, invoice).paymentStatus).toBe('succeeded');
    expect(refundableAmount(work, current(work, invoice)).toNumber()).toBe(20);
  });

  test('is voided once, its balance gone, its items still credited', () => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 120 }]);
    const note = credit(work, invoice, [[0, 120]], { creditAmountCents: 120 });
    expect(voidCreditNote(work, note)).toMatchObject({ creditStatus: 'voided', balanceAmountCents: 0 });
    const voided = work.account.all('credit_note')[0] as CreditNote;
    expect(codesOf(() => voidCreditNote(work, voided))).toContain('no_voidable_amount');
    expect(creditableAmount(work, invoice).toNumber()).toBe(0);
  });
});
