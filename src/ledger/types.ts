/**
 * The ledger as operations see it. `ledger.ts` implements it on SQLite; it owns all SQL.
 *
 * Every method that writes runs inside `transaction`; operations are run by `perform`, which opens it.
 */
import type { Account } from '../accounts/account.js';
import type { UsageReader } from '../metering/usageReader.js';
import type { Customer } from '../model.js';
import type { DecimalText } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';

/** A usage event after validation, ready to be stored. */
export interface NewEvent {
  readonly transactionId: string;
  readonly code: string;
  /** Null or unknown ids are stored and never aggregated until a subscription bears them. */
  readonly externalSubscriptionId: string | null;
  readonly timestamp: Instant;
  /** The JSON text of the properties object, as received (after expressions). Must be a valid JSON object. */
  readonly properties: string;
  readonly preciseTotalAmountCents: DecimalText | null;
  /**
   * True when the input named no timestamp and `timestamp` is the time of arrival. A later arrival of the same event
   * is then still the same content. Not stored.
   */
  readonly timestampIsArrival?: boolean;
}

export interface StoredEvent extends NewEvent {
  /** Order of arrival, from 1. */
  readonly sequence: number;
  readonly receivedAt: Instant;
}

/** The fate of one appended event. */
export type AppendOutcome =
  | { readonly outcome: 'stored'; readonly sequence: number }
  | { readonly outcome: 'duplicate'; readonly sequence: number }
  | { readonly outcome: 'conflict'; readonly stored: StoredEvent };

/** An event whose transaction id the ledger (or an earlier event of the batch) holds with other content. */
export interface EventConflict {
  /** Position in the batch. */
  readonly index: number;
  readonly event: NewEvent;
  /** The first one, which is kept. */
  readonly stored: StoredEvent;
}

/** The fate of a batch, without an object per event. */
export interface AppendSummary {
  readonly stored: number;
  /** Positions in the batch of events that were there already, with the same content; ascending. */
  readonly duplicates: readonly number[];
  readonly conflicts: readonly EventConflict[];
  /** The event at position `i`, when stored, has sequence `firstSequence + i`: refused events leave gaps. */
  readonly firstSequence: number;
}

export interface EventFilter {
  readonly externalSubscriptionId?: string;
  readonly code?: string;
  readonly transactionId?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface JournalEntry {
  readonly sequence: number;
  readonly at: Instant;
  readonly verb: string;
  /** The input as the front end gave it: snake_case JSON. */
  readonly input: unknown;
}

/** Which field of which metric is projected for fast reading. */
export interface MeteredField {
  readonly code: string;
  readonly fieldName: string | null;
  /** Text values are interned for unique counts; numbers are scaled for the rest. */
  readonly kind: 'none' | 'number' | 'text';
}

export interface Ledger {
  /** Runs `work` in one immediate transaction; rolls back when it throws. Nested calls join the outer one. */
  transaction<T>(work: () => T): T;

  // Accounts. `externalId`s are the users' ids.
  account(externalCustomerId: string): Account | undefined;
  /** The account of the customer who has (or last had) a subscription with this external id. */
  accountOfSubscription(externalSubscriptionId: string): Account | undefined;
  /** All customers that are not deleted, in order of creation. */
  customers(): readonly Customer[];
  accountOf(customer: Customer): Account;
  /** Stores a new customer; its sequentialId must be `nextCustomerSequentialId()`. */
  addCustomer(customer: Customer): void;
  nextCustomerSequentialId(): number;
  /** Writes an account's changes. */
  saveAccount(account: Account): void;

  // Numbering across customers (invoicing §6.5).
  maxBillingEntitySequentialId(): number;
  /** Invoices of all customers that were finalized (voided ones included). */
  issuedInvoiceCount(): number;

  // Events.
  readonly usage: UsageReader;
  /** Appends in order; one outcome per event. */
  appendEvents(events: readonly NewEvent[], receivedAt: Instant): AppendOutcome[];
  /** The same for bulk ingestion: fastest with 100,000 to 250,000 events a call and one call a transaction. */
  appendBatch(events: readonly NewEvent[], receivedAt: Instant): AppendSummary;
  /** Sequence of the event that arrived last; 0 in an empty ledger. */
  lastSequence(): number;
  event(transactionId: string): StoredEvent | undefined;
  /** In order of arrival (newestFirst: in reverse). */
  events(filter: EventFilter): Iterable<StoredEvent>;
  /** Makes the reading projection fit these metrics, rebuilding what changed. */
  projectFields(fields: readonly MeteredField[]): void;

  // Definitions: the content of each version that was used, by hash, and which one was used last.
  storeDefinitions(hash: string, content: string, at: Instant): void;
  definitions(hash: string): string | undefined;
  latestDefinitionsHash(): string | undefined;

  // Small facts of the ledger's own, as JSON text, by name.
  setting(name: string): string | undefined;
  putSetting(name: string, value: string): void;

  // Journal.
  record(entry: Omit<JournalEntry, 'sequence'>): void;
  journal(): Iterable<JournalEntry>;

  close(): void;
}
