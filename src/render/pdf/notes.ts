/** What an invoice says in words below its totals: tax notes, a passed threshold, the issuer's footer (invoicing §8, 7–10). */
import type { DocumentContext, InvoiceDocument } from '../documentContext.js';
import { formatAmount } from '../money.js';
import { printedText } from '../printable.js';
import { fill } from './labels.js';
import type { Issuer } from './parties.js';
import { type Sheet, styles } from './sheet.js';

export interface Note {
  readonly heading: string | null;
  readonly text: string;
}

/** The wording that French law asks of small sellers. */
const FRENCH_EXEMPTION = 'TVA non applicable, art. 293 B du CGI.';

export function invoiceNotes(document: InvoiceDocument, issuer: Issuer, context: DocumentContext): Note[] {
  const { labels } = context;
  const notes: Note[] = [];
  const say = (text: string) => notes.push({ heading: null, text });
  const taxCodes = document.applied_taxes.map((tax) => tax.tax_code);
  if (issuer.euTaxManagement && taxCodes.includes('lago_eu_tax_exempt')) {
    say(issuer.country === 'FR' ? FRENCH_EXEMPTION : labels.euExempt);
  }
  if (issuer.euTaxManagement && taxCodes.includes('lago_eu_reverse_charge')) say(labels.euReverseCharge);
  const threshold = thresholdNote(document, context);
  if (threshold !== null) say(threshold);
  for (const section of document.applied_invoice_custom_sections ?? []) {
    notes.push({ heading: printedText(section.display_name), text: printedText(section.details, true) });
  }
  if (issuer.invoiceFooter !== null) say(printedText(issuer.invoiceFooter, true));
  return notes;
}

/** Of several passed thresholds the highest counts; of a recurring one the largest multiple that usage has reached. */
function thresholdNote(document: InvoiceDocument, { labels, locale, currency }: DocumentContext): string | null {
  const passed = (document.applied_usage_thresholds ?? []).map((applied) => {
    const { amount_cents: amount, recurring } = applied.usage_threshold;
    const usage = applied.lifetime_usage_amount_cents;
    return { usage, amount: recurring ? Math.max(Math.floor(usage / amount), 1) * amount : amount };
  });
  const highest = passed.reduce<(typeof passed)[number] | null>(
    (best, next) => (best === null || next.amount > best.amount ? next : best),
    null,
  );
  if (highest === null) return null;
  return fill(labels.thresholdPassed, {
    usage: formatAmount(highest.usage, currency, locale),
    threshold: formatAmount(highest.amount, currency, locale),
  });
}

export function drawNotes(sheet: Sheet, notes: readonly Note[]): void {
  for (const note of notes) {
    sheet.y += 8;
    if (note.heading !== null) drawLines(sheet, sheet.wrap(note.heading, sheet.width, styles.strong), styles.strong);
    drawLines(sheet, sheet.wrap(note.text, sheet.width, styles.caption), styles.caption);
  }
}

function drawLines(sheet: Sheet, lines: readonly string[], style: typeof styles.strong | typeof styles.caption): void {
  for (const line of lines) {
    if (!sheet.hasRoom(12)) sheet.newPage();
    sheet.text(line, sheet.left, sheet.y + 9, style);
    sheet.y += 12;
  }
}
