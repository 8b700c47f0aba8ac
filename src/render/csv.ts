/**
 * CSV for spreadsheets (RFC 4180 quoting, one line per record, `\n` at line ends).
 *
 * A text cell that starts with `=`, `+`, `-` or `@` (or a tab or return) would run as a formula when opened, so such
 * cells get a leading apostrophe. Figures are not touched: "-12.5" is a number, "-cmd" is not.
 */

export type CsvValue = string | number | boolean | null | undefined | object;

export function renderCsv(headers: readonly string[], rows: readonly (readonly CsvValue[])[]): string {
  return `${[headers, ...rows].map((row) => row.map(csvCell).join(',')).join('\n')}\n`;
}

export function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? guarded(value) : JSON.stringify(value);
  return quotedCell(text);
}

/** The text as it is, in quotes where CSV needs them. */
export function quotedCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}
