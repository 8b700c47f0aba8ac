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

export function renderTable(columns: readonly TableColumn[], rows: readonly TableRow[], options: TableOptions): string {
  const paint = palette(options.colour);
  const lines = rows.map((row) => (row === 'rule' ? row : toCells(row, columns.length)));
  const widths = fitted(columns, lines, options.width);
  const table = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: columns.map((column) => column.align ?? 'left'),
    colWidths: widths.map((width, index) => (index === widths.length - 1 ? width : width + GAP)),
  });
  const cell = (text: string, index: number) => {
    const cut = truncated(text, widths[index] as number);
    const isLast = index === widths.length - 1;
    return isLast ? cut : cut + ' '.repeat(columns[index]?.align === 'right' ? GAP : 0);
  };
  const rule = widths.map((width, index) => '─'.repeat(width + (index === widths.length - 1 ? 0 : GAP)));
  table.push(columns.map((column, index) => paint.bold(cell(column.header, index))));
  table.push(rule.map((dash) => paint.dim(dash)));
  for (const line of lines) {
    if (line === 'rule') table.push(rule.map((dash) => paint.dim(dash)));
    else table.push(line.cells.map((text, index) => styled(paint, line.style, cell(text, index))));
  }
  return withoutTrailingSpace(table.toString());
}

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

function styled(paint: ChalkInstance, style: 'detail' | 'total' | null, text: string): string {
  if (text === '' || style === null) return text;
  return style === 'detail' ? paint.dim(text) : paint.bold(text);
}

function withoutTrailingSpace(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

const BARE = Object.fromEntries(
  (
    'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right ' +
    'right-mid middle'
  )
    .split(' ')
    .map((name) => [name, '']),
);
