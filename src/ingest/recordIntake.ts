/** What the readers of the formats hand their records to. */
import type { Problem } from '../errors.js';
import type { CsvRow } from './csv.js';

export interface RecordIntake {
  /**
   * Takes the object that starts at `start` when it is an ordinary event, and answers where it ends: behind its bracket,
   * or at the newline of the line that it must fill when `wholeLine`. −1 when it is none. A newline must stand behind the
   * bytes.
   */
  flat(bytes: Buffer, start: number, line: number, wholeLine: boolean): number;
  /** One JSON value, as UTF-8 text, beginning on `line`. */
  json(bytes: Buffer, from: number, to: number, line: number): void;
  /** The names of the columns: a problem when no event can come of them. */
  columns(names: readonly string[]): Problem | null;
  row(row: CsvRow, line: number): void;
  /** What cannot even be read as a record. `text` is what there is of it. */
  unreadable(problem: Problem, line: number, column: number | null, text: string): void;
}

/** A reader of one format. Chunks may be cut anywhere. */
export interface RecordReader {
  feed(chunk: Uint8Array): void;
  /** The input has ended. */
  finish(): void;
  /** Physical lines seen so far. */
  readonly lines: number;
}

/** Long records are shown by their beginning. */
export const shownBytes = 2000;

export function tooLong(line: number, column: number | null, limit: number): Problem {
  return {
    field: 'record',
    code: 'record_too_long',
    message: `the record that begins at line ${line}${column === null ? '' : `, column ${column}`} is longer than ${limit >> 20} MiB`,
    suggestion:
      'Put one event on a line (NDJSON), or send large payloads elsewhere: billing needs the usage properties.',
  };
}
