import { describe, expect, test } from 'vitest';
import { lifetimeUsageCents, passedThresholds } from '../../src/credits/progressiveBilling.js';
import { issueInvoice } from '../../src/invoicing/finalize.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import type { BillingPeriod, Invoice } from '../../src/model.js';
import { billing, draftWith, feeAt, tax } from '../support/billing.js';
import { at, subscription } from '../support/terms.js';

const threshold = (amountCents: number, recurring = false) => ({
  id: `t${amountCents}`,
  amountCents,
  thresholdDisplayName: null,
  recurring,
});
const THRESHOLDS = [threshold(200), threshold(500), threshold(700), threshold(1_000, true)];

describe('thresholds 200, 500, 700 and every 1000', () => {
  test.each([
    // invoiced, current, billed progressively, passed
    [0, 220, 0, [200]],
    [0, 440, 220, []],
    [0, 660, 220, [500]],
    [0, 880, 660, [700]],
    [0, 3_080, 880, [1_000]],
    [0, 5_280, 3_080, [1_000]],
    [0, 199, 0, []],
    [0, 200, 0, [200]],
    [0, 750, 0, [200, 500, 700]],
    [0, 1_700, 0, [200, 500, 700, 1_000]],
    [5_280, 2_200, 0, [1_000]],
    [5_280, 700, 0, []],
    [5_280, 720, 0, [1_000]],
    [0, 100, 220, []],
  ])('invoiced %i, current %i, billed %i: %s', (invoicedCents, currentCents, progressivelyBilledCents, passed) => {
    const usage = { invoicedCents, currentCents, progressivelyBilledCents };
    expect(passedThresholds(THRESHOLDS, usage).map((each) => each.amountCents)).toEqual(passed);
    expect(lifetimeUsageCents(usage)).toBe(invoicedCents + currentCents);
  });

  test('without a recurring one nothing passes beyond the largest', () => {
    expect(
      passedThresholds([threshold(200)], { invoicedCents: 300, currentCents: 900, progressivelyBilledCents: 0 }),
    ).toEqual([]);
  });
});

describe('the invoice of a period takes off what was billed progressively', () => {
  const period = (invoice: Invoice, reason: BillingPeriod['invoicingReason']): BillingPeriod =>
    ({
      id: `period-${invoice.id}`,
      invoiceId: invoice.id,
      subscriptionId: 'sub',
      invoicingReason: reason,
      chargesFromDatetime: at('2024-03-01T00:00:00Z'),
      chargesToDatetime: at('2024-03-31T23:59:59.999999Z'),
    }) as BillingPeriod;
  const usage = (amountCents: number) => ({ amountCents, chargeId: 'charge', subscriptionId: 'sub' });

  function progressive(work: BillingWork, amountCents: number): Invoice {
    const invoice = draftWith(work, [usage(amountCents)], 'progressive_billing', 'progressive_billing');
    work.account.put('billing_period', period(invoice, 'progressive_billing'));
    return issueInvoice(work, invoice.id, 'progressive_billing');
  }

  function final(work: BillingWork, amountCents: number): Invoice {
    const fees = [{ amountCents: 3_100, feeType: 'subscription' as const, subscriptionId: 'sub' }, usage(amountCents)];
    const invoice = draftWith(work, fees, 'subscription', 'subscription_periodic');
    work.account.put('billing_period', period(invoice, 'subscription_periodic'));
    return issueInvoice(work, invoice.id, 'subscription_periodic');
  }

  function started(rate = 0) {
    const work = billing({ taxes: [tax('vat', rate, { appliedToOrganization: true })] });
    work.account.put('subscription', subscription('2024-01-01', { id: 'sub' }));
    return work;
  }

  test('totals 220, 440, 220, 2200, 2200, then 3100 of 8380', () => {
    const work = started();
    const totals = [220, 660, 880, 3_080, 5_280].map((cents) => progressive(work, cents).totalAmountCents);
    expect(totals).toEqual([220, 440, 220, 2_200, 2_200]);
    const invoice = final(work, 5_280);
    expect(invoice).toMatchObject({
      feesAmountCents: 8_380,
      progressiveBillingCreditAmountCents: 5_280,
      totalAmountCents: 3_100,
    });
    expect(invoice.credits).toMatchObject([
      { amountCents: 5_280, beforeTaxes: true, item: { type: 'invoice', description: null } },
    ]);
    expect(feeAt(work, invoice, 1).preciseCouponsAmountCents).toBe('5280');
  });

  test('billed more than the period holds: the excess is credited with its tax', () => {
    const work = started(20);
    const billed = progressive(work, 50);
    expect(billed.totalAmountCents).toBe(60);
    const invoice = final(work, 0);
    expect(invoice.progressiveBillingCreditAmountCents).toBe(0);
    expect(work.account.all('credit_note')).toMatchObject([
      { invoiceId: billed.id, creditAmountCents: 60, reason: 'other', taxesAmountCents: 10 },
    ]);
    // The note is consumed by the very invoice that made it: 3720 − 60.
    expect(invoice.totalAmountCents).toBe(3_660);
  });
});
