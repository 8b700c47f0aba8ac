/**
 * What the commands print and scenarios match: the ledger's records as Lago's v1 JSON, oldest first.
 * Reads only; each takes the same snake_case fields as the command or the expecting verb.
 */
import type { Account } from '../accounts/account.js';
import { notFound } from '../errors.js';
import { applicableZone } from '../invoicing/work.js';
import { pendingChange } from '../lifecycle/changePlan.js';
import type { Customer, Fee, Invoice, Subscription } from '../model.js';
import { type CustomerJson, customerJson } from '../render/json/customer.js';
import { type FeeJson, feesJson } from '../render/json/fee.js';
import {
  type InvoiceJson,
  type InvoiceParts,
  type InvoiceSummaryJson,
  invoiceJson,
  invoiceSummaryJson,
} from '../render/json/invoice.js';
import { type SubscriptionJson, subscriptionJson } from '../render/json/subscription.js';
import { currentBoundaries, planPeriodAt } from '../subscriptions/boundaries.js';
import { planOf } from '../subscriptions/terms.js';
import { earlier } from '../time/instant.js';
import { addDays, type LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import type { OperationContext } from './context.js';
import { accountNamed, accountsOf, listed, type ViewFields } from './lists.js';

export function customers(context: OperationContext, { offset = 0, limit }: ViewFields = {}): CustomerJson[] {
  const from = Number(offset);
  const shown = context.ledger.customers().slice(from, limit === undefined ? undefined : from + Number(limit));
  return shown.map((record) => customerView(context, record));
}

export function customer(context: OperationContext, externalId: string): CustomerJson {
  return customerView(context, accountNamed(context, externalId).customer);
}

function customerView({ catalog: { organization, taxes } }: OperationContext, record: Customer): CustomerJson {
  return customerJson(record, organization, { taxes: record.taxCodes.flatMap((code) => taxes.get(code) ?? []) });
}

/**
 * Fields: `external_customer_id` or `external_subscription_id` (neither: everyone's), `status`, `invoice_type`.
 * Closed invoices (zero, and settings that skip such) and open ones (waiting for their payment) are not shown unless asked
 * for by status, as in Lago.
 */
export function invoices(context: OperationContext, fields: ViewFields): InvoiceJson[] {
  return invoiceRecords(context, fields, (record, account) => invoiceView(context, account, record));
}

/** The same as lists show them: without fees, credits and periods. */
export function invoiceSummaries(context: OperationContext, fields: ViewFields): InvoiceSummaryJson[] {
  return invoiceRecords(context, fields, invoiceSummaryView);
}

/** Those of a customer, deleted or not, that were issued at this instant. */
export function invoicesIssuedNow(context: OperationContext, customer: Customer): InvoiceSummaryJson[] {
  const account = context.ledger.accountOf(customer);
  return account
    .all('invoice')
    .filter((record) => record.finalizedAt === context.at)
    .map((record) => invoiceSummaryView(record, account));
}

export function invoiceSummaryView(record: Invoice, account: Account): InvoiceSummaryJson {
  return invoiceSummaryJson(record, { offsettedAmountCents: offsetOf(account, record) });
}

/** The same as records, each with its account. */
export function invoiceRecords<T>(
  context: OperationContext,
  fields: ViewFields,
  show: (record: Invoice, account: Account) => T,
): T[] {
  const { status, invoice_type: type, external_subscription_id: subscription } = fields;
  const ofAccount = (account: Account) => {
    const billing = subscription === undefined ? null : invoicesBilling(account, String(subscription));
    return account
      .all('invoice')
      .filter((invoice) => (status === undefined ? isVisible(invoice) : invoice.status === status))
      .filter((invoice) => type === undefined || invoice.invoiceType === type)
      .filter((invoice) => billing === null || billing.has(invoice.id));
  };
  return listed(accountsOf(context, fields), fields, ofAccount, show);
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
  const customers = new Map(context.ledger.allCustomers().map((customer) => [customer.id, customer]));
  let account: Account | undefined;
  for (const record of records) {
    if (account?.customer.id !== record.customerId) {
      const customer = customers.get(record.customerId);
      account = customer === undefined ? undefined : context.ledger.accountOf(customer);
    }
    if (account !== undefined) yield { account, record: account.get('invoice', record.id) ?? record };
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
  const billingPeriods = account.ofInvoice('billing_period', id);
  const billed = new Set(billingPeriods.map((period) => period.subscriptionId));
  const subscribed = account.all('subscription').filter((subscription) => billed.has(subscription.id));
  return {
    fees: account.ofInvoice('fee', id),
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
  return listed(accountsOf(context, fields), fields, (account) => {
    const shown = account
      .all('fee')
      .filter((fee: Fee) => subscription === undefined || fee.externalSubscriptionId === subscription)
      .filter((fee) => type === undefined || fee.feeType === type);
    return feeViews(account, shown).filter((fee) => advance === undefined || fee.pay_in_advance === advance);
  });
}

/** By its id. */
export function fee(context: OperationContext, id: string): FeeJson {
  const account = context.ledger.accountOfFee(id);
  // Beside all of the account: a fee's JSON names its true-up.
  const found = account && feeViews(account, account.all('fee')).find((each) => each.lago_id === id);
  if (found === undefined) throw notFound('fee', id, 'See them with `lago-cli fees list --json`.');
  return found;
}

function feeViews({ customer: { accountType, externalId } }: Account, records: readonly Fee[]): FeeJson[] {
  return feesJson(records, {
    externalCustomerId: externalId,
    selfBilled: accountType === 'partner',
    withAppliedTaxes: true,
  });
}

/** Fields: `external_id` (every record that bore it), `external_customer_id`, `status`. */
export function subscriptions(context: OperationContext, fields: ViewFields): SubscriptionJson[] {
  const { external_id: externalId, external_customer_id: customerId, status } = fields;
  const filter =
    externalId === undefined ? { external_customer_id: customerId } : { external_subscription_id: externalId };
  const shown = listed(accountsOf(context, filter), fields, (account) =>
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

function isVisible({ status }: Invoice): boolean {
  return status !== 'closed' && status !== 'open';
}

function invoicesBilling(account: Account, externalSubscriptionId: string): Set<string> {
  const periods = account
    .all('billing_period')
    .filter((period) => period.externalSubscriptionId === externalSubscriptionId);
  return new Set(periods.map((period) => period.invoiceId));
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
