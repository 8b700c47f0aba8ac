/** Prints Lago's JSON on stdout in the format that the session asks for. */
import { exponent, fromCents, isCurrency } from '../money/currency.js';
import { type ListColumn, type ListPage, renderList, renderOne } from '../render/list.js';
import { safeJson, safeText } from '../render/printable.js';
import { renderTable } from '../render/table.js';
import { safeYaml } from '../render/yaml.js';
import type { Session } from './context.js';

/** Characters. */
const WRITTEN_AT_ONCE = 1 << 16;

export type Columns<T> = readonly ListColumn<T>[];

/** A list under Lago's plural root: `invoices`. */
export function printList<T extends object>(
  session: Session,
  root: string,
  objects: readonly T[],
  columns: Columns<T>,
  empty?: string,
  page?: ListPage,
): void {
  const options = {
    root,
    ...tableOptions(session),
    ...(empty === undefined ? {} : { empty }),
    ...(page === undefined ? {} : { page }),
  };
  let text = '';
  for (const piece of renderList(objects, columns, session.format, options)) {
    text += piece;
    if (text.length < WRITTEN_AT_ONCE) continue;
    write(session, text);
    text = '';
  }
  write(session, text);
}

/** One object under Lago's singular root: `invoice`. Without a `table` of its own it shows its fields line by line; `csv` has
 * the rows of one that is more than a row. */
export function printOne<T extends object>(
  session: Session,
  root: string,
  object: T,
  table: (object: T) => string = (shown) => fieldLines(session, shown),
  csv?: (object: T) => string,
): void {
  write(session, renderOne(object, session.format, { root, table, ...(csv === undefined ? {} : { csv }) }));
}

/** Something that is no Lago object: JSON and YAML as it is, else the text. */
export function printDocument(session: Session, document: unknown, text: string): void {
  const { format, stdout } = session;
  if (format === 'json') stdout.write(`${safeJson(document, 2)}\n`);
  else if (format === 'ndjson') stdout.write(`${safeJson(document)}\n`);
  else if (format === 'yaml') stdout.write(safeYaml(document));
  else write(session, `${text}\n`);
}

/** CSV keeps every character for the program that reads it; a terminal is given text only. */
function write({ format, stdout, colors }: Session, text: string): void {
  stdout.write(format === 'csv' && !stdout.isTTY ? text : safeText(text, colors.level > 0));
}

export function tableOptions(session: Session): { colour: boolean; width?: number } {
  const colour = session.colors.level > 0;
  return session.stdout.isTTY ? { colour, width: session.stdout.columns } : { colour };
}

/** `123456`, `EUR` → `1234.56 EUR`: exact, and the same in every locale. */
export function money(cents: number | null, currency: string | null): string {
  if (cents === null) return '';
  if (!isCurrency(currency)) return String(cents);
  return `${fromCents(cents, currency).toFixed(exponent(currency))} ${currency}`;
}

/** `1 plan`, `1,200 plans`. */
export function counted(count: number, noun: string): string {
  const plural = noun.endsWith('x') ? `${noun}es` : `${noun}s`;
  return `${count.toLocaleString('en')} ${count === 1 ? noun : plural}`;
}

/** Fields without those that say nothing; what is nested as `name.field`. */
function fieldLines(session: Session, object: object): string {
  return renderTable(
    [{ header: 'field', shrinks: false }, { header: 'value' }],
    rowsOf(object, ''),
    tableOptions(session),
  );
}

function rowsOf(object: object, prefix: string): (readonly string[])[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return value.length === 0 ? [] : [[name, listText(value)]];
    return typeof value === 'object' ? rowsOf(value, name) : [[name, String(value)]];
  });
}

/** Plain values side by side; of objects their number, which JSON shows in full. */
function listText(values: readonly unknown[]): string {
  const plain = values.every((value) => value === null || typeof value !== 'object');
  return plain ? values.join(', ') : `${values.length} (shown by --json)`;
}
