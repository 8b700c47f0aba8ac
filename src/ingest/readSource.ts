/** Reads one input to its end: finds its format, and feeds its reader. */
import type { Problem } from '../errors.js';
import { ByteWindow } from './byteWindow.js';
import { type InputFormat, readerOf, sniffBytes, sniffFormat } from './format.js';
import type { RecordIntake, RecordReader } from './recordIntake.js';
import type { BrokenSource } from './source.js';

/** A reader that may not know its format yet: it waits for the first line, or enough of it. */
export class SourceReader {
  readonly #intake: RecordIntake;
  readonly #name: string;
  #reader: RecordReader | null = null;
  readonly #beginning = new ByteWindow();

  constructor(intake: RecordIntake, name: string, format: InputFormat | null) {
    this.#intake = intake;
    this.#name = name;
    if (format !== null) this.#reader = readerOf(format, intake);
  }

  get lines(): number {
    return this.#reader?.lines ?? 0;
  }

  feed(chunk: Uint8Array): void {
    if (this.#reader !== null) {
      this.#reader.feed(chunk);
      return;
    }
    this.#beginning.append(chunk);
    if (this.#beginning.length >= sniffBytes || hasLine(this.#beginning)) this.#start();
  }

  finish(): void {
    if (this.#reader === null) this.#start();
    this.#reader?.finish();
  }

  /** The rest cannot be read; what was complete before is kept. */
  broken(error: BrokenSource): void {
    if (this.#reader === null) this.#start();
    const problem: Problem = {
      field: 'file',
      code: 'damaged_file',
      message: `${error.message}; the file was read up to there`,
      suggestion: 'Fetch the file again and run the same command: what is stored already is skipped.',
    };
    this.#intake.unreadable(problem, this.lines + 1, null, '');
  }

  #start(): void {
    const beginning = this.#beginning.bytes.subarray(0, this.#beginning.length);
    this.#reader = readerOf(sniffFormat(beginning, this.#name), this.#intake);
    this.#reader.feed(beginning);
    this.#beginning.drop(this.#beginning.length);
  }
}

/** A line break after the first character that is no white space. */
function hasLine({ bytes, length }: ByteWindow): boolean {
  for (let i = 0, begun = false; i < length; i++) {
    if (begun && bytes[i] === 10) return true;
    begun ||= (bytes[i] as number) > 32;
  }
  return false;
}
