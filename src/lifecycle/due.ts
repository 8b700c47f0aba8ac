/**
 * What is due on a customer's account: the earliest item first, each with the instant that it is processed as of
 * (periods §8.2, §8.5).
 *
 * On one local date the order is: expiry of wallets, activation, ending, boundary, trial end, then drafts whose grace
 * period is over, then the interval rules of wallets that were missed.
 */

import { activeWallets } from '../credits/walletBalance.js';
import { standingFees, trialOfTerms } from '../invoicing/feeScope.js';
import { isBilledOn, termsOf } from '../invoicing/subscriptionInvoice.js';
import { isExpired, missedRuleDay } from '../invoicing/walletRules.js';
import { applicableZone, type BillingWork } from '../invoicing/work.js';
import type { Invoice, Subscription, Wallet } from '../model.js';
import { billingGrid } from '../subscriptions/boundaries.js';
import { isPeriodStart, nextPeriodStart, type PeriodGrid } from '../subscriptions/periodGrid.js';
import type { SubscriptionTerms } from '../subscriptions/terms.js';
import type { Instant } from '../time/instant.js';
import { addDays, earlierDate, type LocalDate, laterDate } from '../time/localDate.js';
import { localDateOf, startOfDay } from '../time/zone.js';

export type DueItem =
  | { readonly kind: 'activation'; readonly date: LocalDate; readonly at: Instant; readonly subscription: Subscription }
  | { readonly kind: 'ending'; readonly date: LocalDate; readonly at: Instant; readonly subscription: Subscription }
  | {
      readonly kind: 'boundary';
      readonly date: LocalDate;
      readonly at: Instant;
      readonly subscriptions: readonly Subscription[];
    }
  | { readonly kind: 'trial_end'; readonly date: LocalDate; readonly at: Instant; readonly subscription: Subscription }
  | { readonly kind: 'finalization'; readonly date: LocalDate; readonly at: Instant; readonly invoice: Invoice }
  | { readonly kind: 'wallet_expiry'; readonly date: LocalDate; readonly at: Instant; readonly wallet: Wallet }
  | { readonly kind: 'wallet_rule'; readonly date: LocalDate; readonly at: Instant; readonly wallet: Wallet };

const ORDER: readonly DueItem['kind'][] = [
  'wallet_expiry',
  'activation',
  'ending',
  'boundary',
  'trial_end',
  'finalization',
  'wallet_rule',
];

export interface PassOptions {
  /** False: only what falls due on the local day of the pass, as Lago's own clock does. */
  readonly catchUp: boolean;
}

/** The next item of the account to process at `work.at`, or null when nothing is due. */
export function nextDue(work: BillingWork, options: PassOptions): DueItem | null {
  const items = [
    ...work.account.all('subscription').flatMap((each) => dueOfSubscription(work, each, options)),
    ...dueDrafts(work),
    ...activeWallets(work).flatMap((wallet) => dueOfWallet(work, wallet, options)),
  ];
  const [first] = items.sort(byDateThenKind);
  if (first?.kind !== 'boundary') return first ?? null;
  const together = items.filter((item) => item.kind === 'boundary' && item.date === first.date);
  return { ...first, subscriptions: together.flatMap((item) => (item.kind === 'boundary' ? item.subscriptions : [])) };
}

function byDateThenKind(a: DueItem, b: DueItem): number {
  if (a.date !== b.date) return a.date < b.date ? -1 : 1;
  return ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind);
}

function dueOfSubscription(work: BillingWork, subscription: Subscription, options: PassOptions): DueItem[] {
  switch (subscription.status) {
    case 'pending':
      return dueActivation(work, subscription, options);
    case 'active':
      return [
        ...dueEnding(work, subscription, options),
        ...dueBoundary(work, subscription, options),
        ...dueTrialEnd(work, subscription, options),
      ];
    case 'terminated':
      // Ended since, with a boundary or a trial end that was missed: Lago's clock would not look at it again.
      if (!options.catchUp) return [];
      return [...dueBoundary(work, subscription, options), ...dueTrialEnd(work, subscription, options)];
    case 'canceled':
      return [];
  }
}

function dueActivation(work: BillingWork, subscription: Subscription, options: PassOptions): DueItem[] {
  if (subscription.previousSubscriptionId !== null) return [];
  const date = localDateOf(subscription.subscriptionAt, applicableZone(work));
  if (date > today(work)) return [];
  const at = options.catchUp ? onItsDay(work, date, subscription.subscriptionAt) : work.at;
  return [{ kind: 'activation', date, at, subscription }];
}

function dueEnding(work: BillingWork, subscription: Subscription, options: PassOptions): DueItem[] {
  if (subscription.endingAt === null) return [];
  const date = localDateOf(subscription.endingAt, applicableZone(work));
  if (options.catchUp ? date > today(work) : date !== today(work)) return [];
  return [{ kind: 'ending', date, at: onItsDay(work, date, subscription.endingAt), subscription }];
}

function dueBoundary(work: BillingWork, subscription: Subscription, options: PassOptions): DueItem[] {
  if (subscription.startedAt === null) return [];
  const terms = termsOf(work, subscription);
  const date = earliestUnbilled(work, terms, options);
  if (date === null) return [];
  const at = onItsDay(work, date, startOfDay(date, terms.zone));
  return [{ kind: 'boundary', date, at, subscriptions: [subscription] }];
}

/** The first billing day after the start that no invoice covers; never the day that it ends on by itself. */
function earliestUnbilled(work: BillingWork, terms: SubscriptionTerms, options: PassOptions): LocalDate | null {
  const { subscription, zone } = terms;
  const grid = billingGrid(terms);
  const last = lastPossible(work, terms);
  const endingDate = subscription.endingAt === null ? null : localDateOf(subscription.endingAt, zone);
  for (let date = firstPossible(terms, grid); date <= last; date = nextPeriodStart(grid, date)) {
    if (!options.catchUp && date !== today(work)) continue;
    if (date === endingDate) continue;
    if (!isBilledOn(work, subscription.id, date) && !isInFinalInvoice(work, terms, date)) return date;
  }
  return null;
}

/** Strictly after the day of the start, and not before the subscription was created: backdated periods are never billed. */
function firstPossible(terms: SubscriptionTerms, grid: PeriodGrid): LocalDate {
  const { subscription, zone } = terms;
  const dayAfterStart = addDays(localDateOf(subscription.startedAt ?? subscription.subscriptionAt, zone), 1);
  const created = localDateOf(subscription.createdAt, zone);
  const from = laterDate(created, dayAfterStart);
  return isPeriodStart(grid, from) ? from : nextPeriodStart(grid, from);
}

function lastPossible(work: BillingWork, { subscription, zone }: SubscriptionTerms): LocalDate {
  if (subscription.terminatedAt === null) return today(work);
  return earlierDate(localDateOf(subscription.terminatedAt, zone), today(work));
}

/** True when the final invoice took the place of this boundary's (periods §6.3): a window of it ends before the boundary. */
function isInFinalInvoice(work: BillingWork, terms: SubscriptionTerms, date: LocalDate): boolean {
  const boundaryAt = startOfDay(date, terms.zone);
  return work.account
    .all('billing_period')
    .some(
      (period) =>
        period.subscriptionId === terms.subscription.id &&
        period.situation === 'terminated' &&
        [period.toDatetime, period.chargesToDatetime, period.fixedChargesToDatetime].some(
          (to) => to !== null && to < boundaryAt,
        ),
    );
}

function dueTrialEnd(work: BillingWork, subscription: Subscription, options: PassOptions): DueItem[] {
  if (subscription.trialEndedAt !== null) return [];
  const terms = termsOf(work, subscription);
  const trial = trialOfTerms(work, terms);
  if (trial === null || trial.endsAt > (subscription.terminatedAt ?? work.at) || trial.endsAt > work.at) return [];
  const date = localDateOf(trial.endsAt, terms.zone);
  const at = options.catchUp ? onItsDay(work, date, trial.endsAt) : work.at;
  return [{ kind: 'trial_end', date, at, subscription }];
}

/** Whether the end of a trial has a base fee to bill: in advance, not billed today nor at the start (periods §8.2). */
export function trialEndBills(
  work: BillingWork,
  subscription: Subscription,
  trialEndsAt: Instant,
  at: Instant,
): boolean {
  const { plan, zone } = termsOf(work, subscription);
  if (!plan.payInAdvance || trialEndsAt < subscription.createdAt) return false;
  if (isBilledOn(work, subscription.id, localDateOf(at, zone))) return false;
  const startDate = localDateOf(subscription.startedAt ?? subscription.subscriptionAt, zone);
  const billedAtStart = standingFees(work, subscription.id, ['subscription']).some(
    (fee) => localDateOf(fee.createdAt, zone) === startDate,
  );
  return !billedAtStart;
}

function dueDrafts(work: BillingWork): DueItem[] {
  // Lago finalizes drafts by the UTC date, whatever the customer's zone.
  const utcToday = localDateOf(work.at, 'UTC');
  return work.account
    .all('invoice')
    .filter((invoice) => invoice.status === 'draft' && invoice.expectedFinalizationDate <= utcToday)
    .map((invoice) => {
      const date = invoice.expectedFinalizationDate;
      const at = date === utcToday ? work.at : startOfDay(date, 'UTC');
      return { kind: 'finalization', date, at, invoice } as const;
    });
}

/** One that expires during a day that is past still pays that day's items: it goes before those of the next day. */
function dueOfWallet(work: BillingWork, wallet: Wallet, options: PassOptions): DueItem[] {
  const items: DueItem[] = [];
  const zone = applicableZone(work);
  if (isExpired(work, wallet) && wallet.expirationAt !== null) {
    const day = localDateOf(wallet.expirationAt, zone);
    const isFirst = day === today(work) || startOfDay(day, zone) === wallet.expirationAt;
    const date = isFirst ? day : addDays(day, 1);
    items.push({ kind: 'wallet_expiry', date, at: onItsDay(work, day, wallet.expirationAt), wallet });
  }
  const missed = options.catchUp ? missedRuleDay(work, wallet) : null;
  if (missed !== null) {
    items.push({ kind: 'wallet_rule', date: missed, at: startOfDay(missed, zone), wallet });
  }
  return items;
}

function today(work: BillingWork): LocalDate {
  return localDateOf(work.at, applicableZone(work));
}

/** The pass itself while it is still that local day; else the item's own instant. */
function onItsDay(work: BillingWork, date: LocalDate, own: Instant): Instant {
  return today(work) === date ? work.at : own;
}
