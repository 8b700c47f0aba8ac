/** The `--rejects` file: one JSON line for each record that was refused, with its place, code and remedy. */
import { closeSync, openSync, readSync, type Stats, statSync, writeSync } from 'node:fs';
import { BillingError } from '../errors.js';

const STDOUT = 1;

/** A record that was not stored. */
export interface Reject {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number | null;
  readonly field: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** As it came; long records by their beginning. */
  readonly record: string;
}

export interface RejectSink {
  write(reject: Reject): void;
  close(): void;
}

/** Starts the file anew: it tells of one run. Nothing but the rejects of an earlier run is written over. `-` is standard output. */
export function rejectsFile(path: string, inputs: readonly string[] = []): RejectSink {
  if (path !== '-' && (inputs.some((input) => isSameFile(input, path)) || isOfOthers(path))) {
    throw new BillingError('file_unwritable', {
      message: `the rejects file ${path} would replace a file that holds something else`,
      suggestion: 'Name another file with --rejects.',
    });
  }
  const descriptor = path === '-' ? STDOUT : opened(path, 'w');
  let pending: string[] = [];
  const flush = () => {
    if (pending.length > 0) writeAll(descriptor, pending.join(''));
    pending = [];
  };
  return {
    write(reject) {
      pending.push(`${JSON.stringify(reject)}\n`);
      if (pending.length >= 1000) flush();
    },
    close() {
      flush();
      if (descriptor !== STDOUT) closeSync(descriptor);
    },
  };
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [statOf(one), statOf(other)];
  return a?.isFile() === true && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** Definitions, the ledger's log, anything that does not begin as rejects do. */
function isOfOthers(path: string): boolean {
  const stat = statOf(path);
  if (stat?.isFile() !== true || stat.size === 0) return false;
  const start = Buffer.alloc(rejectStart.length);
  const descriptor = opened(path, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString('latin1') !== rejectStart;
}

const rejectStart = '{"file":';

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(path, error);
  }
}

function opened(path: string, flags: 'r' | 'w'): number {
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): BillingError {
  return new BillingError('file_unwritable', {
    message: `the rejects file ${path} cannot be written: ${(error as Error).message}`,
    suggestion: 'Name another file with --rejects.',
  });
}

function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // `| head` has seen enough; the events are stored all the same.
      if (code === 'EPIPE' && descriptor === STDOUT) return;
      if (code !== 'EAGAIN') throw error;
      // A pipe whose reader is slow: look again in a moment.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
