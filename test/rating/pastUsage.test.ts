import { describe, expect, test } from 'vitest';
import { Account } from '../../src/accounts/account.js';
import type { AccountRecords, BillingPeriod, Customer, Fee, Invoice } from '../../src/model.js';
import { pastUsage } from '../../src/rating/pastUsage.js';
import { toCustomerUsageJson } from '../../src/render/json/usage.js';
import { at, charge, metric, plan, standard } from '../metering/fixtures.js';

const CATALOG = {
  billableMetrics: new Map([['usage', metric('sum_agg')]]),
  plans: new Map([['plan', plan([charge(standard('1'))])]]),
};

function invoiced(month: number, given: Partial<Invoice> = {}): [Invoice, BillingPeriod] {
  const id = `invoice ${month}`;
  const from = at(`2024-0${month}-01`);
  const to = at(`2024-0${month}-28`);
  const invoice = {
    id,
    invoiceType: 'subscription',
    status: 'finalized',
    issuingDate: `2024-0${month + 1}-01`,
    currency: 'EUR',
    feesAmountCents: 1500,
    ...given,
  } as Invoice;
  const period = {
    id: `period ${month}`,
    invoiceId: id,
    subscriptionId: 'subscription',
    externalSubscriptionId: 'sub',
    planCode: 'plan',
    invoicingReason: 'subscription_periodic',
    fromDatetime: from,
    toDatetime: to,
    chargesFromDatetime: from,
    chargesToDatetime: to,
  } as BillingPeriod;
  return [invoice, period];
}

function fee(month: number, given: Partial<Fee>): Fee {
  return {
    id: `fee ${month} ${given.amountCents}`,
    invoiceId: `invoice ${month}`,
    subscriptionId: 'subscription',
    feeType: 'charge',
    chargeId: 'charge',
    chargeCode: 'usage',
    chargeModel: 'standard',
    chargeFilterId: null,
    currency: 'EUR',
    units: '5',
    totalAggregatedUnits: null,
    eventsCount: 2,
    amountCents: 500,
    taxesAmountCents: 100,
    pricingUnit: null,
    presentationBreakdowns: [],
    item: {
      id: 'metric',
      type: 'BillableMetric',
      code: 'usage',
      name: 'Usage',
      description: null,
      invoiceDisplayName: null,
      filters: null,
      filterInvoiceDisplayName: null,
      groupedBy: {},
    },
    ...given,
  } as Fee;
}

function account(records: { readonly [K in keyof AccountRecords]?: readonly AccountRecords[K][] }): Account {
  const source = {
    records: <K extends keyof AccountRecords>(kind: K) => (records[kind] ?? []) as readonly AccountRecords[K][],
  };
  return new Account({ id: 'customer' } as Customer, source);
}

describe('past usage', () => {
  const [january, ofJanuary] = invoiced(1);
  const [february, ofFebruary] = invoiced(2);
  const [march, ofMarch] = invoiced(3, { status: 'voided' });
  const stored = account({
    invoice: [january, february, march],
    billing_period: [ofJanuary, ofFebruary, ofMarch],
    fee: [
      fee(2, { feeType: 'subscription', chargeId: null, amountCents: 1000, taxesAmountCents: 200 }),
      fee(2, { amountCents: 300, item: { ...fee(2, {}).item, groupedBy: { user: 'a' } } }),
      fee(2, { amountCents: 200, item: { ...fee(2, {}).item, groupedBy: { user: 'b' } } }),
    ],
  });

  test('is one entry per invoiced period that stands, the newest first', () => {
    expect(pastUsage(stored, CATALOG, 'sub').map((each) => each.invoiceId)).toEqual(['invoice 2', 'invoice 1']);
    expect(pastUsage(stored, CATALOG, 'sub', { periodsCount: 1 })).toHaveLength(1);
    expect(pastUsage(stored, CATALOG, 'other')).toEqual([]);
  });

  test('has the whole amount of the invoice, and the usage of its charge fees', () => {
    const [newest] = pastUsage(stored, CATALOG, 'sub');
    expect(newest && toCustomerUsageJson(newest)).toMatchObject({
      from_datetime: '2024-02-01T00:00:00Z',
      lago_invoice_id: 'invoice 2',
      issuing_date: '2024-03-01',
      amount_cents: 1500,
      taxes_amount_cents: 400,
      total_amount_cents: 1900,
      charges_usage: [
        {
          units: '10.0',
          events_count: 4,
          amount_cents: 500,
          billable_metric: { code: 'usage', aggregation_type: 'sum_agg' },
          filters: [],
          grouped_usage: [
            { grouped_by: { user: 'a' }, amount_cents: 300 },
            { grouped_by: { user: 'b' }, amount_cents: 200 },
          ],
        },
      ],
    });
  });

  test('refuses an unknown metric and a missing subscription', () => {
    expect(() => pastUsage(stored, CATALOG, 'sub', { billableMetricCode: 'x' })).toThrow(
      expect.objectContaining({ code: 'billable_metric_not_found' }),
    );
    expect(() => pastUsage(stored, CATALOG, '')).toThrow('value_is_mandatory');
  });
});
