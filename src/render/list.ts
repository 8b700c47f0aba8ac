/**
 * A list of Lago objects in the format that the user asked for: `table`, `json`, `ndjson`, `csv` or `yaml`.
 *
 * JSON and YAML carry the objects whole, under Lago's plural root with its paging block; NDJSON one object a line; tables
 * and CSV show the named columns, CSV with raw values under their JSON names.
 */
import { type CsvValue, renderCsv } from './csv.js';
import { printable, safeJson } from './printable.js';
import { renderTable, type TableColumn, type TableOptions } from './table.js';
import { safeYaml } from './yaml.js';

export const outputFormats = ['table', 'json', 'ndjson', 'csv', 'yaml', 'markdown'] as const;
export type OutputFormat = (typeof outputFormats)[number];

export interface ListColumn<T> {
  /** Path of the value in the object: `customer.external_id`. It is the CSV header. */
  readonly path: string;
  readonly header: string;
  readonly align?: TableColumn['align'];
  readonly shrinks?: boolean;
  /** What the table shows; the value itself when absent. */
  readonly show?: (object: T) => string;
}

export interface ListOptions extends TableOptions {
  /** Lago's plural name: `invoices`. */
  readonly root: string;
  /** What the table says when there is nothing. */
  readonly empty?: string;
  /** Absent: the list is whole. */
  readonly page?: ListPage;
}

/** A part of a list. */
export interface ListPage {
  /** From 1. */
  readonly number: number;
  readonly limit: number;
  readonly hasMore: boolean;
}

/** The text to print, with its last line break, in pieces: the JSON of a long list is never one text. */
export function* renderList<T extends object>(
  objects: readonly T[],
  columns: readonly ListColumn<T>[],
  format: OutputFormat,
  options: ListOptions,
): Iterable<string> {
  switch (format) {
    case 'json':
      yield* jsonPage(objects, options);
      return;
    case 'yaml':
      yield safeYaml({ [options.root]: objects, meta: metaOf(objects, options) });
      return;
    case 'ndjson':
      for (const object of objects) yield `${safeJson(object)}\n`;
      return;
    case 'csv':
      yield renderCsv(
        columns.map((column) => column.path),
        objects.map((object) => columns.map((column) => valueAt(object, column.path) as CsvValue)),
      );
      return;
    case 'markdown':
      yield renderMarkdown(
        columns.map((column) => column.header),
        objects.map((object) => columns.map((column) => shown(object, column))),
      );
      return;
    case 'table':
      if (objects.length === 0) yield `${options.empty ?? `no ${options.root.replaceAll('_', ' ')}`}\n`;
      else {
        yield `${renderTable(
          columns.map(tableColumn),
          objects.map((object) => columns.map((column) => shown(object, column))),
          options,
        )}\n`;
      }
  }
}

/** As `JSON.stringify` with an indent of 2 would write the page. */
function* jsonPage(objects: readonly object[], options: ListOptions): Iterable<string> {
  const indented = (value: object, spaces: string) => safeJson(value, 2).replaceAll('\n', `\n${spaces}`);
  yield `{\n  ${safeJson(options.root)}: [`;
  for (const [index, object] of objects.entries()) yield `${index === 0 ? '' : ','}\n    ${indented(object, '    ')}`;
  yield objects.length === 0 ? ']' : '\n  ]';
  yield `,\n  "meta": ${indented(metaOf(objects, options), '  ')}\n}\n`;
}

/** One object: its JSON under the singular root, YAML, or what `table` makes of it; CSV in one row, or what `csv` makes. */
export function renderOne<T extends object>(
  object: T,
  format: OutputFormat,
  options: {
    readonly root: string;
    readonly table: (object: T) => string;
    readonly csv?: (object: T) => string;
  },
): string {
  switch (format) {
    case 'json':
      return `${safeJson({ [options.root]: object }, 2)}\n`;
    case 'yaml':
      return safeYaml({ [options.root]: object });
    case 'ndjson':
      return `${safeJson(object)}\n`;
    case 'csv':
      return options.csv?.(object) ?? renderCsv(Object.keys(object), [Object.values(object) as CsvValue[]]);
    case 'markdown':
      return `\`\`\`\n${options.table(object)}\n\`\`\`\n`;
    case 'table':
      return `${options.table(object)}\n`;
  }
}

/** A table that a pull request comment or a page can hold. */
export function renderMarkdown(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |\n`;
  return [line(headers), `|${' --- |'.repeat(headers.length)}\n`, ...rows.map(line)].join('');
}

/** Without the signs that Markdown and HTML read. */
export function markdownText(text: string): string {
  return printable(text).replace(/[|<>`*_[\]\\]/g, (character) => `\\${character}`);
}

function tableColumn<T>(column: ListColumn<T>): TableColumn {
  return {
    header: column.header,
    align: column.align ?? 'left',
    ...(column.shrinks === undefined ? {} : { shrinks: column.shrinks }),
  };
}

/** Lago's block on pages. What was not read is not counted: while there are more, the totals are null. */
function metaOf(objects: readonly object[], { page }: ListOptions) {
  const { number, limit, hasMore } = page ?? { number: 1, limit: 0, hasMore: false };
  const isLast = !hasMore && (objects.length > 0 || number === 1);
  return {
    current_page: number,
    next_page: hasMore ? number + 1 : null,
    prev_page: number > 1 ? number - 1 : null,
    total_pages: isLast ? number : null,
    total_count: isLast ? (number - 1) * limit + objects.length : null,
  };
}

function shown<T extends object>(object: T, column: ListColumn<T>): string {
  if (column.show !== undefined) return column.show(object);
  const value = valueAt(object, column.path);
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function valueAt(object: object, path: string): unknown {
  let value: unknown = object;
  for (const key of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
