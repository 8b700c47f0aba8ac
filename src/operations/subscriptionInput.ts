/** The inputs of the subscription verbs, and what is refused of them field by field (periods §2.3, §2.6, §9). */
import { z } from 'zod';
import { invalid, type Problem } from '../errors.js';
import type { Subscription } from '../model.js';
import { type Instant, instantForms, parseInstant } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';

export const createSchema = z.strictObject({
  external_customer_id: z.string().nullish(),
  external_id: z.string().nullish(),
  plan_code: z.string().nullish(),
  name: z.string().nullish(),
  billing_time: z.string().nullish(),
  subscription_at: z.string().nullish(),
  ending_at: z.string().nullish(),
  plan_overrides: z.record(z.string(), z.unknown()).nullish(),
  usage_thresholds: z.array(z.unknown()).nullish(),
  progressive_billing_disabled: z.boolean().nullish(),
  consolidate_invoice: z.boolean().nullish(),
  purchase_order_number: z.string().max(255).nullish(),
});
export type CreateInput = z.output<typeof createSchema>;

export const updateSchema = z.strictObject({
  external_id: z.string(),
  name: z.string().nullish(),
  ending_at: z.string().nullish(),
  subscription_at: z.string().nullish(),
  plan_overrides: z.record(z.string(), z.unknown()).nullish(),
  usage_thresholds: z.array(z.unknown()).nullish(),
  progressive_billing_disabled: z.boolean().nullish(),
  on_termination_credit_note: z.string().nullish(),
  on_termination_invoice: z.string().nullish(),
  consolidate_invoice: z.boolean().nullish(),
  purchase_order_number: z.string().max(255).nullish(),
});
export type UpdateInput = z.output<typeof updateSchema>;

export const terminateSchema = z.strictObject({
  external_id: z.string(),
  status: z.enum(['active', 'pending']).nullish(),
  on_termination_credit_note: z.string().nullish(),
  on_termination_invoice: z.string().nullish(),
});

/** `isTaken`: another customer has an active subscription with this external id. */
export function creationProblems(at: Instant, input: CreateInput, isTaken: (externalId: string) => boolean): Problem[] {
  const problems: Problem[] = [];
  if (isBlank(input.external_id)) problems.push(mandatory('external_id'));
  else if (isTaken(input.external_id)) {
    problems.push({
      field: 'external_id',
      code: 'value_already_exist',
      message: `${JSON.stringify(input.external_id)} is an active subscription of another customer`,
      suggestion: 'Choose another external id: it is the key that events name.',
    });
  }
  if (input.billing_time != null && input.billing_time !== 'calendar' && input.billing_time !== 'anniversary') {
    problems.push({
      field: 'billing_time',
      code: 'value_is_invalid',
      message: `${JSON.stringify(input.billing_time)} is not a billing time`,
      suggestion: 'Write calendar or anniversary.',
    });
  }
  if (input.usage_thresholds != null && input.plan_overrides?.usage_thresholds != null) {
    problems.push({
      field: 'usage_thresholds',
      code: 'incompatible_params',
      message: 'given both directly and in plan_overrides',
      suggestion: 'Give them once.',
    });
  }
  return [...problems, ...dateProblems(at, input.subscription_at, input.ending_at, null)];
}

export function updateProblems(at: Instant, subscription: Subscription, input: UpdateInput): Problem[] {
  return [
    ...dateProblems(at, input.subscription_at, input.ending_at, subscription.subscriptionAt),
    ...terminationProblems(input, true),
  ];
}

const CREDIT_NOTE_OPTIONS = ['credit', 'refund', 'offset', 'skip'];
const INVOICE_OPTIONS = ['generate', 'skip'];

export function terminationProblems(
  input: Pick<UpdateInput, 'on_termination_credit_note' | 'on_termination_invoice'>,
  payInAdvance: boolean,
): Problem[] {
  const problems: Problem[] = [];
  const { on_termination_credit_note: creditNote, on_termination_invoice: invoice } = input;
  if (payInAdvance && creditNote != null && !CREDIT_NOTE_OPTIONS.includes(creditNote)) {
    problems.push(invalidOption('on_termination_credit_note', creditNote, CREDIT_NOTE_OPTIONS));
  }
  if (invoice != null && !INVOICE_OPTIONS.includes(invoice)) {
    problems.push(invalidOption('on_termination_invoice', invoice, INVOICE_OPTIONS));
  }
  return problems;
}

/** Dates are compared as UTC dates, as Lago compares them (periods §2.3). */
function dateProblems(
  at: Instant,
  subscriptionAt: string | null | undefined,
  endingAt: string | null | undefined,
  standingStart: Instant | null,
): Problem[] {
  const problems: Problem[] = [];
  const start = subscriptionAt == null ? (standingStart ?? at) : parseInstant(subscriptionAt);
  if (start === null) problems.push(invalidDate('subscription_at', subscriptionAt as string));
  if (endingAt == null) return problems;
  const end = parseInstant(endingAt);
  if (end === null) return [...problems, invalidDate('ending_at', endingAt)];
  const endDate = localDateOf(end, 'UTC');
  if (endDate <= localDateOf(at, 'UTC') || (start !== null && endDate <= localDateOf(start, 'UTC'))) {
    problems.push({
      field: 'ending_at',
      code: 'invalid_date',
      message: `${endingAt} is not after today and after the start`,
      suggestion: 'Give a later day, or terminate the subscription.',
    });
  }
  return problems;
}

function invalidDate(field: string, value: string): Problem {
  return {
    field,
    code: 'invalid_date',
    message: `${JSON.stringify(value)} is not an ISO 8601 date and time`,
    suggestion: instantForms,
  };
}

function invalidOption(field: string, value: string, options: readonly string[]): Problem {
  return {
    field,
    code: 'invalid_value',
    message: `${JSON.stringify(value)} is not one of ${options.join(', ')}`,
    suggestion: `Write one of ${options.join(', ')}.`,
  };
}

export function mandatory(field: string): Problem {
  return { field, code: 'value_is_mandatory', message: 'is missing or blank', suggestion: `Give ${field}.` };
}

export function refuseProblems(problems: readonly Problem[]): void {
  if (problems.length > 0) throw invalid(...problems);
}

export function isBlank(text: string | null | undefined): text is null | undefined {
  return text == null || text.trim() === '';
}

export function blankToNull(text: string | null | undefined): string | null {
  return text == null || text === '' ? null : text;
}
