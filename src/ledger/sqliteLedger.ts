/** The ledger on SQLite: one object in front of its stores, and the one place where a transaction begins and ends. */
import type Database from 'better-sqlite3';
import type { Account } from '../accounts/account.js';
import { assert, BillingError } from '../errors.js';
import type { UsageReader } from '../metering/usageReader.js';
import type { Customer } from '../model.js';
import type { Instant } from '../time/instant.js';
import { AccountStore } from './accountStore.js';
import { EventStore } from './eventStore.js';
import { Facts } from './facts.js';
import { hashText } from './hash.js';
import { asLedgerError } from './ledgerErrors.js';
import { Projection } from './projection.js';
import { propertyText } from './propertyText.js';
import { SeriesTable } from './seriesTable.js';
import { SqlUsageReader } from './sqlUsageReader.js';
import { Statements } from './statements.js';
import type {
  AppendOutcome,
  AppendSummary,
  EventFilter,
  JournalEntry,
  Ledger,
  MeteredField,
  NewEvent,
  StoredEvent,
} from './types.js';

export class SqliteLedger implements Ledger {
  readonly file: string;
  readonly readOnly: boolean;
  readonly usage: UsageReader;
  readonly #db: Database.Database;
  readonly #series: SeriesTable;
  readonly #projection: Projection;
  readonly #accounts: AccountStore;
  readonly #events: EventStore;
  readonly #facts: Facts;

  constructor(db: Database.Database, file: string, readOnly: boolean, hash: (text: string) => number = hashText) {
    this.#db = db;
    this.file = file;
    this.readOnly = readOnly;
    db.function('property_text', { deterministic: true }, (properties, key) =>
      properties === null ? null : propertyText(properties as string, key as string),
    );
    const statements = new Statements(db);
    this.#series = new SeriesTable(statements);
    this.#projection = new Projection(statements, this.#series, readOnly, hash);
    this.#accounts = new AccountStore(statements);
    this.#events = new EventStore(statements, this.#series, this.#projection, hash);
    this.#facts = new Facts(statements);
    this.usage = new SqlUsageReader(statements, this.#series, this.#projection);
  }

  transaction<T>(work: () => T): T {
    if (this.#db.inTransaction) return work();
    try {
      // Immediate: who will write waits here, before it has read anything that may be stale.
      this.#db.exec(this.readOnly ? 'BEGIN' : 'BEGIN IMMEDIATE');
      const result = work();
      assert(!(result instanceof Promise), 'a transaction cannot wait for a promise');
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      this.#series.forget();
      this.#projection.forget();
      throw asLedgerError(error, this.file);
    }
  }

  account(externalCustomerId: string): Account | undefined {
    return this.#accounts.account(externalCustomerId);
  }

  accountOfSubscription(externalSubscriptionId: string): Account | undefined {
    return this.#accounts.accountOfSubscription(externalSubscriptionId);
  }

  customers(): readonly Customer[] {
    return this.#accounts.customers();
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
    this.transaction(() => this.#accounts.save(account));
  }

  maxBillingEntitySequentialId(): number {
    return this.#accounts.maxBillingEntitySequentialId();
  }

  issuedInvoiceCount(): number {
    return this.#accounts.issuedInvoiceCount();
  }

  appendEvents(events: readonly NewEvent[], receivedAt: Instant): AppendOutcome[] {
    return this.transaction(() => this.#events.append(events, receivedAt));
  }

  appendBatch(events: readonly NewEvent[], receivedAt: Instant): AppendSummary {
    return this.transaction(() => this.#events.appendBatch(events, receivedAt));
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
      if (!statement.reader || !statement.readonly) {
        throw new BillingError('statement_writes', {
          message: 'only statements that read are allowed',
          suggestion: 'The ledger changes by operations alone.',
        });
      }
      const columns = statement.columns().map(({ name }) => name);
      return { columns, rows: statement.raw().all() as unknown[][] };
    } catch (error) {
      if (error instanceof BillingError || !(error instanceof Error)) throw error;
      const known = asLedgerError(error, this.file);
      if (known instanceof BillingError) throw known;
      throw new BillingError('invalid_sql', { message: error.message, cause: error });
    }
  }

  /** What SQLite finds wrong with the file; empty when it is sound. */
  integrityProblems(): string[] {
    const found = this.#db.pragma('integrity_check') as { readonly integrity_check: string }[];
    const orphans = this.#db.pragma('foreign_key_check') as { readonly table: string }[];
    return [
      ...found.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
      ...orphans.map(({ table }) => `${table}: a record without its customer`),
    ];
  }

  /** A consistent copy in a new file, compacted. */
  backup(file: string): void {
    try {
      this.#db.prepare('VACUUM INTO ?').run(file);
    } catch (error) {
      throw new BillingError('backup_failed', {
        message: `cannot write ${file}: ${(error as Error).message}`,
        suggestion: 'Name a file that does not exist yet.',
        cause: error,
      });
    }
  }

  close(): void {
    this.#db.close();
  }
}
