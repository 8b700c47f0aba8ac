/**
 * An explanation on a terminal: a heading with its figure, the facts, and one line for each step,
 * `label   expression = result`, that a calculator can follow.
 */
import { printable } from '../../render/printable.js';
import { displayWidth, palette, renderTable, type TableOptions } from '../../render/table.js';
import type { Step } from '../arithmetic.js';
import { units } from '../figures.js';
import type { Explanation } from './explanation.js';
import { reAdds } from './explanation.js';
import { amountText } from './invoiceExplanation.js';

const LABEL_WIDTH = 16;
const WIDEST_HEADING = 78;

export function renderExplanation(explanation: Explanation, options: TableOptions): string {
  const parts = explanation.parts.map((part) => renderExplanation(part, options));
  // The totals of an invoice come after what they add up; everything else leads to its parts.
  const blocks =
    explanation.amountCents === null ? [own(explanation, options), ...parts] : [...parts, own(explanation, options)];
  return blocks.join('\n\n');
}

function own(explanation: Explanation, options: TableOptions): string {
  const paint = palette(options.colour);
  const lines = [heading(explanation, options)];
  const labels = [
    ...explanation.facts.map((fact) => fact.label),
    ...explanation.steps.map((each) => each.label),
    ...explanation.shares.map((each) => each.label),
  ];
  const width = Math.max(LABEL_WIDTH, ...labels.map(displayWidth).filter((each) => each <= 34));
  for (const { label, text } of explanation.facts)
    lines.push(`  ${paint.dim(label.padEnd(width))}  ${printable(text)}`);
  for (const each of explanation.steps) lines.push(stepLine(each, width));
  if (!reAdds(explanation)) lines.push(paint.yellow(`  these steps do not come to ${amountText(explanation)}`));
  for (const each of explanation.shares) lines.push(paint.dim(stepLine(each, width)));
  if (explanation.events.length > 0) lines.push('', eventTable(explanation, options));
  return lines.join('\n');
}

function heading(explanation: Explanation, options: TableOptions): string {
  const paint = palette(options.colour);
  const figure = amountText(explanation);
  const place = explanation.place === undefined ? '' : `${explanation.place}. `;
  const title = place + printable(explanation.title);
  const subtitle = explanation.subtitle === null ? '' : `  ${printable(explanation.subtitle)}`;
  const width = Math.min(options.width ?? WIDEST_HEADING, WIDEST_HEADING);
  const gap = ' '.repeat(Math.max(2, width - displayWidth(title + subtitle) - figure.length));
  return `${paint.bold(title)}${paint.dim(subtitle)}${figure === '' ? '' : gap}${paint.bold(figure)}`;
}

/** A figure that stands for itself is printed once. */
function stepLine({ label, expression, result }: Step, width: number): string {
  const shown = result.replace('-', '−');
  const arithmetic = expression === shown || expression === result ? shown : `${expression} = ${shown}`;
  return `  ${printable(label).padEnd(width)}  ${arithmetic}`;
}

function eventTable({ events, eventsLeftOut }: Explanation, options: TableOptions): string {
  const hasValues = events.some((event) => event.value !== null);
  const columns = [
    { header: '  time', shrinks: false },
    { header: 'transaction' },
    ...(hasValues ? [{ header: 'value', align: 'right' as const }] : []),
  ];
  const rows = events.map((event) => [
    `  ${event.localTime}`,
    event.transactionId,
    ...(hasValues ? [event.counts ? (event.value ?? 'none') : `${event.value ?? 'none'}: not counted`] : []),
  ]);
  const table = renderTable(columns, rows, options);
  return eventsLeftOut === 0
    ? table
    : `${table}\n  and ${units(eventsLeftOut)} more: --events ${events.length + eventsLeftOut} shows all`;
}
