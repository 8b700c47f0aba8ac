/**
 * The billing pass over one account: everything due and not yet issued, oldest first, each as if on its own day
 * (periods §8). Running it again finds nothing left to do.
 */
import { terminateWallet } from '../credits/wallets.js';
import { assert } from '../errors.js';
import { trialOfTerms } from '../invoicing/feeScope.js';
import { finalizeDraft } from '../invoicing/finalize.js';
import { rebuildFees } from '../invoicing/rebuildFees.js';
import { billSubscriptions, termsOf } from '../invoicing/subscriptionInvoice.js';
import { runMissedRule } from '../invoicing/walletRules.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Invoice, Subscription } from '../model.js';
import { isPeriodStart } from '../subscriptions/periodGrid.js';
import { planGrid, planOf } from '../subscriptions/terms.js';
import type { LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import { applyDowngrade, pendingChange } from './changePlan.js';
import { type DueItem, nextDue, type PassOptions, trialEndBills } from './due.js';
import { regroupPaidFees } from './regroupPaidFees.js';
import { start } from './start.js';
import { terminate } from './terminate.js';
import { creditUnusedAdvance } from './unusedAdvanceCredit.js';

/** More items than any account can have due: a loop that does not end is a bug, not a bill. */
const MOST_ITEMS = 100_000;

/** Processes what is due and answers the invoices that it created, in order. */
export function runBillingPass(work: BillingWork, options: PassOptions): Invoice[] {
  const before = new Set(work.account.all('invoice').map((invoice) => invoice.id));
  for (let count = 0; ; count += 1) {
    assert(count < MOST_ITEMS, 'the billing pass does not come to an end');
    const item = nextDue(work, options);
    if (item === null) break;
    processItem({ ...work, at: item.at }, item);
  }
  return work.account.all('invoice').filter((invoice) => !before.has(invoice.id));
}

function processItem(work: BillingWork, item: DueItem): void {
  switch (item.kind) {
    case 'activation':
      start(work, item.subscription, work.at);
      return;
    case 'ending':
      terminate(work, item.subscription, {});
      return;
    case 'boundary':
      billBoundary(work, item.subscriptions, item.date);
      return;
    case 'trial_end':
      endTrial(work, item.subscription);
      return;
    case 'finalization':
      finalizeDraft(work, item.invoice.id, rebuildFees);
      return;
    case 'wallet_expiry':
      terminateWallet(work, item.wallet);
      return;
    case 'wallet_rule':
      runMissedRule(work, item.wallet, item.date);
      return;
  }
}

/** Pending downgrades are applied each on its own invoice; the other subscriptions are grouped. */
function billBoundary(work: BillingWork, subscriptions: readonly Subscription[], date: LocalDate): void {
  const grouped = new Map<string, Subscription[]>();
  for (const subscription of subscriptions) {
    if (downgradesOn(work, subscription, date)) {
      applyDowngrade(work, subscription, date);
      continue;
    }
    const key = invoiceKey(work, subscription);
    grouped.set(key, [...(grouped.get(key) ?? []), subscription]);
  }
  for (const group of grouped.values()) {
    billSubscriptions(
      work,
      group.map((subscription) => ({ subscription, situation: 'periodic' })),
    );
    for (const subscription of group) creditIfEndedSince(work, subscription);
    regroupPaidFees(work, group, 'renewal');
  }
}

/**
 * A downgrade waits for the end of the plan's own period, monthly parts or not (A3). A boundary that was missed before it
 * was asked for is billed as it stood then.
 */
function downgradesOn(work: BillingWork, subscription: Subscription, date: LocalDate): boolean {
  const next = pendingChange(work, subscription);
  const terms = termsOf(work, subscription);
  return next !== undefined && localDateOf(next.createdAt, terms.zone) <= date && isPeriodStart(planGrid(terms), date);
}

/** Subscriptions with the same key share an invoice (periods §8.2). */
function invoiceKey(work: BillingWork, subscription: Subscription): string {
  const { amountCurrency } = planOf(work.catalog, subscription);
  const alone = subscription.consolidateInvoice ? '' : subscription.id;
  return JSON.stringify([amountCurrency, subscription.purchaseOrderNumber, alone]);
}

/** What is billed in advance after the subscription ended, because it was missed, is given back at once. */
function creditIfEndedSince(work: BillingWork, subscription: Subscription): void {
  if (subscription.terminatedAt === null || !planOf(work.catalog, subscription).payInAdvance) return;
  const option = subscription.onTerminationCreditNote;
  if (option !== 'skip') creditUnusedAdvance(work, subscription, option ?? 'credit');
}

/** Bills the rest of the period when the plan is in advance, and records that the trial is over. */
function endTrial(work: BillingWork, subscription: Subscription): void {
  const trial = trialOfTerms(work, termsOf(work, subscription));
  assert(trial !== null, `subscription ${subscription.externalId} has no trial to end`);
  const bills = trialEndBills(work, subscription, trial.endsAt, work.at);
  const ended: Subscription = { ...subscription, trialEndedAt: trial.endsAt };
  work.account.put('subscription', ended);
  if (!bills) return;
  billSubscriptions(work, [{ subscription: ended, situation: 'trial_end' }]);
  creditIfEndedSince(work, ended);
}
