/** Customers and the records of their accounts: reading them in order of creation, and saving a unit of work. */
import { Account, type AccountSource, type RecordChange } from '../accounts/account.js';
import { AssertionError, assert } from '../errors.js';
import type { AccountRecords, Customer, Invoice, RecordKind } from '../model.js';
import { sqliteCode, storedJson } from './ledgerErrors.js';
import { column, isIssued, recordTable, recordTables } from './recordTables.js';
import { type RecordText, recordText, storedRecord } from './recordText.js';
import type { Statements } from './statements.js';

/** What a save wrote: its invoices, and the texts of its records, which need not be made twice. */
export interface WrittenRecords {
  readonly invoices: readonly Invoice[];
  readonly textOf: typeof recordText;
}

export class AccountStore implements AccountSource {
  readonly #statements: Statements;
  #issued: number | null = null;
  /** Kinds of which the ledger has no record: most have never heard of wallets. Known for one transaction. */
  readonly #isEmpty = new Map<RecordKind, boolean>();

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  account(externalCustomerId: string): Account | undefined {
    return this.#accountWhere('external_id = ? AND deleted_at IS NULL', externalCustomerId);
  }

  accountOfSubscription(externalSubscriptionId: string): Account | undefined {
    const customerId = this.#statements.value<string>(
      `SELECT customer_id FROM subscriptions WHERE external_id = ?
       ORDER BY status = 'active' DESC, ordinal DESC LIMIT 1`,
      [externalSubscriptionId],
    );
    return customerId === undefined ? undefined : this.#accountWhere('id = ?', customerId);
  }

  /** Drafts share a number: an issued invoice of that number comes first. */
  accountOfInvoice(numberOrId: string): Account | undefined {
    return this.#accountHolding(numberOrId, [
      'SELECT customer_id FROM invoices WHERE id = ?',
      `SELECT customer_id FROM invoice_records WHERE ${column('number')} = ? AND ${isIssued()}`,
      'SELECT customer_id FROM invoices WHERE number = ?',
    ]);
  }

  accountOfCreditNote(numberOrId: string): Account | undefined {
    return this.#accountHolding(numberOrId, [
      'SELECT customer_id FROM credit_notes WHERE id = ?',
      'SELECT customer_id FROM credit_notes WHERE number = ?',
    ]);
  }

  accountOfFee(id: string): Account | undefined {
    return this.#accountHolding(id, ['SELECT customer_id FROM fees WHERE id = ?']);
  }

  accountOf(customer: Customer): Account {
    return new Account(customer, this);
  }

  customers(): Customer[] {
    const sql = 'SELECT record FROM customers WHERE deleted_at IS NULL ORDER BY ordinal';
    return this.#statements.column<string>(sql).map((record) => storedJson<Customer>(record));
  }

  allCustomers(): Customer[] {
    const sql = 'SELECT record FROM customers ORDER BY ordinal';
    return this.#statements.column<string>(sql).map((record) => storedJson<Customer>(record));
  }

  customersWithDrafts(): Customer[] {
    const sql = `SELECT record FROM customers WHERE deleted_at IS NULL
      AND id IN (SELECT customer_id FROM invoices WHERE status = 'draft') ORDER BY ordinal`;
    return this.#statements.column<string>(sql).map((record) => storedJson<Customer>(record));
  }

  records = <K extends RecordKind>(kind: K, customerId: string): AccountRecords[K][] => {
    if (this.#hasNone(kind)) return [];
    return this.#statements
      .column<string>(statementsOf[kind].read, [customerId])
      .map((record) => storedRecord(kind, record));
  };

  addCustomer(customer: Customer): void {
    assert(
      customer.sequentialId === this.nextCustomerSequentialId(),
      `customer ${customer.externalId} must be number ${this.nextCustomerSequentialId()}`,
    );
    this.#write('INSERT INTO customers (id, record) VALUES (?, ?)', customer.id, JSON.stringify(customer));
  }

  /** Deleted customers keep their numbers (invoicing §6.5). */
  nextCustomerSequentialId(): number {
    return (this.#statements.value<number | null>('SELECT max(sequential_id) FROM customers') ?? 0) + 1;
  }

  /** Writes the account's changes. */
  save(account: Account): WrittenRecords {
    const { customer, records } = account.changes();
    if (customer !== null) {
      const known = this.#write('UPDATE customers SET record = ? WHERE id = ?', JSON.stringify(customer), customer.id);
      assert(known === 1, `customer ${customer.externalId} was never added`);
    }
    const texts = new Map<object, RecordText>();
    for (const change of records) this.#saveRecord(account.customer.id, change, texts);
    account.saved();
    const invoices = records.flatMap(({ kind, record }) =>
      kind === 'invoice' ? ((record as Invoice | null) ?? []) : [],
    );
    return { invoices, textOf: (kind, record) => texts.get(record) ?? recordText(kind, record) };
  }

  maxBillingEntitySequentialId(): number {
    return (
      this.#statements.value<number | null>(
        `SELECT max(${column('billingEntitySequentialId')}) FROM invoice_records WHERE ${isIssued()}`,
      ) ?? 0
    );
  }

  /**
   * Without self-billed invoices, which never take a number of the billing entity (invoicing §6.5). Counted once in a
   * transaction, and then kept by what is saved: a billing run asks once an invoice.
   */
  issuedInvoiceCount(): number {
    if (this.#issued !== null && this.#statements.db.inTransaction) return this.#issued;
    const count =
      this.#statements.value<number>(`SELECT count(*) FROM invoice_records WHERE ${ISSUED_AND_NUMBERED}`) ?? 0;
    this.#issued = this.#statements.db.inTransaction ? count : null;
    return count;
  }

  /** What was counted holds in one transaction only. */
  forget(): void {
    this.#issued = null;
    this.#isEmpty.clear();
  }

  #hasNone(kind: RecordKind): boolean {
    if (!this.#statements.db.inTransaction) return false;
    let none = this.#isEmpty.get(kind);
    if (none === undefined) {
      none = this.#statements.value(statementsOf[kind].any) === undefined;
      this.#isEmpty.set(kind, none);
    }
    return none;
  }

  #saveRecord(
    customerId: string,
    { kind, id, record, added, recreated }: RecordChange,
    texts: Map<object, RecordText>,
  ): void {
    const { remove, add, replace } = statementsOf[kind];
    if (record === null || (recreated && !added)) this.#write(remove, id);
    if (record === null) return;
    if (kind === 'invoice' && this.#issued !== null) this.#issued += this.#newlyIssued(record as Invoice, added);
    const written = recordText(kind, record);
    texts.set(record, written);
    if (added || recreated) this.#write(add, id, customerId, written.text);
    else this.#write(replace, written.text, id, written.text);
    this.#isEmpty.set(kind, false);
  }

  #newlyIssued({ id, status, billTo }: Invoice, added: boolean): 0 | 1 {
    if ((status !== 'finalized' && status !== 'voided') || billTo.accountType === 'partner') return 0;
    const sql = `SELECT 1 FROM invoice_records WHERE id = ? AND ${ISSUED_AND_NUMBERED}`;
    return added || this.#statements.value<number>(sql, [id]) === undefined ? 1 : 0;
  }

  /** By the first statement that finds a customer; those that read an index come first. */
  #accountHolding(named: string, statements: readonly string[]): Account | undefined {
    for (const sql of statements) {
      const customerId = this.#statements.value<string>(sql, [named]);
      if (customerId !== undefined) return this.#accountWhere('id = ?', customerId);
    }
    return undefined;
  }

  #accountWhere(condition: string, value: string): Account | undefined {
    const record = this.#statements.value<string>(`SELECT record FROM customers WHERE ${condition}`, [value]);
    return record === undefined ? undefined : new Account(storedJson<Customer>(record), this);
  }

  /** A constraint that fails here is a bug above: a number given twice, an issued invoice changed. */
  #write(sql: string, ...values: readonly unknown[]): number {
    try {
      return this.#statements.writing(sql).run(...values).changes;
    } catch (error) {
      if (!sqliteCode(error)?.startsWith('SQLITE_CONSTRAINT')) throw error;
      throw new AssertionError(`the ledger refused a record: ${(error as Error).message}`, { cause: error });
    }
  }
}

const ISSUED_AND_NUMBERED = `${isIssued()} AND ${column('billTo.accountType')} IS NOT 'partner'`;

/** Written once: a text that is put together anew has to be read through to find its statement. */
const statementsOf = Object.fromEntries(
  (Object.keys(recordTables) as RecordKind[]).map((kind) => {
    const table = recordTable(kind);
    const statements = {
      any: `SELECT 1 FROM ${table} LIMIT 1`,
      read: `SELECT record FROM ${table} WHERE customer_id = ? ORDER BY ordinal`,
      remove: `DELETE FROM ${table} WHERE id = ?`,
      add: `INSERT INTO ${table} (id, customer_id, record) VALUES (?, ?, ?)`,
      replace: `UPDATE ${table} SET record = ? WHERE id = ? AND record IS NOT ?`,
    };
    return [kind, statements];
  }),
) as Readonly<Record<RecordKind, Readonly<Record<'any' | 'read' | 'remove' | 'add' | 'replace', string>>>>;
