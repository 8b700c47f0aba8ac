/** A credit note on paper (invoicing §8, last paragraph): what is given back, for which items, and in which way. */
import { Decimal } from '../../money/decimal.js';
import { type Definitions, type DocumentContext, documentContext } from '../documentContext.js';
import type { BodyRow } from '../feeRows.js';
import { rowLabel } from '../invoiceBody.js';
import type { TotalLine } from '../invoiceTotals.js';
import type { CreditNoteJson } from '../json/creditNote.js';
import { documentLocale, formatDate } from '../locale.js';
import { formatAmount, formatRate } from '../money.js';
import { printedText } from '../printable.js';
import { drawFeeTable } from './feeTable.js';
import { drawHead } from './head.js';
import { fill } from './labels.js';
import { drawNotes } from './notes.js';
import { customerParty, type Issuer, issuerParty } from './parties.js';
import { Sheet } from './sheet.js';
import { drawTotals } from './totals.js';

export interface CreditNotePdfOptions {
  readonly definitions?: Definitions;
  readonly logo?: Buffer | null;
  readonly compress?: boolean;
}

export function renderCreditNotePdf(note: CreditNoteJson, issuer: Issuer, options: CreditNotePdfOptions = {}): Buffer {
  const locale = documentLocale(note.customer.billing_configuration.document_locale, issuer.documentLocale);
  const context = documentContext(note, locale, options.definitions);
  const { labels } = context;
  const sheet = new Sheet({
    title: `${labels.creditNote} ${printedText(note.number)}`,
    author: printedText(issuer.legalName ?? issuer.name),
    createdAt: new Date(`${note.issuing_date}T00:00:00Z`),
    language: locale,
    ...(options.compress === undefined ? {} : { compress: options.compress }),
  });
  const self = issuerParty(issuer, labels);
  const customer = customerParty(note.customer, labels);
  const order = note.purchase_order_number;
  drawHead(sheet, {
    title: labels.creditNote,
    logo: note.self_billed ? null : (options.logo ?? null),
    facts: [
      { label: labels.creditNoteNumber, value: printedText(note.number) },
      { label: labels.invoiceNumber, value: printedText(note.invoice_number) },
      ...(order === null ? [] : [{ label: labels.purchaseOrder, value: printedText(order) }]),
      { label: labels.issueDate, value: formatDate(note.issuing_date, locale) },
    ],
    customFacts: [],
    parties: [
      { caption: labels.from, party: note.self_billed ? customer : self },
      { caption: labels.billTo, party: note.self_billed ? self : customer },
    ],
    headline: formatAmount(note.total_amount_cents, note.currency, locale),
    notice: notice(note, context),
  });
  const header = { caption: labels.item, units: '', unitPrice: '', tax: labels.tax, amount: labels.amount };
  drawFeeTable(
    sheet,
    header,
    note.items.map((item) => itemRow(item, context)),
  );
  sheet.y += 16;
  drawTotals(sheet, totals(note, context));
  if (note.description !== null) drawNotes(sheet, [{ heading: null, text: printedText(note.description, true) }]);
  return sheet.finish((page, pages) => ({
    left: printedText(note.number),
    right: fill(labels.page, { page, pages }),
  }));
}

/** What happened to the amount, where one thing happened to all of it; else only when it was issued. */
function notice(note: CreditNoteJson, { labels, locale }: DocumentContext): string {
  const date = formatDate(note.issuing_date, locale);
  const ways = [
    { cents: note.credit_amount_cents, label: labels.creditedOn },
    { cents: note.refund_amount_cents, label: labels.refundedOn },
    { cents: note.offset_amount_cents, label: labels.offsetOn },
  ].filter(({ cents }) => cents > 0);
  const only = ways.length === 1 ? ways[0] : undefined;
  return fill(only?.label ?? labels.issuedOn, { date });
}

function itemRow(item: CreditNoteJson['items'][number], context: DocumentContext): BodyRow {
  const { fee } = item;
  return {
    kind: 'item',
    label: fee === null ? context.labels.item : rowLabel(fee, context),
    notes: [],
    units: '',
    unitPrice: '',
    tax: formatRate(fee?.taxes_rate ?? 0, context.locale),
    amount: formatAmount(item.amount_cents, item.amount_currency, context.locale),
  };
}

function totals(note: CreditNoteJson, { labels, locale }: DocumentContext): TotalLine[] {
  const lines: TotalLine[] = [];
  const money = (cents: number) => formatAmount(cents, note.currency, locale);
  const add = (label: string, cents: number, kind: TotalLine['kind'] = 'plain') =>
    lines.push({ label, amount: money(cents), kind });
  const coupons = note.coupons_adjustment_amount_cents;
  if (coupons !== 0) add(labels.coupons, -coupons);
  add(labels.subtotalExcludingTax, note.sub_total_excluding_taxes_amount_cents, 'subtotal');
  const taxes = [...note.applied_taxes].sort((a, b) => new Decimal(b.tax_rate).comparedTo(a.tax_rate));
  for (const tax of taxes) {
    const rate = formatRate(tax.tax_rate, locale);
    add(fill(labels.taxOn, { name: tax.tax_name, rate, base: money(tax.base_amount_cents) }), tax.amount_cents);
  }
  if (taxes.length === 0) add(fill(labels.noTax, { rate: formatRate(0, locale) }), 0);
  if (note.offset_amount_cents > 0) add(labels.offset, note.offset_amount_cents);
  if (note.credit_amount_cents > 0) add(labels.credited, note.credit_amount_cents);
  if (note.refund_amount_cents > 0) add(labels.refunded, note.refund_amount_cents);
  add(labels.total, note.total_amount_cents, 'total');
  return lines;
}
