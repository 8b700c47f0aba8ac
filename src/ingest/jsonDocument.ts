/**
 * A JSON document of any length, cut into its records: the elements of an array, of Lago's `{"events": [...]}` body (or
 * `{"customers": [...]}`), or the values that follow one another. Only the brackets and the strings are watched here; each record is read, and
 * refused, on its own.
 */
import { ByteWindow, maxRecordBytes } from './byteWindow.js';
import { type RecordIntake, type RecordReader, shownBytes, tooLong } from './recordIntake.js';

const [newline, quote, backslash, comma, openArray, closeArray, openObject, closeObject] = [
  10, 34, 92, 44, 91, 93, 123, 125,
] as const;

/** Enough to tell `{"events": [` from another object. */
const lookahead = 128;

type Place = 'between' | 'value' | 'tail';

export class JsonDocumentReader implements RecordReader {
  lines = 0;
  readonly #window = new ByteWindow();
  readonly #intake: RecordIntake;
  #at = 0;
  #place: Place = 'between';
  /** Inside the array whose elements are records. */
  #inArray = false;
  #inEventsBody = false;
  #depth = 0;
  #inString = false;
  #escaped = false;
  #scalar = false;
  #start = 0;
  #startLine = 1;
  #line = 1;
  #oversized = false;
  #finished = false;

  constructor(intake: RecordIntake) {
    this.#intake = intake;
  }

  feed(chunk: Uint8Array): void {
    this.#window.append(chunk);
    this.#scan();
    const kept = this.#place === 'value' && !this.#oversized ? this.#start : this.#at;
    this.#window.drop(kept);
    this.#at -= kept;
    this.#start -= kept;
    if (this.#place === 'value' && !this.#oversized && this.#window.length > maxRecordBytes) this.#refuseLong();
  }

  finish(): void {
    this.#finished = true;
    this.#scan();
    if (this.#place === 'value' && this.#scalar) this.#emit(this.#window.length);
    else if (this.#place === 'value' && !this.#oversized) {
      this.#intake.json(this.#window.bytes, this.#start, this.#window.length, this.#startLine);
    }
    if (this.#inArray || this.#place === 'tail') this.#cutOff();
    this.lines = this.#line;
  }

  #scan(): void {
    while (this.#at < this.#window.length) {
      const before = this.#at;
      if (this.#place === 'between') this.#between();
      else this.#inside();
      if (this.#at === before && this.#place === 'between') return;
    }
    this.lines = this.#line;
  }

  /** Looks for the next value. Stays where it is when it must see more bytes first. */
  #between(): void {
    const { bytes, length } = this.#window;
    while (this.#at < length) {
      const c = bytes[this.#at] as number;
      if (c === newline) this.#line++;
      if (c <= 32 || c === comma) this.#at++;
      else if (c === closeArray && this.#inArray) {
        this.#at++;
        this.#inArray = false;
        if (this.#inEventsBody) this.#enter('tail', 1);
        return;
      } else if (c === openArray && !this.#inArray) {
        this.#at++;
        this.#inArray = true;
      } else if (c === openObject && !this.#inArray) {
        if (length - this.#at < lookahead && !this.#finished) return;
        const body = eventsBody.exec(bytes.toString('latin1', this.#at, this.#at + lookahead))?.[0];
        if (body === undefined) {
          this.#enter('value', 0);
          return;
        }
        this.#line += body.split('\n').length - 1;
        this.#at += body.length;
        this.#inArray = true;
        this.#inEventsBody = true;
      } else {
        const end = this.#inArray && c === openObject ? this.#intake.flat(bytes, this.#at, this.#line, false) : -1;
        if (end < 0) {
          this.#enter('value', 0);
          return;
        }
        this.#at = end;
      }
    }
  }

  #enter(place: 'value' | 'tail', depth: number): void {
    const c = this.#window.bytes[this.#at];
    this.#place = place;
    this.#depth = depth;
    this.#inString = false;
    this.#escaped = false;
    this.#scalar = place === 'value' && c !== openObject && c !== openArray && c !== quote;
    this.#start = this.#at;
    this.#startLine = this.#line;
    this.#oversized = false;
  }

  /** Runs to the end of the value, or of what follows the array in an events body. */
  #inside(): void {
    const end = this.#valueEnd();
    if (end < 0) this.#at = this.#window.length;
    else this.#emit(end);
  }

  /** Where the value ends, −1 when it goes on in the next chunk. */
  #valueEnd(): number {
    const { bytes, length } = this.#window;
    for (let i = this.#at; i < length; i++) {
      const c = bytes[i] as number;
      if (this.#scalar) {
        if (c <= 32 || c === comma || c === closeArray || c === closeObject) return i === this.#start ? i + 1 : i;
        continue;
      }
      if (c === newline) this.#line++;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (c === backslash) this.#escaped = true;
        else if (c === quote) {
          this.#inString = false;
          if (this.#depth === 0) return i + 1;
        }
      } else if (c === quote) this.#inString = true;
      else if (c === openObject || c === openArray) this.#depth++;
      else if (c === closeObject || c === closeArray) {
        this.#depth--;
        if (this.#depth <= 0) return i + 1;
      }
    }
    return -1;
  }

  #emit(end: number): void {
    if (this.#place === 'value' && !this.#oversized) {
      this.#intake.json(this.#window.bytes, this.#start, end, this.#startLine);
    }
    if (this.#place === 'tail') this.#inEventsBody = false;
    this.#place = 'between';
    this.#at = end;
  }

  #refuseLong(): void {
    const text = this.#window.bytes.toString('utf8', 0, shownBytes);
    this.#intake.unreadable(tooLong(this.#startLine, null, maxRecordBytes), this.#startLine, null, text);
    this.#oversized = true;
    this.#window.drop(this.#at);
    this.#at = 0;
    this.#start = 0;
  }

  #cutOff(): void {
    const problem = {
      field: 'record',
      code: 'invalid_json',
      message: 'the file ends before its array is closed: it may have been cut off',
      suggestion: 'Fetch the file again and run the same command: what is stored already is skipped.',
    };
    this.#intake.unreadable(problem, this.#line, null, '');
  }
}

const eventsBody = /^\{\s*"(?:events|customers)"\s*:\s*\[/;
