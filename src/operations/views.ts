/**
 * What the commands print and scenarios match: the ledger's records as Lago's v1 JSON, oldest first.
 * Reads only; each takes the same snake_case fields as the command or the expecting verb.
 */
import type { Account } from '../accounts/account.js';
import { BillingError, invalid, notFound } from '../errors.js';
import { applicableZone } from '../invoicing/work.js';
import { pendingChange } from '../lifecycle/changePlan.js';
import type { Fee, Invoice, Subscription, Wallet } from '../model.js';
import { type AppliedCouponJson, appliedCouponJson } from '../render/json/appliedCoupon.js';
import { type CreditNoteJson, creditNoteJson } from '../render/json/creditNote.js';
import { type CustomerJson, customerJson } from '../render/json/customer.js';
import { type FeeJson, feesJson } from '../render/json/fee.js';
import {
  creditJson,
  type InvoiceJson,
  type InvoiceParts,
  type InvoiceSummaryJson,
  invoiceJson,
  invoiceSummaryJson,
} from '../render/json/invoice.js';
import { type PaymentJson, paymentJson } from '../render/json/payment.js';
import { type SubscriptionJson, subscriptionJson } from '../render/json/subscription.js';
import { type WalletJson, walletJson } from '../render/json/wallet.js';
import { type WalletTransactionJson, walletTransactionJson } from '../render/json/walletTransaction.js';
import { currentBoundaries, planPeriodAt } from '../subscriptions/boundaries.js';
import { planOf } from '../subscriptions/terms.js';
import { earlier } from '../time/instant.js';
import { addDays, type LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import type { OperationContext } from './context.js';

export type ViewFields = Readonly<Record<string, unknown>>;

export function customers(context: OperationContext): CustomerJson[] {
  return context.ledger.customers().map((customer) => customerJson(customer, context.catalog.organization));
}

export function customer(context: OperationContext, externalId: string): CustomerJson {
  const { customer: record } = accountNamed(context, externalId);
  const { organization, taxes } = context.catalog;
  const own = record.taxCodes.flatMap((code) => taxes.get(code) ?? []);
  return customerJson(record, organization, { taxes: own });
}

/**
 * Fields: `external_customer_id` or `external_subscription_id` (neither: everyone's), `status`, `invoice_type`.
 * Closed invoices (zero, and settings that skip such) and open ones (waiting for their payment) are not shown unless asked
 * for by status, as in Lago.
 */
export function invoices(context: OperationContext, fields: ViewFields): InvoiceJson[] {
  return invoiceRecords(context, fields).map(({ account, record }) => invoiceView(context, account, record));
}

/** The same as lists show them: without fees, credits and periods. */
export function invoiceSummaries(context: OperationContext, fields: ViewFields): InvoiceSummaryJson[] {
  return invoiceRecords(context, fields).map(({ account, record }) =>
    invoiceSummaryJson(record, { offsettedAmountCents: offsetOf(account, record) }),
  );
}

/** The same as records, each with its account. */
export function invoiceRecords(context: OperationContext, fields: ViewFields): NamedInvoice[] {
  const { status, invoice_type: type, external_subscription_id: subscription } = fields;
  return accountsOf(context, fields).flatMap((account) => {
    const billing = subscription === undefined ? null : invoicesBilling(account, String(subscription));
    return account
      .all('invoice')
      .filter((invoice) => (status === undefined ? isVisible(invoice) : invoice.status === status))
      .filter((invoice) => type === undefined || invoice.invoiceType === type)
      .filter((invoice) => billing === null || billing.has(invoice.id))
      .map((record) => ({ account, record }));
  });
}

export interface NamedInvoice {
  readonly account: Account;
  readonly record: Invoice;
}

/** By its number or id. */
export function invoice(context: OperationContext, named: string): InvoiceJson {
  const { account, record } = invoiceNamed(context, named);
  return invoiceView(context, account, record);
}

/** Records that an operation answered, each with its account, which is read when its turn comes and kept no longer. */
export function* withAccounts(context: OperationContext, records: readonly Invoice[]): Iterable<NamedInvoice> {
  const customers = new Map(context.ledger.customers().map((customer) => [customer.id, customer]));
  let account: Account | undefined;
  for (const record of records) {
    const customer = customers.get(record.customerId);
    if (customer === undefined) continue;
    if (account?.customer.id !== customer.id) account = context.ledger.accountOf(customer);
    yield { account, record: account.get('invoice', record.id) ?? record };
  }
}

export function invoiceView(context: OperationContext, account: Account, record: Invoice): InvoiceJson {
  return invoiceJson(record, invoiceParts(context, account, record));
}

/** An invoice's record with its account. Drafts share a number, so a number finds issued ones first. */
export function invoiceNamed({ ledger }: OperationContext, named: string): NamedInvoice {
  const account = ledger.accountOfInvoice(named);
  const found = account?.all('invoice').filter(({ id, number }) => id === named || number === named) ?? [];
  const record = found.find(({ id, status }) => id === named || status !== 'draft') ?? found[0];
  if (account === undefined || record === undefined) {
    throw notFound('invoice', named, 'See the numbers with `lago-cli invoices list`.');
  }
  return { account, record };
}

export function invoiceParts(context: OperationContext, account: Account, invoice: Invoice): InvoiceParts {
  const { id } = invoice;
  const billingPeriods = account.all('billing_period').filter((period) => period.invoiceId === id);
  const billed = new Set(billingPeriods.map((period) => period.subscriptionId));
  const subscribed = account.all('subscription').filter((subscription) => billed.has(subscription.id));
  return {
    fees: account.all('fee').filter((fee) => fee.invoiceId === id),
    billingPeriods,
    subscriptions: subscribed.map((subscription) => subscriptionView(context, account, subscription)),
    offsettedAmountCents: offsetOf(account, invoice),
  };
}

/** What credit notes settled on the invoice itself. */
function offsetOf(account: Account, { id }: Invoice): number {
  const notes = account.all('credit_note').filter((note) => note.invoiceId === id && note.status === 'finalized');
  return notes.reduce((sum, note) => sum + note.offsetAmountCents, 0);
}

/** Fields: `external_subscription_id`, `external_customer_id`, `fee_type`, `pay_in_advance`. */
export function fees(context: OperationContext, fields: ViewFields): FeeJson[] {
  const { fee_type: type, pay_in_advance: advance, external_subscription_id: subscription } = fields;
  return accountsOf(context, fields).flatMap((account) => {
    const { accountType, externalId } = account.customer;
    const shown = account
      .all('fee')
      .filter((fee: Fee) => subscription === undefined || fee.externalSubscriptionId === subscription)
      .filter((fee) => type === undefined || fee.feeType === type);
    const parts = { externalCustomerId: externalId, selfBilled: accountType === 'partner', withAppliedTaxes: true };
    return feesJson(shown, parts).filter((fee) => advance === undefined || fee.pay_in_advance === advance);
  });
}

/** Fields: `external_id` (every record that bore it), `external_customer_id`, `status`. */
export function subscriptions(context: OperationContext, fields: ViewFields): SubscriptionJson[] {
  const { external_id: externalId, external_customer_id: customerId, status } = fields;
  const filter =
    externalId === undefined ? { external_customer_id: customerId } : { external_subscription_id: externalId };
  const shown = accountsOf(context, filter).flatMap((account) =>
    account
      .all('subscription')
      .filter((subscription) => externalId === undefined || subscription.externalId === externalId)
      .filter((subscription) => status === undefined || subscription.status === status)
      .map((subscription) => subscriptionView(context, account, subscription)),
  );
  if (externalId !== undefined && shown.length === 0) throw notFound('subscription', String(externalId));
  return shown;
}

export function subscriptionView(
  context: OperationContext,
  account: Account,
  subscription: Subscription,
): SubscriptionJson {
  const related = (id: string | null) => (id === null ? undefined : account.get('subscription', id));
  const next = related(subscription.nextSubscriptionId);
  const plan = subscription.childPlan ?? context.catalog.plans.get(subscription.planCode) ?? null;
  return subscriptionJson(subscription, {
    externalCustomerId: account.customer.externalId,
    plan,
    previousPlanCode: related(subscription.previousSubscriptionId)?.planCode ?? null,
    nextPlanCode: next === undefined || next.status === 'canceled' ? null : next.planCode,
    downgradePlanDate: downgradeDate(context, account, subscription),
    currentPeriod: currentPeriod(context, account, subscription),
  });
}

export function creditNotes(context: OperationContext, fields: ViewFields): CreditNoteJson[] {
  return accountsOf(context, fields).flatMap((account) => {
    const feesById = new Map(account.all('fee').map((fee) => [fee.id, fee]));
    return account.all('credit_note').map((note) => {
      const credited = account.get('invoice', note.invoiceId);
      if (credited === undefined) throw notFound('invoice', note.invoiceId);
      return creditNoteJson(note, { invoice: credited, fees: feesById });
    });
  });
}

export function appliedCoupons(context: OperationContext, fields: ViewFields): AppliedCouponJson[] {
  return accountsOf(context, fields).flatMap((account) => {
    const standing = account.all('invoice').filter(({ status }) => status !== 'voided' && status !== 'closed');
    return account.all('applied_coupon').map((applied) => {
      const used = standing.flatMap((billed) =>
        billed.credits.filter((credit) => credit.appliedCouponId === applied.id).map((credit) => ({ credit, billed })),
      );
      return appliedCouponJson(applied, {
        coupon: context.catalog.coupons.get(applied.couponCode) ?? null,
        externalCustomerId: account.customer.externalId,
        usedAmountCents: used.reduce((sum, { credit }) => sum + credit.amountCents, 0),
        credits: used.map(({ credit, billed }) => creditJson(credit, billed)),
      });
    });
  });
}

export function wallets(context: OperationContext, fields: ViewFields): WalletJson[] {
  const billingEntityCode = context.catalog.organization.code;
  return accountsOf(context, fields).flatMap((account) =>
    account
      .all('wallet')
      .map((record) => walletJson(record, { externalCustomerId: account.customer.externalId, billingEntityCode })),
  );
}

/** Fields: `external_customer_id`, `wallet` (its code; may be left out when the customer has one). */
export function wallet(context: OperationContext, fields: ViewFields): WalletJson {
  const account = accountNamed(context, fields.external_customer_id);
  return walletJson(walletNamed(account, fields.wallet), {
    externalCustomerId: account.customer.externalId,
    billingEntityCode: context.catalog.organization.code,
  });
}

export function walletTransactions(context: OperationContext, fields: ViewFields): WalletTransactionJson[] {
  const account = accountNamed(context, fields.external_customer_id);
  const record = walletNamed(account, fields.wallet);
  return account
    .all('wallet_transaction')
    .filter((transaction) => transaction.walletId === record.id)
    .map((transaction) =>
      walletTransactionJson(transaction, { wallet: record, billingEntityCode: context.catalog.organization.code }),
    );
}

export function payments(context: OperationContext, fields: ViewFields): PaymentJson[] {
  return accountsOf(context, fields).flatMap((account) =>
    account.all('payment').flatMap((payment) => {
      const paid = account.get('invoice', payment.invoiceId);
      if (paid === undefined) return [];
      return [paymentJson(payment, { externalCustomerId: account.customer.externalId, invoiceNumber: paid.number })];
    }),
  );
}

export function accountNamed(context: OperationContext, externalId: unknown): Account {
  if (typeof externalId !== 'string' || externalId === '') {
    throw invalid({ field: 'external_customer_id', code: 'value_is_mandatory', message: 'name the customer' });
  }
  const account = context.ledger.account(externalId);
  if (account === undefined) throw notFound('customer', externalId, 'See them with `lago-cli customers list`.');
  return account;
}

export function accountOfSubscription(context: OperationContext, externalId: unknown): Account {
  const account = typeof externalId === 'string' ? context.ledger.accountOfSubscription(externalId) : undefined;
  if (account === undefined) {
    throw notFound('subscription', String(externalId), 'See them with `lago-cli subscriptions list`.');
  }
  return account;
}

/** The customer's, the subscription's customer's, or everyone's. */
function accountsOf(context: OperationContext, fields: ViewFields): Account[] {
  const { external_customer_id: customerId, external_subscription_id: subscriptionId } = fields;
  if (customerId !== undefined) return [accountNamed(context, customerId)];
  if (subscriptionId !== undefined) return [accountOfSubscription(context, subscriptionId)];
  return context.ledger.customers().map((record) => context.ledger.accountOf(record));
}

function isVisible({ status }: Invoice): boolean {
  return status !== 'closed' && status !== 'open';
}

function invoicesBilling(account: Account, externalSubscriptionId: string): Set<string> {
  const periods = account
    .all('billing_period')
    .filter((period) => period.externalSubscriptionId === externalSubscriptionId);
  return new Set(periods.map((period) => period.invoiceId));
}

/** The named wallet: the active one where a terminated one bore the same code; the only or first active without code. */
function walletNamed(account: Account, code: unknown): Wallet {
  const all = account.all('wallet').filter((record) => code === undefined || code === null || record.code === code);
  const active = all.filter((record) => record.status === 'active');
  const found = active[0] ?? all.at(-1);
  if (found === undefined) {
    const message = code == null ? `${account.customer.externalId} has no wallet` : `no wallet ${JSON.stringify(code)}`;
    throw new BillingError('wallet_not_found', { message, suggestion: 'See them with `lago-cli wallets list`.' });
  }
  return found;
}

/** The usage window that holds the context's instant, or the end of the subscription (periods §2.1; §3.3, "current"). */
function currentPeriod(context: OperationContext, account: Account, subscription: Subscription) {
  const { status, terminatedAt } = subscription;
  if (status !== 'active' && status !== 'terminated') return null;
  const terms = termsIn(context, account, subscription);
  const at = terminatedAt === null ? context.at : earlier(context.at, terminatedAt);
  const { chargesFromDatetime, chargesToDatetime } = currentBoundaries(terms, at);
  if (chargesFromDatetime === null || chargesToDatetime === null) return null;
  return { startedAt: chargesFromDatetime, endingAt: chargesToDatetime };
}

/** The day after the plan's own running period, while a downgrade waits; the day of the switch once it is applied. */
function downgradeDate(context: OperationContext, account: Account, subscription: Subscription): LocalDate | null {
  const terms = () => termsIn(context, account, subscription);
  if (subscription.endedBy === 'downgrade' && subscription.terminatedAt !== null) {
    return localDateOf(subscription.terminatedAt, terms().zone);
  }
  if (subscription.status !== 'active' || pendingChange({ account }, subscription) === undefined) return null;
  return addDays(planPeriodAt(terms(), context.at).last, 1);
}

function termsIn(context: OperationContext, account: Account, subscription: Subscription) {
  const zone = applicableZone({ account, catalog: context.catalog });
  return { subscription, plan: planOf(context.catalog, subscription), zone };
}
