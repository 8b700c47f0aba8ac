/**
 * The steps from an empty file to the present schema. `PRAGMA user_version` counts those taken; a released step never
 * changes, a new need is a new step. All missing steps run in one transaction: a file is of one version or the other.
 */
import type Database from 'better-sqlite3';
import { BillingError, exitCodes } from '../errors.js';
import { generatedColumn, recordTableStatements } from './recordTables.js';

/** "Lago" in ASCII: tells `file` and us whose database it is. */
export const APPLICATION_ID = 0x4c61676f;

export type MigrationStep = readonly string[];

export const migrations: readonly MigrationStep[] = [
  [
    `CREATE TABLE customers (
       ordinal INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record TEXT NOT NULL,
       ${['externalId', 'name', 'slug', 'currency', 'timezone'].map((key) => generatedColumn(key, 'TEXT')).join(', ')},
       ${['sequentialId', 'createdAt', 'deletedAt'].map((key) => generatedColumn(key, 'INTEGER')).join(', ')}
     ) STRICT`,
    'CREATE UNIQUE INDEX customers_external_id ON customers (external_id) WHERE deleted_at IS NULL',
    'CREATE UNIQUE INDEX customers_sequential_id ON customers (sequential_id)',
    ...recordTableStatements(),

    // Events: the truth. `series` names a subscription and a metric code by one small integer.
    'CREATE TABLE series (id INTEGER PRIMARY KEY, code TEXT NOT NULL, external_subscription_id TEXT) STRICT',
    'CREATE UNIQUE INDEX series_key ON series (external_subscription_id, code)',
    'CREATE UNIQUE INDEX series_without_subscription ON series (code) WHERE external_subscription_id IS NULL',
    // No foreign key to series: the check would cost every event a lookup, and only `SeriesTable` makes the numbers.
    `CREATE TABLE events (
       seq INTEGER PRIMARY KEY, series_id INTEGER NOT NULL, timestamp_us INTEGER NOT NULL, transaction_id TEXT NOT NULL,
       properties TEXT NOT NULL, precise_total_amount_cents TEXT, received_at INTEGER NOT NULL
     ) STRICT`,
    'CREATE TABLE event_keys (hash INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT',

    // The projection: may be dropped and is made again from the events.
    'CREATE TABLE projected_fields (code TEXT PRIMARY KEY, field_name TEXT, kind TEXT NOT NULL) STRICT',
    'CREATE TABLE projection (id INTEGER PRIMARY KEY CHECK (id = 1), complete INTEGER NOT NULL) STRICT',
    'INSERT INTO projection VALUES (1, 1)',
    ...projectionTables('main'),

    // `hash` is the name that invoices know a version by; `sha256` is of the content, so that a change of it is seen.
    `CREATE TABLE definitions (
       hash TEXT PRIMARY KEY, content TEXT NOT NULL, sha256 TEXT NOT NULL, first_used_at INTEGER NOT NULL
     ) STRICT`,
    'CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT',
    'CREATE TABLE journal (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, verb TEXT NOT NULL, input TEXT NOT NULL) STRICT',

    // The seals of issued invoices.
    'CREATE TABLE documents (invoice_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, last_sequence INTEGER NOT NULL) STRICT',
  ],
];

/**
 * The tables of a usage projection: `usage_points` holds every event by series and time, with its field's value as an
 * integer; `usage_wide_values` the few values that no such integer holds; `usage_texts` the values of unique counts.
 */
export function projectionTables(schema: 'main' | 'temp'): string[] {
  const key = 'PRIMARY KEY (series_id, timestamp_us, seq)';
  const position = 'series_id INTEGER NOT NULL, timestamp_us INTEGER NOT NULL, seq INTEGER NOT NULL';
  return [
    `CREATE TABLE IF NOT EXISTS ${schema}.usage_points (${position}, value INTEGER, ${key}) STRICT, WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${schema}.usage_wide_values (${position}, value TEXT NOT NULL, ${key}) STRICT, WITHOUT ROWID`,
    `CREATE TABLE IF NOT EXISTS ${schema}.usage_texts (id INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT`,
  ];
}

/** Brings the schema up to the last step; true when something was done. */
export function migrate(db: Database.Database, file: string, steps: readonly MigrationStep[] = migrations): boolean {
  if (versionOf(db, file, steps) === steps.length) return false;
  db.exec('BEGIN IMMEDIATE');
  try {
    // Again, under the lock: another process may have been first.
    const from = versionOf(db, file, steps);
    db.exec(steps.slice(from).flat().join(';\n'));
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${steps.length}`);
    db.exec('COMMIT');
    return from < steps.length;
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** The file's version; refuses one that a later lago-cli made. */
export function versionOf(db: Database.Database, file: string, steps: readonly MigrationStep[] = migrations): number {
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > steps.length) {
    throw new BillingError('ledger_newer_version', {
      message: `${file} was made by a newer lago-cli (ledger version ${version}; this one knows ${steps.length})`,
      suggestion: 'Update lago-cli.',
      exitCode: exitCodes.ledgerUnavailable,
    });
  }
  return version;
}
