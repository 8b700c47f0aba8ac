/**
 * CSV as RFC 4180 writes it: fields in quotes may hold the delimiter, quotes (doubled) and line breaks.
 *
 * The first row names the columns. The delimiter is the one that the first row holds: comma, semicolon or tab. A row that
 * cannot be read costs the lines it began on; a quote that never closes is reported where its field began, and reading
 * goes on at the next line.
 */
import { isUtf8 } from 'node:buffer';
import type { Problem } from '../errors.js';
import { ByteWindow } from './byteWindow.js';
import { type RecordIntake, type RecordReader, shownBytes, tooLong } from './recordIntake.js';

const [newline, carriageReturn, quote] = [10, 13, 34] as const;
const delimiters = [',', ';', '\t'] as const;

/** A row of a megabyte is a quote gone astray. */
const maxRowBytes = 1 << 20;

/** Each costs a second reading of what it swallowed; more of them means that the file is no CSV. */
const maxUnclosedQuotes = 100;

/** The fields of the row at hand, as spans of the reader's bytes. */
export class CsvRow {
  bytes: Buffer = Buffer.alloc(0);
  from: number[] = [];
  to: number[] = [];
  /** The field holds doubled quotes. */
  doubled: boolean[] = [];
  count = 0;
  ascii = true;
  hasNul = false;
  /** A field stood in quotes: the row may hold line breaks. */
  quoted = false;
  /** The whole row in the bytes. */
  start = 0;
  end = 0;

  text(column: number): string {
    const text = this.bytes.toString(this.ascii ? 'latin1' : 'utf8', this.from[column], this.to[column]);
    return this.doubled[column] === true ? text.replaceAll('""', '"') : text;
  }

  /** The row as it stands in the file. */
  source(): string {
    return this.bytes.toString('utf8', this.start, Math.min(this.end, this.start + shownBytes));
  }
}

/** `at` is where the field began. A row is cut when the bytes end before it does. */
type BrokenRow = { readonly code: 'unclosed_quote' | 'text_after_quote'; readonly at: number };
type CutRow = { readonly code: 'cut' };

export class CsvReader implements RecordReader {
  /** Line breaks seen. */
  lines = 0;
  readonly #window = new ByteWindow();
  readonly #intake: RecordIntake;
  readonly #row = new CsvRow();
  #delimiter = 0;
  #columns = 0;
  #unclosed = 0;
  /** The file was given up: its header is unusable. */
  #stopped = false;
  /** Inside a row that was refused for its length. */
  #skipping = false;

  constructor(intake: RecordIntake) {
    this.#intake = intake;
  }

  feed(chunk: Uint8Array): void {
    if (this.#stopped) return;
    let from = 0;
    if (this.#skipping) {
      from = chunk.indexOf(newline) + 1;
      if (from === 0) return;
      this.#skipping = false;
      this.lines++;
    }
    this.#window.append(chunk.subarray(from));
    this.#rows(false);
  }

  finish(): void {
    if (this.#stopped || this.#window.length === 0) return;
    if (this.#window.bytes[this.#window.length - 1] !== newline) this.#window.append(Uint8Array.of(newline));
    this.#rows(true);
  }

  #rows(final: boolean): void {
    const { bytes, length } = this.#window;
    let at = 0;
    while (at < length && !this.#stopped) {
      if (this.#delimiter === 0 && !this.#findDelimiter(final)) break;
      const end = this.#scanRow(at, length);
      if (typeof end === 'number') {
        this.#take(at, end);
        this.lines += this.#row.quoted ? lineBreaks(bytes, at, end) : 1;
        at = end;
        continue;
      }
      if (end.code !== 'text_after_quote' && !final && length - at <= maxRowBytes) break;
      at = end.code === 'cut' ? this.#refuseLong(at) : this.#refuse(at, end, length);
    }
    this.#window.drop(at);
  }

  /** The most frequent of the three in the first line. */
  #findDelimiter(final: boolean): boolean {
    const { bytes, length } = this.#window;
    const end = bytes.indexOf(newline);
    if ((end < 0 || end >= length) && !final && length <= maxRowBytes) return false;
    const header = bytes.toString('latin1', 0, end < 0 ? length : end).replace(/"[^"]*"/g, '');
    const counts = delimiters.map((delimiter) => header.split(delimiter).length);
    this.#delimiter = (delimiters[counts.indexOf(Math.max(...counts))] as string).charCodeAt(0);
    return true;
  }

  /** Fills the row from `start`; returns where the next one begins, or why it cannot. */
  #scanRow(start: number, length: number): number | BrokenRow | CutRow {
    const { bytes } = this.#window;
    const row = this.#row;
    const delimiter = this.#delimiter;
    let high = 0;
    let p = start;
    row.bytes = bytes;
    row.count = 0;
    row.quoted = false;
    row.hasNul = false;
    for (;;) {
      let from = p;
      let to: number;
      let doubled = false;
      if (bytes[p] === quote && p < length) {
        from = ++p;
        row.quoted = true;
        for (;;) {
          while (p < length && bytes[p] !== quote) {
            high |= bytes[p] as number;
            if (bytes[p++] === 0) row.hasNul = true;
          }
          if (p >= length) return { code: 'unclosed_quote', at: from - 1 };
          if (bytes[p + 1] !== quote || p + 1 >= length) break;
          doubled = true;
          p += 2;
        }
        to = p++;
        if (bytes[p] === carriageReturn && (p + 1 >= length || bytes[p + 1] === newline)) p++;
        // A chunk may end right after the quote: whether it closes the field is not known yet.
        if (p >= length) return { code: 'cut' };
        if (bytes[p] !== delimiter && bytes[p] !== newline) return { code: 'text_after_quote', at: from - 1 };
      } else {
        let c = bytes[p] as number;
        while (p < length && c !== delimiter && c !== newline) {
          high |= c;
          if (c === 0) row.hasNul = true;
          c = bytes[++p] as number;
        }
        if (p >= length) return { code: 'cut' };
        to = bytes[p] === newline && p > from && bytes[p - 1] === carriageReturn ? p - 1 : p;
      }
      const i = row.count++;
      row.from[i] = from;
      row.to[i] = to;
      row.doubled[i] = doubled;
      if (bytes[p++] !== newline) continue;
      row.start = start;
      row.end = p - 1;
      row.ascii = high < 128;
      return p;
    }
  }

  #take(start: number, end: number): void {
    const row = this.#row;
    const line = this.lines + 1;
    if (row.count === 1 && row.from[0] === row.to[0]) return;
    const problem = this.#problemOf(start, end);
    if (problem !== null) this.#intake.unreadable(problem, line, null, row.source());
    else if (this.#columns > 0) this.#intake.row(row, line);
    else this.#header(line);
  }

  #problemOf(start: number, end: number): Problem | null {
    const { bytes, ascii, count } = this.#row;
    if (!ascii && !isUtf8(bytes.subarray(start, end))) return notUtf8;
    if (this.#row.hasNul) return { ...notUtf8, code: 'invalid_character', message: 'the row holds NUL bytes' };
    if (this.#columns === 0 || count === this.#columns) return null;
    return {
      field: 'record',
      code: 'wrong_number_of_fields',
      message: `the row has ${count} fields, the header ${this.#columns}`,
      suggestion: 'Put values that hold the delimiter in double quotes.',
    };
  }

  #header(line: number): void {
    const row = this.#row;
    const names = Array.from({ length: row.count }, (_, column) => row.text(column).trim());
    const problem = this.#intake.columns(names);
    this.#columns = row.count;
    if (problem === null) return;
    this.#stopped = true;
    this.#intake.unreadable(problem, line, null, row.source());
  }

  #refuseLong(start: number): number {
    const line = this.lines + 1;
    const text = this.#window.bytes.toString('utf8', start, start + shownBytes);
    this.#intake.unreadable(tooLong(line, null, maxRowBytes), line, null, text);
    this.#skipping = true;
    return this.#window.length;
  }

  /** Reports the field that broke the row, and goes on at the line after the one where it began. */
  #refuse(start: number, broken: BrokenRow, length: number): number {
    const { bytes } = this.#window;
    const line = this.lines + 1 + lineBreaks(bytes, start, broken.at);
    const column = broken.at - bytes.lastIndexOf(newline, Math.max(broken.at - 1, 0));
    let end = bytes.indexOf(newline, broken.at) + 1;
    if (end <= 0 || end > length) end = length;
    const unclosed = broken.code === 'unclosed_quote';
    if (unclosed) this.#unclosed++;
    if (this.#unclosed > maxUnclosedQuotes) this.#stopped = true;
    const problem: Problem = {
      field: 'record',
      code: unclosed ? 'unclosed_quote' : 'invalid_quote',
      message: unclosed
        ? `the quote that opens the field at line ${line}, column ${column} is never closed`
        : `the quoted field at line ${line}, column ${column} goes on after its closing quote`,
      suggestion: this.#stopped
        ? 'Too many quotes are never closed: the rest of the file was not read.'
        : 'Double a quote that belongs to the value: "5"" disk".',
    };
    const text = bytes.toString('utf8', start, Math.min(end, start + shownBytes));
    this.#intake.unreadable(problem, line, column, text);
    this.lines += lineBreaks(bytes, start, end);
    return end;
  }
}

const notUtf8: Problem = {
  field: 'record',
  code: 'invalid_character',
  message: 'the row is not valid UTF-8',
  suggestion: 'Convert the file: iconv -t UTF-8.',
};

function lineBreaks(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(newline, from); at >= 0 && at < to; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}
