/**
 * How a record is written in the ledger, and read again: as JSON, keys in order of their names, without what says nothing.
 *
 * A fee has sixty keys, of which most are null, zero or empty: written out they are more than half of a ledger. They are
 * left out where a record kept by the hundred thousand has its neutral value, and put back when it is read. What may still
 * change after the invoice is issued (a payment) comes last, so that everything before it can be sealed as it stands.
 */
import type { AccountRecords, RecordKind } from '../model.js';
import { storedJson } from './ledgerErrors.js';

export interface RecordText {
  readonly text: string;
  /** How much of it an issued invoice says for ever. */
  readonly saidLength: number;
}

/**
 * The values that are left out. Those of a kind never change once released: ledgers rely on them. No column of the tables
 * is among them, unless its neutral value is null (`recordTables`); a nested object that is not empty has its own.
 */
export type NeutralValues<T> = {
  readonly [K in keyof T]?: T[K] extends object ? T[K] | NeutralValues<T[K]> : T[K] | NeutralValues<NonNullable<T[K]>>;
};

const NO_ADDRESS = {
  addressLine1: null,
  addressLine2: null,
  city: null,
  state: null,
  zipcode: null,
  country: null,
} as const;

export const neutralValues: { readonly [K in RecordKind]?: NeutralValues<AccountRecords[K]> } = {
  fee: {
    item: {
      description: null,
      invoiceDisplayName: null,
      filters: null,
      filterInvoiceDisplayName: null,
      groupedBy: {},
    },
    invoiceId: null,
    subscriptionId: null,
    externalSubscriptionId: null,
    chargeId: null,
    chargeCode: null,
    chargeFilterId: null,
    chargeModel: null,
    prorated: false,
    recurring: false,
    fixedChargeId: null,
    addOnCode: null,
    trueUpParentFeeId: null,
    originalFeeId: null,
    payInAdvance: false,
    invoiceable: true,
    unitAmountCents: 0,
    totalAggregatedUnits: null,
    eventsCount: null,
    preciseCouponsAmountCents: '0',
    preciseCreditNotesAmountCents: '0',
    taxesPreciseAmountCents: '0',
    taxesRate: 0,
    appliedTaxes: [],
    amountDetails: {},
    pricingUnit: null,
    presentationBreakdowns: [],
    description: null,
    shownFromAt: null,
    shownToAt: null,
    fromAt: null,
    toAt: null,
    eventTransactionId: null,
    eventTimestamp: null,
    succeededAt: null,
    failedAt: null,
    refundedAt: null,
    adjusted: false,
    targetWalletCode: null,
    taxCodes: null,
  },
  invoice: {
    sequentialId: null,
    billingEntitySequentialId: null,
    paymentOverdue: false,
    paymentDisputeLostAt: null,
    progressiveBillingCreditAmountCents: 0,
    taxesRate: 0,
    prepaidGrantedCreditAmountCents: null,
    prepaidPurchasedCreditAmountCents: null,
    appliedTaxes: [],
    credits: [],
    metadata: [],
    appliedUsageThresholds: [],
    feeAdjustments: [],
    purchaseOrderNumber: null,
    voidedInvoiceId: null,
    finalizedAt: null,
    voidedAt: null,
    issuer: {
      legalName: null,
      legalNumber: null,
      taxIdentificationNumber: null,
      email: null,
      addressLine1: null,
      addressLine2: null,
      city: null,
      state: null,
      zipcode: null,
      country: null,
      invoiceFooter: null,
      logo: null,
      taxCodes: [],
    },
    billTo: {
      name: null,
      firstname: null,
      lastname: null,
      customerType: null,
      email: null,
      phone: null,
      url: null,
      logoUrl: null,
      legalName: null,
      legalNumber: null,
      taxIdentificationNumber: null,
      address: NO_ADDRESS,
      shippingAddress: NO_ADDRESS,
      externalSalesforceId: null,
      timezone: null,
      netPaymentTerm: null,
      invoiceGracePeriod: null,
      documentLocale: null,
      issuingDateAnchor: null,
      issuingDateAdjustment: null,
      taxCodes: [],
      metadata: [],
      deletedAt: null,
    },
  },
  billing_period: { subscriptionName: null, chargesFromDatetime: null, chargesToDatetime: null },
};

/** What happens to an issued invoice and its fees afterwards. */
const laterKeys: { readonly [K in RecordKind]?: readonly (keyof AccountRecords[K] & string)[] } = {
  fee: ['paymentStatus', 'succeededAt', 'failedAt', 'refundedAt'],
  invoice: [
    'status',
    'paymentStatus',
    'paymentOverdue',
    'paymentDisputeLostAt',
    'totalPaidAmountCents',
    'metadata',
    'updatedAt',
    'voidedAt',
  ],
};

type Json = Readonly<Record<string, unknown>>;

export function recordText<K extends RecordKind>(kind: K, record: AccountRecords[K]): RecordText {
  const layout = layouts[kind];
  if (layout === undefined) {
    const text = JSON.stringify(record);
    return { text, saidLength: text.length };
  }
  return layout.written(record as unknown as Json);
}

/** @throws BillingError `ledger_unreadable` where the text is no JSON any more. */
export function storedRecord<K extends RecordKind>(kind: K, text: string): AccountRecords[K] {
  const stored = storedJson<Json>(text);
  return (layouts[kind]?.restored(stored) ?? stored) as unknown as AccountRecords[K];
}

interface Member {
  readonly key: string;
  readonly quoted: string;
  readonly neutral: unknown;
  readonly isNeutralEmpty: boolean;
  readonly nested: Layout | undefined;
}

/** The neutral value of a member that is always written. */
const NONE = Symbol('none');

/** The keys of one sort of object. Its objects have the same keys: those of the last one serve the next. */
class Layout {
  readonly #neutral: Json;
  readonly #nested: ReadonlyMap<string, Layout>;
  readonly #later: readonly string[];
  #members: readonly Member[] = [];
  /** Index of the first member that may change later. */
  #laterFrom = 0;
  #blank: Json;
  #last: { readonly record: Json; readonly text: string } | null = null;

  constructor(neutral: Json, later: readonly string[] = []) {
    this.#neutral = neutral;
    this.#later = later;
    const nested = Object.entries(neutral).filter(([, value]) => isObject(value) && Object.keys(value).length > 0);
    this.#nested = new Map(nested.map(([key, value]) => [key, new Layout(value as Json)]));
    this.#blank = { ...neutral };
  }

  written(record: Json): RecordText {
    if (Object.keys(record).length !== this.#members.length) this.#fitted(record);
    let text = '';
    let saidLength = 0;
    for (let i = 0; i < this.#members.length; i += 1) {
      const { key, quoted, neutral, isNeutralEmpty, nested } = this.#members[i] as Member;
      if (i === this.#laterFrom) saidLength = text.length;
      const value = record[key];
      if (value === neutral || (isNeutralEmpty && isEmptyLike(value, neutral))) continue;
      if (value === undefined) return this.#fitted(record).written(record);
      const json = nested !== undefined && isObject(value) ? nested.writtenLast(value) : jsonOf(value);
      if (nested !== undefined && json === '{}') continue;
      text += `${text === '' ? '{' : ','}${quoted}:${json}`;
    }
    if (this.#laterFrom === this.#members.length) saidLength = text.length;
    return { text: text === '' ? '{}' : `${text}}`, saidLength };
  }

  /** All invoices of a run have the same issuer. */
  writtenLast(record: Json): string {
    if (this.#last?.record !== record) this.#last = { record, text: this.written(record).text };
    return this.#last.text;
  }

  restored(stored: Json): Json {
    // A copy that has all keys from the beginning: adding so many to an object costs ten times as much.
    const record: Record<string, unknown> = { ...this.#blank };
    let hasNewKeys = false;
    for (const key in stored) {
      hasNewKeys ||= !(key in record);
      record[key] = stored[key];
    }
    for (const [key, layout] of this.#nested) {
      const value = stored[key];
      if (isObject(value)) record[key] = layout.restored(value);
    }
    if (hasNewKeys)
      this.#blank = { ...Object.fromEntries(Object.keys(record).map((key) => [key, this.#neutral[key]])) };
    return record;
  }

  /** Its members are those of the record, none of them undefined. */
  #fitted(record: Json): this {
    const later = new Set(this.#later);
    const written = Object.keys(record)
      .filter((key) => record[key] !== undefined)
      .sort();
    const said = written.filter((key) => !later.has(key));
    this.#laterFrom = said.length;
    this.#members = [...said, ...written.filter((key) => later.has(key))].map((key) => ({
      key,
      quoted: JSON.stringify(key),
      neutral: key in this.#neutral ? this.#neutral[key] : NONE,
      isNeutralEmpty: isObject(this.#neutral[key]) && !this.#nested.has(key),
      nested: this.#nested.get(key),
    }));
    return this;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}

function isEmptyLike(value: unknown, neutral: unknown): boolean {
  return isObject(value) && Array.isArray(value) === Array.isArray(neutral) && Object.keys(value).length === 0;
}

/** As JSON.stringify, which takes four times as long to write what needs no escape. */
function jsonOf(value: unknown): string {
  if (typeof value === 'string') return ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (Number.isFinite(value)) return String(value);
  return JSON.stringify(value);
}

/** Not only plain ASCII: JSON writes some of it in another way. */
const ESCAPED = /[^ !#-[\]-~]/;

const layouts: { readonly [K in RecordKind]?: Layout } = Object.fromEntries(
  Object.entries(neutralValues).map(([kind, neutral]) => [
    kind,
    new Layout(neutral as Json, laterKeys[kind as RecordKind] ?? []),
  ]),
);
