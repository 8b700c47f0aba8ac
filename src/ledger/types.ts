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
import type { EventCount, EventCountKey } from './eventCounts.js';

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

/** Told of the events of a bulk run that are not stored. */
export interface BulkListener {
  /** Was there already, with the same content. */
  readonly onDuplicate?: (index: number) => void;
  readonly onConflict: (conflict: EventConflict) => void;
}

export interface BulkSummary {
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: number;
  /** The event at position `i`, when stored, has sequence `firstSequence + i`: refused events leave gaps. */
  readonly firstSequence: number;
}

/**
 * Events stored one after the other, in little memory, in a transaction of its own that begins with the first of them
 * (inside another transaction: as part of that one).
 */
export interface BulkAppend {
  add(event: NewEvent): void;
  /** Stores them for good, together with what `alongside` writes. Afterwards the run may be used again. */
  finish(alongside?: (summary: BulkSummary) => void): BulkSummary;
  /** Forgets what was added since it last finished. */
  abandon(): void;
}

export interface EventFilter {
  readonly externalSubscriptionId?: string;
  readonly code?: string;
  readonly transactionId?: string;
  readonly from?: Instant;
  readonly to?: Instant;
  /** Arrival numbers, both ends inclusive. */
  readonly fromSequence?: number;
  readonly toSequence?: number;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** Written once, when an invoice is issued. */
export interface DocumentSeal {
  /** Of what the invoice says for ever, in hexadecimal. */
  readonly sha256: string;
  /** The event that had arrived last. */
  readonly lastSequence: number;
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
  /** Rows written since it was opened: the same number before and after says that nothing was. */
  changeCount(): number;

  // Accounts. `externalId`s are the users' ids.
  account(externalCustomerId: string): Account | undefined;
  /** The account of the customer who has (or last had) a subscription with this external id. */
  accountOfSubscription(externalSubscriptionId: string): Account | undefined;
  /** The account that holds the record; of deleted customers too. */
  accountOfInvoice(numberOrId: string): Account | undefined;
  accountOfCreditNote(numberOrId: string): Account | undefined;
  accountOfFee(id: string): Account | undefined;
  /** All customers that are not deleted, in order of creation. */
  customers(): readonly Customer[];
  /** Deleted ones too: what was billed to them stays in the books. */
  allCustomers(): readonly Customer[];
  /** Of those that are not deleted, who has a draft invoice. */
  customersWithDrafts(): readonly Customer[];
  accountOf(customer: Customer): Account;
  /** Stores a new customer; its sequentialId must be `nextCustomerSequentialId()`. */
  addCustomer(customer: Customer): void;
  nextCustomerSequentialId(): number;
  /** Writes an account's changes. */
  saveAccount(account: Account): void;

  /** What an issued invoice was sealed with when it was saved. */
  documentSeal(invoiceId: string): DocumentSeal | undefined;

  // Numbering across customers (invoicing §6.5).
  maxBillingEntitySequentialId(): number;
  /** Invoices of all customers that were finalized (voided ones included). */
  issuedInvoiceCount(): number;

  // Events.
  readonly usage: UsageReader;
  /** How far a run over customers has come: usage that it is sure to ask of most of them is then read at once. */
  runHasCome(done: number, total: number): void;
  /** Appends in order; one outcome per event. */
  appendEvents(events: readonly NewEvent[], receivedAt: Instant): AppendOutcome[];
  /** The same, without an object per event. */
  appendBatch(events: readonly NewEvent[], receivedAt: Instant): AppendSummary;
  /** For files of any size: fastest with 100,000 to 250,000 events between two calls of `finish`. */
  bulkAppend(receivedAt: Instant, listener: BulkListener): BulkAppend;
  /** Sequence of the event that arrived last; 0 in an empty ledger. */
  lastSequence(): number;
  event(transactionId: string): StoredEvent | undefined;
  /** In order of arrival (newestFirst: in reverse). */
  events(filter: EventFilter): Iterable<StoredEvent>;
  /** How many there are, by these keys; `limit` and order are not looked at. */
  eventCounts(by: readonly EventCountKey[], filter: EventFilter): EventCount[];
  eventCount(): number;
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
