/**
 * A copy of the ledger in a new file: of one moment, compacted, its owner's alone, and never half of one. It is written
 * beside its name and takes it when it is whole.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import type Database from 'better-sqlite3';
import { BillingError } from '../errors.js';

export function writeBackup(db: Database.Database, file: string): void {
  const part = `${file}.part`;
  try {
    if (existsSync(file)) throw new Error('it exists already');
    // What a backup that was cut short left.
    rmSync(part, { force: true });
    // SQLite would make it readable for everybody; an empty file it fills as it is.
    closeSync(openSync(part, 'wx', 0o600));
    db.prepare('VACUUM INTO ?').run(part);
    settleOnDisk(part);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw new BillingError('backup_failed', {
      message: `cannot write ${file}: ${(error as Error).message}`,
      suggestion: 'Name a new file, in a folder that is yours and has the space.',
      cause: error,
    });
  }
}

function settleOnDisk(file: string): void {
  const descriptor = openSync(file, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
