/** The totals at the foot of a document: on the right half, ruled, the last line in bold. Kept on one page. */
import type { TotalLine } from '../invoiceTotals.js';
import { printedText } from '../printable.js';
import { type Sheet, styles } from './sheet.js';

const WIDTH = 290;
const AMOUNT_WIDTH = 100;
const LINE = 12.5;

export function drawTotals(sheet: Sheet, lines: readonly TotalLine[]): void {
  const wrapped = lines.map((line) => ({
    ...line,
    labels: sheet.wrap(printedText(line.label), WIDTH - AMOUNT_WIDTH, styleOf(line)),
  }));
  const height = wrapped.reduce((sum, line) => sum + heightOf(line), 12);
  if (!sheet.hasRoom(height)) sheet.newPage();
  sheet.y += 6;
  const left = sheet.right - WIDTH;
  for (const line of wrapped) {
    const style = styleOf(line);
    if (line.kind === 'total') sheet.rule(sheet.y, { from: left, strong: true });
    const baseline = sheet.y + (line.kind === 'total' ? 19 : 14);
    for (const [index, text] of line.labels.entries()) sheet.text(text, left, baseline + index * LINE, style);
    sheet.text(line.amount, sheet.right, baseline, style, 'right');
    sheet.y += heightOf(line);
    if (line.kind !== 'total') sheet.rule(sheet.y, { from: left });
  }
  sheet.y += 14;
}

function heightOf(line: { readonly labels: readonly string[]; readonly kind: TotalLine['kind'] }): number {
  return line.labels.length * LINE + (line.kind === 'total' ? 18 : 8);
}

function styleOf(line: TotalLine) {
  if (line.kind === 'total') return styles.heading;
  return line.kind === 'subtotal' ? styles.strong : styles.body;
}
