/** Accounts in memory, for a history that is lived through again: the records of each customer in order of creation. */
import { Account, type AccountSource, type RecordChange } from '../accounts/account.js';
import { assert } from '../errors.js';
import type { AccountRecords, Customer, Invoice, RecordKind, Subscription } from '../model.js';

type Records = Map<RecordKind, Map<string, unknown>>;

export class ReplayAccounts implements AccountSource {
  readonly #customers = new Map<string, Customer>();
  readonly #records = new Map<string, Records>();
  /** Customers by what their records are named by; the last one to bear a name has it. */
  readonly #byExternalId = new Map<string, string>();
  readonly #bySubscription = new Map<string, Set<string>>();
  readonly #byRecord = new Map<string, string>();
  readonly #byNumber = new Map<string, string>();
  readonly #issued = new Map<string, boolean>();
  #sequentialId = 0;
  #billingEntitySequentialId = 0;
  #issuedCount = 0;
  changes = 0;

  records = <K extends RecordKind>(kind: K, customerId: string): readonly AccountRecords[K][] => {
    const kept = this.#records.get(customerId)?.get(kind);
    return kept === undefined ? [] : ([...kept.values()] as AccountRecords[K][]);
  };

  customers(): Customer[] {
    return this.allCustomers().filter((customer) => customer.deletedAt === null);
  }

  allCustomers(): Customer[] {
    return [...this.#customers.values()];
  }

  accountOf(customer: Customer): Account {
    return new Account(customer, this);
  }

  account(externalId: string): Account | undefined {
    const account = this.#accountById(this.#byExternalId.get(externalId));
    return account === undefined || account.customer.deletedAt !== null ? undefined : account;
  }

  /** The customer whose subscription of that id is active, else the one who had it last. */
  accountOfSubscription(externalId: string): Account | undefined {
    const ids = [...(this.#bySubscription.get(externalId) ?? [])];
    if (ids.length <= 1) return this.#accountById(ids[0]);
    const isActive = (id: string) =>
      this.records('subscription', id).some((each) => each.externalId === externalId && each.status === 'active');
    return this.#accountById(ids.findLast(isActive) ?? ids.at(-1));
  }

  /** By id, or by number: an issued invoice of a number comes before drafts that share it. */
  accountOfRecord(numberOrId: string): Account | undefined {
    return this.#accountById(this.#byRecord.get(numberOrId) ?? this.#byNumber.get(numberOrId));
  }

  addCustomer(customer: Customer): void {
    assert(customer.sequentialId === this.nextCustomerSequentialId(), 'customers are numbered in turn');
    this.#sequentialId = customer.sequentialId;
    this.#customers.set(customer.id, customer);
    this.#byExternalId.set(customer.externalId, customer.id);
    this.changes += 1;
  }

  nextCustomerSequentialId(): number {
    return this.#sequentialId + 1;
  }

  maxBillingEntitySequentialId(): number {
    return this.#billingEntitySequentialId;
  }

  issuedInvoiceCount(): number {
    return this.#issuedCount;
  }

  save(account: Account): void {
    const { customer, records } = account.changes();
    const { id } = account.customer;
    if (customer !== null) {
      this.#customers.set(id, customer);
      this.#byExternalId.set(customer.externalId, id);
    }
    this.changes += records.length + (customer === null ? 0 : 1);
    let own = this.#records.get(id);
    if (own === undefined) {
      own = new Map();
      this.#records.set(id, own);
    }
    for (const change of records) this.#saveRecord(id, own, change);
    account.saved();
  }

  #saveRecord(customerId: string, own: Records, { kind, id, record, recreated }: RecordChange): void {
    let kept = own.get(kind);
    if (kept === undefined) {
      kept = new Map();
      own.set(kind, kept);
    }
    if (record === null || recreated) kept.delete(id);
    if (record === null) return;
    kept.set(id, record);
    if (kind === 'invoice') this.#noteInvoice(customerId, record as Invoice);
    else if (kind === 'subscription') this.#noteSubscription(customerId, record as Subscription);
    else if (kind === 'credit_note' || kind === 'fee') this.#byRecord.set(id, customerId);
    if (kind === 'credit_note') this.#byNumber.set((record as AccountRecords['credit_note']).number, customerId);
  }

  #noteInvoice(customerId: string, invoice: Invoice): void {
    const isIssued = invoice.status === 'finalized' || invoice.status === 'voided';
    this.#byRecord.set(invoice.id, customerId);
    if (isIssued || !this.#byNumber.has(invoice.number)) this.#byNumber.set(invoice.number, customerId);
    if (!isIssued || this.#issued.get(invoice.id) === true) return;
    this.#issued.set(invoice.id, true);
    if (invoice.billTo.accountType !== 'partner') this.#issuedCount += 1;
    const sequentialId = invoice.billingEntitySequentialId ?? 0;
    this.#billingEntitySequentialId = Math.max(this.#billingEntitySequentialId, sequentialId);
  }

  #noteSubscription(customerId: string, { externalId }: Subscription): void {
    const known = this.#bySubscription.get(externalId);
    if (known === undefined) this.#bySubscription.set(externalId, new Set([customerId]));
    else {
      // The one who had it last comes last.
      known.delete(customerId);
      known.add(customerId);
    }
  }

  #accountById(id: string | undefined): Account | undefined {
    const customer = id === undefined ? undefined : this.#customers.get(id);
    return customer === undefined ? undefined : new Account(customer, this);
  }
}
