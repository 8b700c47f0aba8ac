/**
 * Records by the invoice that they belong to, in their order. An invoice of a thousand fees asks for them with each fee
 * that it gains, and an account keeps the fees of years.
 */

/** Kinds whose records belong to an invoice, and are asked for by it. */
export type InvoicedKind = 'fee' | 'billing_period';

interface Invoiced {
  readonly id: string;
  readonly invoiceId?: string | null;
}

export class InvoiceIndex<R extends Invoiced> {
  readonly #all: () => Iterable<R>;
  /** Null: not asked for yet, or made out of date by what cannot be put in its place. */
  #byInvoice: Map<string | null | undefined, Map<string, R>> | null = null;

  constructor(all: () => Iterable<R>) {
    this.#all = all;
  }

  of(invoiceId: string): R[] {
    let byInvoice = this.#byInvoice;
    if (byInvoice === null) {
      byInvoice = new Map();
      this.#byInvoice = byInvoice;
      for (const record of this.#all()) this.put(record, undefined);
    }
    return [...(byInvoice.get(invoiceId)?.values() ?? [])];
  }

  /** `previous` is the record that it takes the place of; without one it comes last. */
  put(record: R, previous: R | undefined): void {
    if (this.#byInvoice === null) return;
    if (previous !== undefined && previous.invoiceId !== record.invoiceId) {
      this.forget();
      return;
    }
    const records = this.#byInvoice.get(record.invoiceId);
    if (records === undefined) this.#byInvoice.set(record.invoiceId, new Map([[record.id, record]]));
    else records.set(record.id, record);
  }

  forget(): void {
    this.#byInvoice = null;
  }
}
