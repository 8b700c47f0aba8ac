import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCreditNote } from '../../src/credits/creditNotes.js';
import { grantCredits, voidCredits } from '../../src/credits/topUp.js';
import { terminateWallet } from '../../src/credits/wallets.js';
import { BillingError } from '../../src/errors.js';
import { createOneOffInvoice } from '../../src/invoicing/oneOff.js';
import { applyPaymentStatus, markOverdueInvoices, recordPayment } from '../../src/invoicing/payments.js';
import { purchaseCredits } from '../../src/invoicing/purchaseCredits.js';
import { voidInvoice } from '../../src/invoicing/void.js';
import { firesOn, refreshOngoingBalances, runWalletRules, thresholdPurchase } from '../../src/invoicing/walletRules.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import { runBillingPass } from '../../src/lifecycle/billingPass.js';
import type { Invoice, RecurringTransactionRule, Wallet } from '../../src/model.js';
import { Decimal } from '../../src/money/decimal.js';
import type { LocalDate } from '../../src/time/localDate.js';
import { billing, current, feeAt, feesOf, issued, later, tax, wallet } from '../support/billing.js';

const d = (value: string | number) => new Decimal(value);
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

describe('payments', () => {
  test('in parts: the invoice is paid when they make its total', () => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 100 }]);
    recordPayment(work, invoice, { amountCents: 40, reference: 'a', paidAt: null });
    expect(current(work, invoice)).toMatchObject({ totalPaidAmountCents: 40, paymentStatus: 'pending' });
    recordPayment(work, current(work, invoice), { amountCents: 60, reference: 'b', paidAt: null });
    expect(current(work, invoice)).toMatchObject({ totalPaidAmountCents: 100, paymentStatus: 'succeeded' });
    expect(feeAt(work, invoice, 0)).toMatchObject({ paymentStatus: 'succeeded', succeededAt: work.at });
  });

  test.each([
    ['nothing', 0, 'ref', 'invalid_value'],
    ['a part of a cent', 1.5, 'ref', 'invalid_value'],
    ['more than is due', 101, 'ref', 'value_is_out_of_range'],
    ['no reference', 10, '', 'value_is_mandatory'],
    ['a long reference', 10, 'x'.repeat(41), 'value_is_too_long'],
  ])('refused: %s', (_, amountCents, reference, code) => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 100 }]);
    expect(codesOf(() => recordPayment(work, invoice, { amountCents, reference, paidAt: null }))).toContain(code);
    expect(work.account.all('payment')).toEqual([]);
  });

  test('a draft takes none', () => {
    const work = billing({ customer: { invoiceGracePeriod: 3 } });
    const draft = issued(work, [{}], 'subscription', 'subscription_periodic');
    const codes = codesOf(() => recordPayment(work, draft, { amountCents: 1, reference: 'r', paidAt: null }));
    expect(codes).toContain('feature_unavailable');
  });

  test('a status by hand pays nothing, and ends the overdue', () => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 100 }]);
    markOverdueInvoices(work);
    expect(current(work, invoice).paymentOverdue).toBe(false);
    markOverdueInvoices(later(work, '2024-03-02T10:00:00Z'));
    expect(current(work, invoice).paymentOverdue).toBe(true);
    expect(applyPaymentStatus(work, invoice.id, 'succeeded')).toMatchObject({
      paymentOverdue: false,
      totalPaidAmountCents: 0,
    });
  });
});

describe('bought credits', () => {
  const bought = (requires = false) => {
    const work = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const { id } = wallet(work, { traceable: true, rateAmount: '10' });
    const purchase = purchaseCredits(work, id, d('1.2'), {
      ignoreLimits: false,
      invoiceRequiresSuccessfulPayment: requires,
    });
    const invoice = work.account.all('invoice')[0] as Invoice;
    const balance = () => (work.account.get('wallet', id) as Wallet).balanceCents;
    const transactions = () => work.account.all('wallet_transaction');
    return { work, id, purchase, invoice, balance, transactions };
  };

  test('an invoice of type credit, without tax, pending', () => {
    const { work, invoice, purchase, balance } = bought();
    expect(invoice).toMatchObject({
      invoiceType: 'credit',
      status: 'finalized',
      number: 'ORG-1-001-001',
      totalAmountCents: 1_200,
      taxesAmountCents: 0,
      paymentStatus: 'pending',
    });
    expect(feeAt(work, invoice, 0)).toMatchObject({
      feeType: 'credit',
      units: '1.2',
      preciseUnitAmount: '10',
      amountCents: 1_200,
    });
    expect(purchase).toMatchObject({ status: 'pending', invoiceId: invoice.id });
    expect(balance()).toBe(0);
  });

  test('are in the wallet when the invoice is paid, once', () => {
    const { work, invoice, balance, transactions } = bought();
    recordPayment(work, invoice, { amountCents: 1_200, reference: 'r', paidAt: null });
    applyPaymentStatus(work, invoice.id, 'succeeded');
    expect(balance()).toBe(1_200);
    expect(transactions()).toMatchObject([{ status: 'settled', remainingAmountCents: 1_200 }]);
  });

  test('are paid whole or not at all', () => {
    const { work, invoice } = bought();
    const codes = codesOf(() => recordPayment(work, invoice, { amountCents: 600, reference: 'r', paidAt: null }));
    expect(codes).toContain('invalid_amount');
  });

  test('fail with the payment; settled ones stay', () => {
    const { work, invoice, transactions, balance } = bought();
    applyPaymentStatus(work, invoice.id, 'failed');
    expect(transactions()).toMatchObject([{ status: 'failed', failedAt: work.at }]);
    applyPaymentStatus(work, invoice.id, 'succeeded');
    expect(balance()).toBe(0);
  });

  test('that need their payment first: open, then issued on the day of it', () => {
    const { work, invoice, balance } = bought(true);
    expect(invoice).toMatchObject({ status: 'open', number: 'ORG-1-DRAFT', sequentialId: null });
    const paying = later(work, '2024-03-05T10:00:00Z');
    recordPayment(paying, invoice, { amountCents: 1_200, reference: 'r', paidAt: null });
    expect(current(work, invoice)).toMatchObject({
      status: 'finalized',
      number: 'ORG-1-001-001',
      issuingDate: '2024-03-05',
      paymentDueDate: '2024-03-05',
      paymentStatus: 'succeeded',
    });
    expect(balance()).toBe(1_200);
  });

  const note = (work: BillingWork, invoice: Invoice, split: object, cents = 1_200) =>
    createCreditNote(work, {
      invoiceId: invoice.id,
      items: [{ fee: feeAt(work, invoice, 0), preciseAmountCents: d(cents) }],
      reason: 'other',
      automatic: false,
      creditAmountCents: 0,
      refundAmountCents: 0,
      offsetAmountCents: 0,
      ...split,
    });

  test('a refund takes them out of the wallet, from their own purchase', () => {
    const { work, id, invoice, balance, transactions } = bought();
    recordPayment(work, invoice, { amountCents: 1_200, reference: 'r', paidAt: null });
    grantCredits(work, id, d('0.5'), { priority: 1 });
    note(work, invoice, { refundAmountCents: 1_200 });
    expect(balance()).toBe(500);
    expect(transactions()).toMatchObject([
      { remainingAmountCents: 0 },
      { transactionStatus: 'granted', remainingAmountCents: 500 },
      { transactionStatus: 'voided', creditAmount: '1.2', amount: '12' },
    ]);
  });

  test.each([
    ['unpaid: a refund', 'pending', { refundAmountCents: 1_200 }, 'invalid_type_or_status'],
    ['unpaid: a part of an offset', 'pending', { offsetAmountCents: 600 }, 'not_equal_to_total_amount'],
    ['paid: an offset', 'succeeded', { offsetAmountCents: 1_200 }, 'cannot_apply_to_paid_invoice'],
    ['paid: a credit', 'succeeded', { creditAmountCents: 1_200 }, 'cannot_credit_invoice'],
  ] as const)('%s is refused', (_, status, split, code) => {
    const { work, invoice } = bought();
    if (status === 'succeeded') recordPayment(work, invoice, { amountCents: 1_200, reference: 'r', paidAt: null });
    expect(codesOf(() => note(work, current(work, invoice), split))).toContain(code);
  });

  test('a refund above what the wallet holds, or of a dead wallet, is refused', () => {
    const { work, id, invoice } = bought();
    recordPayment(work, invoice, { amountCents: 1_200, reference: 'r', paidAt: null });
    issued(work, [{ amountCents: 1_000 }], 'subscription');
    const refund = () => note(work, current(work, invoice), { refundAmountCents: 1_200 });
    expect(codesOf(refund)).toContain('higher_than_wallet_balance');
    terminateWallet(work, work.account.get('wallet', id) as Wallet);
    expect(codesOf(refund)).toContain('invalid_type_or_status');
  });

  test('offset instead of paid: no credits', () => {
    const { work, invoice, balance, transactions } = bought();
    note(work, invoice, { offsetAmountCents: 1_200 });
    expect(current(work, invoice).paymentStatus).toBe('succeeded');
    expect(transactions()).toMatchObject([{ status: 'failed' }]);
    expect(balance()).toBe(0);
  });
});

describe('voiding', () => {
  test('gives prepaid credits back as granted ones, and takes them off the consumption', () => {
    const work = billing();
    const { id } = wallet(work, { balanceCents: 3_000 });
    const invoice = issued(work, [{ amountCents: 1_000 }], 'subscription');
    expect(work.account.get('wallet', id)).toMatchObject({ balanceCents: 2_000, consumedAmountCents: 1_000 });
    expect(voidInvoice(work, invoice, VOID)).toMatchObject({
      status: 'voided',
      voidedAt: work.at,
      number: invoice.number,
    });
    expect(work.account.get('wallet', id)).toMatchObject({
      balanceCents: 3_000,
      consumedAmountCents: 0,
      consumedCredits: '0',
    });
    expect(work.account.all('wallet_transaction')[1]).toMatchObject({
      transactionStatus: 'granted',
      voidedInvoiceId: invoice.id,
      amountCents: 1_000,
    });
  });

  test('whatever was consumed, the balance of a living wallet is what it was; of a dead one it is not', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5_000 }),
        fc.integer({ min: 0, max: 5_000 }),
        fc.boolean(),
        (balance, fee, lives) => {
          const work = billing();
          const { id } = wallet(work, { balanceCents: balance });
          const invoice = issued(work, [{ amountCents: fee }], 'subscription');
          if (!lives) terminateWallet(work, work.account.get('wallet', id) as Wallet);
          voidInvoice(work, invoice, VOID);
          const after = (work.account.get('wallet', id) as Wallet).balanceCents;
          expect(after).toBe(lives ? balance : balance - invoice.prepaidCreditAmountCents);
        },
      ),
    );
  });

  test('only what is final', () => {
    const work = billing();
    const invoice = issued(work, [{}]);
    const voided = voidInvoice(work, invoice, VOID);
    expect(codesOf(() => voidInvoice(work, voided, VOID))).toContain('not_voidable');
  });

  test('does not give back the credit notes that were consumed', () => {
    const work = billing();
    const earlier = issued(work, [{ amountCents: 500 }]);
    createCreditNote(work, {
      invoiceId: earlier.id,
      items: [{ fee: feeAt(work, earlier, 0), preciseAmountCents: d(500) }],
      reason: 'other',
      automatic: true,
      creditAmountCents: 500,
      refundAmountCents: 0,
      offsetAmountCents: 0,
    });
    voidInvoice(work, issued(work, [{}], 'subscription'), VOID);
    expect(work.account.all('credit_note')).toMatchObject([{ creditStatus: 'consumed', balanceAmountCents: 0 }]);
  });

  test.each([
    ['all as credit', 0, 1_200, 0, [[1_200, 1_200, 0, 'available']]],
    ['all as refund', 1_200, 0, 1_200, [[1_200, 0, 1_200, 'available']]],
    [
      'half of each',
      300,
      300,
      300,
      [
        [600, 300, 300, 'available'],
        [600, 600, 0, 'voided'],
      ],
    ],
    ['nothing', 0, 0, 0, [[1_200, 1_200, 0, 'voided']]],
  ])('with a credit note: %s', (_, paid, creditAmountCents, refundAmountCents, expected) => {
    const work = billing({ taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const invoice = issued(work, [{ amountCents: 1_000 }]);
    if (paid > 0) recordPayment(work, invoice, { amountCents: paid, reference: 'r', paidAt: null });
    voidInvoice(work, current(work, invoice), { generateCreditNote: true, creditAmountCents, refundAmountCents });
    const notes = work.account.all('credit_note');
    expect(notes.map((n) => [n.totalAmountCents, n.creditAmountCents, n.refundAmountCents, n.creditStatus])).toEqual(
      expected,
    );
  });

  test('with a credit note above the invoice is refused', () => {
    const work = billing();
    const invoice = issued(work, [{ amountCents: 1_000 }]);
    const attempt = () =>
      voidInvoice(work, invoice, { generateCreditNote: true, creditAmountCents: 1_001, refundAmountCents: 0 });
    expect(codesOf(attempt)).toContain('total_amount_exceeds_invoice_amount');
    expect(current(work, invoice).status).toBe('finalized');
  });
});

describe('a one-off invoice', () => {
  const addOn = {
    id: 'setup',
    code: 'setup',
    name: 'Setup',
    invoiceDisplayName: null,
    description: 'Once',
    amountCents: 1_000,
    amountCurrency: 'EUR',
    taxCodes: [],
  };

  test('bills units at a price, dated, with the term that it is given', () => {
    const work = billing({ addOns: [addOn], taxes: [tax('vat', 20, { appliedToOrganization: true })] });
    const line = { addOn, description: null, invoiceDisplayName: null, taxCodes: null, fromAt: work.at, toAt: work.at };
    const invoice = createOneOffInvoice(work, {
      currency: 'EUR',
      netPaymentTerm: 15,
      purchaseOrderNumber: 'PO-1',
      lines: [
        { ...line, unitAmountCents: d(1_200), units: d(2), description: 'desc' },
        { ...line, unitAmountCents: d(333), units: d('1.5') },
      ],
    });
    expect(
      feesOf(work, invoice).map((fee) => [fee.amountCents, fee.units, fee.preciseUnitAmount, fee.description]),
    ).toEqual([
      [2_400, '2', '12', 'desc'],
      [500, '1.5', '3.33', 'Once'],
    ]);
    expect(invoice).toMatchObject({
      invoiceType: 'one_off',
      status: 'finalized',
      taxesAmountCents: 580,
      totalAmountCents: 3_480,
      issuingDate: '2024-03-01',
      paymentDueDate: '2024-03-16',
      purchaseOrderNumber: 'PO-1',
    });
  });
});

describe('recurring top-ups', () => {
  test.each([
    // ongoing, pending, maximum, bought
    ['4', 0, null, 10],
    ['-5', 0, null, 20],
    ['-23', 0, null, 30],
    ['-23', 10, null, 20],
    ['-23', 0, 25, 25],
  ])('threshold 5, paid 10, ongoing %s, pending %s, at most %s: %i', (ongoing, pending, maximum, bought) => {
    const credits = { ongoing: d(ongoing), granted: d(0), pending: d(pending) };
    const limit = maximum === null ? null : d(maximum);
    expect(thresholdPurchase(d(5), d(10), credits, limit).toNumber()).toBe(bought);
  });

  test.each([
    ['weekly', '2024-01-01', '2024-01-08', true],
    ['weekly', '2024-01-01', '2024-01-09', false],
    ['monthly', '2024-01-31', '2024-02-29', true],
    ['monthly', '2024-01-31', '2024-02-28', false],
    ['monthly', '2024-01-15', '2024-03-15', true],
    ['quarterly', '2024-01-15', '2024-04-15', true],
    ['quarterly', '2024-01-15', '2024-03-15', false],
    ['semiannual', '2024-01-15', '2024-07-15', true],
    ['semiannual', '2024-01-15', '2024-04-15', false],
    ['yearly', '2024-02-29', '2025-02-28', true],
    ['yearly', '2024-02-29', '2025-03-29', false],
  ] as const)('%s from %s fires on %s: %s', (interval, base, date, fires) => {
    expect(firesOn(interval, base as LocalDate, date as LocalDate)).toBe(fires);
  });

  const rule = (given: Partial<RecurringTransactionRule>, work: BillingWork): RecurringTransactionRule => ({
    id: 'rule',
    trigger: 'interval',
    method: 'fixed',
    interval: 'weekly',
    thresholdCredits: null,
    targetOngoingBalance: null,
    grantsTargetTopUp: false,
    paidCredits: '0',
    grantedCredits: '10',
    startedAt: null,
    expirationAt: null,
    transactionName: 'Weekly',
    transactionMetadata: [],
    invoiceRequiresSuccessfulPayment: false,
    ignorePaidTopUpLimits: false,
    status: 'active',
    lastRunOn: null,
    createdAt: work.at,
    ...given,
  });
  const withRule = (given: Partial<RecurringTransactionRule>, balanceCents = 0, terms: Partial<Wallet> = {}) => {
    const work = billing();
    const { id } = wallet(work, { balanceCents, recurringTransactionRules: [rule(given, work)], ...terms });
    return { work, balance: () => (work.account.get('wallet', id) as Wallet).balanceCents };
  };
  const bought = (work: BillingWork) =>
    work.account
      .all('wallet_transaction')
      .map((each) => [each.source, each.transactionStatus, Number(each.creditAmount)]);

  test('weekly: not on the first day, once a day, and for weeks that were missed', () => {
    const { work, balance } = withRule({});
    runWalletRules(work);
    expect(balance()).toBe(0);
    const day = later(work, '2024-03-08T01:00:00Z');
    runWalletRules(day);
    runWalletRules(day);
    expect(balance()).toBe(1_000);
    runBillingPass(later(work, '2024-03-23T01:00:00Z'), { catchUp: false });
    expect(balance()).toBe(1_000);
    runBillingPass(later(work, '2024-03-23T01:00:00Z'), { catchUp: true });
    expect(balance()).toBe(3_000);
    expect(work.account.all('wallet_transaction').map((each) => each.name)).toEqual(['Weekly', 'Weekly', 'Weekly']);
  });

  test('expired rules and expired wallets do nothing', () => {
    const day = '2024-03-08T01:00:00Z';
    const { work, balance } = withRule({ expirationAt: later(billing(), '2024-03-07T00:00:00Z').at });
    runWalletRules(later(work, day));
    expect(balance()).toBe(0);
    const dead = withRule({}, 500, { expirationAt: later(billing(), '2024-03-08T01:00:00Z').at });
    runBillingPass(later(dead.work, day), { catchUp: false });
    runWalletRules(later(dead.work, day));
    expect(dead.work.account.all('wallet')[0]).toMatchObject({ status: 'terminated', balanceCents: 500 });
  });

  const usage = (amountCents: number) => () => [
    {
      feeType: 'charge' as const,
      billableMetricCode: 'm',
      targetWalletCode: null,
      currency: 'EUR',
      amountCents: d(amountCents),
    },
  ];

  test('threshold: bought once, while the purchase is pending not again', () => {
    const { work } = withRule(
      { trigger: 'threshold', thresholdCredits: '5', paidCredits: '10', grantedCredits: '0' },
      1_000,
    );
    refreshOngoingBalances(work, usage(499));
    expect(bought(work)).toEqual([]);
    refreshOngoingBalances(work, usage(600));
    refreshOngoingBalances(work, usage(650));
    expect(bought(work)).toEqual([['threshold', 'purchased', 10]]);
  });

  test('threshold: voiding credits may reach it too', () => {
    const { work } = withRule(
      { trigger: 'threshold', thresholdCredits: '5', paidCredits: '10', grantedCredits: '0' },
      1_000,
    );
    voidCredits(work, (work.account.all('wallet')[0] as Wallet).id, d(6), {});
    refreshOngoingBalances(work, () => []);
    expect(bought(work)).toEqual([
      ['manual', 'voided', 6],
      ['threshold', 'purchased', 10],
    ]);
  });

  test('threshold: an hour of patience after a payment that failed', () => {
    const { work } = withRule(
      { trigger: 'threshold', thresholdCredits: '5', paidCredits: '10', grantedCredits: '0' },
      1_000,
    );
    refreshOngoingBalances(work, usage(600));
    applyPaymentStatus(work, (work.account.all('invoice')[0] as Invoice).id, 'failed');
    refreshOngoingBalances(later(work, '2024-03-01T10:59:59Z'), usage(610));
    expect(bought(work)).toHaveLength(1);
    refreshOngoingBalances(later(work, '2024-03-01T11:00:00Z'), usage(620));
    expect(bought(work)).toHaveLength(2);
  });

  test.each([
    ['the gap, granted', { grantsTargetTopUp: true }, [['threshold', 'granted', 6]]],
    ['the gap, bought, raised to the minimum', {}, [['threshold', 'purchased', 50]]],
    ['the gap, bought, limits ignored', { ignorePaidTopUpLimits: true }, [['threshold', 'purchased', 6]]],
    ['no gap', { targetOngoingBalance: '4' }, []],
  ])('target: %s', (_, given, expected) => {
    const target = {
      trigger: 'threshold',
      method: 'target',
      thresholdCredits: '5',
      targetOngoingBalance: '10',
    } as const;
    const { work } = withRule({ ...target, ...given }, 1_000, { paidTopUpMinAmountCents: 5_000 });
    refreshOngoingBalances(work, usage(600));
    expect(bought(work)).toEqual(expected);
  });
});
