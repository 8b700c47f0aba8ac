/** The life of a subscription as JSON, and as a table with one row per thing that happens on a local day. */
import type { Timeline, TimelineEntry, TimelineLine } from '../operations/timeline.js';
import { printable } from '../render/printable.js';
import { renderTable, type TableRow } from '../render/table.js';
import { formatInstant } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';
import type { Session } from './context.js';
import { money, tableOptions } from './output.js';

export function timelineJson({ subscription, externalCustomerId, zone, entries }: Timeline) {
  return {
    external_subscription_id: subscription.externalId,
    external_customer_id: externalCustomerId,
    plan_code: subscription.planCode,
    status: subscription.status,
    billing_time: subscription.billingTime,
    timezone: zone,
    entries: entries.map((entry) => ({
      type: entry.kind,
      state: entry.state,
      date: localDateOf(entry.at, zone),
      at: formatInstant(entry.at),
      ...entryJson(entry),
    })),
  };
}

function entryJson(entry: TimelineEntry): object {
  switch (entry.kind) {
    case 'start': {
      const { planCode, trialEndsAt } = entry;
      return { plan_code: planCode, trial_ends_at: trialEndsAt === null ? null : formatInstant(trialEndsAt) };
    }
    case 'upgrade':
    case 'downgrade':
      return { plan_code: entry.planCode, from_plan_code: entry.fromPlanCode };
    case 'trial_end':
    case 'termination':
    case 'cancelation':
      return { plan_code: entry.planCode };
    case 'invoice': {
      const { invoice, lines, state } = entry;
      const isIssued = state === 'past';
      return {
        lago_id: isIssued ? invoice.id : null,
        number: isIssued ? invoice.number : null,
        status: isIssued ? invoice.status : null,
        currency: invoice.currency,
        total_amount_cents: invoice.totalAmountCents,
        lines: lines.map(({ feeType, fromDate, toDate, amountCents, isOpen }) => ({
          fee_type: feeType,
          from_date: fromDate,
          to_date: toDate,
          amount_cents: amountCents,
          open: isOpen,
        })),
      };
    }
    case 'credit_note': {
      const { number, currency, totalAmountCents } = entry.creditNote;
      return { number: entry.state === 'past' ? number : null, currency, total_amount_cents: totalAmountCents };
    }
  }
}

export function timelineTable(session: Session, timeline: Timeline): string {
  const { subscription, externalCustomerId, zone, entries } = timeline;
  const head = printable(
    `Subscription ${subscription.externalId} of ${externalCustomerId}, ${subscription.status} on ${subscription.planCode}; days of ${zone}`,
  );
  const past = entries.filter(({ state }) => state !== 'coming').flatMap((entry) => rowsOf(entry, timeline));
  const coming = entries.filter(({ state }) => state === 'coming').flatMap((entry) => rowsOf(entry, timeline));
  const columns = [
    { header: 'Date', shrinks: false },
    { header: 'What' },
    { header: 'Period', shrinks: false },
    { header: 'Amount', align: 'right' as const },
    { header: 'Invoice', shrinks: false },
    { header: 'Total', align: 'right' as const },
  ];
  const rows: TableRow[] =
    coming.length === 0 || past.length === 0 ? [...past, ...coming] : [...past, 'rule', ...coming];
  const table = renderTable(columns, rows, tableOptions(session));
  const open = entries.some((entry) => entry.kind === 'invoice' && entry.lines.some(({ isOpen }) => isOpen));
  const soFar = open ? '; "so far" lacks the usage still to come' : '';
  return `${head}\n\n${table}\n\nAmounts are before taxes, totals are of the whole invoice with taxes${soFar}.`;
}

function rowsOf(entry: TimelineEntry, { zone }: Timeline): TableRow[] {
  const date = localDateOf(entry.at, zone);
  switch (entry.kind) {
    case 'start': {
      const trial = entry.trialEndsAt === null ? '' : `, trial until ${localDateOf(entry.trialEndsAt, zone)}`;
      return [[date, `starts on ${entry.planCode}${trial}`]];
    }
    case 'upgrade':
    case 'downgrade':
      return [[date, `${entry.kind} from ${entry.fromPlanCode} to ${entry.planCode}`]];
    case 'trial_end':
      return [[date, 'trial ends']];
    case 'termination':
      return [[date, 'ends']];
    case 'cancelation':
      return [[date, `change to ${entry.planCode} canceled`]];
    case 'invoice':
      return invoiceRows(entry, date);
    case 'credit_note': {
      const { number, currency, totalAmountCents } = entry.creditNote;
      const named = entry.state === 'past' ? number : entry.state;
      return [[date, 'credit note', '', '', named, `-${money(totalAmountCents, currency)}`]];
    }
  }
}

function invoiceRows(entry: TimelineEntry & { readonly kind: 'invoice' }, date: string): TableRow[] {
  const { invoice, lines, state } = entry;
  const named = state !== 'past' ? state : invoice.status === 'draft' ? 'draft' : invoice.number;
  const total = money(invoice.totalAmountCents, invoice.currency);
  const status = state === 'past' && invoice.status === 'voided' ? `${named} (voided)` : named;
  if (lines.length === 0) return [[date, 'nothing', '', '', status, total]];
  return lines.map((line, index) => {
    const amount = money(line.amountCents, invoice.currency);
    const cells = [whatOf(line), periodOf(line), amount];
    return index === 0 ? [date, ...cells, status, total] : ['', ...cells];
  });
}

function whatOf({ feeType, isOpen }: TimelineLine): string {
  const name = {
    subscription: 'base fee',
    charge: 'usage',
    fixed_charge: 'fixed charges',
    commitment: 'minimum commitment',
    add_on: 'add-ons',
    credit: 'credits',
  }[feeType];
  return isOpen ? `${name} so far` : name;
}

function periodOf({ fromDate, toDate }: TimelineLine): string {
  if (fromDate === null || toDate === null) return '';
  return fromDate === toDate ? fromDate : `${fromDate} to ${toDate}`;
}
