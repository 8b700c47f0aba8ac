/**
 * Opens a ledger file, or one in memory: permissions, pragmas with their reasons, migrations, and refusals that leave
 * the file as it was.
 */
import { closeSync, existsSync, openSync, realpathSync, type Stats, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { BillingError, exitCodes, notFound } from '../errors.js';
import { asLedgerError, unreadable } from './ledgerErrors.js';
import { APPLICATION_ID, migrate, migrations, versionOf } from './migrations.js';
import { SqliteLedger } from './sqliteLedger.js';

export interface OpenOptions {
  /** Never writes the file; the file must exist. */
  readonly readOnly?: boolean;
  /** How long to wait for another process before `ledger_busy`. */
  readonly busyTimeoutMs?: number;
  /** Replaces the hash of transaction ids and texts: tests provoke collisions with it. */
  readonly hash?: (text: string) => number;
}

/**
 * Errors: `ledger_not_found` (read only), `ledger_unreadable`, `ledger_newer_version`, `ledger_older_version` (read
 * only), `ledger_busy`.
 */
export function openLedger(file: string, options: OpenOptions = {}): SqliteLedger {
  const readOnly = options.readOnly ?? false;
  const inMemory = file === ':memory:';
  if (!inMemory) {
    refuseOtherKinds(file);
    refuseLogWithoutLedger(file);
    readOnly ? refuseMissing(file) : createPrivately(file);
  }
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: readOnly, fileMustExist: !inMemory, timeout: options.busyTimeoutMs ?? 5_000 });
    refuseForeign(db, file);
    if (readOnly) refuseOlder(db, file);
    else prepareForWriting(db, file, inMemory);
    db.pragma('foreign_keys = ON');
    // 64 MB of pages: a batch of 250,000 events and the key pages it touches stay in memory.
    db.pragma('cache_size = -32768');
    db.pragma('temp_store = MEMORY');
    return new SqliteLedger(db, file, readOnly, options.hash);
  } catch (error) {
    db?.close();
    throw asLedgerError(error, file);
  }
}

function prepareForWriting(db: Database.Database, file: string, inMemory: boolean): void {
  versionOf(db, file); // Before anything is written: a newer file is left alone.
  if (!inMemory) {
    // Readers and the writer do not wait for each other.
    db.pragma('journal_mode = WAL');
    // A committed invoice survives a power cut.
    db.pragma('synchronous = FULL');
    db.pragma('wal_autocheckpoint = 4000');
  }
  migrate(db, file);
}

/** A database that somebody else made stays untouched. */
function refuseForeign(db: Database.Database, file: string): void {
  const applicationId = db.pragma('application_id', { simple: true });
  if (applicationId === APPLICATION_ID) return;
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (applicationId !== 0 || tables !== 0) {
    throw unreadable(file, 'it is the database of another program', 'Name the ledger with --ledger.');
  }
}

function refuseOlder(db: Database.Database, file: string): void {
  if (versionOf(db, file) === migrations.length) return;
  throw new BillingError('ledger_older_version', {
    message: `${file} was made by an older lago-cli and has to be migrated first`,
    suggestion: 'Run `lago-cli db migrate`.',
    exitCode: exitCodes.ledgerUnavailable,
  });
}

/** SQLite would wait at a pipe for ever, and write to a device. */
function refuseOtherKinds(file: string): void {
  const stat = statOf(file);
  if (stat === undefined || stat.isFile()) return;
  throw unreadable(file, stat.isDirectory() ? 'it is a folder' : 'it is no file', 'Name a file with --ledger.');
}

function refuseMissing(file: string): void {
  if (!existsSync(file)) throw notFound('ledger', file, 'The first command that writes creates it.');
}

/** SQLite would take a log whose database is gone or empty for a leftover, and remove the commits that it holds. */
function refuseLogWithoutLedger(file: string): void {
  const log = `${linkedTo(file)}-wal`;
  // The log first: a process that makes the ledger at this moment writes its first page before the log.
  if (sizeOf(log) === 0 || sizeOf(file) > 0) return;
  throw unreadable(
    file,
    `the ledger itself is ${existsSync(file) ? 'empty' : 'missing'}, but its log ${log} is there`,
    `Put the ledger back beside its log; remove ${log} only if you know that it belongs to nothing.`,
  );
}

/** SQLite keeps the log beside the file that a link leads to. */
function linkedTo(file: string): string {
  return existsSync(file) ? realpathSync(file) : file;
}

function sizeOf(file: string): number {
  return statOf(file)?.size ?? 0;
}

/** Undefined where there is none. */
function statOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw unreadable(
      file,
      `it cannot be looked at (${code})`,
      'Check the path, and the permissions of its folders.',
      error,
    );
  }
}

/** A ledger holds customers' data: the file is its owner's alone. SQLite gives -wal and -shm the same mode. */
function createPrivately(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EEXIST') return;
    throw unreadable(file, `it cannot be created (${code})`, 'Check that its folder exists and is yours.', error);
  }
}
