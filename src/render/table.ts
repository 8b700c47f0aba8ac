/**
 * Tables for the terminal: columns that keep their figures aligned, text that shrinks to the width there is, and no
 * character from a user's file that could drive the terminal. Colour is the caller's decision, never guessed here.
 */
import { Chalk, type ChalkInstance } from 'chalk';
import Table from 'cli-table3';
import { printable } from './printable.js';

export interface TableColumn {
  readonly header: string;
  /** Figures stand right. Default left. */
  readonly align?: 'left' | 'right';
  /** May be cut to fit the width. Figures never are. Default: columns on the left may. */
  readonly shrinks?: boolean;
  /** Goes on in the next line, by words, where it is cut otherwise. */
  readonly wraps?: boolean;
}

/** `detail` rows hang under another and print dim; `total` rows print bold; a `rule` is a line across. */
export type TableRow =
  | readonly string[]
  | { readonly cells: readonly string[]; readonly style: 'detail' | 'total' }
  | 'rule';

export interface TableOptions {
  readonly colour: boolean;
  /** Columns of the terminal; no limit when absent (a pipe). */
  readonly width?: number;
}

const GAP = 2;
const NARROWEST = 8;

/** Rows drawn at a time: the library's layout takes the square of what it is given. */
const BLOCK = 64;

export function renderTable(columns: readonly TableColumn[], rows: readonly TableRow[], options: TableOptions): string {
  const paint = palette(options.colour);
  const lines = rows.map((row) => (row === 'rule' ? row : toCells(row, columns.length)));
  const widths = fitted(columns, lines, options.width);
  const rule = widths.map((width, index) => paint.dim('─'.repeat(isLast(widths, index) ? width : width + GAP)));
  const drawn = (cells: readonly string[], style: (text: string) => string) =>
    cells.map((text, index) => drawnCell(columns, widths, text, index, style));
  const head = drawn(
    columns.map((column) => column.header),
    paint.bold,
  );
  const body = lines.flatMap((line) =>
    line === 'rule'
      ? [rule]
      : wrapped(columns, widths, line.cells).map((cells) => drawn(cells, styleOf(paint, line.style))),
  );
  return inBlocks(columns, widths, [head, rule, ...body]);
}

/** A cell cut to its column. What is blank is not styled, so that it can be cut off at the line's end. */
function drawnCell(
  columns: readonly TableColumn[],
  widths: readonly number[],
  text: string,
  index: number,
  style: (text: string) => string,
): string {
  const cut = truncated(text, widths[index] as number);
  const gap = columns[index]?.align === 'right' && !isLast(widths, index) ? ' '.repeat(GAP) : '';
  return (cut === '' ? '' : style(cut)) + gap;
}

/** Every block has the same columns, so that they read as one table. */
function inBlocks(columns: readonly TableColumn[], widths: readonly number[], rows: readonly string[][]): string {
  const blocks: string[] = [];
  for (let from = 0; from < rows.length; from += BLOCK) {
    const table = new Table({
      chars: BARE,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
      colAligns: columns.map((column) => column.align ?? 'left'),
      colWidths: widths.map((width, index) => (isLast(widths, index) ? width : width + GAP)),
    });
    table.push(...rows.slice(from, from + BLOCK));
    blocks.push(table.toString());
  }
  return blocks
    .join('\n')
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function isLast(widths: readonly number[], index: number): boolean {
  return index === widths.length - 1;
}

/** No lines but the rules that a caller asks for. */
const BARE = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
    'middle',
  ].map((name) => [name, '']),
);

export function palette(colour: boolean): ChalkInstance {
  return new Chalk({ level: colour ? 1 : 0 });
}

/** Columns of the terminal that a text takes: East Asian wide characters and emoji take two, marks none. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\p{Default_Ignorable_Code_Point}/u.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

function toCells(row: Exclude<TableRow, 'rule'>, count: number) {
  const isStyled = 'cells' in row;
  const cells = (isStyled ? row.cells : row).map(printable);
  while (cells.length < count) cells.push('');
  return { cells, style: isStyled ? row.style : null };
}

/** Natural widths, then the widest shrinkable columns give way until the table fits. */
function fitted(
  columns: readonly TableColumn[],
  lines: readonly ('rule' | { readonly cells: readonly string[] })[],
  limit: number | undefined,
): number[] {
  const widths = columns.map((column, index) =>
    lines.reduce(
      (widest, line) => (line === 'rule' ? widest : Math.max(widest, displayWidth(line.cells[index] ?? ''))),
      displayWidth(column.header),
    ),
  );
  if (limit === undefined) return widths;
  let excess = widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1) - limit;
  while (excess > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (!(column.shrinks ?? column.align !== 'right')) continue;
      const width = widths[index] as number;
      if (width > NARROWEST && (widest === -1 || width > (widths[widest] as number))) widest = index;
    }
    if (widest === -1) break;
    widths[widest] = (widths[widest] as number) - 1;
    excess -= 1;
  }
  return widths;
}

/** The lines of a row: more than one where a cell of a column that wraps is wider than the column. */
function wrapped(
  columns: readonly TableColumn[],
  widths: readonly number[],
  cells: readonly string[],
): (readonly string[])[] {
  if (!columns.some((column) => column.wraps)) return [cells];
  const pieces = cells.map((text, index) =>
    columns[index]?.wraps ? wordLines(text, widths[index] as number) : [text],
  );
  const height = Math.max(...pieces.map((each) => each.length));
  return Array.from({ length: height }, (_, line) => pieces.map((each) => each[line] ?? ''));
}

function wordLines(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) as string;
    const longer = last === '' ? word : `${last} ${word}`;
    if (last === '' || displayWidth(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function truncated(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = displayWidth(character);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}

function styleOf(paint: ChalkInstance, style: 'detail' | 'total' | null): (text: string) => string {
  if (style === null) return (text) => text;
  return style === 'detail' ? paint.dim : paint.bold;
}
