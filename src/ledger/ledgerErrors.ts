/** What SQLite reports, in the user's terms: a ledger that is busy, unreadable, or broken (DESIGN, exit codes). */
import { BillingError, exitCodes } from '../errors.js';

/** The error to throw instead of `error`: a BillingError where the user can do something about it, else `error`. */
export function asLedgerError(error: unknown, file: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new BillingError('ledger_busy', {
      message: `${file} is being written by another process`,
      suggestion: 'Try again when it has finished.',
      exitCode: exitCodes.ledgerUnavailable,
      cause: error,
    });
  }
  if (code === 'SQLITE_READONLY' || code.startsWith('SQLITE_READONLY_')) {
    return unreadable(file, 'it may not be written', 'Check the permissions of the file and of its folder.', error);
  }
  if (code === 'SQLITE_NOTADB') {
    return unreadable(file, 'it is not an SQLite database', 'Name the ledger with --ledger.', error);
  }
  if (code.startsWith('SQLITE_CORRUPT') || (error as Error).message === 'malformed JSON') {
    return unreadable(file, 'it is damaged', 'Restore a backup; `sqlite3 FILE .recover` may save the rest.', error);
  }
  if (code.startsWith('SQLITE_CANTOPEN')) {
    return unreadable(file, 'it cannot be opened', 'Check that its folder exists and is yours.', error);
  }
  if (code === 'SQLITE_FULL' || code.startsWith('SQLITE_IOERR')) {
    return unreadable(
      file,
      `the disk refused (${code})`,
      'What it was about to do is undone. Free some space, and run it again.',
      error,
    );
  }
  return error;
}

/** A record as it was stored; refused as damaged where it is no JSON any more. */
export function storedJson<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (error) {
    throw unreadable(
      'the file',
      'it holds a record that is no JSON',
      'See `lago-cli db verify`; restore a backup.',
      error,
    );
  }
}

export function unreadable(file: string, why: string, suggestion: string, cause?: unknown): BillingError {
  return new BillingError('ledger_unreadable', {
    message: `cannot use ${file} as a ledger: ${why}`,
    suggestion,
    exitCode: exitCodes.refused,
    cause,
  });
}

export function sqliteCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'SqliteError') return undefined;
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === 'string' ? code : undefined;
}
