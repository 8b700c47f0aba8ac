import { describe, expect, test } from 'vitest';
import { applyCoupon } from '../../src/credits/coupons.js';
import { createTerminationCreditNote } from '../../src/credits/terminationCreditNote.js';
import { adjustFee } from '../../src/invoicing/adjustedFee.js';
import { finalizeDraft, isDueForFinalization, refreshDraft } from '../../src/invoicing/finalize.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import type { Invoice } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import {
  billing,
  coupon,
  current,
  draftWith,
  feeAt,
  feesOf,
  issued,
  later,
  NO_OVERRIDES,
  tax,
} from '../support/billing.js';
import { at } from '../support/terms.js';

const PERIODIC = 'subscription_periodic';

/** Fees as a rebuild makes them: new records with the ids of the old ones. */
const sameFees = (work: BillingWork, invoice: Invoice) => {
  const fees = feesOf(work, invoice).map((fee) => ({ ...fee, units: '1', amountCents: 5_000, adjusted: false }));
  for (const fee of fees) work.account.remove('fee', fee.id);
  for (const fee of fees) work.account.put('fee', fee);
};

describe('numbers', () => {
  test('are given per customer, once, when the invoice becomes final', () => {
    const work = billing();
    expect(draftWith(work, [{}]).number).toBe('ORG-1-DRAFT');
    expect(issued(work, [{}])).toMatchObject({ number: 'ORG-1-001-001', sequentialId: 1 });
    expect(issued(work, [{}])).toMatchObject({ number: 'ORG-1-001-002', sequentialId: 2 });
  });

  test('per billing entity carry the month of its own zone', () => {
    const work = billing(
      {
        organization: {
          documentNumbering: 'per_billing_entity',
          documentNumberPrefix: 'BENT-11',
          timezone: 'Europe/Paris',
        },
      },
      at('2023-09-30T23:10:00Z'),
    );
    expect(issued(work, [{}])).toMatchObject({ number: 'BENT-11-202310-001', billingEntitySequentialId: 1 });
    expect(issued(work, [{}])).toMatchObject({ number: 'BENT-11-202310-002', sequentialId: 2 });
  });

  test("of a partner's invoices are per customer always", () => {
    const work = billing({
      customer: { accountType: 'partner', sequentialId: 3 },
      organization: { documentNumbering: 'per_billing_entity' },
    });
    expect(issued(work, [{}])).toMatchObject({ number: 'ORG-1-003-001', billingEntitySequentialId: null });
  });

  test('grow beyond three digits', () => {
    const work = billing({ customer: { sequentialId: 1_234 } });
    const first = issued(work, [{}]);
    work.account.put('invoice', { ...first, sequentialId: 999 });
    expect(issued(work, [{}]).number).toBe('ORG-1-1234-1000');
  });
});

describe('an invoice without fees', () => {
  test.each([
    [true, 'inherit', 'finalized'],
    [false, 'inherit', 'closed'],
    [true, 'skip', 'closed'],
    [false, 'finalize', 'finalized'],
  ] as const)('organization finalizes %s, customer says %s: %s', (finalizes, customer, status) => {
    const work = billing({
      organization: { finalizeZeroAmountInvoice: finalizes },
      customer: { finalizeZeroAmountInvoice: customer },
    });
    const invoice = issued(work, [{ amountCents: 0 }], 'subscription');
    expect(invoice).toMatchObject({ status, number: status === 'closed' ? 'ORG-1-DRAFT' : 'ORG-1-001-001' });
  });

  test('is told by its fees, not by its total: a coupon of 100 % leaves a final invoice of 0', () => {
    const whole = coupon('all', { couponType: 'percentage', percentageRate: '100' });
    const work = billing({ organization: { finalizeZeroAmountInvoice: false }, coupons: [whole] });
    applyCoupon(work, whole, NO_OVERRIDES);
    expect(issued(work, [{}], 'subscription')).toMatchObject({ status: 'finalized', totalAmountCents: 0 });
  });
});

describe('a draft', () => {
  const graced = (given = {}) => billing({ customer: { invoiceGracePeriod: 3, netPaymentTerm: 10 }, ...given });

  test('becomes final with coupons, number and dates of the day, its fees rebuilt', () => {
    const work = graced({ coupons: [coupon('thousand')] });
    applyCoupon(work, coupon('thousand'), NO_OVERRIDES);
    const draft = issued(work, [{ amountCents: 4_000 }], 'subscription', PERIODIC);
    expect(draft).toMatchObject({ status: 'draft', issuingDate: '2024-03-04', totalAmountCents: 4_000 });
    const final = finalizeDraft(later(work, '2024-03-05T10:00:00Z'), draft.id, sameFees);
    expect(final).toMatchObject({
      status: 'finalized',
      number: 'ORG-1-001-001',
      totalAmountCents: 4_000,
      couponsAmountCents: 1_000,
      issuingDate: '2024-03-05',
      paymentDueDate: '2024-03-15',
    });
  });

  test('is due on the day that it expects', () => {
    const draft = issued(graced(), [{}], 'subscription', PERIODIC);
    expect(isDueForFinalization(draft, at('2024-03-03T23:59:59Z'))).toBe(false);
    expect(isDueForFinalization(draft, at('2024-03-04T00:00:00Z'))).toBe(true);
  });

  test('cannot become final twice', () => {
    const work = graced();
    const draft = issued(work, [{}], 'subscription', PERIODIC);
    finalizeDraft(work, draft.id, sameFees);
    expect(() => finalizeDraft(work, draft.id, sameFees)).toThrowError(/not a draft/);
  });

  test('keeps adjustments through every rebuild: 3 units at 50.00, then at 20.00', () => {
    const work = graced();
    const draft = draftWith(
      work,
      [{ feeType: 'subscription', amountCents: 5_000, preciseUnitAmount: '50' }],
      'subscription',
      PERIODIC,
    );
    adjustFee(work, draft, feeAt(work, draft, 0), { units: '3', unitPreciseAmount: null, invoiceDisplayName: 'Three' });
    const refreshed = refreshDraft(work, draft.id, sameFees);
    expect(refreshed.totalAmountCents).toBe(15_000);
    expect(feeAt(work, draft, 0)).toMatchObject({ units: '3', adjusted: true, item: { invoiceDisplayName: 'Three' } });
    adjustFee(work, refreshed, feeAt(work, draft, 0), {
      units: '3',
      unitPreciseAmount: '20',
      invoiceDisplayName: null,
    });
    expect(refreshDraft(work, draft.id, sameFees).totalAmountCents).toBe(6_000);
    expect(finalizeDraft(work, draft.id, sameFees).totalAmountCents).toBe(6_000);
  });

  test('a final invoice takes no adjustment', () => {
    const work = billing();
    const invoice = issued(work, [{}]);
    const change = { units: '3', unitPreciseAmount: null, invoiceDisplayName: null };
    expect(() => adjustFee(work, invoice, feeAt(work, invoice, 0), change)).toThrowError(/drafts/);
  });

  test('has its credit notes as drafts, which become final, numbered and right with it', () => {
    const work = graced({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const draft = issued(work, [{ feeType: 'subscription', amountCents: 5_000 }], 'subscription', PERIODIC);
    const note = createTerminationCreditNote(work, {
      baseFee: feeAt(work, draft, 0),
      itemPreciseAmount: new Decimal(1_000),
      usedPreciseAmount: new Decimal(4_000),
      option: 'credit',
    });
    expect(note).toMatchObject({ status: 'draft', number: 'ORG-1-DRAFT-CN001', totalAmountCents: 1_200 });
    finalizeDraft(work, draft.id, sameFees);
    expect(work.account.all('credit_note')).toMatchObject([
      { status: 'finalized', number: 'ORG-1-001-001-CN001', totalAmountCents: 1_200, balanceAmountCents: 1_200 },
    ]);
    expect(current(work, draft).status).toBe('finalized');
  });
});
