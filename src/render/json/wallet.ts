/** A wallet as Lago prints it (invoicing §7.4). Terminated top-up rules are not shown. */
import type { RecurringTransactionRule, Wallet } from '../../model.js';
import { decimal, defaultPaymentMethod, timestamp, timestampMs } from './encoding.js';

export interface WalletParts {
  readonly externalCustomerId: string;
  readonly billingEntityCode: string;
}

export type WalletJson = ReturnType<typeof walletJson>;

export function walletJson(wallet: Wallet, parts: WalletParts) {
  return {
    lago_id: wallet.id,
    lago_customer_id: wallet.customerId,
    external_customer_id: parts.externalCustomerId,
    billing_entity_code: parts.billingEntityCode,
    status: wallet.status,
    currency: wallet.currency,
    name: wallet.name,
    code: wallet.code,
    purchase_order_number: null,
    rate_amount: decimal(wallet.rateAmount),
    credits_balance: decimal(wallet.creditsBalance),
    credits_ongoing_balance: decimal(wallet.creditsOngoingBalance),
    credits_ongoing_usage_balance: decimal(wallet.creditsOngoingUsageBalance),
    balance_cents: wallet.balanceCents,
    ongoing_balance_cents: wallet.ongoingBalanceCents,
    ongoing_usage_balance_cents: wallet.ongoingUsageBalanceCents,
    consumed_credits: decimal(wallet.consumedCredits),
    created_at: timestamp(wallet.createdAt),
    expiration_at: timestamp(wallet.expirationAt),
    last_balance_sync_at: timestamp(wallet.lastBalanceSyncAt),
    last_consumed_credit_at: timestamp(wallet.lastConsumedCreditAt),
    terminated_at: timestampMs(wallet.terminatedAt),
    invoice_requires_successful_payment: wallet.invoiceRequiresSuccessfulPayment,
    paid_top_up_min_amount_cents: wallet.paidTopUpMinAmountCents,
    paid_top_up_max_amount_cents: wallet.paidTopUpMaxAmountCents,
    priority: wallet.priority,
    recurring_transaction_rules: wallet.recurringTransactionRules
      .filter((rule) => rule.status === 'active')
      .map(recurringTransactionRuleJson),
    applies_to: {
      fee_types: wallet.appliesTo.feeTypes,
      billable_metric_codes: wallet.appliesTo.billableMetricCodes,
    },
    applied_invoice_custom_sections: [],
    payment_method: defaultPaymentMethod,
    ...(wallet.metadata === null ? {} : { metadata: wallet.metadata }),
  };
}

function recurringTransactionRuleJson(rule: RecurringTransactionRule) {
  return {
    lago_id: rule.id,
    paid_credits: decimal(rule.paidCredits),
    granted_credits: decimal(rule.grantedCredits),
    grants_target_top_up: rule.grantsTargetTopUp,
    interval: rule.interval,
    method: rule.method,
    started_at: timestamp(rule.startedAt),
    expiration_at: timestamp(rule.expirationAt),
    status: rule.status,
    target_ongoing_balance: decimal(rule.targetOngoingBalance),
    threshold_credits: decimal(rule.thresholdCredits),
    trigger: rule.trigger,
    created_at: timestamp(rule.createdAt),
    invoice_requires_successful_payment: rule.invoiceRequiresSuccessfulPayment,
    transaction_metadata: rule.transactionMetadata,
    transaction_name: rule.transactionName,
    purchase_order_number: null,
    ignore_paid_top_up_limits: rule.ignorePaidTopUpLimits,
    applied_invoice_custom_sections: [],
    payment_method: defaultPaymentMethod,
  };
}
