/**
 * The invoice that would be: the next one of subscriptions that run, the first of one that does not exist yet, the last of
 * one that would be terminated, or the one of a change of plan (invoicing §6.10). Computed by the very operations that
 * issue invoices, on a copy of the account that nobody saves.
 */

import { z } from 'zod';
import type { Account } from '../accounts/account.js';
import { definitionNamed } from '../catalog/named.js';
import { applyCoupon } from '../credits/coupons.js';
import { BillingError, invalid, notFound } from '../errors.js';
import { trialOfTerms } from '../invoicing/feeScope.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import { applicableZone } from '../invoicing/work.js';
import { runBillingPass } from '../lifecycle/billingPass.js';
import { scheduleDowngrade, upgrade } from '../lifecycle/changePlan.js';
import { activate, type NewSubscription, putPending, start } from '../lifecycle/start.js';
import { terminate } from '../lifecycle/terminate.js';
import type { Invoice, Subscription } from '../model.js';
import { billingGrid } from '../subscriptions/boundaries.js';
import { nextPeriodStart } from '../subscriptions/periodGrid.js';
import { classifyPlanChange } from '../subscriptions/planChange.js';
import { planOf } from '../subscriptions/terms.js';
import { type Instant, parseInstant } from '../time/instant.js';
import { earlierDate, type LocalDate } from '../time/localDate.js';
import { localDateOf, startOfDay } from '../time/zone.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { newCustomer } from './customers.js';
import { parseInput } from './input.js';

const schema = z.strictObject({
  external_customer_id: z.string().nullish(),
  external_subscription_ids: z.array(z.string()).nullish(),
  plan_code: z.string().nullish(),
  billing_time: z.enum(['calendar', 'anniversary']).nullish(),
  subscription_at: z.string().nullish(),
  terminated_at: z.string().nullish(),
  /** Lago's own place for what is named above. */
  subscriptions: z.unknown().optional(),
  /** Coupons by code, for a customer who has none. */
  coupons: z.unknown().optional(),
});
type PreviewInput = z.output<typeof schema>;

const subscriptionsSchema = z.strictObject({
  external_ids: z.array(z.string()).nullish(),
  plan_code: z.string().nullish(),
  terminated_at: z.string().nullish(),
});

const couponsSchema = z.array(z.looseObject({ code: z.string() }));

/** The account holds the invoice's fees, billing periods and subscriptions as they would be. */
export interface InvoicePreview {
  readonly account: Account;
  readonly invoice: Invoice;
}

export function previewInvoice(context: OperationContext, raw: unknown): InvoicePreview {
  const input = withSubscriptions(parseInput(schema, raw));
  const account = (accountOf(context, input) ?? passingAccount(context)).fork();
  const work: BillingWork = { ...billingWork(context, account), preview: true };
  applyGivenCoupons(work, input);
  const ids = input.external_subscription_ids ?? [];
  const subscriptions = ids.map((id) => activeNamed(account, id));
  const [only] = subscriptions;
  if (only === undefined) return previewProposal(work, input);
  if (input.terminated_at != null) return previewTermination(work, subscriptions, input.terminated_at);
  if (input.plan_code != null && input.plan_code !== only.planCode) return previewChange(work, only, input.plan_code);
  return previewNext(work, subscriptions);
}

function withSubscriptions(input: PreviewInput): PreviewInput {
  const { subscriptions } = input;
  if (subscriptions === undefined || subscriptions === null) return input;
  if (typeof subscriptions !== 'object' || Array.isArray(subscriptions)) {
    throw new BillingError('subscriptions_must_be_an_object', { message: 'subscriptions: {external_ids: […]}' });
  }
  const given = parseInput(subscriptionsSchema, subscriptions);
  return {
    ...input,
    external_subscription_ids: given.external_ids ?? input.external_subscription_ids,
    plan_code: given.plan_code ?? input.plan_code,
    terminated_at: given.terminated_at ?? input.terminated_at,
  };
}

/** Coupons to imagine count where the customer has none of their own. */
function applyGivenCoupons(work: BillingWork, { coupons }: PreviewInput): void {
  if (coupons === undefined || coupons === null) return;
  if (!Array.isArray(coupons)) {
    throw new BillingError('coupons_must_be_an_array', { message: 'coupons: [{code: …}]' });
  }
  if (work.account.all('applied_coupon').some((applied) => applied.status === 'active')) return;
  for (const { code } of parseInput(couponsSchema, coupons)) {
    applyCoupon(work, definitionNamed(work.catalog.coupons, 'coupon', code), NO_OVERRIDES);
  }
}

const NO_OVERRIDES = {
  amountCents: null,
  amountCurrency: null,
  percentageRate: null,
  frequency: null,
  frequencyDuration: null,
} as const;

function accountOf(context: OperationContext, input: PreviewInput): Account | undefined {
  if (input.external_customer_id != null) {
    const account = context.ledger.account(input.external_customer_id);
    if (account === undefined)
      throw notFound('customer', input.external_customer_id, 'See them with `lago-cli customers list`.');
    return account;
  }
  const [id] = input.external_subscription_ids ?? [];
  return id === undefined ? undefined : context.ledger.accountOfSubscription(id);
}

function activeNamed(account: Account, externalId: string): Subscription {
  const found = account.all('subscription').find((each) => each.externalId === externalId && each.status === 'active');
  if (found === undefined) throw notFound('subscription', externalId);
  return found;
}

/**
 * The boundary or the end that comes next, with everything due on it; the others of the account are left out. A trial that
 * is over before then has its own invoice by then.
 */
function previewNext(work: BillingWork, subscriptions: readonly Subscription[]): InvoicePreview {
  const dates = new Set(subscriptions.map((each) => nextBillingDate(work, each)));
  const currencies = new Set(subscriptions.map((each) => planOf(work.catalog, each).amountCurrency));
  if (currencies.size > 1) throw refusedTogether('subscription_currencies_does_not_match', 'currencies');
  if (dates.size > 1) throw refusedTogether('billing_periods_does_not_match', 'billing periods');
  const [date] = dates;
  const wanted = new Set(subscriptions.map((each) => each.id));
  for (const other of work.account.all('subscription')) {
    const isNext = other.previousSubscriptionId !== null && wanted.has(other.previousSubscriptionId);
    const mayBeDue = other.status === 'active' || other.status === 'pending';
    if (mayBeDue && !wanted.has(other.id) && !isNext) work.account.remove('subscription', other.id);
  }
  const zone = applicableZone(work);
  const at = startOfDay(date as LocalDate, zone);
  for (const trialEnd of trialEndsBefore(work, subscriptions, at)) {
    runBillingPass({ ...work, at: trialEnd }, { catchUp: false });
  }
  return lastOf(work, runBillingPass({ ...work, at }, { catchUp: false }));
}

/** Oldest first. */
function trialEndsBefore(work: BillingWork, subscriptions: readonly Subscription[], at: Instant): Instant[] {
  return subscriptions
    .filter((subscription) => subscription.trialEndedAt === null)
    .flatMap((subscription) => trialOfTerms(work, termsOf(work, subscription))?.endsAt ?? [])
    .filter((endsAt) => endsAt < at)
    .sort((a, b) => a - b);
}

export function nextBillingDate(
  work: Pick<BillingWork, 'account' | 'catalog' | 'at'>,
  subscription: Subscription,
): LocalDate {
  const terms = termsOf(work, subscription);
  const today = localDateOf(work.at, terms.zone);
  const boundary = nextPeriodStart(billingGrid(terms), today);
  if (subscription.endingAt === null) return boundary;
  const ending = localDateOf(subscription.endingAt, terms.zone);
  return ending > today ? earlierDate(ending, boundary) : boundary;
}

/** A subscription that does not exist yet: its start in advance, else its first boundary. */
function previewProposal(work: BillingWork, input: PreviewInput): InvoicePreview {
  const plan = definitionNamed(work.catalog.plans, 'plan', input.plan_code ?? '');
  const subscriptionAt = input.subscription_at == null ? work.at : instantOf(input.subscription_at, 'subscription_at');
  const given: NewSubscription = {
    ...NO_OPTIONS,
    externalId: 'preview',
    plan,
    billingTime: input.billing_time ?? 'calendar',
    subscriptionAt,
    previousSubscriptionId: null,
  };
  const asOfStart = { ...work, at: subscriptionAt };
  const before = countOf(work);
  if (plan.payInAdvance) {
    start(asOfStart, putPending(asOfStart, given), subscriptionAt);
    if (countOf(work) > before) return lastOf(work, work.account.all('invoice'));
  } else activate(asOfStart, putPending(asOfStart, given), subscriptionAt);
  const started = activeNamed(work.account, 'preview');
  return previewNext(asOfStart, [started]);
}

function previewTermination(work: BillingWork, subscriptions: readonly Subscription[], text: string): InvoicePreview {
  const [subscription] = subscriptions;
  if (subscription === undefined || subscriptions.length > 1) {
    throw invalid(problem('subscriptions', 'only_one_subscription_allowed_for_termination', 'name one subscription'));
  }
  const at = parseInstant(text);
  if (at === null) throw invalid(problem('terminated_at', 'invalid_timestamp', `${text} is not an ISO 8601 instant`));
  if (at < work.at) throw invalid(problem('terminated_at', 'cannot_be_in_past', `${text} is past`));
  terminate({ ...work, at }, subscription, { invoice: 'generate' });
  return lastOf(work, work.account.all('invoice'));
}

function previewChange(work: BillingWork, current: Subscription, planCode: string): InvoicePreview {
  const plan = definitionNamed(work.catalog.plans, 'plan', planCode);
  const given: NewSubscription = {
    ...NO_OPTIONS,
    externalId: current.externalId,
    plan,
    billingTime: current.billingTime,
    subscriptionAt: current.subscriptionAt,
    previousSubscriptionId: current.id,
    consolidateInvoice: current.consolidateInvoice,
    purchaseOrderNumber: current.purchaseOrderNumber,
  };
  if (classifyPlanChange(planOf(work.catalog, current), plan) === 'upgrade') {
    upgrade(work, current, given);
    return lastOf(work, work.account.all('invoice'));
  }
  return previewNext(work, [scheduleDowngrade(work, current, given)]);
}

const NO_OPTIONS = {
  childPlan: null,
  name: null,
  endingAt: null,
  consolidateInvoice: true,
  purchaseOrderNumber: null,
  progressiveBillingDisabled: false,
  usageThresholds: null,
  fixedChargeUnits: {},
} as const;

function countOf(work: BillingWork): number {
  return work.account.all('invoice').length;
}

function lastOf(work: BillingWork, invoices: readonly Invoice[]): InvoicePreview {
  const invoice = invoices.at(-1);
  if (invoice === undefined) {
    throw new BillingError('nothing_to_preview', {
      message: 'these subscriptions have no invoice to come',
      suggestion: 'lago-cli subscriptions list shows their status and end.',
    });
  }
  return { account: work.account, invoice: work.account.get('invoice', invoice.id) ?? invoice };
}

function instantOf(text: string, field: string): Instant {
  const at = parseInstant(text);
  if (at === null) throw invalid(problem(field, 'invalid_date', `${text} is not an ISO 8601 instant`));
  return at;
}

function problem(field: string, code: string, message: string) {
  return { field, code, message };
}

function refusedTogether(code: string, what: string): BillingError {
  return invalid(problem('base', code, `the subscriptions have different ${what}: preview them one by one`));
}

/** A customer that is only imagined: pricing for somebody who is not there yet. */
function passingAccount(context: OperationContext): Account {
  return context.ledger.accountOf(newCustomer(context, 'preview'));
}
