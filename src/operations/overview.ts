/**
 * What a project's ledger holds and what waits in it: due items, drafts, the next billing days. Computes no invoice, so
 * that it is quick for many customers.
 */
import type { Account } from '../accounts/account.js';
import { applicableZone } from '../invoicing/work.js';
import { type DueItem, nextDue } from '../lifecycle/due.js';
import type { Invoice } from '../model.js';
import type { LocalDate } from '../time/localDate.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { nextBillingDate } from './preview.js';

export interface DueCustomer {
  readonly external_customer_id: string;
  /** The earliest thing that is due. */
  readonly what: DueItem['kind'];
  readonly since: LocalDate;
}

export interface WaitingDraft {
  readonly external_customer_id: string;
  readonly lago_id: string;
  readonly issuing_date: LocalDate;
  readonly expected_finalization_date: LocalDate;
  readonly currency: string;
  readonly total_amount_cents: number;
}

export interface NextBilling {
  readonly external_customer_id: string;
  readonly date: LocalDate;
  readonly timezone: string;
  readonly external_subscription_ids: readonly string[];
}

export interface Overview {
  readonly customers: number;
  readonly active_subscriptions: number;
  readonly pending_subscriptions: number;
  readonly events: number;
  readonly invoices: number;
  readonly draft_invoices: number;
  readonly unpaid_invoices: number;
  readonly due: readonly DueCustomer[];
  readonly drafts: readonly WaitingDraft[];
  /** Per customer, the soonest first. */
  readonly next_billing: readonly NextBilling[];
}

export function overview(context: OperationContext): Overview {
  const everyone = context.ledger.allCustomers().map((customer) => context.ledger.accountOf(customer));
  const accounts = everyone.filter(({ customer }) => customer.deletedAt === null);
  const subscriptions = accounts.flatMap((account) => account.all('subscription'));
  // What a deleted customer was billed is still to be paid.
  const invoices = everyone.flatMap((account) => account.all('invoice'));
  return {
    customers: accounts.length,
    active_subscriptions: subscriptions.filter(({ status }) => status === 'active').length,
    pending_subscriptions: subscriptions.filter(({ status }) => status === 'pending').length,
    events: context.ledger.eventCount(),
    invoices: invoices.filter(({ status }) => status !== 'closed').length,
    draft_invoices: invoices.filter(({ status }) => status === 'draft').length,
    unpaid_invoices: invoices.filter(isUnpaid).length,
    due: accounts.flatMap((account) => dueOf(context, account)).sort((a, b) => (a.since < b.since ? -1 : 1)),
    drafts: accounts
      .flatMap(draftsOf)
      .sort((a, b) => (a.expected_finalization_date < b.expected_finalization_date ? -1 : 1)),
    next_billing: accounts
      .flatMap((account) => nextBillingOf(context, account))
      .sort((a, b) => (a.date === b.date ? 0 : a.date < b.date ? -1 : 1)),
  };
}

function isUnpaid({ status, paymentStatus, totalAmountCents }: Invoice): boolean {
  return status === 'finalized' && paymentStatus !== 'succeeded' && totalAmountCents > 0;
}

function dueOf(context: OperationContext, account: Account): DueCustomer[] {
  const item = nextDue(billingWork(context, account), { catchUp: true });
  if (item === null) return [];
  return [{ external_customer_id: account.customer.externalId, what: item.kind, since: item.date }];
}

function draftsOf(account: Account): WaitingDraft[] {
  return account
    .all('invoice')
    .filter(({ status }) => status === 'draft')
    .map((draft) => ({
      external_customer_id: account.customer.externalId,
      lago_id: draft.id,
      issuing_date: draft.issuingDate,
      expected_finalization_date: draft.expectedFinalizationDate,
      currency: draft.currency,
      total_amount_cents: draft.totalAmountCents,
    }));
}

function nextBillingOf(context: OperationContext, account: Account): NextBilling[] {
  const byDate = new Map<LocalDate, string[]>();
  for (const subscription of account.all('subscription')) {
    if (subscription.status !== 'active') continue;
    const date = nextBillingDate({ account, catalog: context.catalog, at: context.at }, subscription);
    byDate.set(date, [...(byDate.get(date) ?? []), subscription.externalId]);
  }
  const [soonest] = [...byDate].sort(([a], [b]) => (a < b ? -1 : 1));
  if (soonest === undefined) return [];
  const [date, ids] = soonest;
  const timezone = applicableZone({ account, catalog: context.catalog });
  return [{ external_customer_id: account.customer.externalId, date, timezone, external_subscription_ids: ids }];
}
