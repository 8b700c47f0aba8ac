/** One line on stderr that is overwritten while something takes long; nothing where nobody watches. */
import type { Session } from './context.js';

/** Faster than that nobody reads. */
const EVERY_MS = 100;
const CLEAR = '\r\u001b[2K';

export class ProgressLine {
  readonly #session: Session;
  readonly #started = performance.now();
  #shownAt = this.#started;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Writes the line for the seconds since the start, unless one was written just now. */
  show(line: (seconds: number) => string): void {
    const { progress, stderr } = this.#session;
    const now = performance.now();
    if (!progress || now - this.#shownAt < EVERY_MS) return;
    this.#shownAt = now;
    // Cut to the terminal: a line that wraps is not overwritten.
    stderr.write(CLEAR + line((now - this.#started) / 1000).slice(0, Math.max((stderr.columns ?? 80) - 1, 0)));
  }

  clear(): void {
    if (this.#session.progress) this.#session.stderr.write(CLEAR);
  }
}

/** `1,200 of 10,000 customers billed, 900 a second, 10 s left` */
export function progressText(done: number, total: number, what: string, seconds: number): string {
  const rate = `${grouped(done / seconds)} a second`;
  const left = done === 0 ? '' : `, ${Math.ceil((seconds / done) * (total - done))} s left`;
  return `${grouped(done)} of ${grouped(total)} ${what}, ${rate}${left}`;
}

function grouped(number: number): string {
  return Math.round(number).toLocaleString('en');
}
