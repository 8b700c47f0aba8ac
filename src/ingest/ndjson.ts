/** NDJSON: one JSON value on a line. A bad line costs that line only. */
import { ByteWindow, maxRecordBytes } from './byteWindow.js';
import { type RecordIntake, type RecordReader, shownBytes, tooLong } from './recordIntake.js';

const newline = 10;

export class NdjsonReader implements RecordReader {
  lines = 0;
  readonly #window = new ByteWindow();
  readonly #intake: RecordIntake;
  /** Inside a line that was refused for its length. */
  #skipping = false;

  constructor(intake: RecordIntake) {
    this.#intake = intake;
  }

  feed(chunk: Uint8Array): void {
    let from = 0;
    if (this.#skipping) {
      const end = chunk.indexOf(newline);
      if (end < 0) return;
      this.#skipping = false;
      this.lines++;
      from = end + 1;
    }
    const window = this.#window;
    const held = window.length;
    window.append(from === 0 ? chunk : chunk.subarray(from));
    const last = chunk.lastIndexOf(newline);
    if (last >= from) {
      const end = held + last - from + 1;
      this.#block(end);
      window.drop(end);
    }
    if (window.length > maxRecordBytes) this.#refuse();
  }

  finish(): void {
    if (this.#skipping) this.lines++;
    this.#skipping = false;
    if (this.#window.length === 0) return;
    this.#window.append(Uint8Array.of(newline));
    this.#block(this.#window.length);
    this.#window.drop(this.#window.length);
  }

  /** The first `end` bytes of the window are whole lines. */
  #block(end: number): void {
    const { bytes } = this.#window;
    const intake = this.#intake;
    for (let at = 0; at < end; ) {
      this.lines++;
      const flatEnd = intake.flat(bytes, at, this.lines, true);
      if (flatEnd >= 0) {
        at = flatEnd + 1;
        continue;
      }
      const lineEnd = bytes.indexOf(newline, at);
      if (lineEnd - at > maxRecordBytes) {
        intake.unreadable(tooLong(this.lines, null, maxRecordBytes), this.lines, null, beginning(bytes, at));
      } else if (!isBlank(bytes, at, lineEnd)) {
        intake.json(bytes, at, lineEnd, this.lines);
      }
      at = lineEnd + 1;
    }
  }

  #refuse(): void {
    const { bytes, length } = this.#window;
    const line = this.lines + 1;
    this.#intake.unreadable(tooLong(line, null, maxRecordBytes), line, null, beginning(bytes, 0));
    this.#window.drop(length);
    this.#skipping = true;
  }
}

function beginning(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at, at + shownBytes);
}

function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = bytes[i];
    if (c !== 32 && c !== 9 && c !== 13) return false;
  }
  return true;
}
