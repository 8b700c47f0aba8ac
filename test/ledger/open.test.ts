import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { APPLICATION_ID, migrate, migrations } from '../../src/ledger/migrations.js';
import { openLedger } from '../../src/ledger/open.js';
import { NOW, newEvent, newRecord, openAccount } from './newEvent.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lago-ledger-'));
  file = join(folder, 'lago.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function refusal(work: () => unknown): BillingError {
  try {
    work();
  } catch (error) {
    if (error instanceof BillingError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a new ledger', () => {
  test('is its owner’s alone, in WAL mode, and bears our name and version', () => {
    const ledger = openLedger(file);
    ledger.putSetting('a', '1');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
    ledger.close();
    const db = new Database(file);
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('application_id', { simple: true })).toBe(APPLICATION_ID);
    expect(db.pragma('user_version', { simple: true })).toBe(migrations.length);
    db.close();
  });

  test('keeps what was written when it is opened again', () => {
    const first = openLedger(file);
    openAccount(first, 'acme');
    first.appendEvents([newEvent('t1')], NOW);
    first.close();
    const second = openLedger(file);
    expect(second.account('acme')?.customer.externalId).toBe('acme');
    expect(second.event('t1')?.receivedAt).toBe(NOW);
    expect(second.integrityProblems()).toEqual([]);
    second.close();
  });

  test('verifies what another process wrote since its last transaction', () => {
    const first = openLedger(file);
    const account = openAccount(first, 'acme');
    // Kinds without a record are known by the end of this transaction.
    first.transaction(() => first.account('acme')?.all('payment'));
    const second = openLedger(file);
    const customerId = account.customer.id;
    account.put('payment', newRecord<'payment'>('p1', { customerId, invoiceId: 'gone' }));
    second.saveAccount(account);
    expect(first.integrityProblems()).toEqual([
      'customer acme: payment p1 belongs to the invoice gone, which does not exist',
    ]);
    first.close();
    second.close();
  });

  test('may start from an empty file', () => {
    writeFileSync(file, '');
    const ledger = openLedger(file);
    expect(ledger.lastSequence()).toBe(0);
    ledger.close();
  });

  test('in memory is open within 20 ms', () => {
    const start = performance.now();
    for (let i = 0; i < 10; i += 1) openLedger(':memory:').close();
    expect((performance.now() - start) / 10).toBeLessThan(20);
  });
});

describe('migrations', () => {
  test('take only the missing steps', () => {
    const steps = [
      ['CREATE TABLE a (x INTEGER) STRICT'],
      ['ALTER TABLE a ADD COLUMN y TEXT', 'INSERT INTO a VALUES (1, 2)'],
    ];
    const db = new Database(':memory:');
    expect(migrate(db, file, steps.slice(0, 1))).toBe(true);
    expect(migrate(db, file, steps)).toBe(true);
    expect(migrate(db, file, steps)).toBe(false);
    expect(db.prepare('SELECT * FROM a').all()).toEqual([{ x: 1, y: '2' }]);
    expect(db.pragma('user_version', { simple: true })).toBe(2);
  });

  test('that fail leave the file at its version', () => {
    const db = new Database(':memory:');
    migrate(db, file, [['CREATE TABLE a (x INTEGER) STRICT']]);
    expect(() => migrate(db, file, [[], ['CREATE TABLE b (x INTEGER) STRICT', 'NOT SQL']])).toThrow(/syntax error/);
    expect(db.pragma('user_version', { simple: true })).toBe(1);
    expect(db.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['a']);
  });
});

describe('a file that is not our ledger', () => {
  test('of a newer version is refused with exit code 11 and not touched', () => {
    openLedger(file).close();
    const db = new Database(file);
    db.pragma(`user_version = ${migrations.length + 1}`);
    db.close();
    const before = readFileSync(file);
    for (const readOnly of [false, true]) {
      const error = refusal(() => openLedger(file, { readOnly }));
      expect([error.code, error.exitCode]).toEqual(['ledger_newer_version', 11]);
    }
    expect(readFileSync(file)).toEqual(before);
  });

  test('of an older version cannot be read only', () => {
    const db = new Database(file);
    migrate(db, file, []);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.exec('CREATE TABLE old (x)');
    db.close();
    const error = refusal(() => openLedger(file, { readOnly: true }));
    expect([error.code, error.exitCode]).toEqual(['ledger_older_version', 11]);
  });

  test('that is no database is refused and not touched', () => {
    writeFileSync(
      file,
      'transaction_id,code\nthis is a CSV file, long enough to have a header of 100 bytes\n'.repeat(9),
    );
    const before = readFileSync(file);
    const error = refusal(() => openLedger(file));
    expect([error.code, error.exitCode]).toEqual(['ledger_unreadable', 5]);
    expect(error.message).toContain('not an SQLite database');
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('that another program made is refused and not touched', () => {
    const db = new Database(file);
    db.exec('CREATE TABLE bookmarks (url TEXT)');
    db.close();
    const before = readFileSync(file);
    expect(refusal(() => openLedger(file)).message).toContain('another program');
    expect(readFileSync(file)).toEqual(before);
  });

  test('that is a folder, or lies in none, is refused', () => {
    expect(refusal(() => openLedger(folder)).code).toBe('ledger_unreadable');
    expect(refusal(() => openLedger(join(folder, 'no', 'lago.db'))).code).toBe('ledger_unreadable');
  });

  test('that does not exist cannot be read', () => {
    const error = refusal(() => openLedger(file, { readOnly: true }));
    expect([error.code, error.exitCode]).toEqual(['ledger_not_found', 4]);
    expect(existsSync(file)).toBe(false);
  });

  test('that is damaged inside is reported, not trusted', () => {
    const ledger = openLedger(file);
    ledger.appendEvents(
      Array.from({ length: 2_000 }, (_, i) => newEvent(`t${i}`)),
      NOW,
    );
    ledger.close();
    const bytes = readFileSync(file);
    bytes.fill(0xff, 8_192, bytes.length - 8_192);
    writeFileSync(file, bytes);
    const error = refusal(() => {
      const damaged = openLedger(file);
      try {
        damaged.appendEvents(
          Array.from({ length: 2_000 }, (_, i) => newEvent(`u${i}`)),
          NOW,
        );
      } finally {
        damaged.close();
      }
    });
    expect([error.code, error.exitCode]).toEqual(['ledger_unreadable', 5]);
  });
});

describe('two processes', () => {
  test('the second writer gives up after its timeout with exit code 11', () => {
    const first = openLedger(file);
    const second = openLedger(file, { busyTimeoutMs: 20 });
    const error = refusal(() => first.transaction(() => second.putSetting('a', '1')));
    expect([error.code, error.exitCode]).toEqual(['ledger_busy', 11]);
    second.putSetting('a', '2');
    expect(first.setting('a')).toBe('2');
    first.close();
    second.close();
  });

  test('a reader sees the last commit while another writes, and cannot write', () => {
    const writer = openLedger(file);
    writer.putSetting('a', '1');
    const reader = openLedger(file, { readOnly: true });
    writer.transaction(() => {
      writer.putSetting('a', '2');
      expect(reader.setting('a')).toBe('1');
    });
    expect(reader.setting('a')).toBe('2');
    expect(refusal(() => reader.putSetting('a', '3')).code).toBe('ledger_unreadable');
    reader.close();
    writer.close();
  });
});

describe('maintenance', () => {
  test('a backup is a ledger of its own, and replaces nothing', () => {
    const ledger = openLedger(file);
    ledger.appendEvents([newEvent('t1')], NOW);
    const copy = join(folder, 'copy.db');
    ledger.backup(copy);
    expect(refusal(() => ledger.backup(copy)).code).toBe('backup_failed');
    const opened = openLedger(copy);
    expect(opened.event('t1')?.sequence).toBe(1);
    opened.close();
    ledger.close();
  });

  test('SQL may read and not write', () => {
    const ledger = openLedger(file);
    ledger.appendEvents([newEvent('t1')], NOW);
    const sql = "SELECT transaction_id, property_text(properties, 'gb') AS gb FROM events";
    expect(ledger.select(sql)).toEqual({ columns: ['transaction_id', 'gb'], rows: [['t1', '1.5']] });
    expect(refusal(() => ledger.select('DELETE FROM events')).code).toBe('statement_writes');
    expect(refusal(() => ledger.select('DELETE FROM invoices')).code).toBe('statement_writes');
    expect(refusal(() => ledger.select('DELETE FROM events RETURNING seq')).code).toBe('statement_writes');
    expect(refusal(() => ledger.select('SELECT nothing')).code).toBe('invalid_sql');
    ledger.close();
  });

  test.skipIf(process.getuid?.() === 0)('a file without write permission is refused', () => {
    openLedger(file).close();
    chmodSync(file, 0o400);
    expect(refusal(() => openLedger(file).putSetting('a', '1')).code).toBe('ledger_unreadable');
  });
});
