/**
 * The scenario format's vocabulary: every verb, whether it acts or expects, and the fields that it may carry.
 * Anything outside these tables fails its scenario by name, so that a misspelt field never passes in silence.
 * Source: scenarios.md, "Verbs that act" and "Verbs that expect".
 */

/** The fields of a verb, or `any` where the operation's own schema decides (customers, definitions). */
export type VerbFields = readonly string[] | 'any';

const invoice = 'invoice';
const subscriptionOptions = [
  'on_termination_credit_note',
  'on_termination_invoice',
  'usage_thresholds',
  'progressive_billing_disabled',
  'consolidate_invoice',
  'purchase_order_number',
];
const walletTerms = [
  'name',
  'priority',
  'expiration_at',
  'applies_to',
  'recurring_transaction_rules',
  'paid_top_up_min_amount_cents',
  'paid_top_up_max_amount_cents',
  'metadata',
  'invoice_requires_successful_payment',
];
const listExpectations = ['count', 'first', 'last', 'all'];

export const actingVerbs: Readonly<Record<string, VerbFields>> = {
  define: [
    'organization',
    'billable_metrics',
    'plans',
    'taxes',
    'coupons',
    'add_ons',
    'pricing_units',
    'customers',
    'settings',
  ],
  create_customer: 'any',
  update_customer: 'any',
  delete_customer: ['external_id'],
  create_subscription: [
    'external_customer_id',
    'external_id',
    'plan_code',
    'billing_time',
    'name',
    'subscription_at',
    'ending_at',
    'plan_overrides',
    ...subscriptionOptions,
  ],
  update_subscription: [
    'external_id',
    'status',
    'name',
    'ending_at',
    'subscription_at',
    'plan_overrides',
    ...subscriptionOptions,
  ],
  terminate_subscription: ['external_id', 'status', 'on_termination_credit_note', 'on_termination_invoice'],
  ingest: [
    'code',
    'external_subscription_id',
    'external_customer_id',
    'transaction_id',
    'timestamp',
    'properties',
    'precise_total_amount_cents',
  ],
  bill: ['external_customer_id', 'catch_up'],
  finalize_invoice: [invoice],
  refresh_invoice: [invoice],
  void_invoice: [invoice, 'generate_credit_note', 'credit_amount', 'refund_amount'],
  update_invoice: [invoice, 'payment_status', 'metadata'],
  create_invoice: ['external_customer_id', 'currency', 'fees', 'net_payment_term', 'purchase_order_number'],
  record_payment: [invoice, 'amount_cents', 'reference', 'paid_at'],
  apply_coupon: [
    'external_customer_id',
    'coupon_code',
    'amount_cents',
    'amount_currency',
    'percentage_rate',
    'frequency',
    'frequency_duration',
  ],
  remove_coupon: ['external_customer_id', 'coupon_code'],
  create_wallet: [
    'external_customer_id',
    'code',
    'rate_amount',
    'currency',
    'paid_credits',
    'granted_credits',
    ...walletTerms,
    'ignore_paid_top_up_limits_on_creation',
    'transaction_name',
    'transaction_priority',
    'transaction_metadata',
  ],
  update_wallet: ['external_customer_id', 'wallet', ...walletTerms],
  terminate_wallet: ['external_customer_id', 'wallet'],
  top_up_wallet: [
    'external_customer_id',
    'wallet',
    'paid_credits',
    'granted_credits',
    'voided_credits',
    'name',
    'priority',
    'metadata',
    'ignore_paid_top_up_limits',
    'invoice_requires_successful_payment',
  ],
  create_credit_note: [
    invoice,
    'reason',
    'description',
    'credit_amount_cents',
    'refund_amount_cents',
    'offset_amount_cents',
    'items',
  ],
  void_credit_note: ['external_customer_id', 'index'],
  adjust_fee: [invoice, 'fee', 'units', 'unit_precise_amount', 'invoice_display_name'],
};

export const expectingVerbs: Readonly<Record<string, readonly string[]>> = {
  expect_invoices: ['external_customer_id', 'external_subscription_id', 'status', 'invoice_type', ...listExpectations],
  expect_fees: ['external_subscription_id', 'fee_type', 'pay_in_advance', ...listExpectations],
  expect_usage: ['external_subscription_id', 'match'],
  expect_past_usage: ['external_subscription_id', ...listExpectations],
  expect_subscription: ['external_id', 'match', 'all'],
  expect_credit_notes: ['external_customer_id', ...listExpectations],
  expect_wallet: ['external_customer_id', 'wallet', 'match', 'transactions'],
  expect_applied_coupons: ['external_customer_id', ...listExpectations],
  expect_preview: [
    'external_customer_id',
    'external_subscription_ids',
    'plan_code',
    'billing_time',
    'subscription_at',
    'terminated_at',
    'subscriptions',
    'coupons',
    'match',
  ],
  expect_estimate: ['event', ...listExpectations],
};

/** Fields that say what must be true; the rest of an expecting step says what to look at. */
export const expectationFields: ReadonlySet<string> = new Set([...listExpectations, 'match', 'transactions']);
