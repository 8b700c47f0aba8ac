/**
 * One record to one event: which keys are read, what each may hold, and what is wrong when it does not.
 *
 * Source: usage-and-pricing §1.1, §1.5, with this project's own rules for timestamps (`timestamp.ts`), for camelCase keys
 * and for `external_customer_id`, which stands for the customer's only active subscription.
 */
import type { Problem } from '../errors.js';
import { JsonNumber, type JsonObject, type JsonValue } from '../exactJson.js';
import type { NewEvent } from '../ledger/types.js';
import { Decimal, round, toText } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { timestampOfText } from './flatTimestamp.js';
import { parseTimestamp } from './timestamp.js';

/** What a record needs from outside: the clock, and whose subscription a customer's event is. */
export interface EventRules {
  /** The timestamp of an event that brings none. */
  readonly at: Instant;
  /** The external id of the customer's only active subscription, or why there is none. */
  readonly subscriptionOfCustomer: (externalCustomerId: string) => { readonly externalId: string } | Problem;
}

export interface EventRecord {
  readonly transactionId: string;
  readonly code: string;
  readonly externalSubscriptionId: string | null;
  readonly timestamp: Instant;
  /** The record brought no timestamp and the clock stands in for it. */
  readonly timestampIsArrival: boolean;
  readonly properties: JsonObject;
  readonly preciseTotalAmountCents: NewEvent['preciseTotalAmountCents'];
  /** True when the record brought an amount that is no decimal number, which counts as 0. */
  readonly unreadableAmount: boolean;
}

/** Accepted spellings of a field. */
export const eventFields: ReadonlyMap<string, EventField> = new Map([
  ['transaction_id', 'transaction_id'],
  ['transactionId', 'transaction_id'],
  ['code', 'code'],
  ['external_subscription_id', 'external_subscription_id'],
  ['externalSubscriptionId', 'external_subscription_id'],
  ['external_customer_id', 'external_customer_id'],
  ['externalCustomerId', 'external_customer_id'],
  ['timestamp', 'timestamp'],
  ['properties', 'properties'],
  ['precise_total_amount_cents', 'precise_total_amount_cents'],
  ['preciseTotalAmountCents', 'precise_total_amount_cents'],
]);

export type EventField =
  | 'transaction_id'
  | 'code'
  | 'external_subscription_id'
  | 'external_customer_id'
  | 'timestamp'
  | 'properties'
  | 'precise_total_amount_cents';

/** The event, or every problem of the record. Keys that are no field of an event are ignored, as in Lago. */
export function readEventRecord(record: JsonObject, rules: EventRules): EventRecord | Problem[] {
  const problems: Problem[] = [];
  const fields = fieldsOf(record, problems);
  const transactionId = mandatoryId(fields, 'transaction_id', problems);
  const code = mandatoryId(fields, 'code', problems);
  const externalSubscriptionId = subscriptionOf(fields, rules, problems);
  const timestamp = timestampOf(fields.get('timestamp'), problems);
  const properties = propertiesOf(fields.get('properties'), problems);
  const amount = preciseAmount(fields.get('precise_total_amount_cents'));
  if (problems.length > 0) return problems;
  return {
    transactionId,
    code,
    externalSubscriptionId,
    timestamp: timestamp ?? rules.at,
    timestampIsArrival: timestamp === null,
    properties,
    preciseTotalAmountCents: amount.text,
    unreadableAmount: amount.unreadable,
  };
}

function fieldsOf(record: JsonObject, problems: Problem[]): Map<EventField, JsonValue> {
  const fields = new Map<EventField, JsonValue>();
  for (const [key, value] of record) {
    const field = eventFields.get(key);
    if (field === undefined) continue;
    if (fields.has(field)) {
      problems.push({
        field,
        code: 'duplicate_key',
        message: `${field} is given twice, once as ${key}`,
        suggestion: 'Keep one spelling of the key.',
      });
    }
    fields.set(field, value);
  }
  return fields;
}

function mandatoryId(fields: Map<EventField, JsonValue>, field: EventField, problems: Problem[]): string {
  const value = fields.get(field);
  const id = idText(value);
  if (id !== null && id.trim() !== '') return id;
  if (id === null && value !== undefined && value !== null) {
    problems.push({
      field,
      code: 'invalid_type',
      message: `${field} must be a string`,
      suggestion: `Send ${field} as a JSON string.`,
    });
  } else {
    problems.push({
      field,
      code: 'value_is_mandatory',
      message: `${field} is missing or blank`,
      suggestion: fieldHints[field] ?? `Give each event a ${field}.`,
    });
  }
  return '';
}

const fieldHints: Partial<Record<EventField, string>> = {
  transaction_id: 'Give each event an id of its own that stays the same when it is sent again (or map one with --map).',
  code: "Name the billable metric's code.",
};

/** Strings as they are, numbers by their literal. Null: neither. */
function idText(value: JsonValue | undefined): string | null {
  if (typeof value === 'string') return value;
  return value instanceof JsonNumber ? value.text : null;
}

/** Blank and missing ids are stored as null: such an event is kept and never aggregated (§1.1). */
function subscriptionOf(fields: Map<EventField, JsonValue>, rules: EventRules, problems: Problem[]): string | null {
  const id = optionalId(fields, 'external_subscription_id', problems);
  if (id !== null) return id;
  const customerId = optionalId(fields, 'external_customer_id', problems);
  if (customerId === null) return null;
  const found = rules.subscriptionOfCustomer(customerId);
  if ('externalId' in found) return found.externalId;
  problems.push(found);
  return null;
}

function optionalId(fields: Map<EventField, JsonValue>, field: EventField, problems: Problem[]): string | null {
  const value = fields.get(field) ?? null;
  if (value === null) return null;
  const id = idText(value);
  if (id === null) problems.push({ field, code: 'invalid_type', message: `${field} must be a string` });
  return id === null || id.trim() === '' ? null : id;
}

function timestampOf(value: JsonValue | undefined, problems: Problem[]): Instant | null {
  if (value === undefined || value === null) return null;
  const text = typeof value === 'string' ? value : value instanceof JsonNumber ? value.text : null;
  const time =
    text === null
      ? { message: 'timestamp must be a number or a string', hint: 'Send Unix seconds or ISO 8601 with an offset.' }
      : (timestampOfText(text) ?? parseTimestamp(text));
  if (typeof time === 'number') return time;
  problems.push({ field: 'timestamp', code: 'invalid_format', message: time.message, suggestion: time.hint });
  return null;
}

function propertiesOf(value: JsonValue | undefined, problems: Problem[]): JsonObject {
  if (value instanceof Map) return value;
  if (value !== undefined && value !== null) {
    problems.push({
      field: 'properties',
      code: 'invalid_type',
      message: 'properties must be an object',
      suggestion: 'Send properties as a JSON object: {"bytes": "12.5"}.',
    });
  }
  return new Map();
}

/** Stored with 15 decimals; text that is no decimal is stored as 0, as Lago does (§1.1). */
export function preciseAmount(value: JsonValue | undefined): { text: string | null; unreadable: boolean } {
  if (value === undefined || value === null) return { text: null, unreadable: false };
  const text = value instanceof JsonNumber ? value.text : typeof value === 'string' ? value.trim() : '';
  const match = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return { text: '0', unreadable: true };
  return { text: toText(round(new Decimal(text), 15)), unreadable: false };
}
