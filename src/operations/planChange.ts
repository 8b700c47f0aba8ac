/**
 * What a change of plan did, or would do: whether it is an upgrade or a downgrade, from when, what is given back and what
 * is billed. Read from the account before and after the verb that makes the change. (periods §5)
 */
import type { Account } from '../accounts/account.js';
import { lineageOf } from '../invoicing/feeScope.js';
import { applicableZone } from '../invoicing/work.js';
import type { Subscription } from '../model.js';
import { type CreditNoteJson, creditNoteJson } from '../render/json/creditNote.js';
import type { InvoiceJson } from '../render/json/invoice.js';
import { localDateOf } from '../time/zone.js';
import type { OperationContext } from './context.js';
import { accountOfSubscription } from './lists.js';
import { invoiceView, subscriptionView } from './views.js';

/** `replacement`: the subscription has not started yet and starts on the other plan. */
export type PlanChangeKind = 'upgrade' | 'downgrade' | 'replacement' | 'none';

export interface PlanChange {
  readonly kind: PlanChangeKind;
  readonly external_subscription_id: string;
  readonly external_customer_id: string;
  readonly from_plan_code: string;
  readonly to_plan_code: string;
  /** The first local day on the new plan. */
  readonly effective_date: string | null;
  readonly timezone: string;
  readonly credit_notes: readonly CreditNoteJson[];
  readonly invoices: readonly InvoiceJson[];
}

/** The account as it was: what the view of the change compares with. */
export interface BeforeChange {
  readonly subscription: Subscription;
  readonly customerExternalId: string;
  readonly known: ReadonlySet<string>;
}

export function beforeChange(context: OperationContext, externalId: string): BeforeChange {
  const account = accountOfSubscription(context, externalId);
  const lineage = lineageOf({ account }, externalId);
  const subscription = lineage.find(({ status }) => status === 'active') ?? lineage.at(-1);
  return {
    subscription: subscription as Subscription,
    customerExternalId: account.customer.externalId,
    known: new Set([...account.all('invoice'), ...account.all('credit_note')].map(({ id }) => id)),
  };
}

export function planChangeView(
  context: OperationContext,
  { subscription: before, customerExternalId, known }: BeforeChange,
  after: Subscription,
  planCode: string,
): PlanChange {
  const account = accountOfSubscription(context, after.externalId);
  const fees = new Map(account.all('fee').map((fee) => [fee.id, fee]));
  const kind = kindOf(before, after);
  return {
    kind,
    external_subscription_id: after.externalId,
    external_customer_id: customerExternalId,
    from_plan_code: before.planCode,
    to_plan_code: planCode,
    effective_date: effectiveDate(context, account, kind, after),
    timezone: applicableZone({ account, catalog: context.catalog }),
    credit_notes: account.all('credit_note').flatMap((note) => {
      const invoice = account.get('invoice', note.invoiceId);
      return known.has(note.id) || invoice === undefined ? [] : [creditNoteJson(note, { invoice, fees })];
    }),
    invoices: account
      .all('invoice')
      .filter(({ id, status }) => !known.has(id) && status !== 'closed')
      .map((invoice) => invoiceView(context, account, invoice)),
  };
}

function kindOf(before: Subscription, after: Subscription): PlanChangeKind {
  if (after.id !== before.id) return 'upgrade';
  if (after.nextSubscriptionId !== before.nextSubscriptionId) return 'downgrade';
  return after.planCode === before.planCode ? 'none' : 'replacement';
}

function effectiveDate(
  context: OperationContext,
  account: Account,
  kind: PlanChangeKind,
  after: Subscription,
): string | null {
  const zone = applicableZone({ account, catalog: context.catalog });
  switch (kind) {
    case 'upgrade':
      return localDateOf(context.at, zone);
    case 'downgrade':
      return subscriptionView(context, account, after).downgrade_plan_date ?? null;
    case 'replacement':
      return localDateOf(after.subscriptionAt, zone);
    case 'none':
      return null;
  }
}
