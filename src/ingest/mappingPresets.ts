/** Mappings that need no file: Segment's Track calls and CloudEvents. */

import type { JsonObject } from '../exactJson.js';
import { propertyText } from '../metering/propertyText.js';
import { type Mapped, type Mapping, type Path, valueAt } from './mapping.js';

/** Whose ids the ledger knows. */
export interface KnownIds {
  readonly isSubscription: (externalId: string) => boolean;
  readonly isCustomer: (externalId: string) => boolean;
}

export const presetNames = ['segment', 'cloudevents'] as const;
export type PresetName = (typeof presetNames)[number];

export function preset(name: PresetName, ids: KnownIds): Mapping {
  return name === 'segment' ? (record) => segment(record, ids) : (record) => cloudEvent(record, ids);
}

/**
 * A Track call: `messageId`, `event`, `timestamp` and `properties`. The account is the group of the call where it names
 * one, else the user. `user_id` and `anonymous_id` become properties, so that tracked users can be counted.
 * Other calls (identify, page, …) are no usage and are left out.
 */
function segment(record: JsonObject, ids: KnownIds): Mapped {
  const type = record.get('type') ?? null;
  if (type !== null && type !== 'track') return { outcome: 'skipped', reason: `type: ${propertyText(type)}` };
  const event: JsonObject = new Map();
  put(event, 'transaction_id', record, [['messageId']]);
  put(event, 'code', record, [['event']]);
  put(event, 'timestamp', record, [['timestamp'], ['originalTimestamp'], ['receivedAt']]);
  putAccount(event, record, [['groupId'], ['context', 'groupId'], ['userId']], ids);
  const properties = record.get('properties') ?? new Map();
  if (!(properties instanceof Map)) event.set('properties', properties);
  else {
    const all: JsonObject = new Map(properties);
    if (!all.has('user_id')) put(all, 'user_id', record, [['userId']]);
    if (!all.has('anonymous_id')) put(all, 'anonymous_id', record, [['anonymousId']]);
    event.set('properties', all);
  }
  return { outcome: 'event', record: event };
}

/**
 * A CloudEvent: `type` is the code, `subject` the account, `time` the timestamp, `data` the properties. An id is unique
 * within its `source` only, so both make the transaction id: `/checkout` and `42` are `/checkout/42`.
 */
function cloudEvent(record: JsonObject, ids: KnownIds): Mapped {
  const id = propertyText(record.get('id') ?? null);
  const source = propertyText(record.get('source') ?? null);
  const event: JsonObject = new Map();
  if (id !== null && id.trim() !== '') event.set('transaction_id', source === null ? id : `${source}/${id}`);
  put(event, 'code', record, [['type']]);
  put(event, 'timestamp', record, [['time']]);
  putAccount(event, record, [['subject']], ids);
  event.set('properties', record.get('data') ?? new Map());
  if (!record.has('data') && record.has('data_base64')) {
    const problem = {
      field: 'properties',
      code: 'invalid_type',
      message: 'data_base64 is binary',
      suggestion: 'Send the usage properties as JSON in data.',
    };
    return { outcome: 'refused', problem };
  }
  return { outcome: 'event', record: event };
}

function put(event: JsonObject, field: string, record: JsonObject, paths: readonly Path[]): void {
  for (const path of paths) {
    const value = valueAt(record, path) ?? null;
    if (value === null || value === '') continue;
    event.set(field, value);
    return;
  }
}

/** The first id that names a subscription or a customer; the first there is when none does. */
function putAccount(event: JsonObject, record: JsonObject, paths: readonly Path[], ids: KnownIds): void {
  const candidates = paths
    .map((path) => propertyText(valueAt(record, path) ?? null))
    .filter((id) => id !== null && id !== '');
  for (const id of candidates as string[]) {
    if (ids.isSubscription(id)) return void event.set('external_subscription_id', id);
    if (ids.isCustomer(id)) return void event.set('external_customer_id', id);
  }
  if (candidates[0] !== undefined) event.set('external_subscription_id', candidates[0]);
}
