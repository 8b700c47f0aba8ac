/** A stored event as Lago prints it (invoicing §7.11). */
import { recordId } from '../../ids.js';
import type { StoredEvent } from '../../ledger/types.js';
import { formatInstantMs } from '../../time/instant.js';
import { decimal, timestamp } from './encoding.js';

/** The subscription and customer that the event counts for; null when it matches none. */
export interface EventParts {
  readonly customerId: string | null;
  readonly subscriptionId: string | null;
}

export type EventJson = ReturnType<typeof eventJson>;

export function eventJson(event: StoredEvent, parts: EventParts) {
  return {
    lago_id: recordId('event', event.transactionId),
    transaction_id: event.transactionId,
    lago_customer_id: parts.customerId,
    code: event.code,
    timestamp: formatInstantMs(event.timestamp),
    precise_total_amount_cents: decimal(event.preciseTotalAmountCents),
    properties: JSON.parse(event.properties) as Record<string, unknown>,
    lago_subscription_id: parts.subscriptionId,
    external_subscription_id: event.externalSubscriptionId,
    created_at: timestamp(event.receivedAt),
  };
}
