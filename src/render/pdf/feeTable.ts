/**
 * Tables of fees on paper: figures against the right edge of their columns, long labels wrapped, and the header again at
 * the top of every page that a table runs on to. Rows are drawn one by one, which is far faster than a layout engine.
 */
import type { BodyRow } from '../feeRows.js';
import { printedText } from '../printable.js';
import { type Sheet, styles, type TextStyle } from './sheet.js';

export interface TableHeader {
  readonly caption: string;
  readonly units: string;
  readonly unitPrice: string;
  readonly tax: string;
  readonly amount: string;
}

const FIGURES = ['units', 'unitPrice', 'tax', 'amount'] as const;
type FigureColumn = (typeof FIGURES)[number];

/** Widths that a column has at least, so that the tables of one invoice look alike. */
const LEAST_WIDTHS: Readonly<Record<FigureColumn, number>> = { units: 56, unitPrice: 72, tax: 30, amount: 64 };
const LEAST_LABEL_WIDTH = 110;
const GUTTER = 14;
const DETAIL_INDENT = 12;

/** Where each figure ends, and how wide labels may be. */
interface Columns {
  readonly edges: Readonly<Record<FigureColumn, number>>;
  readonly labelWidth: number;
}

/** A row with its text broken into lines, measured once. */
interface LaidRow {
  readonly row: BodyRow;
  readonly style: TextStyle;
  readonly label: readonly string[];
  readonly notes: readonly string[];
  readonly height: number;
}

export function drawFeeTable(sheet: Sheet, header: TableHeader, rows: readonly BodyRow[]): void {
  const columns = layColumns(sheet, header, rows);
  const laid = rows.map((row) => layRow(sheet, row, columns));
  const [first] = laid;
  if (first === undefined) return;
  const headerHeight = captionLines(sheet, header, columns).length * lineHeight(styles.caption) + 7;
  if (!sheet.hasRoom(headerHeight + first.height)) sheet.newPage();
  drawHeader(sheet, header, columns);
  for (const [index, row] of laid.entries()) {
    const next = laid[index + 1];
    const goesOn = next !== undefined && next.row.kind !== 'item';
    // A line with a breakdown never stands alone at the foot of a page.
    if (!sheet.hasRoom(row.height + (goesOn ? next.height : 0))) {
      sheet.newPage();
      drawHeader(sheet, header, columns);
    }
    drawRow(sheet, row, columns);
    if (!goesOn) sheet.rule(sheet.y);
  }
}

/** Each column is as wide as its widest figure asks; what is left is the label's. */
function layColumns(sheet: Sheet, header: TableHeader, rows: readonly BodyRow[]): Columns {
  const edges: Record<FigureColumn, number> = { units: 0, unitPrice: 0, tax: 0, amount: 0 };
  let edge = sheet.right;
  for (const column of [...FIGURES].reverse()) {
    edges[column] = edge;
    let width = Math.max(LEAST_WIDTHS[column], sheet.widthOf(header[column], styles.caption));
    for (const row of rows) width = Math.max(width, sheet.widthOf(row[column], rowStyle(row)));
    edge -= width + GUTTER;
  }
  return { edges, labelWidth: Math.max(edge - sheet.left, LEAST_LABEL_WIDTH) };
}

function layRow(sheet: Sheet, row: BodyRow, columns: Columns): LaidRow {
  const style = rowStyle(row);
  const width = columns.labelWidth - indent(row);
  const label = sheet.wrap(printedText(row.label), width, style);
  const notes = row.notes.flatMap((note) => sheet.wrap(printedText(note), width, styles.caption));
  const height = label.length * lineHeight(style) + notes.length * lineHeight(styles.caption) + 2 * padding(row);
  return { row, style, label, notes, height };
}

function drawHeader(sheet: Sheet, header: TableHeader, columns: Columns): void {
  const caption = captionLines(sheet, header, columns);
  for (const line of caption) {
    sheet.y += lineHeight(styles.caption);
    sheet.text(line, sheet.left, sheet.y, styles.caption);
  }
  drawFigures(sheet, header, columns, sheet.y, styles.caption);
  sheet.y += 7;
  sheet.rule(sheet.y, { strong: true });
}

function captionLines(sheet: Sheet, header: TableHeader, columns: Columns): string[] {
  return sheet.wrap(header.caption, columns.labelWidth, styles.caption);
}

function drawRow(sheet: Sheet, { row, style, label, notes, height }: LaidRow, columns: Columns): void {
  const x = sheet.left + indent(row);
  const baseline = sheet.y + padding(row) + style.size;
  let y = baseline;
  for (const line of label) {
    sheet.text(line, x, y, style);
    y += lineHeight(style);
  }
  for (const line of notes) {
    sheet.text(line, x, y, styles.caption);
    y += lineHeight(styles.caption);
  }
  drawFigures(sheet, row, columns, baseline, style);
  sheet.y += height;
}

function drawFigures(
  sheet: Sheet,
  cells: Omit<TableHeader, 'caption'>,
  columns: Columns,
  baseline: number,
  style: TextStyle,
): void {
  for (const column of FIGURES) {
    if (cells[column] !== '') sheet.text(cells[column], columns.edges[column], baseline, style, 'right');
  }
}

function rowStyle(row: BodyRow): TextStyle {
  return row.kind === 'detail' ? styles.caption : styles.body;
}

function indent(row: BodyRow): number {
  return row.kind === 'item' ? 0 : DETAIL_INDENT;
}

function padding(row: BodyRow): number {
  return row.kind === 'detail' ? 1.5 : 5;
}

function lineHeight(style: TextStyle): number {
  return style.size * 1.36;
}
