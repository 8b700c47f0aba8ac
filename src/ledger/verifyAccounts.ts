/**
 * What must hold between the records of one account, worked out again from its parts: an invoice's sums from its fees,
 * credits and payments, a credit note's balance from what consumed it, a wallet's from its transactions, numbers without
 * a gap or a repeat. Plain arithmetic: how a figure came about is not asked here.
 */
import type { AccountRecords, CreditNote, Customer, Fee, Invoice, RecordKind, Wallet } from '../model.js';
import { Decimal } from '../money/decimal.js';

export type RecordsOf = <K extends RecordKind>(kind: K) => readonly AccountRecords[K][];

interface Checked {
  readonly records: RecordsOf;
  readonly invoices: ReadonlyMap<string, Invoice>;
  readonly customer: Customer;
  /** Hashes of the definitions that the ledger keeps. */
  readonly definitions: ReadonlySet<string>;
  readonly report: (problem: string) => void;
}

export function accountProblems(customer: Customer, records: RecordsOf, definitions: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const report = (problem: string) => problems.push(`customer ${customer.externalId}: ${problem}`);
  const invoices = new Map(records('invoice').map((invoice) => [invoice.id, invoice]));
  const checked: Checked = { records, invoices, customer, definitions, report };
  checkReferences(checked);
  checkNumbers(checked);
  const fees = groupedBy(records('fee'), (fee) => fee.invoiceId);
  const payments = groupedBy(records('payment'), (payment) => payment.invoiceId);
  for (const invoice of invoices.values()) {
    const paid = (payments.get(invoice.id) ?? []).map((payment) => payment.amountCents);
    checkInvoice(checked, invoice, fees.get(invoice.id) ?? [], sum(paid));
  }
  for (const note of records('credit_note')) checkCreditNote(checked, note);
  for (const wallet of records('wallet')) checkWallet(checked, wallet);
  return problems;
}

/** Every record that names an invoice, a subscription or a wallet names one of this account. */
function checkReferences({ records, invoices, report }: Checked): void {
  const subscriptions = new Set(records('subscription').map(({ id }) => id));
  const wallets = new Set(records('wallet').map(({ id }) => id));
  for (const kind of ['fee', 'billing_period', 'credit_note', 'payment', 'wallet_transaction'] as const) {
    for (const record of records(kind) as readonly { readonly id: string; readonly invoiceId: string | null }[]) {
      if (record.invoiceId === null || invoices.has(record.invoiceId)) continue;
      report(`${kind} ${record.id} belongs to the invoice ${record.invoiceId}, which does not exist`);
    }
  }
  for (const kind of ['fee', 'billing_period', 'in_advance_usage', 'fixed_charge_units'] as const) {
    for (const record of records(kind) as readonly { readonly id: string; readonly subscriptionId: string | null }[]) {
      if (record.subscriptionId === null || subscriptions.has(record.subscriptionId)) continue;
      report(`${kind} ${record.id} belongs to the subscription ${record.subscriptionId}, which does not exist`);
    }
  }
  for (const { id, walletId } of records('wallet_transaction')) {
    if (!wallets.has(walletId))
      report(`wallet_transaction ${id} belongs to the wallet ${walletId}, which does not exist`);
  }
}

function checkNumbers({ records, invoices, report }: Checked): void {
  const issued = [...invoices.values()].filter(({ status }) => status === 'finalized' || status === 'voided');
  const numbers = issued.map(({ number }) => number);
  for (const number of repeated(numbers)) report(`the invoice number ${number} was given twice`);
  for (const { number, sequentialId } of issued) if (sequentialId === null) report(`invoice ${number} has no sequence`);
  const given = [...invoices.values()].flatMap(({ sequentialId }) => (sequentialId === null ? [] : [sequentialId]));
  const gap = sequenceProblem(given, 1);
  if (gap !== null) report(`its invoices are numbered ${gap}`);
  for (const [invoiceId, notes] of groupedBy(records('credit_note'), (note) => note.invoiceId)) {
    const noteGap = sequenceProblem(
      notes.map(({ sequentialId }) => sequentialId),
      1,
    );
    const number = invoices.get(invoiceId ?? '')?.number;
    if (noteGap !== null) report(`the credit notes of invoice ${number} are numbered ${noteGap}`);
  }
}

/** What is wrong with numbers that should run from `first` without a gap or a repeat. */
export function sequenceProblem(numbers: readonly number[], first: number): string | null {
  const ascending = [...numbers].sort((a, b) => a - b);
  const index = ascending.findIndex((number, position) => number !== first + position);
  if (index < 0) return null;
  const found = ascending[index] as number;
  return index > 0 && found === ascending[index - 1] ? `${found} twice` : `${found} where ${first + index} should be`;
}

function checkInvoice(
  { records, definitions, report }: Checked,
  invoice: Invoice,
  fees: readonly Fee[],
  paidCents: number,
): void {
  const name = `invoice ${invoice.number}`;
  const credited = (type: Invoice['credits'][number]['item']['type']) =>
    sum(invoice.credits.filter(({ item }) => item.type === type).map(({ amountCents }) => amountCents));
  const prepaid = records('wallet_transaction').filter(
    ({ invoiceId, transactionType, transactionStatus }) =>
      invoiceId === invoice.id && transactionType === 'outbound' && transactionStatus === 'invoiced',
  );
  const excluding = invoice.feesAmountCents - invoice.progressiveBillingCreditAmountCents - invoice.couponsAmountCents;
  const including = invoice.subTotalExcludingTaxesAmountCents + invoice.taxesAmountCents;
  const total = including - invoice.creditNotesAmountCents - invoice.prepaidCreditAmountCents;
  const expected: readonly [what: string, stored: number, again: number][] = [
    ['fees', invoice.feesAmountCents, sum(fees.map(({ amountCents }) => amountCents))],
    ['coupons', invoice.couponsAmountCents, credited('coupon')],
    ['progressive billing credit', invoice.progressiveBillingCreditAmountCents, credited('invoice')],
    ['credit notes', invoice.creditNotesAmountCents, credited('credit_note')],
    ['prepaid credits', invoice.prepaidCreditAmountCents, sum(prepaid.map(({ amountCents }) => amountCents))],
    ['sub-total without taxes', invoice.subTotalExcludingTaxesAmountCents, excluding],
    ['sub-total with taxes', invoice.subTotalIncludingTaxesAmountCents, including],
    ['total', invoice.totalAmountCents, total],
    ['payments', invoice.totalPaidAmountCents, paidCents],
  ];
  for (const [what, stored, again] of expected) {
    if (stored !== again) report(`${name}: ${what} stand at ${stored} cents, their parts come to ${again}`);
  }
  // Each tax is rounded by itself, and so is their sum: they may part by a cent for each.
  const taxes = sum(invoice.appliedTaxes.map(({ amountCents }) => amountCents));
  if (Math.abs(invoice.taxesAmountCents - taxes) > invoice.appliedTaxes.length) {
    report(`${name}: taxes stand at ${invoice.taxesAmountCents} cents, their parts come to ${taxes}`);
  }
  if (!definitions.has(invoice.catalogHash)) report(`${name}: the definitions that made it are not kept`);
}

function checkCreditNote({ invoices, report }: Checked, note: CreditNote): void {
  const name = `credit note ${note.number}`;
  const split = note.creditAmountCents + note.refundAmountCents + note.offsetAmountCents;
  if (split !== note.totalAmountCents) report(`${name}: ${note.totalAmountCents} cents, its parts come to ${split}`);
  const used = [...invoices.values()].flatMap(({ credits }) =>
    credits.filter(({ creditNoteId }) => creditNoteId === note.id).map(({ amountCents }) => amountCents),
  );
  const left = note.creditStatus === 'voided' ? 0 : note.creditAmountCents - sum(used);
  if (left !== note.balanceAmountCents) report(`${name}: ${note.balanceAmountCents} cents left, should be ${left}`);
}

function checkWallet({ records, report }: Checked, wallet: Wallet): void {
  const settled = records('wallet_transaction').filter(
    ({ walletId, status }) => walletId === wallet.id && status === 'settled',
  );
  let cents = 0;
  let credits = new Decimal(0);
  for (const { transactionType, amountCents, creditAmount } of settled) {
    cents += transactionType === 'inbound' ? amountCents : -amountCents;
    credits = transactionType === 'inbound' ? credits.plus(creditAmount) : credits.minus(creditAmount);
  }
  const name = `wallet ${wallet.code}`;
  if (cents !== wallet.balanceCents) {
    report(`${name}: ${wallet.balanceCents} cents, its transactions come to ${cents}`);
  }
  if (!credits.equals(wallet.creditsBalance)) {
    report(`${name}: ${wallet.creditsBalance} credits, its transactions come to ${credits.toFixed()}`);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function repeated(texts: readonly string[]): string[] {
  const seen = new Set<string>();
  return texts.filter((text) => seen.has(text) || !seen.add(text));
}

function groupedBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
