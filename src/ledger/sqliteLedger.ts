/** The ledger on SQLite: one object in front of its stores, and the one place where a transaction begins and ends. */
import type Database from 'better-sqlite3';
import type { Account } from '../accounts/account.js';
import { assert, BillingError } from '../errors.js';
import type { Customer } from '../model.js';
import type { Instant } from '../time/instant.js';
import { AccountStore } from './accountStore.js';
import { writeBackup } from './backup.js';
import { TransactionalBulk } from './bulkAppend.js';
import { Documents } from './documents.js';
import { type EventCount, type EventCountKey, eventCounts } from './eventCounts.js';
import { EventStore } from './eventStore.js';
import { Facts } from './facts.js';
import { GroupedUsage } from './groupedUsage.js';
import { hashText } from './hash.js';
import { asLedgerError } from './ledgerErrors.js';
import { Projection } from './projection.js';
import { PropertySplits } from './propertySplits.js';
import { propertyText } from './propertyText.js';
import { RunningUsage } from './runningUsage.js';
import { SeriesTable } from './seriesTable.js';
import { SplitUsage } from './splitUsage.js';
import { SqlUsageReader } from './sqlUsageReader.js';
import { Statements } from './statements.js';
import type {
  AppendOutcome,
  AppendSummary,
  BulkAppend,
  BulkListener,
  DocumentSeal,
  EventFilter,
  JournalEntry,
  Ledger,
  MeteredField,
  NewEvent,
  StoredEvent,
} from './types.js';
import { ledgerProblems } from './verify.js';

export class SqliteLedger implements Ledger {
  readonly file: string;
  readonly readOnly: boolean;
  readonly usage: GroupedUsage;
  readonly #db: Database.Database;
  readonly #statements: Statements;
  readonly #series: SeriesTable;
  readonly #projection: Projection;
  readonly #accounts: AccountStore;
  readonly #documents: Documents;
  readonly #events: EventStore;
  readonly #facts: Facts;
  readonly #hash: (text: string) => number;

  constructor(db: Database.Database, file: string, readOnly: boolean, hash: (text: string) => number = hashText) {
    this.#db = db;
    this.file = file;
    this.readOnly = readOnly;
    this.#hash = hash;
    db.function('property_text', { deterministic: true }, (properties, key) =>
      properties === null ? null : propertyText(properties as string, key as string),
    );
    const splits = new PropertySplits();
    db.function('property_split', { deterministic: true }, (properties, key) =>
      splits.number(properties as string, key as string),
    );
    const statements = new Statements(db);
    this.#statements = statements;
    this.#series = new SeriesTable(statements);
    this.#projection = new Projection(statements, this.#series, readOnly, hash);
    this.#accounts = new AccountStore(statements);
    this.#documents = new Documents(statements);
    this.#events = new EventStore(statements, this.#series, this.#projection, hash);
    this.#facts = new Facts(statements);
    const single = new RunningUsage(
      new SplitUsage(new SqlUsageReader(statements, this.#series, this.#projection), this.#projection, splits),
      statements,
      this.#projection,
    );
    this.usage = new GroupedUsage(single, statements, this.#series, this.#projection);
  }

  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    try {
      this.#begin();
      const result = work();
      assert(!(result instanceof Promise), 'a transaction cannot wait for a promise');
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw asLedgerError(error, this.file);
    }
  }

  #begin(): void {
    // Immediate: who will write waits here, before it has read anything that may be stale.
    this.#db.exec(this.readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
    this.#accounts.forget();
    this.usage.forget();
  }

  #rollBack(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
    this.#series.forget();
    this.#projection.forget();
    this.#accounts.forget();
  }

  changeCount(): number {
    return this.#db.prepare('SELECT total_changes()').pluck().get() as number;
  }

  account(externalCustomerId: string): Account | undefined {
    return this.#accounts.account(externalCustomerId);
  }

  accountOfSubscription(externalSubscriptionId: string): Account | undefined {
    return this.#accounts.accountOfSubscription(externalSubscriptionId);
  }

  accountOfInvoice(numberOrId: string): Account | undefined {
    return this.#accounts.accountOfInvoice(numberOrId);
  }

  accountOfCreditNote(numberOrId: string): Account | undefined {
    return this.#accounts.accountOfCreditNote(numberOrId);
  }

  accountOfFee(id: string): Account | undefined {
    return this.#accounts.accountOfFee(id);
  }

  customers(): readonly Customer[] {
    return this.#accounts.customers();
  }

  allCustomers(): readonly Customer[] {
    return this.#accounts.allCustomers();
  }

  customersWithDrafts(): readonly Customer[] {
    return this.#accounts.customersWithDrafts();
  }

  accountOf(customer: Customer): Account {
    return this.#accounts.accountOf(customer);
  }

  addCustomer(customer: Customer): void {
    this.transaction(() => this.#accounts.addCustomer(customer));
  }

  nextCustomerSequentialId(): number {
    return this.#accounts.nextCustomerSequentialId();
  }

  saveAccount(account: Account): void {
    this.transaction(() => {
      const { invoices, textOf } = this.#accounts.save(account);
      if (invoices.length > 0) this.#documents.seal(account, invoices, { textOf, lastSequence: this.lastSequence() });
    });
  }

  documentSeal(invoiceId: string): DocumentSeal | undefined {
    return this.#documents.sealOf(invoiceId);
  }

  maxBillingEntitySequentialId(): number {
    return this.#accounts.maxBillingEntitySequentialId();
  }

  issuedInvoiceCount(): number {
    return this.#accounts.issuedInvoiceCount();
  }

  runHasCome(done: number, total: number): void {
    this.usage.runHasCome(done, total);
  }

  appendEvents(events: readonly NewEvent[], receivedAt: Instant): AppendOutcome[] {
    return this.transaction(() => this.#events.append(events, receivedAt));
  }

  appendBatch(events: readonly NewEvent[], receivedAt: Instant): AppendSummary {
    return this.transaction(() => this.#events.appendBatch(events, receivedAt));
  }

  bulkAppend(receivedAt: Instant, listener: BulkListener): BulkAppend {
    return new TransactionalBulk(this.#events.bulkRun(receivedAt, listener), {
      begin: () => {
        if (this.#db.inTransaction) return false;
        this.#begin();
        return true;
      },
      commit: () => this.#db.exec('COMMIT'),
      rollBack: () => this.#rollBack(),
      failure: (error) => asLedgerError(error, this.file),
    });
  }

  lastSequence(): number {
    return this.#events.lastSequence();
  }

  event(transactionId: string): StoredEvent | undefined {
    return this.#events.event(transactionId);
  }

  events(filter: EventFilter): Iterable<StoredEvent> {
    return this.#events.events(filter);
  }

  eventCounts(by: readonly EventCountKey[], filter: EventFilter): EventCount[] {
    return eventCounts(this.#statements, this.#projection.isComplete() ? 'main.usage_points' : 'events', by, filter);
  }

  eventCount(): number {
    return this.#statements.value<number>('SELECT count(*) FROM events') as number;
  }

  projectFields(fields: readonly MeteredField[]): void {
    this.transaction(() => this.#projection.fit(fields));
  }

  /** Forgets what was projected: it is made again when it is next needed, and no figure changes. */
  dropProjection(): void {
    this.transaction(() => this.#projection.drop());
  }

  storeDefinitions(hash: string, content: string, at: Instant): void {
    this.transaction(() => this.#facts.storeDefinitions(hash, content, at));
  }

  definitions(hash: string): string | undefined {
    return this.#facts.definitions(hash);
  }

  latestDefinitionsHash(): string | undefined {
    return this.#facts.latestDefinitionsHash();
  }

  setting(name: string): string | undefined {
    return this.#facts.setting(name);
  }

  putSetting(name: string, value: string): void {
    this.transaction(() => this.#facts.putSetting(name, value));
  }

  record(entry: Omit<JournalEntry, 'sequence'>): void {
    this.transaction(() => this.#facts.record(entry));
  }

  journal(): Iterable<JournalEntry> {
    return this.#facts.journal();
  }

  /** Rows of a reading statement, for `sql`. `property_text(properties, key)` is available. */
  select(sql: string): { readonly columns: readonly string[]; readonly rows: readonly (readonly unknown[])[] } {
    try {
      const statement = this.#db.prepare<unknown[]>(sql);
      if (!statement.reader || !statement.readonly) throw writes();
      const columns = statement.columns().map(({ name }) => name);
      return { columns, rows: statement.raw().all() as unknown[][] };
    } catch (error) {
      if (error instanceof BillingError || !(error instanceof Error)) throw error;
      const known = asLedgerError(error, this.file);
      if (known instanceof BillingError) throw known;
      // `DELETE FROM invoices`: SQLite says so before it is asked to write.
      if (error.message.endsWith('because it is a view')) throw writes();
      throw new BillingError('invalid_sql', { message: error.message, cause: error });
    }
  }

  /** What is wrong with the file or with what it says; empty when it is sound. A writer may go on beside it. */
  integrityProblems(): string[] {
    const statements = new Statements(this.#db);
    try {
      if (this.#db.inTransaction) return this.#problems(statements);
      this.#db.exec('BEGIN');
      // What an earlier transaction knew may be otherwise by now.
      this.#accounts.forget();
      try {
        return this.#problems(statements);
      } finally {
        this.#db.exec('ROLLBACK');
      }
    } catch (error) {
      const known = asLedgerError(error, this.file);
      if (known instanceof BillingError && known.code === 'ledger_unreadable') return [known.message];
      throw known;
    }
  }

  #problems(statements: Statements): string[] {
    return ledgerProblems({ statements, accounts: this.#accounts, documents: this.#documents, hash: this.#hash });
  }

  /** A consistent copy in a new file, compacted; of one moment, while a writer goes on. */
  backup(file: string): void {
    writeBackup(this.#db, file);
  }

  close(): void {
    this.#db.close();
  }
}

function writes(): BillingError {
  return new BillingError('statement_writes', {
    message: 'only statements that read are allowed',
    suggestion: 'The ledger changes by operations alone.',
  });
}
