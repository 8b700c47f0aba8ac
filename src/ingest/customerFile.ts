/**
 * Customers from files: CSV, JSON (one, a list, Lago's `{"customer": {...}}` and `{"customers": [...]}`) and NDJSON,
 * gzip or not. Each comes with its place; what cannot be read is a problem with its place.
 */
import { isUtf8 } from 'node:buffer';
import { isMapping } from '../catalog/problems.js';
import type { Problem, SourceLocation } from '../errors.js';
import { JsonNumber, JsonProblem, type JsonValue, parseJson } from '../exactJson.js';
import type { CsvRow } from './csv.js';
import { customerOfRow, headerProblem, withoutPrintedFields } from './customerColumns.js';
import type { InputFormat } from './format.js';
import { SourceReader } from './readSource.js';
import type { RecordIntake } from './recordIntake.js';
import { BrokenSource, chunks, closeSource, openSource, refuseStdinTwice } from './source.js';

/** A customer as the API takes it, not checked yet. */
export interface WrittenCustomer {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly location: SourceLocation;
}

export interface WrittenCustomers {
  readonly customers: readonly WrittenCustomer[];
  readonly problems: readonly Problem[];
}

/** `-` is standard input. Errors: `file_not_found`, `file_unreadable`. */
export async function readCustomers(
  files: readonly string[],
  format: InputFormat | null = null,
): Promise<WrittenCustomers> {
  const intake = new CustomerIntake();
  refuseStdinTwice(files);
  for (const file of files) {
    const source = openSource(file);
    intake.file = file;
    const reader = new SourceReader(intake, file, format);
    try {
      for await (const chunk of chunks(source, () => {})) if (chunk.length > 0) reader.feed(chunk);
      reader.finish();
    } catch (error) {
      if (!(error instanceof BrokenSource)) throw error;
      const problem = {
        field: 'file',
        code: 'damaged_file',
        message: error.message,
        suggestion: 'Fetch the file again.',
      };
      intake.unreadable(problem, reader.lines + 1, null);
    } finally {
      closeSource(source);
    }
  }
  return intake;
}

class CustomerIntake implements RecordIntake, WrittenCustomers {
  readonly customers: WrittenCustomer[] = [];
  readonly problems: Problem[] = [];
  file = '';
  #columns: readonly string[] = [];

  flat(): number {
    return -1;
  }

  json(bytes: Buffer, from: number, to: number, line: number): void {
    if (!isUtf8(bytes.subarray(from, to))) {
      const message = 'the record is not valid UTF-8';
      this.unreadable({ field: 'record', code: 'invalid_character', message, suggestion: TO_UTF8 }, line, null);
      return;
    }
    const text = bytes.toString('utf8', from, to);
    try {
      this.#record(plain(parseJson(text)), line);
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      const before = text.slice(0, error.offset).split('\n');
      const problem = { field: 'record', code: error.code, message: error.message };
      this.unreadable(problem, line + before.length - 1, (before.at(-1) as string).length + 1);
    }
  }

  columns(names: readonly string[]): Problem | null {
    this.#columns = names;
    return headerProblem(names);
  }

  row(row: CsvRow, line: number): void {
    const cells = this.#columns.map((_, column) => row.text(column));
    this.#add(customerOfRow(this.#columns, cells), line);
  }

  unreadable(problem: Problem, line: number, column: number | null): void {
    const location = { file: this.file, line, ...(column === null ? {} : { column }) };
    this.problems.push({ ...problem, location });
  }

  /** Opens lists and wrappers. */
  #record(value: unknown, line: number): void {
    if (Array.isArray(value)) for (const item of value) this.#record(item, line);
    else if (!isMapping(value)) {
      const message = 'a customer must be a JSON object';
      const suggestion = 'Send {"external_id": "acme", "name": "Acme"}.';
      this.unreadable({ field: 'record', code: 'invalid_type', message, suggestion }, line, null);
    } else if (Array.isArray(value.customers)) this.#record(value.customers, line);
    else this.#add(withoutPrintedFields(isMapping(value.customer) ? value.customer : value), line);
  }

  #add(fields: Record<string, unknown>, line: number): void {
    this.customers.push({ fields, location: { file: this.file, line } });
  }
}

const TO_UTF8 = 'Convert the file: iconv -t UTF-8.';

/** Customers hold whole numbers of days only: a double keeps them. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
  return value;
}
