/**
 * What create_wallet, update_wallet and top_up_wallet accept, checked with Lago's codes. (invoicing §4.1, §10)
 */
import { z } from 'zod';
import type { Catalog } from '../catalog/types.js';
import { invalid, type Problem } from '../errors.js';
import type { Wallet } from '../model.js';
import { Decimal } from '../money/decimal.js';
import { type Instant, parseInstant } from '../time/instant.js';

const FEE_TYPES = ['charge', 'add_on', 'subscription', 'credit', 'commitment', 'fixed_charge'];

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

function positiveCents(checks: Checks, field: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  checks.add(field, 'value_is_out_of_range', 'must be a whole number of cents above 0');
  return null;
}

/** Text of a decimal of 0 or more, below 10^25; null for anything else. */
export function decimalText(value: unknown): Decimal | null {
  if (typeof value !== 'string' || !/^\d+(\.\d+)?$/.test(value.trim())) return null;
  const decimal = new Decimal(value.trim());
  return decimal.lt('1e25') ? decimal : null;
}
