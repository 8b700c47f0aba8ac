/**
 * Several processes on one ledger. One writes at a time; the others wait, and give up with exit code 11 when it takes too
 * long. Whatever they do at once, the end is that of one after the other.
 */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { type Ended, run } from './binary.js';
import { preload } from './history.js';
import { each, isLong, patience, rounds } from './rounds.js';
import {
  copyProject,
  customers,
  eventLines,
  fingerprint,
  makeProject,
  problemsOf,
  removeFolder,
  temporaryFolder,
} from './world.js';

const folders: string[] = [];
function folder(): string {
  const made = temporaryFolder();
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const made of folders.splice(0)) removeFolder(made);
});

/** Tries again for as long as the ledger is busy; any other failure is one. */
async function patiently(project: string, args: readonly string[]): Promise<Ended> {
  for (;;) {
    const ended = await run(project, args);
    if (ended.code !== 11) {
      if (ended.code !== 0) throw new Error(`${args.join(' ')}: exit code ${ended.code}\n${ended.stderr}`);
      return ended;
    }
    expect(ended.stderr).toContain('ledger_busy');
  }
}

/**
 * Each customer's events of a month in a file of their own. In November without charges paid in advance: their invoices
 * would take numbers before or after those of October, as it happens.
 */
function writeFiles(project: string): void {
  for (const customer of customers) {
    const october = eventLines('2026-10', 400, [customer]);
    const november = eventLines('2026-11', 400, [customer]).filter((line) => !line.includes('"code":"sms"'));
    const own = (lines: readonly string[]) =>
      lines.map((line) => line.replace('"transaction_id":"', `"transaction_id":"${customer}-`)).join('\n');
    writeFileSync(join(project, `october-${customer}.ndjson`), own(october));
    writeFileSync(join(project, `november-${customer}.ndjson`), own(november));
  }
}

const ingest = (month: 'october' | 'november', customer: string): readonly string[] => [
  'ingest',
  `${month}-${customer}.ndjson`,
  '--at',
  month === 'october' ? '2026-10-20' : '2026-11-20',
];
const bill = ['bill', '--at', '2026-11-01', '--out', 'invoices'];
const billAgain = ['bill', '--at', '2026-12-01', '--out', 'invoices'];

/** What the ledger says, without the order in which it came to say it. */
function said(project: string): unknown {
  const ledger = openLedger(join(project, 'lago.db'));
  try {
    const rows = (sql: string) =>
      ledger
        .select(sql)
        .rows.map((row) => JSON.stringify(row))
        .sort();
    const documents = readdirSync(join(project, 'invoices')).sort();
    return {
      events: rows(`SELECT transaction_id, s.code, s.external_subscription_id, timestamp_us, properties
        FROM events e JOIN series s ON s.id = e.series_id`),
      invoices: rows('SELECT record FROM invoices'),
      fees: rows('SELECT record FROM fees'),
      wallets: rows('SELECT record FROM wallets'),
      documents: documents.map((name) => [name, readFileSync(join(project, 'invoices', name)).toString('base64')]),
    };
  } finally {
    ledger.close();
  }
}

describe('processes at once', () => {
  let start: string;
  let expected: unknown;
  beforeAll(
    async () => {
      start = temporaryFolder();
      makeProject(start, 10);
      writeFiles(start);
      const alone = folder();
      copyProject(start, alone);
      const files = (month: 'october' | 'november') => customers.map((customer) => `${month}-${customer}.ndjson`);
      await patiently(alone, ['ingest', ...files('october'), '--at', '2026-10-20']);
      await patiently(alone, bill);
      await patiently(alone, ['ingest', ...files('november'), '--at', '2026-11-20']);
      await patiently(alone, billAgain);
      expected = said(alone);
    },
    patience(6, 6),
  );
  afterAll(() => removeFolder(start));

  for (const processes of [2, 8]) {
    const count = isLong ? rounds(1, 0.02) : 1;
    it(
      `${processes} of them ingest and bill one ledger: the same end as one after the other`,
      async () => {
        await each(count, 1, async () => {
          const together = folder();
          copyProject(start, together);
          const all = (of: (index: number) => readonly string[]) =>
            Promise.all(Array.from({ length: processes }, (_, index) => patiently(together, of(index))));
          const customerOf = (index: number) => customers[index % customers.length] as string;
          await all((index) => ingest('october', customerOf(index)));
          if (processes < customers.length) await patiently(together, ingest('october', 'initech'));
          await all((index) => (index % 2 === 0 ? bill : ingest('november', customerOf(index))));
          const rest = customers.map((customer) => `november-${customer}.ndjson`);
          await patiently(together, ['ingest', ...rest, '--at', '2026-11-20']);
          await all(() => billAgain);
          expect(problemsOf(together)).toEqual([]);
          expect(said(together)).toEqual(expected);
        });
      },
      patience(count, 60),
    );
  }

  it(
    'that make the ledger at the same moment make one',
    async () => {
      const project = folder();
      makeProject(project, 10);
      for (const name of readdirSync(project)) if (name.startsWith('lago.db')) removeFolder(join(project, name));
      const ended = await Promise.all(
        ['a', 'b', 'c', 'd'].map((id) => patiently(project, ['customers', 'create', id, '--at', '2026-10-01'])),
      );
      expect(ended.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      expect(problemsOf(project)).toEqual([]);
      const ledger = openLedger(join(project, 'lago.db'));
      expect(ledger.customers().map(({ sequentialId }) => sequentialId)).toEqual([1, 2, 3, 4]);
      ledger.close();
    },
    patience(1, 10),
  );
});

describe('operations that must not be done twice', () => {
  it(
    'are done once by whom they are asked of, when several processes try at the same moment',
    async () => {
      const project = folder();
      makeProject(project, 100);
      await patiently(project, ['ingest', 'october.ndjson', '--at', '2026-10-20']);
      await patiently(project, ['bill', '--at', '2026-11-01']);
      const topUp = ['wallets', 'top-up', '--customer', 'globex', '--granted', '5', '--at', '2026-11-02'];
      const wallet = ['wallets', 'create', '--customer', 'globex', '--rate', '1.0', '--at', '2026-11-01'];
      await patiently(project, wallet);
      const number = rowsOf(
        project,
        "SELECT number FROM invoices WHERE number LIKE 'TOR-001-%' LIMIT 1",
      )[0]?.[0] as string;
      const voiding = ['invoices', 'void', number, '--at', '2026-11-02'];
      const [first, ...others] = await Promise.all([
        ...[1, 2, 3].map(() => run(project, voiding)),
        ...[1, 2, 3].map(() => patiently(project, topUp)),
      ]);
      const voided = [first, ...others.slice(0, 2)].map((ended) => ended?.code);
      expect(voided.sort()).toEqual([0, 5, 5]);
      const balances = rowsOf(project, "SELECT record ->> '$.balanceCents' FROM wallets").map(([cents]) => cents);
      expect(balances.length).toBe(2);
      expect(balances).toContain(1500);
      expect(problemsOf(project)).toEqual([]);
    },
    patience(1, 20),
  );

  it(
    'leave whole documents, though another process writes the same one and dies at it',
    async () => {
      const project = folder();
      makeProject(project, 100);
      await patiently(project, ['ingest', 'october.ndjson', '--at', '2026-10-20']);
      await patiently(project, ['bill', '--customer', 'globex', '--at', '2026-11-01', '--out', 'invoices']);
      const [name = ''] = readdirSync(join(project, 'invoices'));
      const path = join(project, 'invoices', name);
      const content = readFileSync(path);
      const download = ['invoices', 'download', name.replace('.json', ''), '--out', 'invoices'];
      const list = join(project, 'moments.json');
      await run(project, download, { preload, environment: { CRASH_POINTS: list } });
      const moments = JSON.parse(readFileSync(list, 'utf8')) as string[];
      const opened = moments.indexOf(`after openSync ${path}.part`);
      expect(opened).toBeGreaterThan(0);
      // This process has written everything and is about to give it its name, when the other one opens the same file.
      rmSync(path);
      writeFileSync(`${path}.part`, content);
      const died = await run(project, download, { preload, environment: { CRASH_AT: String(opened + 1) } });
      expect(died.code).toBeNull();
      renameSync(`${path}.part`, path);
      expect(readFileSync(path).equals(content)).toBe(true);
      // What is left of a longer one does not stay.
      writeFileSync(`${path}.part`, Buffer.concat([content, content]));
      expect((await run(project, download)).code).toBe(0);
      expect(readFileSync(path).equals(content)).toBe(true);
    },
    patience(1, 20),
  );

  it(
    'though their definitions differ: each bills by its own, one after the other',
    async () => {
      const project = folder();
      makeProject(project, 100);
      cpSync(join(project, 'plans'), join(project, 'dearer'), { recursive: true });
      const dearer = join(project, 'dearer', 'pro.yaml');
      writeFileSync(dearer, readFileSync(dearer, 'utf8').replace('amount_cents: 1900', 'amount_cents: 2900'));
      await patiently(project, ['ingest', 'october.ndjson', '--at', '2026-10-20']);
      await Promise.all(
        customers.flatMap((customer) =>
          [[], ['--plans', 'dearer']].map((plans) =>
            patiently(project, [...plans, 'bill', '--customer', customer, '--at', '2026-11-01']),
          ),
        ),
      );
      expect(problemsOf(project)).toEqual([]);
      const base = "SELECT record ->> '$.amountCents' FROM fees WHERE fee_type = 'subscription'";
      const fees = rowsOf(project, base).map(([cents]) => cents);
      expect(fees.length).toBe(3);
      for (const cents of fees) expect([1900, 2900]).toContain(cents);
    },
    patience(1, 20),
  );
});

function rowsOf(project: string, sql: string): readonly (readonly unknown[])[] {
  const ledger = openLedger(join(project, 'lago.db'));
  try {
    return ledger.select(sql).rows;
  } finally {
    ledger.close();
  }
}

describe('a busy ledger', () => {
  it(
    'ends every writing command in exit code 11 after the timeout, changes nothing, and lets readers read',
    async () => {
      const project = folder();
      makeProject(project, 100);
      const before = fingerprint(project);
      const blocker = new Database(join(project, 'lago.db'));
      blocker.exec('BEGIN IMMEDIATE');
      try {
        const writing = [
          ['ingest', 'october.ndjson', '--at', '2026-10-20'],
          ['ingest', 'october.ndjson', '--atomic', '--at', '2026-10-20'],
          ['bill', '--at', '2026-11-01', '--out', 'invoices'],
          ['wallets', 'top-up', '--customer', 'acme', '--paid', '5', '--at', '2026-10-20'],
        ];
        const reading = [
          ['invoices', 'list'],
          ['usage', 'sub_acme', '--at', '2026-10-20'],
          ['db', 'verify'],
        ];
        const ended = await Promise.all([...writing, ...reading].map((args) => run(project, args)));
        for (const [index, { code, stderr, milliseconds }] of ended.entries()) {
          if (index >= writing.length) expect([code, stderr]).toEqual([0, '']);
          else {
            expect([code, stderr]).toEqual([11, expect.stringContaining('is being written by another process')]);
            expect(milliseconds).toBeGreaterThan(5_000);
          }
        }
      } finally {
        blocker.exec('ROLLBACK');
        blocker.close();
      }
      expect(existsSync(join(project, 'invoices')) ? readdirSync(join(project, 'invoices')) : []).toEqual([]);
      expect(fingerprint(project)).toBe(before);
    },
    patience(1, 20),
  );

  it('is copied by `db backup` as it was at one moment, while a writer goes on', async () => {
    const project = folder();
    makeProject(project, 100);
    const ledger = openLedger(join(project, 'lago.db'));
    let written = 0;
    const writer = setInterval(() => {
      // Two settings that always agree: a copy of half a transaction would part them.
      ledger.transaction(() => {
        written += 1;
        ledger.putSetting('a', String(written));
        ledger.putSetting('b', String(written));
      });
    }, 1);
    try {
      await each(isLong ? rounds(3, 0.05) : 3, 1, async (round) => {
        const ended = await run(project, ['db', 'backup', `copy-${round}.db`]);
        expect([ended.code, ended.stderr]).toEqual([0, '']);
        const copy = openLedger(join(project, `copy-${round}.db`), { readOnly: true });
        expect(copy.integrityProblems()).toEqual([]);
        expect(copy.setting('a')).toBe(copy.setting('b'));
        copy.close();
      });
    } finally {
      clearInterval(writer);
      ledger.close();
    }
    expect(written).toBeGreaterThan(10);
  }, 120_000);
});
