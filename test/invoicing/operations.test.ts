import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import type { Invoice, Wallet } from '../../src/model.js';
import { defineInitially } from '../../src/operations/define.js';
import { perform } from '../../src/operations/perform.js';
import { at } from '../support/terms.js';

const NOW = at('2024-03-01T10:00:00Z');
const DEFINITIONS = {
  organization: { name: 'Org', timezone: 'UTC', default_currency: 'EUR', document_number_prefix: 'ORG-1' },
  taxes: [{ code: 'vat', name: 'VAT', rate: 20, applied_to_organization: true }],
  billable_metrics: [{ code: 'metric', name: 'Metric', aggregation_type: 'count_agg' }],
  add_ons: [{ code: 'setup', name: 'Setup', amount_cents: 1_000, amount_currency: 'EUR' }],
  plans: [
    {
      code: 'plan',
      name: 'Plan',
      interval: 'monthly',
      amount_cents: 1_000,
      amount_currency: 'EUR',
      pay_in_advance: true,
    },
  ],
  coupons: [
    { code: 'c', name: 'C', coupon_type: 'fixed_amount', amount_cents: 100, amount_currency: 'EUR', frequency: 'once' },
  ],
  customers: [
    { external_id: 'cust', name: 'Customer', currency: 'EUR' },
    { external_id: 'graced', name: 'Graced', billing_configuration: { invoice_grace_period: 3 } },
    { external_id: 'bare', name: 'Bare' },
  ],
};

let ledger: Ledger;
let run: <Result>(verb: string, input: unknown) => Result;

beforeEach(() => {
  ledger = openLedger(':memory:');
  const { catalog } = defineInitially(ledger, DEFINITIONS, NOW);
  run = (verb, input) => perform({ ledger, catalog, at: NOW }, verb, input);
});
afterEach(() => ledger.close());

/** The codes that the verb is refused with; a refusal changes nothing. */
function refusal(verb: string, input: object): string[] {
  const before = [...ledger.journal()].length;
  try {
    run(verb, input);
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    expect([...ledger.journal()].length).toBe(before);
    return error.codes();
  }
  return [];
}

const WALLET = { external_customer_id: 'cust', rate_amount: '1', currency: 'EUR' };
const LINE = { add_on_code: 'setup' };
const FIRST = { external_customer_id: 'cust', index: 0 };

describe('wallet verbs refuse', () => {
  const rule = (given: object) => ({ recurring_transaction_rules: [given] });
  test.each([
    ['no rate', { rate_amount: null }, 'value_is_mandatory'],
    ['a rate of 0', { rate_amount: '0' }, 'value_is_out_of_range'],
    ['an unknown currency', { currency: 'XXX' }, 'value_is_invalid'],
    ['paid credits that are no number', { paid_credits: 'abc' }, 'invalid_paid_credits'],
    ['granted credits as a number', { granted_credits: 10 }, 'invalid_granted_credits'],
    ['granted credits of 10^25', { granted_credits: `1${'0'.repeat(25)}` }, 'invalid_amount'],
    ['a priority of 51', { priority: 51 }, 'value_is_invalid'],
    ['an expiration in the past', { expiration_at: '2024-03-01T09:59:59Z' }, 'invalid_date'],
    ['an unknown fee type', { applies_to: { fee_types: ['x'] } }, 'invalid_limitations'],
    ['an unknown metric', { applies_to: { billable_metric_codes: ['x'] } }, 'invalid_identifier'],
    [
      'a maximum below the minimum',
      { paid_top_up_min_amount_cents: 2, paid_top_up_max_amount_cents: 1 },
      'must_be_greater_than_or_equal_min',
    ],
    ['nested metadata', { metadata: { a: {} } }, 'nested_structure_not_allowed'],
    ['metadata that is a list', { metadata: [] }, 'invalid_type'],
    ['a long name of its transactions', { transaction_name: 'x'.repeat(256) }, 'too_long'],
    ['metadata of a transaction without value', { transaction_metadata: [{ key: 'a' }] }, 'invalid_key_value_pair'],
    [
      'two rules',
      {
        recurring_transaction_rules: [
          { trigger: 'interval', interval: 'weekly' },
          { trigger: 'interval', interval: 'weekly' },
        ],
      },
      'invalid_number_of_recurring_rules',
    ],
    ['an interval rule without interval', rule({ trigger: 'interval' }), 'invalid_recurring_rule'],
    ['a threshold rule without threshold', rule({ trigger: 'threshold' }), 'invalid_recurring_rule'],
    [
      'a target rule without target',
      rule({ trigger: 'interval', interval: 'weekly', method: 'target' }),
      'invalid_recurring_rule',
    ],
    [
      'a rule beyond the limits of its wallet',
      { paid_top_up_max_amount_cents: 100, ...rule({ trigger: 'interval', interval: 'weekly', paid_credits: '5' }) },
      'invalid_recurring_rule',
    ],
  ])('%s', (_, given, code) => {
    expect(refusal('create_wallet', { ...WALLET, ...given })).toContain(code);
    expect(ledger.account('cust')?.all('wallet')).toEqual([]);
  });

  test('what does not exist or no longer lives', () => {
    expect(refusal('create_wallet', { ...WALLET, external_customer_id: 'nobody' })).toContain('customer_not_found');
    expect(refusal('top_up_wallet', { external_customer_id: 'cust', granted_credits: '1' })).toContain(
      'wallet_not_found',
    );
    run('create_wallet', WALLET);
    run('terminate_wallet', { external_customer_id: 'cust' });
    expect(refusal('top_up_wallet', { external_customer_id: 'cust', granted_credits: '1' })).toContain(
      'wallet_is_terminated',
    );
    expect(refusal('create_wallet', { ...WALLET, external_customer_id: 'bare', currency: null })).toContain(
      'value_is_mandatory',
    );
  });
});

describe('wallet verbs', () => {
  test('a rule without amounts takes the initial ones of the wallet', () => {
    const wallet = run<Wallet>('create_wallet', {
      ...WALLET,
      paid_credits: '5',
      granted_credits: '2',
      recurring_transaction_rules: [{ trigger: 'interval', interval: 'monthly' }],
    });
    expect(wallet).toMatchObject({ balanceCents: 200, creditsOngoingBalance: '2' });
    expect(wallet.recurringTransactionRules).toMatchObject([
      { paidCredits: '5', grantedCredits: '2', method: 'fixed' },
    ]);
    expect(ledger.account('cust')?.all('invoice')).toMatchObject([{ invoiceType: 'credit', totalAmountCents: 500 }]);
  });

  test('an update without applies_to forgets metrics and keeps fee types', () => {
    run('create_wallet', { ...WALLET, applies_to: { fee_types: ['charge'], billable_metric_codes: ['metric'] } });
    const wallet = run<Wallet>('update_wallet', { external_customer_id: 'cust', name: 'New' });
    expect(wallet).toMatchObject({ name: 'New', appliesTo: { feeTypes: ['charge'], billableMetricCodes: [] } });
  });

  test('paid, granted and voided credits of one request, in that order', () => {
    run('create_wallet', { ...WALLET, granted_credits: '10' });
    run('top_up_wallet', {
      external_customer_id: 'cust',
      paid_credits: '10',
      granted_credits: '15',
      voided_credits: '3',
    });
    const account = ledger.account('cust');
    expect(account?.all('wallet')[0]?.balanceCents).toBe(2_200);
    expect(account?.all('wallet_transaction').map((each) => each.transactionStatus)).toEqual([
      'granted',
      'purchased',
      'granted',
      'voided',
    ]);
  });
});

describe('create_invoice refuses', () => {
  test.each([
    ['an unknown customer', { external_customer_id: 'nobody', fees: [LINE] }, 'customer_not_found'],
    [
      'a customer and an invoice without currency',
      { external_customer_id: 'bare', fees: [LINE] },
      'value_is_mandatory',
    ],
    ['an unknown currency', { external_customer_id: 'cust', currency: 'XXX', fees: [LINE] }, 'value_is_invalid'],
    ['no fees', { external_customer_id: 'cust', fees: [] }, 'fees_not_found'],
    ['an unknown add-on', { external_customer_id: 'cust', fees: [{ add_on_code: 'x' }] }, 'add_on_not_found'],
    [
      'a period without end',
      { external_customer_id: 'cust', fees: [{ ...LINE, from_datetime: '2024-03-01' }] },
      'values_are_invalid',
    ],
    [
      'a period that ends before it starts',
      { external_customer_id: 'cust', fees: [{ ...LINE, from_datetime: '2024-03-02', to_datetime: '2024-03-01' }] },
      'values_are_invalid',
    ],
    ['a field that it does not know', { external_customer_id: 'cust', fees: [LINE], color: 'red' }, 'unknown_field'],
  ])('%s', (_, input, code) => {
    expect(refusal('create_invoice', input)).toContain(code);
  });
});

describe('an issued invoice', () => {
  const issue = () => run<Invoice>('create_invoice', { external_customer_id: 'cust', fees: [{ ...LINE, units: '2' }] });

  test('is found by index, by number and by id', () => {
    const invoice = issue();
    expect(invoice).toMatchObject({ number: 'ORG-1-001-001', totalAmountCents: 2_400 });
    for (const reference of [FIRST, { external_customer_id: 'cust', index: -1 }, invoice.number, invoice.id]) {
      expect(run<Invoice>('update_invoice', { invoice: reference, payment_status: 'pending' }).id).toBe(invoice.id);
    }
    expect(refusal('update_invoice', { invoice: 'ORG-9' })).toContain('invoice_not_found');
    expect(refusal('update_invoice', { invoice: { external_customer_id: 'cust', index: 1 } })).toContain(
      'invoice_not_found',
    );
  });

  test('takes metadata whose pairs replace each other', () => {
    issue();
    const pairs = (...keys: string[]) => ({ invoice: FIRST, metadata: keys.map((key) => ({ key, value: key })) });
    run('update_invoice', pairs('a', 'b'));
    expect(run<Invoice>('update_invoice', pairs('b', 'c')).metadata.map((pair) => pair.key)).toEqual(['b', 'c']);
    expect(refusal('update_invoice', pairs('a', 'b', 'c', 'd', 'e', 'f'))).toContain('invalid_count');
    expect(refusal('update_invoice', pairs('x'.repeat(21)))).toContain('value_is_too_long');
    expect(refusal('update_invoice', { invoice: FIRST, payment_status: 'paid' })).toContain('value_is_invalid');
  });

  test('voided takes no change', () => {
    issue();
    expect(run<Invoice>('void_invoice', { invoice: FIRST }).status).toBe('voided');
    expect(refusal('void_invoice', { invoice: FIRST })).toContain('not_voidable');
    expect(refusal('update_invoice', { invoice: FIRST, payment_status: 'failed' })).toContain(
      'update_on_voided_invoice',
    );
    expect(refusal('record_payment', { invoice: FIRST, amount_cents: 1, reference: 'r' })).toContain(
      'feature_unavailable',
    );
  });

  test('is paid by what is recorded', () => {
    issue();
    expect(refusal('record_payment', { invoice: FIRST, amount_cents: '5', reference: 'r' })).toContain('invalid_value');
    expect(refusal('record_payment', { invoice: FIRST, amount_cents: 5, reference: 'r', paid_at: 'x' })).toContain(
      'invalid_date',
    );
    run('record_payment', { invoice: FIRST, amount_cents: 2_400, reference: 'r', paid_at: '2024-02-29' });
    expect(ledger.account('cust')?.all('invoice')).toMatchObject([
      { paymentStatus: 'succeeded', totalPaidAmountCents: 2_400 },
    ]);
  });

  test('is credited by items that name its fees', () => {
    issue();
    const note = { invoice: FIRST, credit_amount_cents: 1_200 };
    expect(refusal('create_credit_note', note)).toContain('must_be_an_array');
    expect(refusal('create_credit_note', { ...note, items: [{ fee: 1, amount_cents: 1 }] })).toContain('fee_not_found');
    const items = [{ fee: { type: 'add_on', code: 'setup' }, amount_cents: 1_000 }];
    expect(refusal('create_credit_note', { ...note, items, reason: 'none' })).toContain('value_is_invalid');
    expect(run('create_credit_note', { ...note, items })).toMatchObject({
      number: 'ORG-1-001-001-CN001',
      totalAmountCents: 1_200,
      reason: 'other',
    });
    expect(run('void_credit_note', { external_customer_id: 'cust', index: -1 })).toMatchObject({
      creditStatus: 'voided',
    });
    expect(refusal('void_credit_note', { external_customer_id: 'cust', index: 0 })).toContain('no_voidable_amount');
    expect(refusal('void_credit_note', { external_customer_id: 'cust', index: 5 })).toContain('credit_note_not_found');
  });
});

describe('a draft', () => {
  const draft = { external_customer_id: 'graced', index: 0 };
  beforeEach(() =>
    run('create_subscription', { external_customer_id: 'graced', external_id: 'sub', plan_code: 'plan' }),
  );

  test('takes no metadata, payment status, payment, credit note or voiding', () => {
    const change = (given: object) => refusal('update_invoice', { invoice: draft, ...given });
    expect(change({ metadata: [{ key: 'a', value: 'b' }] })).toContain('metadata_on_draft_invoice');
    expect(change({ payment_status: 'succeeded' })).toContain('payment_status_update_on_draft_invoice');
    expect(refusal('record_payment', { invoice: draft, amount_cents: 1, reference: 'r' })).toContain(
      'feature_unavailable',
    );
    expect(refusal('void_invoice', { invoice: draft })).toContain('not_voidable');
    const items = [{ fee: 0, amount_cents: 100 }];
    expect(refusal('create_credit_note', { invoice: draft, credit_amount_cents: 120, items })).toContain(
      'invalid_type_or_status',
    );
  });

  test('takes adjustments of its fees', () => {
    const fee = { invoice: draft, fee: { type: 'subscription', code: 'plan' } };
    expect(run('adjust_fee', { ...fee, units: 3 })).toMatchObject({ units: '3', adjusted: true });
    expect(refusal('adjust_fee', { ...fee, fee: { type: 'charge' }, units: 3 })).toContain('fee_not_found');
    expect(refusal('adjust_fee', { ...fee, units: -1 })).toContain('value_is_invalid');
  });
});

describe('coupon verbs', () => {
  const apply = { external_customer_id: 'cust', coupon_code: 'c' };

  test('apply, with overrides, and remove', () => {
    expect(run('apply_coupon', { ...apply, amount_cents: 50 })).toMatchObject({ amountCents: 50, status: 'active' });
    expect(run('remove_coupon', apply)).toMatchObject({ status: 'terminated', terminatedAt: NOW });
    expect(refusal('remove_coupon', apply)).toContain('applied_coupon_not_found');
  });

  test.each([
    ['an unknown customer', { external_customer_id: 'nobody' }, 'customer_not_found'],
    ['an unknown coupon', { coupon_code: 'x' }, 'coupon_not_found'],
    ['an amount of 0', { amount_cents: 0 }, 'value_is_out_of_range'],
    ['recurring without duration', { frequency: 'recurring' }, 'value_is_mandatory'],
    ['an unknown frequency', { frequency: 'daily' }, 'value_is_invalid'],
  ])('refuse %s', (_, given, code) => {
    expect(refusal('apply_coupon', { ...apply, ...given })).toContain(code);
  });
});

describe('numbers of the billing entity', () => {
  test('go on from the invoices issued before the switch, customer after customer', () => {
    const one = (customer: string) => ({ external_customer_id: customer, currency: 'EUR', fees: [LINE] });
    run('create_invoice', one('cust'));
    run('create_invoice', one('bare'));
    const written = {
      ...DEFINITIONS,
      organization: { ...DEFINITIONS.organization, document_numbering: 'per_organization' },
    };
    const { catalog } = defineInitially(ledger, written, NOW);
    const number = (customer: string) =>
      perform<Invoice>({ ledger, catalog, at: NOW }, 'create_invoice', one(customer)).number;
    expect([number('cust'), number('bare')]).toEqual(['ORG-1-202403-003', 'ORG-1-202403-004']);
  });
});
