/** Customers and the records of their accounts: reading them in order of creation, and saving a unit of work. */
import { Account, type AccountSource, type RecordChange } from '../accounts/account.js';
import { AssertionError, assert } from '../errors.js';
import type { AccountRecords, Customer, RecordKind } from '../model.js';
import { sqliteCode } from './ledgerErrors.js';
import { recordTables } from './recordTables.js';
import type { Statements } from './statements.js';

export class AccountStore implements AccountSource {
  readonly #statements: Statements;

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

  accountOf(customer: Customer): Account {
    return new Account(customer, this);
  }

  customers(): Customer[] {
    const sql = 'SELECT record FROM customers WHERE deleted_at IS NULL ORDER BY ordinal';
    return this.#statements.column<string>(sql).map((record) => JSON.parse(record) as Customer);
  }

  records = <K extends RecordKind>(kind: K, customerId: string): AccountRecords[K][] => {
    const sql = `SELECT record FROM ${recordTables[kind].table} WHERE customer_id = ? ORDER BY ordinal`;
    return this.#statements.column<string>(sql, [customerId]).map((record) => JSON.parse(record) as AccountRecords[K]);
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

  save(account: Account): void {
    const { customer, records } = account.changes();
    if (customer !== null) {
      const known = this.#write('UPDATE customers SET record = ? WHERE id = ?', JSON.stringify(customer), customer.id);
      assert(known === 1, `customer ${customer.externalId} was never added`);
    }
    for (const change of records) this.#saveRecord(account.customer.id, change);
  }

  maxBillingEntitySequentialId(): number {
    return (
      this.#statements.value<number | null>(
        "SELECT max(billing_entity_sequential_id) FROM invoices WHERE status IN ('finalized', 'voided')",
      ) ?? 0
    );
  }

  /** Without self-billed invoices, which never take a number of the billing entity (invoicing §6.5). */
  issuedInvoiceCount(): number {
    return this.#statements.value<number>(
      `SELECT count(*) FROM invoices
       WHERE status IN ('finalized', 'voided') AND record ->> '$.billTo.accountType' IS NOT 'partner'`,
    ) as number;
  }

  #saveRecord(customerId: string, { kind, id, record, recreated }: RecordChange): void {
    const { table } = recordTables[kind];
    if (record === null || recreated) this.#write(`DELETE FROM ${table} WHERE id = ?`, id);
    if (record === null) return;
    this.#write(
      `INSERT INTO ${table} (id, customer_id, record) VALUES (?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET record = excluded.record`,
      id,
      customerId,
      JSON.stringify(record),
    );
  }

  #accountWhere(condition: string, value: string): Account | undefined {
    const record = this.#statements.value<string>(`SELECT record FROM customers WHERE ${condition}`, [value]);
    return record === undefined ? undefined : new Account(JSON.parse(record) as Customer, this);
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
