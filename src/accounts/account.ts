/**
 * The account of one customer as a unit of work.
 *
 * Billing rules read a customer's records and put new ones through an `Account`; nothing reaches the ledger until the
 * operation saves `changes()`, in its one transaction. A preview is the same computation on an account that nobody
 * saves. Kinds are read on first use, so that a rule that never looks at wallets costs no wallet query.
 */
import type { AccountRecords, Customer, RecordKind } from '../model.js';
import { type InvoicedKind, InvoiceIndex } from './invoiceIndex.js';

/** Where an account's stored records come from: the ledger, or a literal in a test. */
export interface AccountSource {
  /** All records of a kind of one customer, in order of creation. */
  readonly records: <K extends RecordKind>(kind: K, customerId: string) => readonly AccountRecords[K][];
}

export interface RecordChange<K extends RecordKind = RecordKind> {
  readonly kind: K;
  readonly id: string;
  /** Null when the record is removed (the fees of a draft that is computed anew). */
  readonly record: AccountRecords[K] | null;
  /** Its id was never stored. */
  readonly added: boolean;
  /** It was removed and put again: it now comes after the kind's other records. */
  readonly recreated: boolean;
}

export class Account {
  #customer: Customer;
  #customerChanged = false;
  readonly #source: AccountSource;
  readonly #kinds = new Map<RecordKind, Map<string, unknown>>();
  /** What `all` answered; never changed in place, for it is in others' hands. */
  readonly #lists = new Map<RecordKind, readonly unknown[]>();
  readonly #ofInvoices: { readonly [K in InvoicedKind]: InvoiceIndex<AccountRecords[K]> };
  readonly #changed = new Map<RecordKind, Set<string>>();
  readonly #added = new Set<string>();
  readonly #recreated = new Set<string>();

  constructor(customer: Customer, source: AccountSource) {
    this.#customer = customer;
    this.#source = source;
    this.#ofInvoices = {
      fee: new InvoiceIndex(() => this.#map('fee').values()),
      billing_period: new InvoiceIndex(() => this.#map('billing_period').values()),
    };
  }

  get customer(): Customer {
    return this.#customer;
  }

  putCustomer(customer: Customer): void {
    this.#customer = customer;
    this.#customerChanged = true;
  }

  /** Every record of the kind, oldest first, with the changes made so far. */
  all<K extends RecordKind>(kind: K): readonly AccountRecords[K][] {
    let list = this.#lists.get(kind) as readonly AccountRecords[K][] | undefined;
    if (list === undefined) {
      list = [...this.#map(kind).values()];
      this.#lists.set(kind, list);
    }
    return list;
  }

  /** Those of `all` that belong to the invoice, without looking at the others. */
  ofInvoice<K extends InvoicedKind>(kind: K, invoiceId: string): AccountRecords[K][] {
    return this.#indexOf(kind)?.of(invoiceId) ?? [];
  }

  get<K extends RecordKind>(kind: K, id: string): AccountRecords[K] | undefined {
    return this.#map(kind).get(id);
  }

  /** Adds the record, or replaces the one with its id in place. */
  put<K extends RecordKind>(kind: K, record: AccountRecords[K]): void {
    const map = this.#map(kind);
    if (!map.has(record.id)) {
      if (this.#changed.get(kind)?.delete(record.id)) this.#recreated.add(record.id);
      else this.#added.add(record.id);
    }
    const previous = map.get(record.id);
    this.#indexOf(kind)?.put(record, previous);
    map.set(record.id, record);
    this.#putInList(kind, record, previous);
    this.#mark(kind, record.id);
  }

  remove(kind: RecordKind, id: string): void {
    this.#indexOf(kind)?.forget();
    this.#lists.delete(kind);
    if (this.#map(kind).delete(id)) this.#mark(kind, id);
  }

  /** What an operation saves. Records in the order in which they were first put. */
  changes(): { readonly customer: Customer | null; readonly records: readonly RecordChange[] } {
    const records: RecordChange[] = [];
    for (const [kind, ids] of this.#changed) {
      const map = this.#map(kind);
      for (const id of ids) {
        const record = map.get(id) ?? null;
        const added = this.#added.has(id);
        // Added and removed again: nobody needs to know.
        if (added && record === null) continue;
        records.push({ kind, id, record, added, recreated: record !== null && this.#recreated.has(id) });
      }
    }
    return { customer: this.#customerChanged ? this.#customer : null, records };
  }

  /** The changes are stored: what changes from here on is saved the next time. */
  saved(): void {
    this.#customerChanged = false;
    this.#changed.clear();
    this.#added.clear();
    this.#recreated.clear();
  }

  /** A copy with the same records and no shared changes: for previews and dry runs. */
  fork(): Account {
    const copy = new Account(this.#customer, this.#source);
    for (const [kind, map] of this.#kinds) copy.#kinds.set(kind, new Map(map));
    return copy;
  }

  #map<K extends RecordKind>(kind: K): Map<string, AccountRecords[K]> {
    let map = this.#kinds.get(kind) as Map<string, AccountRecords[K]> | undefined;
    if (map === undefined) {
      map = new Map(this.#source.records(kind, this.#customer.id).map((record) => [record.id, record]));
      this.#kinds.set(kind, map as Map<string, unknown>);
    }
    return map;
  }

  /** The last record is the one that is put again and again while an invoice is made: the others are not gone through. */
  #putInList<K extends RecordKind>(kind: K, record: AccountRecords[K], previous: AccountRecords[K] | undefined): void {
    const list = this.#lists.get(kind) as readonly AccountRecords[K][] | undefined;
    if (list === undefined) return;
    if (previous === undefined) this.#lists.set(kind, list.concat(record));
    else if (list.at(-1) === previous) this.#lists.set(kind, list.with(-1, record));
    else this.#lists.delete(kind);
  }

  #indexOf<K extends RecordKind>(kind: K): InvoiceIndex<AccountRecords[K]> | undefined {
    const indices: { readonly [Kind in RecordKind]?: unknown } = this.#ofInvoices;
    return indices[kind] as InvoiceIndex<AccountRecords[K]> | undefined;
  }

  #mark(kind: RecordKind, id: string): void {
    let ids = this.#changed.get(kind);
    if (ids === undefined) {
      ids = new Set();
      this.#changed.set(kind, ids);
    }
    ids.add(id);
  }
}
