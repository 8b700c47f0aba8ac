/**
 * One table per kind of record. The record itself is JSON; the columns beside it are computed from it, for the ledger's
 * own queries and for those who read it with SQL. They are virtual: they cost nothing until they are read.
 */
import type { RecordKind } from '../model.js';

interface RecordTable {
  readonly table: string;
  /** The record's keys that are columns too, in snake_case, by type. */
  readonly text: readonly string[];
  readonly integer: readonly string[];
  /** Further statements: indices. */
  readonly also?: readonly string[];
}

export const ISSUED = "status IN ('finalized', 'voided')";

export const recordTables: Readonly<Record<RecordKind, RecordTable>> = {
  subscription: {
    table: 'subscriptions',
    text: ['externalId', 'planCode', 'status', 'billingTime', 'name'],
    integer: ['startedAt', 'endingAt', 'terminatedAt', 'createdAt'],
    also: ['CREATE INDEX subscriptions_by_external_id ON subscriptions (external_id)'],
  },
  invoice: {
    table: 'invoices',
    text: ['number', 'invoiceType', 'status', 'paymentStatus', 'currency', 'issuingDate', 'paymentDueDate'],
    integer: [
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
      `CREATE UNIQUE INDEX invoices_number ON invoices (number) WHERE ${ISSUED}`,
      `CREATE INDEX invoices_billing_entity_sequence ON invoices (billing_entity_sequential_id) WHERE ${ISSUED}`,
    ],
  },
  billing_period: {
    table: 'billing_periods',
    text: ['invoiceId', 'subscriptionId', 'externalSubscriptionId', 'planCode', 'invoicingReason', 'billingDate'],
    integer: ['fromDatetime', 'toDatetime', 'chargesFromDatetime', 'chargesToDatetime'],
  },
  fee: {
    table: 'fees',
    text: [
      'invoiceId',
      'subscriptionId',
      'externalSubscriptionId',
      'feeType',
      'chargeCode',
      'currency',
      'preciseAmountCents',
      'units',
      'paymentStatus',
    ],
    integer: ['amountCents', 'taxesAmountCents', 'eventsCount', 'fromAt', 'toAt', 'createdAt'],
  },
  applied_coupon: {
    table: 'applied_coupons',
    text: ['couponCode', 'status', 'frequency', 'amountCurrency', 'percentageRate'],
    integer: ['amountCents', 'frequencyDurationRemaining', 'createdAt'],
  },
  credit_note: {
    table: 'credit_notes',
    text: ['invoiceId', 'number', 'status', 'creditStatus', 'refundStatus', 'reason', 'currency', 'issuingDate'],
    integer: ['totalAmountCents', 'creditAmountCents', 'refundAmountCents', 'balanceAmountCents', 'createdAt'],
  },
  wallet: {
    table: 'wallets',
    text: ['code', 'name', 'status', 'currency', 'creditsBalance'],
    integer: ['balanceCents', 'consumedAmountCents', 'ongoingBalanceCents', 'priority', 'createdAt'],
  },
  wallet_transaction: {
    table: 'wallet_transactions',
    text: ['walletId', 'invoiceId', 'transactionType', 'transactionStatus', 'status', 'creditAmount'],
    integer: ['amountCents', 'remainingAmountCents', 'settledAt', 'createdAt'],
  },
  payment: {
    table: 'payments',
    text: ['invoiceId', 'currency', 'reference'],
    integer: ['amountCents', 'paidAt', 'createdAt'],
  },
  fixed_charge_units: {
    table: 'fixed_charge_units',
    text: ['subscriptionId', 'fixedChargeId', 'units'],
    integer: ['timestamp', 'createdAt'],
  },
  in_advance_usage: {
    table: 'in_advance_usages',
    text: ['externalSubscriptionId', 'chargeId', 'chargeFilterId', 'eventTransactionId'],
    integer: ['eventTimestamp', 'createdAt'],
  },
  weighted_level: {
    table: 'weighted_levels',
    text: ['externalSubscriptionId', 'chargeId', 'chargeFilterId', 'level'],
    integer: ['at'],
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
  return [...Object.values(recordTables).flatMap(tableStatements), ...frozenInvoiceStatements()];
}

function tableStatements({ table, text, integer, also = [] }: RecordTable): string[] {
  const columns = [
    'ordinal INTEGER PRIMARY KEY',
    'id TEXT NOT NULL UNIQUE',
    'customer_id TEXT NOT NULL REFERENCES customers (id)',
    'record TEXT NOT NULL',
    ...text.map((key) => generatedColumn(key, 'TEXT')),
    ...integer.map((key) => generatedColumn(key, 'INTEGER')),
  ];
  return [
    `CREATE TABLE ${table} (${columns.join(', ')}) STRICT`,
    `CREATE INDEX ${table}_of_customer ON ${table} (customer_id)`,
    ...also,
  ];
}

export function generatedColumn(key: string, type: 'TEXT' | 'INTEGER'): string {
  const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${name} ${type} GENERATED ALWAYS AS (record ->> '$.${key}') VIRTUAL`;
}

function frozenInvoiceStatements(): string[] {
  const changed = FROZEN_INVOICE_KEYS.map((key) => `OLD.record ->> '$.${key}' IS NOT NEW.record ->> '$.${key}'`);
  return [
    `CREATE TRIGGER invoices_issued_stay AFTER UPDATE ON invoices
       WHEN OLD.${ISSUED} AND (NEW.${ISSUED}) IS NOT TRUE OR OLD.status = 'voided' AND NEW.status <> 'voided'
         OR OLD.${ISSUED} AND (${changed.join(' OR ')})
     BEGIN SELECT RAISE(ABORT, 'an issued invoice never changes'); END`,
    `CREATE TRIGGER invoices_issued_are_kept BEFORE DELETE ON invoices WHEN OLD.${ISSUED}
     BEGIN SELECT RAISE(ABORT, 'an issued invoice is never removed'); END`,
  ];
}
