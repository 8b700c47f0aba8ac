import { describe, expect, it } from 'vitest';
import type { BillableMetric, Coupon, Plan } from '../../src/catalog/types.js';
import { recordId } from '../../src/ids.js';
import type { AppliedCoupon, Payment, Wallet, WalletTransaction } from '../../src/model.js';
import { addOnJson } from '../../src/render/json/addOn.js';
import { appliedCouponJson } from '../../src/render/json/appliedCoupon.js';
import { billableMetricJson } from '../../src/render/json/billableMetric.js';
import { couponJson } from '../../src/render/json/coupon.js';
import { creditNoteEstimateJson, creditNoteJson } from '../../src/render/json/creditNote.js';
import { customerJson } from '../../src/render/json/customer.js';
import { eventJson } from '../../src/render/json/event.js';
import { feeJson, feesJson } from '../../src/render/json/fee.js';
import { invoiceJson, invoiceSummaryJson, previewInvoiceJson } from '../../src/render/json/invoice.js';
import { paymentJson } from '../../src/render/json/payment.js';
import { planJson } from '../../src/render/json/plan.js';
import { taxJson } from '../../src/render/json/tax.js';
import { walletJson } from '../../src/render/json/wallet.js';
import { walletTransactionJson } from '../../src/render/json/walletTransaction.js';
import {
  at,
  billingPeriod,
  creditNote,
  customer,
  fee,
  invoice,
  invoiceDocument,
  issuer,
  subscription,
  subscriptionDocument,
} from './samples.js';

const words = (text: string) => text.trim().split(/\s+/);
const keys = (object: object) => Object.keys(object);

const invoiceHead = `lago_id billing_entity_code sequential_id number purchase_order_number issuing_date payment_due_date
  net_payment_term invoice_type status payment_status payment_dispute_lost_at payment_overdue currency fees_amount_cents
  taxes_amount_cents progressive_billing_credit_amount_cents coupons_amount_cents credit_notes_amount_cents
  sub_total_excluding_taxes_amount_cents sub_total_including_taxes_amount_cents total_amount_cents total_due_amount_cents
  total_paid_amount_cents total_offsetted_credit_note_amount_cents prepaid_credit_amount_cents
  prepaid_granted_credit_amount_cents prepaid_purchased_credit_amount_cents file_url xml_url web_url version_number
  self_billed created_at updated_at voided_at`;

describe('invoice', () => {
  it('has the keys of Lago in their order, in full, in lists and in previews', () => {
    const fees = [fee('api')];
    const parts = { fees, billingPeriods: [billingPeriod()], subscriptions: [subscriptionDocument(subscription())] };
    expect(keys(invoiceJson(invoice(fees), parts))).toEqual(
      words(`${invoiceHead} customer subscriptions billing_periods fees credits metadata applied_taxes error_details
        applied_invoice_custom_sections`),
    );
    expect(keys(invoiceSummaryJson(invoice(fees)))).toEqual(words(`${invoiceHead} customer metadata applied_taxes`));
    const preview = previewInvoiceJson(invoice(fees), parts);
    expect(keys(preview)).toEqual(words(`${invoiceHead} customer credits applied_taxes subscriptions fees`));
    expect(preview).toMatchObject({ lago_id: null, number: '', sequential_id: null });
    expect(preview.fees[0]).toMatchObject({ lago_id: null, lago_invoice_id: null });
  });

  it('prints dates, instants and cents as Lago encodes them', () => {
    expect(invoiceDocument([fee('api')])).toMatchObject({
      issuing_date: '2025-02-01',
      created_at: '2025-02-01T00:00:00Z',
      fees_amount_cents: 1000,
      taxes_amount_cents: 200,
      total_amount_cents: 1200,
      voided_at: null,
      self_billed: false,
      version_number: 4,
    });
    const disputed = invoice([], { paymentDisputeLostAt: at('2025-03-01T10:00:31.000Z') });
    expect(invoiceSummaryJson(disputed).payment_dispute_lost_at).toBe('2025-03-01T10:00:31.000Z');
  });

  it('owes what was neither paid nor offset, and nothing once voided', () => {
    const paid = invoice([fee('api')], { totalPaidAmountCents: 500 });
    expect(invoiceSummaryJson(paid, { offsettedAmountCents: 100 })).toMatchObject({
      total_due_amount_cents: 600,
      total_offsetted_credit_note_amount_cents: 100,
    });
    expect(invoiceSummaryJson({ ...paid, status: 'voided' }).total_due_amount_cents).toBe(0);
  });

  it('prints its periods in the order of subscription names, ends inclusive to the second', () => {
    const json = invoiceJson(invoice([]), {
      fees: [],
      billingPeriods: [billingPeriod('sub_1', { subscriptionName: 'Zebra' }), billingPeriod('sub_2')],
      subscriptions: [subscriptionDocument(subscription('sub_1')), subscriptionDocument(subscription('sub_2'))],
    });
    expect(json.billing_periods.map((period) => period.external_subscription_id)).toEqual(['sub_2', 'sub_1']);
    expect(json.subscriptions.map((one) => one.external_id)).toEqual(['sub_2', 'sub_1']);
    expect(json.billing_periods[0]).toEqual({
      lago_subscription_id: recordId('subscription', 'sub_2'),
      external_subscription_id: 'sub_2',
      lago_plan_id: recordId('plan', 'pro'),
      subscription_from_datetime: '2025-01-01T00:00:00Z',
      subscription_to_datetime: '2025-01-31T23:59:59Z',
      charges_from_datetime: '2025-01-01T00:00:00Z',
      charges_to_datetime: '2025-01-31T23:59:59Z',
      fixed_charges_from_datetime: null,
      fixed_charges_to_datetime: null,
      invoicing_reason: 'subscription_periodic',
    });
  });

  it('lists the thresholds of a progressive billing invoice, and of no other', () => {
    const threshold = {
      thresholdId: 't1',
      amountCents: 1000,
      thresholdDisplayName: 'First',
      recurring: false,
      lifetimeUsageAmountCents: 1200,
      createdAt: at('2025-01-15T00:00:00Z'),
    };
    const progressive = invoice([], { invoiceType: 'progressive_billing', appliedUsageThresholds: [threshold] });
    expect(invoiceSummaryJson(progressive).applied_usage_thresholds).toEqual([
      {
        lifetime_usage_amount_cents: 1200,
        created_at: '2025-01-15T00:00:00Z',
        usage_threshold: {
          lago_id: 't1',
          threshold_display_name: 'First',
          amount_cents: 1000,
          recurring: false,
          created_at: '2025-01-15T00:00:00Z',
          updated_at: '2025-01-15T00:00:00Z',
        },
      },
    ]);
    expect(invoiceSummaryJson(invoice([]))).not.toHaveProperty('applied_usage_thresholds');
  });
});

describe('fee', () => {
  const head = `lago_id lago_charge_id lago_charge_filter_id lago_fixed_charge_id lago_invoice_id lago_true_up_fee_id
    lago_true_up_parent_fee_id lago_original_fee_id lago_subscription_id external_subscription_id lago_customer_id
    external_customer_id item pay_in_advance invoiceable amount_cents amount_currency precise_amount precise_total_amount
    taxes_amount_cents taxes_precise_amount taxes_rate total_aggregated_units total_amount_cents total_amount_currency units
    description precise_unit_amount precise_coupons_amount_cents sub_total_excluding_taxes_amount_cents
    sub_total_excluding_taxes_precise_amount_cents events_count payment_status created_at succeeded_at failed_at refunded_at
    amount_details self_billed pricing_unit_details presentation_breakdowns`;
  const parts = { externalCustomerId: 'cus_1' };

  it('has the keys of Lago, with dates where it has a period and taxes where they are asked for', () => {
    expect(keys(feeJson(fee('api'), parts))).toEqual(words(`${head} from_date to_date`));
    expect(keys(feeJson(fee('min', { feeType: 'commitment' }), parts))).toEqual(words(head));
    expect(keys(feeJson(fee('api', { payInAdvance: true, eventTransactionId: 'e1' }), parts))).toEqual(
      words(`${head} from_date to_date event_transaction_id`),
    );
    const full = feeJson(fee('api'), { ...parts, withAppliedTaxes: true });
    expect(keys(full)).toEqual(words(`${head} from_date to_date applied_taxes`));
    expect(keys(full.applied_taxes?.[0] ?? {})).toEqual(
      words(`lago_id lago_fee_id lago_tax_id tax_name tax_code tax_rate tax_description amount_cents amount_currency
        created_at`),
    );
  });

  it('prints precise amounts in major units and coupons in cents', () => {
    const discounted = fee('api', {
      units: '1',
      amountCents: 3000,
      preciseAmountCents: '3000',
      preciseUnitAmount: '30',
      preciseCouponsAmountCents: '150',
      taxesAmountCents: 570,
      taxesPreciseAmountCents: '570',
    });
    expect(feeJson(discounted, parts)).toMatchObject({
      precise_amount: '30.0',
      precise_total_amount: '35.7',
      taxes_precise_amount: '5.7',
      taxes_rate: 20,
      total_amount_cents: 3570,
      units: '1.0',
      precise_unit_amount: '30.0',
      precise_coupons_amount_cents: '150.0',
      sub_total_excluding_taxes_amount_cents: 2850,
      sub_total_excluding_taxes_precise_amount_cents: '2850.0',
      from_date: '2025-01-01T00:00:00+00:00',
      to_date: '2025-01-31T23:59:59+00:00',
    });
    const yen = fee('api', { currency: 'JPY', amountCents: 1234, preciseAmountCents: '1234.5' });
    expect(feeJson(yen, parts).precise_amount).toBe('1234.5');
  });

  it('names its item, and the true-up that tops it up', () => {
    const parent = fee('seats', { name: 'Seats' });
    const [json, trueUp] = feesJson([parent, fee('seats_up', { trueUpParentFeeId: parent.id })], parts);
    expect(json?.lago_true_up_fee_id).toBe(recordId('fee', 'seats_up', 'undefined'));
    expect(trueUp?.lago_true_up_parent_fee_id).toBe(parent.id);
    expect(json?.item).toEqual({
      type: 'charge',
      code: 'seats',
      name: 'Seats',
      description: null,
      invoice_display_name: 'Seats',
      filters: null,
      filter_invoice_display_name: null,
      lago_item_id: recordId('item', 'seats'),
      item_type: 'BillableMetric',
      grouped_by: {},
    });
  });

  it('has no customer on one-off lines', () => {
    expect(feeJson(fee('setup', { feeType: 'add_on', subscriptionId: null }), parts)).toMatchObject({
      lago_customer_id: null,
      external_customer_id: null,
      pay_in_advance: false,
      invoiceable: true,
    });
  });
});

describe('the other objects', () => {
  it('customer', () => {
    const json = customerJson(customer({ timezone: 'Europe/Paris' }), issuer);
    expect(keys(json)).toEqual(
      words(`lago_id billing_entity_code external_id account_type name firstname lastname customer_type sequential_id slug
        created_at updated_at country address_line1 address_line2 state zipcode email city url phone logo_url legal_name
        legal_number currency tax_identification_number timezone applicable_timezone net_payment_term external_salesforce_id
        finalize_zero_amount_invoice billing_configuration shipping_address skip_invoice_custom_sections metadata`),
    );
    expect(json).toMatchObject({ applicable_timezone: 'Europe/Paris', country: 'DE', sequential_id: 1 });
    expect(customerJson(customer(), { ...issuer, timezone: 'Asia/Tokyo' }).applicable_timezone).toBe('Asia/Tokyo');
  });

  it('subscription: milliseconds in started_at alone', () => {
    const json = subscriptionDocument(subscription());
    expect(keys(json)).toEqual(
      words(`lago_id external_id lago_customer_id external_customer_id name plan_code plan_amount_cents plan_amount_currency
        status billing_time subscription_at started_at trial_ended_at ending_at terminated_at canceled_at created_at
        previous_plan_code next_plan_code downgrade_plan_date current_billing_period_started_at
        current_billing_period_ending_at on_termination_credit_note on_termination_invoice progressive_billing_disabled
        consolidate_invoice purchase_order_number cancellation_reason activated_at payment_method activation_rules`),
    );
    expect(json.started_at).toBe('2025-01-01T00:00:00.000Z');
    expect(json.subscription_at).toBe('2025-01-01T00:00:00Z');
    expect(json.current_billing_period_ending_at).toBe('2025-02-28T23:59:59Z');
  });

  it('wallet and wallet transaction', () => {
    expect(keys(walletJson(wallet, { externalCustomerId: 'cus_1', billingEntityCode: 'default' }))).toEqual(
      words(`lago_id lago_customer_id external_customer_id billing_entity_code status currency name code
        purchase_order_number rate_amount credits_balance credits_ongoing_balance credits_ongoing_usage_balance balance_cents
        ongoing_balance_cents ongoing_usage_balance_cents consumed_credits created_at expiration_at last_balance_sync_at
        last_consumed_credit_at terminated_at invoice_requires_successful_payment paid_top_up_min_amount_cents
        paid_top_up_max_amount_cents priority recurring_transaction_rules applies_to applied_invoice_custom_sections
        payment_method`),
    );
    const json = walletTransactionJson(transaction, { wallet, billingEntityCode: 'default' });
    expect(keys(json)).toEqual(
      words(`lago_id lago_wallet_id lago_invoice_id lago_credit_note_id lago_voided_invoice_id billing_entity_code status
        source transaction_status transaction_type amount credit_amount remaining_amount_cents remaining_credit_amount
        priority purchase_order_number settled_at failed_at created_at invoice_requires_successful_payment metadata name
        payment_method`),
    );
    // 50.00 left at 2.00 a credit.
    expect(json).toMatchObject({ amount: '100.0', credit_amount: '50.0', remaining_credit_amount: '25.0' });
  });

  it('applied coupon: only a fixed amount given once has a remainder', () => {
    const parts = { coupon, externalCustomerId: 'cus_1', usedAmountCents: 1500 };
    const json = appliedCouponJson(applied, parts);
    expect(keys(json)).toEqual(
      words(`lago_id lago_coupon_id coupon_code coupon_name coupon_description coupon_status coupon_deleted_at
        lago_customer_id external_customer_id status amount_cents amount_cents_remaining amount_currency percentage_rate
        frequency frequency_duration frequency_duration_remaining expiration_at created_at terminated_at`),
    );
    expect(json.amount_cents_remaining).toBe(500);
    expect(appliedCouponJson({ ...applied, frequency: 'forever' }, parts).amount_cents_remaining).toBeNull();
  });

  it('coupon, tax, add-on, billable metric', () => {
    expect(keys(couponJson(coupon))).toEqual(
      words(`lago_id name code description coupon_type amount_cents amount_currency percentage_rate frequency
        frequency_duration reusable limited_plans limited_billable_metrics plan_codes billable_metric_codes created_at
        expiration expiration_at terminated_at`),
    );
    expect(keys(taxJson(tax))).toEqual(
      words(`lago_id name code rate description applied_to_organization add_ons_count customers_count plans_count
        charges_count commitments_count created_at`),
    );
    const addOn = { id: 'a', code: 'setup', name: 'Setup', invoiceDisplayName: null, description: null };
    const json = addOnJson(
      { ...addOn, amountCents: 500, amountCurrency: 'EUR', taxCodes: ['vat'] },
      new Map([['vat', tax]]),
    );
    expect(keys(json)).toEqual(
      words('lago_id name invoice_display_name code amount_cents amount_currency created_at description taxes'),
    );
    expect(json.taxes.map(({ code }) => code)).toEqual(['vat']);
    expect(keys(billableMetricJson(metric))).toEqual(
      words(`lago_id name code description aggregation_type weighted_interval recurring rounding_function
        rounding_precision created_at field_name expression filters active_subscriptions_count draft_invoices_count
        plans_count`),
    );
    expect(billableMetricJson(metric).filters).toEqual([{ key: 'region', values: ['eu', 'us'] }]);
  });

  it('event: milliseconds in its timestamp', () => {
    const stored = {
      sequence: 1,
      transactionId: 'tx',
      code: 'api',
      externalSubscriptionId: 'sub_1',
      timestamp: at('2025-01-15T10:00:00.123456Z'),
      properties: '{"tokens":12}',
      preciseTotalAmountCents: null,
      receivedAt: at('2025-01-15T10:00:01Z'),
    };
    expect(eventJson(stored, { customerId: 'c', subscriptionId: 's' })).toEqual({
      lago_id: recordId('event', 'tx'),
      transaction_id: 'tx',
      lago_customer_id: 'c',
      code: 'api',
      timestamp: '2025-01-15T10:00:00.123Z',
      precise_total_amount_cents: null,
      properties: { tokens: 12 },
      lago_subscription_id: 's',
      external_subscription_id: 'sub_1',
      created_at: '2025-01-15T10:00:01Z',
    });
  });

  it('payment', () => {
    const json = paymentJson(payment, { externalCustomerId: 'cus_1', invoiceNumber: 'ACM-1234-001-001' });
    expect(keys(json)).toEqual(
      words(`lago_id lago_customer_id external_customer_id invoice_ids invoice_numbers lago_payable_id payable_type
        amount_cents amount_currency status payment_status type reference payment_provider_code payment_provider_type
        external_payment_id provider_payment_id provider_customer_id next_action created_at`),
    );
  });

  it('credit note, its items and taxes, and an estimate', () => {
    const credited = fee('api');
    const json = creditNoteJson(creditNote(credited.id), {
      invoice: invoice([credited]),
      fees: new Map([[credited.id, credited]]),
    });
    expect(keys(json)).toEqual(
      words(`lago_id billing_entity_code sequential_id number lago_invoice_id invoice_number purchase_order_number
        issuing_date credit_status refund_status reason description currency total_amount_cents precise_total_amount_cents
        taxes_amount_cents precise_taxes_amount_cents sub_total_excluding_taxes_amount_cents balance_amount_cents
        credit_amount_cents refund_amount_cents offset_amount_cents coupons_adjustment_amount_cents taxes_rate created_at
        updated_at file_url xml_url self_billed customer items applied_taxes error_details`),
    );
    expect(json.precise_total_amount_cents).toBe('2315.6959');
    expect(keys(json.items[0] ?? {})).toEqual(words('lago_id amount_cents precise_amount_cents amount_currency fee'));
    expect(keys(json.applied_taxes[0] ?? {})).toEqual(
      words(`lago_id lago_credit_note_id lago_tax_id tax_name tax_code tax_rate tax_description amount_cents
        amount_currency base_amount_cents created_at`),
    );
    const note = creditNote(credited.id);
    const estimate = creditNoteEstimateJson(
      {
        ...note,
        maxCreditableAmountCents: 2316,
        maxRefundableAmountCents: 0,
        items: [{ feeId: credited.id, amountCents: 1999 }],
      },
      { id: 'i', number: 'N' },
    );
    expect(keys(estimate)).toEqual(
      words(`lago_invoice_id invoice_number currency taxes_amount_cents precise_taxes_amount_cents
        sub_total_excluding_taxes_amount_cents max_creditable_amount_cents max_refundable_amount_cents
        coupons_adjustment_amount_cents precise_coupons_adjustment_amount_cents taxes_rate items applied_taxes`),
    );
  });

  it('plan: written prices, and old names mirrored', () => {
    const json = planJson(plan, { billableMetrics: new Map([['api', metric]]), addOns: new Map(), taxes: new Map() });
    expect(keys(json)).toEqual(
      words(`lago_id name invoice_display_name created_at code interval description amount_cents amount_currency trial_period
        pay_in_advance bill_charges_monthly bill_fixed_charges_monthly customers_count active_subscriptions_count
        draft_invoices_count parent_id pending_deletion charges fixed_charges usage_thresholds applicable_usage_thresholds
        taxes entitlements`),
    );
    expect(json.charges[0]).toMatchObject({
      lago_billable_metric_id: 'metric',
      charge_model: 'graduated',
      properties: {
        graduated_ranges: [
          { from_value: 0, to_value: 10, per_unit_amount: '1.5', flat_amount: '0' },
          { from_value: 11, to_value: null, per_unit_amount: '1', flat_amount: '2' },
        ],
        pricing_group_keys: ['region'],
        grouped_by: ['region'],
      },
    });
  });
});

const tax = { id: 'tax', code: 'vat', name: 'VAT', rate: 20, description: null, appliedToOrganization: true };

const metric: BillableMetric = {
  id: 'metric',
  code: 'api',
  name: 'API calls',
  description: null,
  aggregationType: 'sum_agg',
  fieldName: 'calls',
  recurring: false,
  weightedInterval: null,
  roundingFunction: null,
  roundingPrecision: null,
  expression: null,
  filters: [{ key: 'region', values: ['us', 'eu'] }],
};

const plan: Plan = {
  id: 'plan',
  code: 'pro',
  name: 'Pro',
  invoiceDisplayName: null,
  description: null,
  interval: 'monthly',
  amountCents: 9900,
  amountCurrency: 'EUR',
  payInAdvance: false,
  trialPeriod: null,
  billChargesMonthly: null,
  billFixedChargesMonthly: null,
  charges: [
    {
      id: 'charge',
      code: 'api',
      billableMetricCode: 'api',
      invoiceDisplayName: null,
      chargeModel: 'graduated',
      payInAdvance: false,
      invoiceable: true,
      regroupPaidFees: null,
      prorated: false,
      minAmountCents: 0,
      properties: {
        prices: {
          model: 'graduated',
          ranges: [
            { fromValue: '0', toValue: '10', perUnitAmount: '1.5', flatAmount: '0' },
            { fromValue: '11', toValue: null, perUnitAmount: '1', flatAmount: '2' },
          ],
        },
        pricingGroupKeys: ['region'],
        presentationGroupKeys: [],
      },
      filters: [],
      taxCodes: [],
      appliedPricingUnit: null,
      acceptsTargetWallet: false,
      parentId: null,
    },
  ],
  fixedCharges: [],
  minimumCommitment: null,
  usageThresholds: [],
  taxCodes: [],
  parentId: null,
};

const coupon: Coupon = {
  id: 'coupon',
  code: 'startup',
  name: 'Startup',
  description: null,
  couponType: 'fixed_amount',
  amountCents: 2000,
  amountCurrency: 'EUR',
  percentageRate: null,
  frequency: 'once',
  frequencyDuration: null,
  reusable: true,
  expirationAt: null,
  planCodes: [],
  billableMetricCodes: [],
  status: 'active',
};

const applied: AppliedCoupon = {
  id: 'applied',
  couponId: 'coupon',
  couponCode: 'startup',
  customerId: 'c',
  status: 'active',
  amountCents: 2000,
  amountCurrency: 'EUR',
  percentageRate: null,
  frequency: 'once',
  frequencyDuration: null,
  frequencyDurationRemaining: null,
  createdAt: at('2025-01-01T00:00:00Z'),
  terminatedAt: null,
};

const wallet: Wallet = {
  id: 'wallet',
  customerId: 'c',
  code: 'default',
  name: null,
  status: 'active',
  currency: 'EUR',
  rateAmount: '2',
  priority: 50,
  traceable: true,
  creditsBalance: '28',
  balanceCents: 5600,
  consumedCredits: '2',
  consumedAmountCents: 400,
  ongoingUsageBalanceCents: 0,
  creditsOngoingUsageBalance: '0',
  ongoingBalanceCents: 5600,
  creditsOngoingBalance: '28',
  depletedOngoingBalance: false,
  invoiceRequiresSuccessfulPayment: false,
  paidTopUpMinAmountCents: null,
  paidTopUpMaxAmountCents: null,
  appliesTo: { feeTypes: [], billableMetricCodes: [] },
  recurringTransactionRules: [],
  metadata: null,
  expirationAt: null,
  terminatedAt: null,
  lastBalanceSyncAt: null,
  lastConsumedCreditAt: null,
  createdAt: at('2025-01-01T00:00:00Z'),
};

const transaction: WalletTransaction = {
  id: 'transaction',
  customerId: 'c',
  walletId: 'wallet',
  invoiceId: null,
  creditNoteId: null,
  voidedInvoiceId: null,
  transactionType: 'inbound',
  transactionStatus: 'granted',
  status: 'settled',
  source: 'manual',
  amount: '100',
  creditAmount: '50',
  amountCents: 10000,
  remainingAmountCents: 5000,
  consumptions: [],
  priority: 50,
  name: null,
  metadata: [],
  invoiceRequiresSuccessfulPayment: false,
  settledAt: at('2025-01-01T00:00:00Z'),
  failedAt: null,
  createdAt: at('2025-01-01T00:00:00Z'),
};

const payment: Payment = {
  id: 'payment',
  customerId: 'c',
  invoiceId: 'i',
  amountCents: 100,
  currency: 'EUR',
  reference: 'wire 1',
  paidAt: null,
  createdAt: at('2025-02-03T00:00:00Z'),
};
