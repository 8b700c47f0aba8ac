/**
 * The body of an invoice as sections, tables and rows, for paper and for the terminal (invoicing §8, "Body").
 *
 * One subscription: a table per period that its fees are for, since usage, base fee and fixed charges may be billed for
 * different ones. Several subscriptions: a summary first, then a section each.
 */
import type { DocumentContext, InvoiceDocument } from './documentContext.js';
import { formatTimestamp } from './documentContext.js';
import { type BodyRow, feeRows } from './feeRows.js';
import type { FeeJson } from './json/fee.js';
import { formatAmount, formatUnits } from './money.js';
import { fill } from './pdf/labels.js';

interface BodyTable {
  /** `Fees from … to …`. */
  readonly caption: string;
  readonly rows: readonly BodyRow[];
}

export interface BodySection {
  readonly heading: string | null;
  readonly tables: readonly BodyTable[];
  /** The section's own lines below its tables: its total. */
  readonly totals: readonly { readonly label: string; readonly amount: string }[];
}

export interface InvoiceBody {
  /** One line per subscription; null when there is one section only. */
  readonly summary: readonly { readonly label: string; readonly amount: string }[] | null;
  readonly sections: readonly BodySection[];
}

export function invoiceBody(document: InvoiceDocument, context: DocumentContext): InvoiceBody {
  if (document.invoice_type === 'one_off' || document.invoice_type === 'credit') {
    return { summary: null, sections: [{ heading: null, tables: [lineTable(document, context)], totals: [] }] };
  }
  const groups = bySubscription(document);
  if (groups.length <= 1) {
    const sections = groups.map((group) => ({
      heading: subscriptionName(group, document, context),
      tables: periodTables(group.fees, context),
      totals: [],
    }));
    return { summary: null, sections };
  }
  return {
    summary: groups.flatMap((group) => summaryLines(group, document, context)),
    sections: groups.map((group) => ({
      heading: subscriptionName(group, document, context),
      tables: periodTables(group.fees, context),
      totals: [
        {
          label: fill(context.labels.totalOf, { name: subscriptionName(group, document, context) }),
          amount: money(sumCents(group.fees), context),
        },
      ],
    })),
  };
}

interface SubscriptionFees {
  readonly subscriptionId: string | null;
  readonly fees: readonly FeeJson[];
}

/** In the order of the invoice's subscriptions; fees of others follow in their own order. */
function bySubscription(document: InvoiceDocument): SubscriptionFees[] {
  const groups = new Map<string | null, FeeJson[]>();
  for (const subscription of document.subscriptions) groups.set(subscription.lago_id, []);
  for (const fee of document.fees) {
    const fees = groups.get(fee.lago_subscription_id);
    if (fees === undefined) groups.set(fee.lago_subscription_id, [fee]);
    else fees.push(fee);
  }
  return [...groups].map(([subscriptionId, fees]) => ({ subscriptionId, fees })).filter(({ fees }) => fees.length > 0);
}

function subscriptionName(group: SubscriptionFees, document: InvoiceDocument, context: DocumentContext): string {
  const subscription = document.subscriptions.find(({ lago_id }) => lago_id === group.subscriptionId);
  if (subscription?.name) return subscription.name;
  const base = group.fees.find((fee) => fee.item.type === 'subscription');
  if (base !== undefined) return base.item.invoice_display_name;
  const plan = context.plans.find(({ code }) => code === subscription?.plan_code);
  return plan?.invoice_display_name ?? plan?.name ?? subscription?.plan_code ?? context.labels.fees;
}

function summaryLines(group: SubscriptionFees, document: InvoiceDocument, context: DocumentContext) {
  const commitments = group.fees.filter((fee) => fee.item.type === 'commitment');
  const others = group.fees.filter((fee) => fee.item.type !== 'commitment');
  const name = subscriptionName(group, document, context);
  return [
    { label: name, amount: money(sumCents(others), context) },
    ...commitments.map((fee) => ({
      label: `${name} - ${context.labels.minimumCommitment}`,
      amount: money(fee.amount_cents, context),
    })),
  ];
}

function periodTables(fees: readonly FeeJson[], context: DocumentContext): BodyTable[] {
  const tables = new Map<string, BodyRow[]>();
  for (const fee of inRowOrder(fees)) {
    const caption = periodCaption(fee, context) ?? [...tables.keys()][0] ?? context.labels.fees;
    const rows = feeRows(fee, rowLabel(fee, context), rowNotes(fee, fees, context), context);
    const table = tables.get(caption);
    if (table === undefined) tables.set(caption, rows);
    else table.push(...rows);
  }
  return [...tables].map(([caption, rows]) => ({ caption, rows }));
}

/** Commitments have no dates of their own and join the first table. */
function periodCaption(fee: FeeJson, context: DocumentContext): string | null {
  if (!fee.from_date || !fee.to_date) return null;
  return fill(context.labels.feesFromTo, {
    from: formatTimestamp(fee.from_date, context),
    to: formatTimestamp(fee.to_date, context),
  });
}

/** Base fee, fixed charges, charges by name with their true-ups, commitment; without the rows that say nothing. */
function inRowOrder(fees: readonly FeeJson[]): FeeJson[] {
  const ofType = (type: string) => fees.filter((fee) => fee.item.type === type);
  const base = ofType('subscription');
  const fixed = byName(ofType('fixed_charge').filter(saysSomething));
  const charges = ofType('charge');
  const usage = byName(charges.filter((fee) => fee.lago_true_up_parent_fee_id === null).filter(saysSomething));
  const rest = [...fixed, ...usage];
  const shownBase = rest.length > 0 ? base.filter((fee) => fee.amount_cents !== 0) : base;
  const trueUps = charges.filter((fee) => fee.lago_true_up_parent_fee_id !== null);
  const placed = new Set<FeeJson>();
  const withTrueUps = usage.flatMap((fee) => {
    const own = trueUps.filter((trueUp) => !placed.has(trueUp) && isTrueUpOf(trueUp, fee));
    for (const trueUp of own) placed.add(trueUp);
    return [fee, ...own];
  });
  const orphans = trueUps.filter((trueUp) => !placed.has(trueUp));
  return [...shownBase, ...fixed, ...withTrueUps, ...orphans, ...ofType('commitment'), ...ofType('add_on')];
}

/** In a preview fees have no ids; there the charge tells. */
function isTrueUpOf(trueUp: FeeJson, fee: FeeJson): boolean {
  if (fee.lago_id !== null) return trueUp.lago_true_up_parent_fee_id === fee.lago_id;
  return fee.lago_charge_id === trueUp.lago_charge_id && fee.lago_true_up_fee_id !== null;
}

function saysSomething(fee: FeeJson): boolean {
  return fee.amount_cents !== 0 || Number(fee.units) !== 0 || fee.lago_true_up_fee_id !== null;
}

function byName(fees: readonly FeeJson[]): FeeJson[] {
  const keyed = fees.map((fee) => ({ fee, key: `${fee.item.invoice_display_name.toLowerCase()} ${suffix(fee)}` }));
  keyed.sort((a, b) => Number(a.key > b.key) - Number(a.key < b.key));
  return keyed.map(({ fee }) => fee);
}

/** Display name, then group values and the filter's name or values: `Tokens • eu • gpt-4`. */
export function rowLabel(fee: FeeJson, context: DocumentContext): string {
  const name = fee.item.invoice_display_name;
  const { labels } = context;
  if (fee.item.type === 'subscription') {
    const plan = context.plans.find((candidate) => candidate.code === fee.item.code);
    if (plan === undefined) return name;
    return fill(labels.subscription, { interval: labels[plan.interval], plan: name });
  }
  if (fee.item.type === 'commitment') return name === '' ? labels.minimumCommitment : name;
  const full = `${name}${suffix(fee)}`;
  return fee.lago_true_up_parent_fee_id === null ? full : fill(labels.trueUp, { name: full });
}

function suffix(fee: FeeJson): string {
  const groups = Object.values(fee.item.grouped_by).filter((value) => value !== null);
  const filters =
    fee.item.filter_invoice_display_name ??
    Object.values(fee.item.filters ?? {})
      .flat()
      .join(', ');
  return [...groups, filters]
    .filter((part) => part !== '')
    .map((part) => ` • ${part}`)
    .join('');
}

function rowNotes(fee: FeeJson, fees: readonly FeeJson[], context: DocumentContext): string[] {
  const { labels } = context;
  const charge = fee.lago_charge_id === null ? undefined : context.charges.get(fee.lago_charge_id);
  if (fee.lago_true_up_parent_fee_id !== null) {
    const parent = fees.find((candidate) => isTrueUpOf(fee, candidate));
    const minimum = charge?.min_amount_cents ?? fee.amount_cents + (parent?.amount_cents ?? 0);
    return [fill(labels.minimumSpend, { amount: money(minimum, context) })];
  }
  const notes: string[] = [];
  if (charge?.prorated) notes.push(labels.prorated);
  if (context.metrics.get(fee.item.code)?.aggregation_type === 'weighted_sum_agg') notes.push(labels.weighted);
  if ('paid_events' in fee.amount_details && fee.events_count !== null) {
    notes.push(fill(labels.events, { count: formatUnits(String(fee.events_count), context.locale) }));
  }
  return notes;
}

/** The lines of one-off invoices, by period, and of purchased credits. */
function lineTable(document: InvoiceDocument, context: DocumentContext): BodyTable {
  const { labels } = context;
  const sorted = [...document.fees].sort((a, b) => compare(a.from_date ?? '', b.from_date ?? ''));
  const rows = sorted.flatMap((fee) => {
    const isCredit = fee.item.type === 'credit';
    const name = isCredit ? (fee.item.name === 'credit' ? labels.prepaidCreditsItem : fee.item.name) : null;
    const notes = [fee.description, isCredit ? null : linePeriod(fee, context)].filter((note) => note !== null);
    return feeRows(fee, name ?? fee.item.invoice_display_name, notes, context);
  });
  return { caption: labels.fees, rows };
}

function linePeriod(fee: FeeJson, context: DocumentContext): string | null {
  if (!fee.from_date || !fee.to_date || fee.from_date === fee.to_date) return null;
  return `${formatTimestamp(fee.from_date, context)} – ${formatTimestamp(fee.to_date, context)}`;
}

function compare(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

function sumCents(fees: readonly FeeJson[]): number {
  return fees.reduce((sum, fee) => sum + fee.amount_cents, 0);
}

function money(cents: number, context: DocumentContext): string {
  return formatAmount(cents, context.currency, context.locale);
}
