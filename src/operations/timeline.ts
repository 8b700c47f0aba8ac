/**
 * The life of a subscription: what began, changed and ended, what each invoice billed of it, and what the next ones will.
 *
 * The coming part is computed by the billing pass itself, on a copy of the account that nobody saves: trials, pending
 * downgrades and endings come out as they will. Usage that has not happened is not in it. (periods §8, invoicing §6.10)
 */
import type { Account } from '../accounts/account.js';
import { lineageOf, trialOfTerms } from '../invoicing/feeScope.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import { applicableZone, type BillingWork } from '../invoicing/work.js';
import { runBillingPass } from '../lifecycle/billingPass.js';
import type { CreditNote, FeeType, Invoice, InvoiceStatus, Subscription } from '../model.js';
import { planOf } from '../subscriptions/terms.js';
import type { Instant } from '../time/instant.js';
import type { LocalDate } from '../time/localDate.js';
import { localDateOf, startOfDay, type ZoneName } from '../time/zone.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { accountOfSubscription } from './lists.js';
import { nextBillingDate } from './preview.js';

/** `due`: could be issued now. `coming`: on its day. */
export type TimelineState = 'past' | 'due' | 'coming';

interface Dated {
  readonly at: Instant;
  readonly state: TimelineState;
}

/** What an invoice bills of the subscription over one window, before taxes. Both days are in it. */
export interface TimelineLine {
  readonly feeType: FeeType;
  readonly fromDate: LocalDate | null;
  readonly toDate: LocalDate | null;
  readonly amountCents: number;
  /** The window is not over: usage may be added. */
  readonly isOpen: boolean;
}

export type TimelineEntry =
  | (Dated & { readonly kind: 'start'; readonly planCode: string; readonly trialEndsAt: Instant | null })
  | (Dated & { readonly kind: 'upgrade' | 'downgrade'; readonly fromPlanCode: string; readonly planCode: string })
  | (Dated & { readonly kind: 'trial_end' | 'termination' | 'cancelation'; readonly planCode: string })
  | (Dated & {
      readonly kind: 'invoice';
      readonly invoice: Pick<Invoice, 'id' | 'number' | 'totalAmountCents' | 'currency'> & { status: InvoiceStatus };
      readonly lines: readonly TimelineLine[];
    })
  | (Dated & { readonly kind: 'credit_note'; readonly creditNote: CreditNote });

export interface Timeline {
  readonly subscription: Subscription;
  readonly externalCustomerId: string;
  readonly zone: ZoneName;
  readonly entries: readonly TimelineEntry[];
}

/** From the start to `periods` billing days ahead. */
export function timeline(context: OperationContext, externalId: string, periods: number): Timeline {
  const account = accountOfSubscription(context, externalId);
  const subscription = current(account, externalId);
  const imagined = account.fork();
  passAhead(billingWork(context, imagined), externalId, periods);
  const zone = applicableZone({ account, catalog: context.catalog });
  const scope = { context, zone, externalId, work: billingWork(context, imagined), known: account };
  const dayOf = (entry: TimelineEntry) => startOfDay(localDateOf(entry.at, zone), zone);
  const entries = [...lifeEntries(scope), ...invoiceEntries(scope), ...creditNoteEntries(scope)];
  return {
    subscription,
    externalCustomerId: account.customer.externalId,
    zone,
    entries: entries.sort(
      (a, b) => dayOf(a) - dayOf(b) || ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.at - b.at,
    ),
  };
}

const ORDER: readonly TimelineEntry['kind'][] = [
  'start',
  'trial_end',
  'upgrade',
  'downgrade',
  'termination',
  'cancelation',
  'credit_note',
  'invoice',
];

interface Scope {
  readonly context: OperationContext;
  readonly zone: ZoneName;
  readonly externalId: string;
  /** With what is to come. */
  readonly work: BillingWork;
  /** As it stands. */
  readonly known: Account;
}

/** The active one, else the one that waits, else the last. */
function current(account: Account, externalId: string): Subscription {
  const lineage = lineageOf({ account }, externalId);
  const found =
    lineage.find(({ status }) => status === 'active') ??
    lineage.find(({ status }) => status === 'pending') ??
    lineage.at(-1);
  return found as Subscription;
}

/** What is due now, then the next billing days one by one, as long as the subscription runs. */
function passAhead(work: BillingWork, externalId: string, periods: number): void {
  let at = work.at;
  runBillingPass({ ...work, at }, { catchUp: true });
  for (let count = 0; count < periods; count += 1) {
    const subscription = current(work.account, externalId);
    if (subscription.status === 'active') {
      const date = nextBillingDate({ ...work, at }, subscription);
      at = startOfDay(date, applicableZone(work));
    } else if (subscription.status === 'pending') at = subscription.subscriptionAt;
    else return;
    runBillingPass({ ...work, at }, { catchUp: true });
  }
}

function lifeEntries({ context, work, externalId }: Scope): TimelineEntry[] {
  return lineageOf(work, externalId).flatMap((each): TimelineEntry[] => {
    const { planCode, startedAt, terminatedAt, canceledAt } = each;
    const entries: TimelineEntry[] = [];
    const previous =
      each.previousSubscriptionId === null ? undefined : work.account.get('subscription', each.previousSubscriptionId);
    const trial = trialOfTerms(work, termsOf(work, each));
    const state = (at: Instant): TimelineState => (at > context.at ? 'coming' : 'past');
    if (startedAt !== null && previous === undefined) {
      const trialEndsAt = trial !== null && trial.endsAt > startedAt ? trial.endsAt : null;
      entries.push({ kind: 'start', at: startedAt, state: state(startedAt), planCode, trialEndsAt });
    }
    if (
      startedAt !== null &&
      previous !== undefined &&
      previous.endedBy !== null &&
      previous.endedBy !== 'termination'
    ) {
      const { endedBy: kind, planCode: fromPlanCode } = previous;
      entries.push({ kind, at: startedAt, state: state(startedAt), fromPlanCode, planCode });
    }
    if (each.trialEndedAt !== null) {
      entries.push({ kind: 'trial_end', at: each.trialEndedAt, state: state(each.trialEndedAt), planCode });
    }
    if (terminatedAt !== null && (each.endedBy === null || each.endedBy === 'termination')) {
      entries.push({ kind: 'termination', at: terminatedAt, state: state(terminatedAt), planCode });
    }
    if (canceledAt !== null) entries.push({ kind: 'cancelation', at: canceledAt, state: state(canceledAt), planCode });
    return entries;
  });
}

function invoiceEntries(scope: Scope): TimelineEntry[] {
  const { context, work, known, externalId } = scope;
  const billed = new Set(
    work.account
      .all('billing_period')
      .flatMap((each) => (each.externalSubscriptionId === externalId ? each.invoiceId : [])),
  );
  return work.account
    .all('invoice')
    .filter(({ id, status }) => billed.has(id) && status !== 'closed')
    .map(({ id, number, totalAmountCents, currency, status, billedAt: at }) => {
      const isKnown = known.get('invoice', id) !== undefined;
      const state = isKnown ? 'past' : at <= context.at ? 'due' : 'coming';
      const standing = isKnown ? (known.get('invoice', id)?.status ?? status) : status;
      const invoice = { id, number, totalAmountCents, currency, status: standing };
      return { kind: 'invoice', at, state, invoice, lines: linesOf(scope, id, state) };
    });
}

/** Fees of one kind and window added up; a window of usage without a fee yet shows with 0. */
function linesOf({ context, work, zone, externalId }: Scope, invoiceId: string, state: TimelineState): TimelineLine[] {
  const lines = new Map<string, TimelineLine>();
  const add = (feeType: FeeType, from: Instant | null, to: Instant | null, amountCents: number): void => {
    const fromDate = from === null ? null : localDateOf(from, zone);
    const toDate = to === null ? null : localDateOf(to, zone);
    const key = `${feeType} ${fromDate} ${toDate}`;
    const isOpen = state === 'coming' && feeType === 'charge' && to !== null && to > context.at;
    lines.set(key, {
      feeType,
      fromDate,
      toDate,
      amountCents: amountCents + (lines.get(key)?.amountCents ?? 0),
      isOpen,
    });
  };
  for (const fee of work.account.all('fee')) {
    if (fee.invoiceId !== invoiceId || fee.externalSubscriptionId !== externalId) continue;
    add(fee.feeType, fee.shownFromAt ?? fee.fromAt, fee.shownToAt ?? fee.toAt, fee.amountCents);
  }
  for (const period of work.account.all('billing_period')) {
    const { chargesFromDatetime: from, chargesToDatetime: to } = period;
    if (period.invoiceId !== invoiceId || period.externalSubscriptionId !== externalId) continue;
    const subscription = work.account.get('subscription', period.subscriptionId);
    const inArrears =
      subscription !== undefined && planOf(work.catalog, subscription).charges.some((each) => !each.payInAdvance);
    const billsUsage =
      period.situation !== 'starting' && period.situation !== 'trial_end' && from !== null && to !== null && from < to;
    if (inArrears && billsUsage) add('charge', from, to, 0);
  }
  return [...lines.values()].sort((a, b) => LINES.indexOf(a.feeType) - LINES.indexOf(b.feeType));
}

const LINES: readonly FeeType[] = ['subscription', 'fixed_charge', 'charge', 'commitment', 'add_on', 'credit'];

function creditNoteEntries({ context, work, known, externalId }: Scope): TimelineEntry[] {
  return work.account.all('credit_note').flatMap((creditNote): TimelineEntry[] => {
    const isOurs = creditNote.items.some(
      ({ feeId }) => work.account.get('fee', feeId)?.externalSubscriptionId === externalId,
    );
    if (!isOurs) return [];
    const at = creditNote.createdAt;
    const isKnown = known.get('credit_note', creditNote.id) !== undefined;
    return [{ kind: 'credit_note', at, state: isKnown ? 'past' : at <= context.at ? 'due' : 'coming', creditNote }];
  });
}
