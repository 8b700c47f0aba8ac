/**
 * What create_wallet, update_wallet and top_up_wallet accept, checked with Lago's codes. (invoicing §4.1, §4.8, §10)
 */
import { z } from 'zod';
import type { Catalog } from '../catalog/types.js';
import { limitProblems } from '../credits/topUp.js';
import { creditOf } from '../credits/walletBalance.js';
import type { RuleTerms } from '../credits/wallets.js';
import { invalid, type Problem } from '../errors.js';
import type { Wallet } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { type Instant, parseInstant } from '../time/instant.js';

const FEE_TYPES = ['charge', 'add_on', 'subscription', 'credit', 'commitment', 'fixed_charge'];
const INTERVALS = ['weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'] as const;
const RULE_TRIGGERS = ['interval', 'threshold'] as const;
const RULE_METHODS = ['fixed', 'target'] as const;

const loose = z.unknown().optional();

export const walletTermsShape = {
  name: z.string().nullish(),
  priority: loose,
  expiration_at: loose,
  applies_to: z
    .strictObject({
      fee_types: z.array(z.string()).nullish(),
      billable_metric_codes: z.array(z.string()).nullish(),
    })
    .nullish(),
  recurring_transaction_rules: z.array(z.record(z.string(), z.unknown())).nullish(),
  paid_top_up_min_amount_cents: loose,
  paid_top_up_max_amount_cents: loose,
  metadata: loose,
  invoice_requires_successful_payment: z.boolean().nullish(),
};

export type WalletTermsInput = {
  readonly [K in keyof typeof walletTermsShape]?: z.output<(typeof walletTermsShape)[K]>;
};

/** Collects problems, and answers what stands where there was none. */
export class Checks {
  readonly problems: Problem[] = [];

  add(field: string, code: string, message: string, suggestion?: string): void {
    this.problems.push({ field, code, message, ...(suggestion === undefined ? {} : { suggestion }) });
  }

  refuse(): void {
    if (this.problems.length > 0) throw invalid(...this.problems);
  }
}

/** Credits are decimal strings of 0 or more, below 10^25. Null when absent. */
export function checkCredits(
  checks: Checks,
  field: 'paid_credits' | 'granted_credits' | 'voided_credits',
  value: unknown,
) {
  if (value === undefined || value === null || value === '') return null;
  const credits = decimalText(value);
  if (credits !== null) return credits;
  const suggestion = typeof value === 'number' ? 'Write it as text: "10.5".' : undefined;
  checks.add(field, `invalid_${field}`, 'must be a decimal number of 0 or more, as text', suggestion);
  checks.add(field, 'invalid_amount', 'must be a decimal number of 0 or more, as text');
  return null;
}

export function checkPriority(checks: Checks, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 50) return value as number;
  checks.add('priority', 'value_is_invalid', 'must be a whole number from 1 to 50');
  return null;
}

/** A date to come. */
export function checkExpiration(checks: Checks, value: unknown, at: Instant): Instant | null {
  if (value === undefined || value === null || value === '') return null;
  const expirationAt = typeof value === 'string' ? parseInstant(value) : null;
  if (expirationAt !== null && expirationAt > at) return expirationAt;
  checks.add('expiration_at', 'invalid_date', 'must be a date to come');
  return null;
}

export function checkAppliesTo(
  checks: Checks,
  value: WalletTermsInput['applies_to'],
  catalog: Catalog,
): Wallet['appliesTo'] {
  const feeTypes = value?.fee_types ?? [];
  const billableMetricCodes = value?.billable_metric_codes ?? [];
  const unknownTypes = feeTypes.filter((type) => !FEE_TYPES.includes(type));
  const unknownMetrics = billableMetricCodes.filter((code) => !catalog.billableMetrics.has(code));
  if (unknownTypes.length > 0) {
    checks.add('applies_to', 'invalid_limitations', `no fee types ${unknownTypes.join(', ')}`);
    checks.add('allowed_fee_types', 'invalid_fee_types', `one of ${FEE_TYPES.join(', ')}`);
  }
  if (unknownMetrics.length > 0) {
    checks.add('applies_to', 'invalid_limitations', `no billable metrics ${unknownMetrics.join(', ')}`);
    checks.add('billable_metrics', 'invalid_identifier', `no billable metrics ${unknownMetrics.join(', ')}`);
  }
  return { feeTypes, billableMetricCodes };
}

export interface TopUpLimits {
  readonly paidTopUpMinAmountCents: number | null;
  readonly paidTopUpMaxAmountCents: number | null;
}

export function checkLimits(checks: Checks, min: unknown, max: unknown): TopUpLimits {
  const limits = {
    paidTopUpMinAmountCents: positiveCents(checks, 'paid_top_up_min_amount_cents', min),
    paidTopUpMaxAmountCents: positiveCents(checks, 'paid_top_up_max_amount_cents', max),
  };
  const { paidTopUpMinAmountCents: low, paidTopUpMaxAmountCents: high } = limits;
  if (low !== null && high !== null && high < low) {
    checks.add('paid_top_up_max_amount_cents', 'must_be_greater_than_or_equal_min', `must be at least ${low}`);
  }
  return limits;
}

/** At most 50 keys of 100 characters, values of 255 or null. */
export function checkMetadata(checks: Checks, value: unknown): Wallet['metadata'] {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    checks.add('metadata', 'invalid_type', 'must be a mapping of texts');
    return null;
  }
  const entries = Object.entries(value as Record<string, unknown>);
  if (entries.length > 50) checks.add('metadata', 'too_many_keys', 'at most 50 keys');
  for (const [key, item] of entries) {
    if (key.length > 100) checks.add('metadata', 'key_too_long', `${key}: at most 100 characters`);
    if (item !== null && typeof item === 'object') {
      checks.add('metadata', 'nested_structure_not_allowed', `${key}: must be a text`);
    } else if (item !== null && String(item).length > 255) {
      checks.add('metadata', 'value_too_long', `${key}: at most 255 characters`);
    }
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, item === null ? null : String(item)]));
}

/** Pairs on a transaction (15) or a rule (5): key of 20 characters, value of 100. */
export function checkTransactionMetadata(checks: Checks, field: string, value: unknown, most: number) {
  if (value === undefined || value === null) return [];
  const pairs = z.array(z.strictObject({ key: z.string(), value: z.string() })).safeParse(value);
  if (!pairs.success) {
    checks.add(
      field,
      Array.isArray(value) ? 'invalid_key_value_pair' : 'invalid_type',
      'must be a list of {key, value}',
    );
    return [];
  }
  if (pairs.data.length > most) checks.add(field, 'too_many_keys', `at most ${most} pairs`);
  for (const pair of pairs.data) {
    if (pair.key.length > 20) checks.add(field, 'key_too_long', `${pair.key}: at most 20 characters`);
    if (pair.value.length > 100) checks.add(field, 'value_too_long', `${pair.key}: at most 100 characters`);
  }
  return pairs.data;
}

export interface RuleDefaults {
  /** The wallet's own initial amounts: what a fixed rule tops up when it names none. */
  readonly paidCredits: string;
  readonly grantedCredits: string;
  readonly invoiceRequiresSuccessfulPayment: boolean;
  readonly limits: TopUpLimits;
  readonly wallet: Pick<Wallet, 'rateAmount' | 'currency'>;
  readonly at: Instant;
}

const ruleSchema = z.strictObject({
  lago_id: z.string().nullish(),
  trigger: z.enum(RULE_TRIGGERS),
  interval: z.enum(INTERVALS).nullish(),
  method: z.enum(RULE_METHODS).nullish(),
  threshold_credits: z.string().nullish(),
  target_ongoing_balance: z.string().nullish(),
  grants_target_top_up: z.boolean().nullish(),
  paid_credits: z.string().nullish(),
  granted_credits: z.string().nullish(),
  started_at: z.string().nullish(),
  expiration_at: z.string().nullish(),
  transaction_name: z.string().max(255).nullish(),
  transaction_metadata: z.array(z.strictObject({ key: z.string(), value: z.string() })).nullish(),
  invoice_requires_successful_payment: z.boolean().nullish(),
  ignore_paid_top_up_limits: z.boolean().nullish(),
  // What a wallet prints comes back unchanged in an update.
  status: z.string().nullish(),
  created_at: z.string().nullish(),
  purchase_order_number: z.string().nullish(),
  applied_invoice_custom_sections: z.unknown().optional(),
  payment_method: z.unknown().optional(),
});
type RuleInput = z.output<typeof ruleSchema>;

/** At most one rule, complete for its trigger and method; whatever is wrong with it has one code. */
export function checkRules(
  checks: Checks,
  value: readonly Readonly<Record<string, unknown>>[],
  defaults: RuleDefaults,
): RuleTerms[] {
  const field = 'recurring_transaction_rules';
  if (value.length > 1) {
    checks.add(field, 'invalid_number_of_recurring_rules', 'a wallet has at most one rule');
    return [];
  }
  return value.flatMap((raw) => {
    const parsed = ruleSchema.safeParse(raw);
    const fault = parsed.success
      ? faultOf(parsed.data, defaults)
      : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    if (fault !== null) checks.add(field, 'invalid_recurring_rule', fault);
    return fault === null && parsed.success ? [ruleTerms(parsed.data, defaults)] : [];
  });
}

function faultOf(rule: RuleInput, defaults: RuleDefaults): string | null {
  if (rule.trigger === 'interval' && rule.interval == null) return 'an interval rule needs an interval';
  const threshold = rule.threshold_credits ?? null;
  if (rule.trigger === 'threshold' && decimalText(threshold) === null) return 'threshold_credits must be a number';
  const amounts = faultOfAmounts(rule);
  if (amounts !== null) return amounts;
  for (const field of ['started_at', 'expiration_at'] as const) {
    const text = rule[field];
    if (text != null && parseInstant(text) === null) return `${field} is not a date`;
  }
  if (rule.expiration_at != null && (parseInstant(rule.expiration_at) ?? 0) <= defaults.at) {
    return 'expiration_at must be to come';
  }
  return faultOfLimits(rule, defaults);
}

function faultOfAmounts(rule: RuleInput): string | null {
  if (rule.method === 'target') {
    const target = decimalText(rule.target_ongoing_balance ?? null);
    if (target === null) return 'a target rule needs a target_ongoing_balance';
    if (rule.trigger === 'threshold' && target.lt(rule.threshold_credits ?? '0')) {
      return 'target_ongoing_balance must be at least threshold_credits';
    }
    return null;
  }
  if (rule.grants_target_top_up != null) return 'grants_target_top_up belongs to target rules';
  if (rule.paid_credits != null && decimalText(rule.paid_credits) === null) return 'paid_credits must be a number';
  if (rule.granted_credits != null && decimalText(rule.granted_credits) === null) {
    return 'granted_credits must be a number';
  }
  return null;
}

function faultOfLimits(rule: RuleInput, { limits, wallet, ...defaults }: RuleDefaults): string | null {
  if (rule.method === 'target' || rule.ignore_paid_top_up_limits === true) return null;
  const { paidCredits } = fixedCredits(rule, defaults);
  const { amountCents } = creditOf(wallet, new Decimal(paidCredits));
  if (amountCents === 0) return null;
  return limitProblems(limits, amountCents, 'paid_credits')[0]?.message ?? null;
}

function fixedCredits(
  rule: RuleInput,
  defaults: Pick<RuleDefaults, 'paidCredits' | 'grantedCredits'>,
): { readonly paidCredits: string; readonly grantedCredits: string } {
  if (rule.paid_credits == null && rule.granted_credits == null) return defaults;
  return { paidCredits: rule.paid_credits ?? '0', grantedCredits: rule.granted_credits ?? '0' };
}

function ruleTerms(rule: RuleInput, defaults: RuleDefaults): RuleTerms {
  const { paidCredits, grantedCredits } =
    rule.method === 'target' ? { paidCredits: '0', grantedCredits: '0' } : fixedCredits(rule, defaults);
  return {
    id: rule.lago_id ?? null,
    trigger: rule.trigger,
    method: rule.method ?? 'fixed',
    interval: rule.interval ?? null,
    thresholdCredits: rule.threshold_credits ?? null,
    targetOngoingBalance: rule.target_ongoing_balance ?? null,
    grantsTargetTopUp: rule.grants_target_top_up ?? false,
    paidCredits,
    grantedCredits,
    startedAt: rule.started_at == null ? null : parseInstant(rule.started_at),
    expirationAt: rule.expiration_at == null ? null : parseInstant(rule.expiration_at),
    transactionName: rule.transaction_name ?? null,
    transactionMetadata: rule.transaction_metadata ?? [],
    invoiceRequiresSuccessfulPayment:
      rule.invoice_requires_successful_payment ?? defaults.invoiceRequiresSuccessfulPayment,
    ignorePaidTopUpLimits: rule.ignore_paid_top_up_limits ?? false,
  };
}

function positiveCents(checks: Checks, field: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  checks.add(field, 'value_is_out_of_range', 'must be a whole number of cents above 0');
  return null;
}

function decimalText(value: unknown): Decimal | null {
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value.trim())) return null;
  const decimal = new Decimal(value.trim());
  return decimal.lt('1e25') ? decimal : null;
}
