/**
 * A ledger to live a history through again: accounts, definitions and settings begin empty, in memory; events and usage
 * are those of the real ledger, which is only read. Events that had not arrived yet are not there: `through` is the last
 * arrival so far.
 */
import type { Account } from '../accounts/account.js';
import { AssertionError } from '../errors.js';
import type { EventFilter, JournalEntry, Ledger, StoredEvent } from '../ledger/types.js';
import type { EventSelection, UsageReader } from '../metering/usageReader.js';
import type { Customer } from '../model.js';
import { ReplayAccounts } from './replayAccounts.js';

export class ReplayLedger implements Ledger {
  /** Arrival number of the last event that is there. */
  through = 0;
  readonly usage: UsageReader;
  readonly #real: Ledger;
  readonly #last: number;
  readonly #accounts = new ReplayAccounts();
  readonly #definitions = new Map<string, string>();
  readonly #settings = new Map<string, string>();
  #latestDefinitions: string | undefined;

  constructor(real: Ledger) {
    this.#real = real;
    this.#last = real.lastSequence();
    this.usage = this.#usageSoFar(real.usage);
  }

  transaction<T>(work: () => T): T {
    return work();
  }

  changeCount(): number {
    return this.#accounts.changes;
  }

  account(externalCustomerId: string): Account | undefined {
    return this.#accounts.account(externalCustomerId);
  }

  accountOfSubscription(externalSubscriptionId: string): Account | undefined {
    return this.#accounts.accountOfSubscription(externalSubscriptionId);
  }

  accountOfInvoice(numberOrId: string): Account | undefined {
    return this.#accounts.accountOfRecord(numberOrId);
  }

  accountOfCreditNote(numberOrId: string): Account | undefined {
    return this.#accounts.accountOfRecord(numberOrId);
  }

  accountOfFee(id: string): Account | undefined {
    return this.#accounts.accountOfRecord(id);
  }

  customers(): readonly Customer[] {
    return this.#accounts.customers();
  }

  allCustomers(): readonly Customer[] {
    return this.#accounts.allCustomers();
  }

  customersWithDrafts(): readonly Customer[] {
    return this.customers().filter(({ id }) =>
      this.#accounts.records('invoice', id).some((invoice) => invoice.status === 'draft'),
    );
  }

  accountOf(customer: Customer): Account {
    return this.#accounts.accountOf(customer);
  }

  addCustomer(customer: Customer): void {
    this.#accounts.addCustomer(customer);
  }

  nextCustomerSequentialId(): number {
    return this.#accounts.nextCustomerSequentialId();
  }

  saveAccount(account: Account): void {
    this.#accounts.save(account);
  }

  /** Nothing of a replay is issued to anybody. */
  documentSeal(): undefined {}

  maxBillingEntitySequentialId(): number {
    return this.#accounts.maxBillingEntitySequentialId();
  }

  issuedInvoiceCount(): number {
    return this.#accounts.issuedInvoiceCount();
  }

  runHasCome(done: number, total: number): void {
    this.#real.runHasCome(done, total);
  }

  lastSequence(): number {
    return this.through;
  }

  event(transactionId: string): StoredEvent | undefined {
    const event = this.#real.event(transactionId);
    return event !== undefined && event.sequence <= this.through ? event : undefined;
  }

  events(filter: EventFilter): Iterable<StoredEvent> {
    return this.#real.events({ ...filter, toSequence: Math.min(filter.toSequence ?? this.through, this.through) });
  }

  eventCount(): number {
    return this.through;
  }

  eventCounts(...query: Parameters<Ledger['eventCounts']>): ReturnType<Ledger['eventCounts']> {
    return this.#real.eventCounts(...query);
  }

  storeDefinitions(hash: string, content: string): void {
    this.#definitions.set(hash, content);
    this.#latestDefinitions = hash;
  }

  definitions(hash: string): string | undefined {
    return this.#definitions.get(hash);
  }

  latestDefinitionsHash(): string | undefined {
    return this.#latestDefinitions;
  }

  setting(name: string): string | undefined {
    return this.#settings.get(name);
  }

  putSetting(name: string, value: string): void {
    this.#settings.set(name, value);
  }

  /** The real ledger answers for any field by itself. */
  projectFields(): void {}

  /** It is the journal that is being followed. */
  record(): void {}

  journal(): Iterable<JournalEntry> {
    return [];
  }

  appendEvents(): never {
    throw storesNothing();
  }

  appendBatch(): never {
    throw storesNothing();
  }

  bulkAppend(): never {
    throw storesNothing();
  }

  /** The real ledger belongs to who opened it. */
  close(): void {}

  #usageSoFar(usage: UsageReader): UsageReader {
    const then = (selection: EventSelection): EventSelection => {
      const throughSequence = Math.min(selection.throughSequence ?? this.through, this.through);
      return this.through >= this.#last ? selection : { ...selection, throughSequence };
    };
    return {
      count: (selection) => usage.count(then(selection)),
      sum: (selection) => usage.sum(then(selection)),
      max: (selection) => usage.max(then(selection)),
      latest: (selection) => usage.latest(then(selection)),
      uniqueCount: (selection) => usage.uniqueCount(then(selection)),
      sumPerDay: (selection, dayStarts) => usage.sumPerDay(then(selection), dayStarts),
      sumWithPreciseAmount: (selection) => usage.sumWithPreciseAmount(then(selection)),
      values: (selection) => usage.values(then(selection)),
      events: (selection) => usage.events(then(selection)),
    };
  }
}

function storesNothing(): AssertionError {
  return new AssertionError('a replay stores no events');
}
