/**
 * A wallet's recurring rule as written: complete for its trigger and method, within the wallet's limits.
 * (invoicing §4.8)
 */
import { z } from 'zod';
import { limitProblems } from '../credits/topUp.js';
import { creditOf } from '../credits/walletBalance.js';
import type { RuleTerms } from '../credits/wallets.js';
import type { Wallet } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { type Instant, parseInstant } from '../time/instant.js';
import { type Checks, decimalText, type TopUpLimits } from './walletInput.js';

const INTERVALS = ['weekly', 'monthly', 'quarterly', 'semiannual', 'yearly'] as const;
const RULE_TRIGGERS = ['interval', 'threshold'] as const;
const RULE_METHODS = ['fixed', 'target'] as const;

const BELOW_THRESHOLD = 'target_ongoing_balance must be at least threshold_credits';

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
    if (fault === BELOW_THRESHOLD) {
      checks.add('target_ongoing_balance', 'must_be_greater_than_or_equal_threshold', fault);
    }
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
      return BELOW_THRESHOLD;
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
