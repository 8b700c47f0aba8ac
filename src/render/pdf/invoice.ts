/**
 * An invoice on paper (invoicing §8). It reads the Lago JSON of the invoice and who issued it, nothing else, so that the
 * same invoice gives the same bytes on any day and any machine.
 */
import { type Definitions, type DocumentContext, documentContext, type InvoiceDocument } from '../documentContext.js';
import { type BodySection, invoiceBody } from '../invoiceBody.js';
import { invoiceTotals } from '../invoiceTotals.js';
import { documentLocale, formatDate } from '../locale.js';
import { formatAmount } from '../money.js';
import { printedText } from '../printable.js';
import { drawFeeTable } from './feeTable.js';
import { drawHead, type Fact } from './head.js';
import { fill } from './labels.js';
import { drawNotes, invoiceNotes } from './notes.js';
import { customerParty, type Issuer, issuerParty } from './parties.js';
import { Sheet, styles } from './sheet.js';
import { drawTotals } from './totals.js';

export interface PdfOptions {
  readonly definitions?: Definitions;
  /** The issuer's logo: the bytes of a PNG or JPEG file. */
  readonly logo?: Buffer | null;
  /** False leaves page contents uncompressed, for tests. */
  readonly compress?: boolean;
}

export function renderInvoicePdf(document: InvoiceDocument, issuer: Issuer, options: PdfOptions = {}): Buffer {
  const locale = documentLocale(document.customer.billing_configuration.document_locale, issuer.documentLocale);
  const context = documentContext(document, locale, options.definitions);
  const { labels } = context;
  const title = invoiceTitle(document, issuer, context);
  const sheet = new Sheet({
    title: `${title} ${printedText(document.number)}`,
    author: printedText(issuer.legalName ?? issuer.name),
    createdAt: new Date(`${document.issuing_date}T00:00:00Z`),
    language: locale,
    ...(options.compress === undefined ? {} : { compress: options.compress }),
  });
  const self = issuerParty(issuer, labels);
  const customer = customerParty(document.customer, labels);
  // A self-billed invoice is the partner's: it stands under "from", and the issuer pays.
  const [from, to] = document.self_billed ? [customer, self] : [self, customer];
  drawHead(sheet, {
    title,
    logo: document.self_billed ? null : (options.logo ?? null),
    facts: facts(document, context),
    customFacts: document.customer.metadata
      .filter((entry) => entry.display_in_invoice)
      .map((entry) => ({ label: printedText(entry.key), value: printedText(entry.value) })),
    parties: [
      { caption: labels.from, party: from },
      { caption: labels.billTo, party: to },
    ],
    headline: formatAmount(document.total_amount_cents, document.currency, locale),
    notice: notice(document, context),
  });
  drawBody(sheet, document, issuer, context);
  return sheet.finish((page, pages) => ({
    left: printedText(document.number),
    right: fill(labels.page, { page, pages }),
  }));
}

const TAX_INVOICE_COUNTRIES = ['AU', 'AE', 'NZ', 'ID', 'SG'];

function invoiceTitle(document: InvoiceDocument, issuer: Issuer, { labels }: DocumentContext): string {
  if (document.self_billed) return labels.selfBillingInvoice;
  if (document.invoice_type === 'credit') return labels.advanceInvoice;
  const title = TAX_INVOICE_COUNTRIES.includes(issuer.country ?? '') ? labels.taxInvoice : labels.invoice;
  return document.invoice_type === 'advance_charges' ? `${title} - ${labels.paid}` : title;
}

function facts(document: InvoiceDocument, { labels, locale }: DocumentContext): Fact[] {
  const days = document.net_payment_term;
  const term = fill(days === 1 ? labels.paymentTermOneDay : labels.paymentTermDays, { days });
  const order = document.purchase_order_number;
  return [
    { label: labels.invoiceNumber, value: printedText(document.number) },
    ...(order === null ? [] : [{ label: labels.purchaseOrder, value: printedText(order) }]),
    { label: labels.issueDate, value: formatDate(document.issuing_date, locale) },
    { label: labels.paymentTerm, value: term },
  ];
}

function notice(document: InvoiceDocument, { labels, locale }: DocumentContext): string {
  if (document.status === 'voided') return labels.voided;
  if (document.invoice_type === 'advance_charges') return labels.alreadyPaid;
  return fill(labels.dueOn, { date: formatDate(document.payment_due_date, locale) });
}

/** With several subscriptions the first page has one line for each and the totals; details follow on pages of their own. */
function drawBody(sheet: Sheet, document: InvoiceDocument, issuer: Issuer, context: DocumentContext): void {
  const body = invoiceBody(document, context);
  const closing = () => {
    drawTotals(sheet, invoiceTotals(document, context));
    drawNotes(sheet, invoiceNotes(document, issuer, context));
  };
  if (body.summary === null) {
    for (const section of body.sections) drawSection(sheet, section, context);
    closing();
    return;
  }
  drawSummary(sheet, body.summary, context);
  closing();
  for (const section of body.sections) {
    sheet.newPage();
    drawSection(sheet, section, context);
  }
}

function drawSection(sheet: Sheet, section: BodySection, { labels }: DocumentContext): void {
  if (section.heading !== null) drawHeading(sheet, section.heading);
  for (const table of section.tables) {
    const header = {
      caption: table.caption,
      units: labels.units,
      unitPrice: labels.unitPrice,
      tax: labels.tax,
      amount: labels.amount,
    };
    drawFeeTable(sheet, header, table.rows);
    sheet.y += 16;
  }
  if (section.totals.length > 0) {
    drawTotals(
      sheet,
      section.totals.map((total) => ({ ...total, kind: 'total' as const })),
    );
  }
}

function drawSummary(
  sheet: Sheet,
  lines: readonly { readonly label: string; readonly amount: string }[],
  { labels }: DocumentContext,
): void {
  const header = () => {
    sheet.text(labels.subscriptions, sheet.left, sheet.y + 10, styles.caption);
    sheet.text(labels.amount, sheet.right, sheet.y + 10, styles.caption, 'right');
    sheet.y += 18;
    sheet.rule(sheet.y, { strong: true });
  };
  header();
  for (const line of lines) {
    const wrapped = sheet.wrap(printedText(line.label), sheet.width - 120, styles.body);
    const height = wrapped.length * 12.5 + 10;
    if (!sheet.hasRoom(height)) {
      sheet.newPage();
      header();
    }
    for (const [index, text] of wrapped.entries())
      sheet.text(text, sheet.left, sheet.y + 14 + index * 12.5, styles.body);
    sheet.text(line.amount, sheet.right, sheet.y + 14, styles.body, 'right');
    sheet.y += height;
    sheet.rule(sheet.y);
  }
  sheet.y += 12;
}

function drawHeading(sheet: Sheet, heading: string): void {
  const lines = sheet.wrap(printedText(heading), sheet.width, styles.heading);
  if (!sheet.hasRoom(lines.length * 15 + 60)) sheet.newPage();
  for (const line of lines) {
    sheet.text(line, sheet.left, sheet.y + 11, styles.heading);
    sheet.y += 15;
  }
  sheet.y += 6;
}
