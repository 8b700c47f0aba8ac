/**
 * One table per kind of record, `fee_records`, and one view of it, `fees`. The record itself is JSON; the view's columns
 * are computed from it, for the ledger's own queries and for those who read it with SQL. They are not generated columns of
 * the table: SQLite works those out, unasked, for every row that is written, which takes twice as long as writing it.
 */
import type { RecordKind } from '../model.js';

interface RecordTable {
  readonly view: string;
  /** The record's keys that are columns of the view, in snake_case, after ordinal, id, customer_id and record. */
  readonly columns: readonly string[];
  /** Further statements: indices. */
  readonly also?: readonly string[];
}

export function recordTable(kind: RecordKind): string {
  return `${kind}_records`;
}

export const recordTables: Readonly<Record<RecordKind, RecordTable>> = {
  subscription: {
    view: 'subscriptions',
    columns: [
      'externalId',
      'planCode',
      'status',
      'billingTime',
      'name',
      'startedAt',
      'endingAt',
      'terminatedAt',
      'createdAt',
    ],
    also: [`CREATE INDEX subscriptions_by_external_id ON subscription_records (${column('externalId')})`],
  },
  invoice: {
    view: 'invoices',
    columns: [
      'number',
      'invoiceType',
      'status',
      'paymentStatus',
      'currency',
      'issuingDate',
      'paymentDueDate',
      'sequentialId',
      'billingEntitySequentialId',
      'feesAmountCents',
      'couponsAmountCents',
      'taxesAmountCents',
      'creditNotesAmountCents',
      'prepaidCreditAmountCents',
      'totalAmountCents',
      'totalPaidAmountCents',
      'createdAt',
      'finalizedAt',
    ],
    also: [
      // A number is given once, whatever the code above believes.
      `CREATE UNIQUE INDEX invoices_number ON invoice_records (${column('number')}) WHERE ${isIssued()}`,
      `CREATE INDEX invoices_billing_entity_sequence ON invoice_records (${column('billingEntitySequentialId')})
         WHERE ${isIssued()}`,
    ],
  },
  billing_period: {
    view: 'billing_periods',
    columns: [
      'invoiceId',
      'subscriptionId',
      'externalSubscriptionId',
      'planCode',
      'invoicingReason',
      'billingDate',
      'fromDatetime',
      'toDatetime',
      'chargesFromDatetime',
      'chargesToDatetime',
    ],
  },
  fee: {
    view: 'fees',
    columns: [
      'invoiceId',
      'subscriptionId',
      'externalSubscriptionId',
      'feeType',
      'chargeCode',
      'currency',
      'preciseAmountCents',
      'units',
      'paymentStatus',
      'amountCents',
      'taxesAmountCents',
      'eventsCount',
      'fromAt',
      'toAt',
      'createdAt',
    ],
  },
  applied_coupon: {
    view: 'applied_coupons',
    columns: [
      'couponCode',
      'status',
      'frequency',
      'amountCurrency',
      'percentageRate',
      'amountCents',
      'frequencyDurationRemaining',
      'createdAt',
    ],
  },
  credit_note: {
    view: 'credit_notes',
    columns: [
      'invoiceId',
      'number',
      'status',
      'creditStatus',
      'refundStatus',
      'reason',
      'currency',
      'issuingDate',
      'totalAmountCents',
      'creditAmountCents',
      'refundAmountCents',
      'balanceAmountCents',
      'createdAt',
    ],
  },
  wallet: {
    view: 'wallets',
    columns: [
      'code',
      'name',
      'status',
      'currency',
      'creditsBalance',
      'balanceCents',
      'consumedAmountCents',
      'ongoingBalanceCents',
      'priority',
      'createdAt',
    ],
  },
  wallet_transaction: {
    view: 'wallet_transactions',
    columns: [
      'walletId',
      'invoiceId',
      'transactionType',
      'transactionStatus',
      'status',
      'creditAmount',
      'amountCents',
      'remainingAmountCents',
      'settledAt',
      'createdAt',
    ],
  },
  payment: {
    view: 'payments',
    columns: ['invoiceId', 'currency', 'reference', 'amountCents', 'paidAt', 'createdAt'],
  },
  fixed_charge_units: {
    view: 'fixed_charge_units',
    columns: ['subscriptionId', 'fixedChargeId', 'units', 'timestamp', 'createdAt'],
  },
  in_advance_usage: {
    view: 'in_advance_usages',
    columns: [
      'externalSubscriptionId',
      'chargeId',
      'chargeFilterId',
      'eventTransactionId',
      'eventTimestamp',
      'createdAt',
    ],
  },
  weighted_level: {
    view: 'weighted_levels',
    columns: ['externalSubscriptionId', 'chargeId', 'chargeFilterId', 'level', 'at'],
  },
};

/** What may never change once an invoice is issued: its number, its dates, its money. */
const FROZEN_INVOICE_KEYS = [
  'customerId',
  'invoiceType',
  'number',
  'sequentialId',
  'billingEntitySequentialId',
  'currency',
  'issuingDate',
  'feesAmountCents',
  'progressiveBillingCreditAmountCents',
  'couponsAmountCents',
  'subTotalExcludingTaxesAmountCents',
  'taxesAmountCents',
  'taxesRate',
  'subTotalIncludingTaxesAmountCents',
  'creditNotesAmountCents',
  'prepaidCreditAmountCents',
  'totalAmountCents',
];

export function recordTableStatements(): string[] {
  return [...(Object.keys(recordTables) as RecordKind[]).flatMap(tableStatements), ...frozenInvoiceStatements()];
}

function tableStatements(kind: RecordKind): string[] {
  const { view, columns, also = [] } = recordTables[kind];
  const table = recordTable(kind);
  const shown = columns.map((key) => `${column(key)} AS ${snakeCase(key)}`);
  return [
    `CREATE TABLE ${table} (
       ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, customer_id TEXT NOT NULL REFERENCES customers (id),
       record TEXT NOT NULL
     ) STRICT`,
    `CREATE INDEX ${view}_of_customer ON ${table} (customer_id)`,
    `CREATE VIEW ${view} AS SELECT ordinal, id, customer_id, record, ${shown.join(', ')} FROM ${table}`,
    ...also,
  ];
}

/** The value of a record's key. An index on it serves a query of the table by the same words; one of a view, not always. */
export function column(key: string, row = ''): string {
  return `${row}record ->> '$.${key}'`;
}

export function isIssued(row = ''): string {
  return `${column('status', row)} IN ('finalized', 'voided')`;
}

export function generatedColumn(key: string, type: 'TEXT' | 'INTEGER'): string {
  return `${snakeCase(key)} ${type} GENERATED ALWAYS AS (${column(key)}) VIRTUAL`;
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function frozenInvoiceStatements(): string[] {
  const changed = FROZEN_INVOICE_KEYS.map((key) => `${column(key, 'OLD.')} IS NOT ${column(key, 'NEW.')}`);
  const status = (row: string) => column('status', row);
  return [
    `CREATE TRIGGER invoices_issued_stay AFTER UPDATE ON invoice_records
       WHEN ${isIssued('OLD.')} AND (${isIssued('NEW.')}) IS NOT TRUE
         OR ${status('OLD.')} = 'voided' AND ${status('NEW.')} <> 'voided'
         OR ${isIssued('OLD.')} AND (${changed.join(' OR ')})
     BEGIN SELECT RAISE(ABORT, 'an issued invoice never changes'); END`,
    `CREATE TRIGGER invoices_issued_are_kept BEFORE DELETE ON invoice_records WHEN ${isIssued('OLD.')}
     BEGIN SELECT RAISE(ABORT, 'an issued invoice is never removed'); END`,
  ];
}
