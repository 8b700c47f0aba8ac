/**
 * Ledgers and disks that are not as they should be: every command ends with a message and an exit code of the contract,
 * and the data stays as it was.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { failureProblem, type RunOptions, run } from './binary.js';
import { chanceOf, each, patience, rounds } from './rounds.js';
import {
  copyProject,
  eventLines,
  fingerprint,
  makeProject,
  problemsOf,
  removeFolder,
  temporaryFolder,
} from './world.js';

const ingest = ['ingest', 'october.ndjson', '--at', '2026-10-20'];
const bill = ['bill', '--at', '2026-11-01', '--out', 'invoices'];
const list = ['invoices', 'list'];
const verify = ['db', 'verify'];

let start: string;
let root: string;
let made = 0;

beforeAll(() => {
  root = temporaryFolder();
  start = join(root, 'start');
  makeProject(start, 2_000);
});
afterAll(() => removeFolder(root));

function project(): string {
  made += 1;
  const folder = join(root, `project-${made}`);
  copyProject(start, folder);
  return folder;
}

/** Every file of the ledger, as bytes. */
function ledgerBytes(folder: string): Record<string, string> {
  // The shared memory says nothing, and a reader may leave an empty log.
  const names = readdirSync(folder).filter((name) => name.startsWith('lago.db') && !name.endsWith('-shm'));
  const files = names.map((name) => [name, readFileSync(join(folder, name)).toString('base64')] as const);
  return Object.fromEntries(files.filter(([, bytes]) => bytes !== ''));
}

/** Runs commands that must all fail in words and leave the ledger's bytes alone; answers what they said. */
async function allRefused(folder: string, commands: readonly (readonly string[])[], options?: RunOptions) {
  const before = ledgerBytes(folder);
  const said = await Promise.all(
    commands.map(async (args) => {
      const ended = await run(folder, args, options);
      expect([args[0], failureProblem(ended)]).toEqual([args[0], null]);
      return `${ended.code} ${ended.stderr}`;
    }),
  );
  const after = ledgerBytes(folder);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const name of Object.keys(before)) expect(after[name] === before[name], `${name} was changed`).toBe(true);
  return said;
}

describe('a ledger file', () => {
  it('that ends too early is refused as damaged, and stays as it is', async () => {
    const folder = project();
    const size = statSync(join(folder, 'lago.db')).size;
    for (const length of [size - 4_096, Math.floor(size / 2) + 100, 100]) {
      truncateSync(join(folder, 'lago.db'), length);
      for (const said of await allRefused(folder, [ingest, list])) {
        expect(said).toMatch(/^5 .*(is damaged|not an SQLite database)/);
      }
    }
  }, 120_000);

  it('of a newer version is left alone', async () => {
    const folder = project();
    const db = new Database(join(folder, 'lago.db'));
    db.pragma('user_version = 999');
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    for (const said of await allRefused(folder, [ingest, bill, list, verify])) {
      expect(said).toMatch(/^11 .*newer lago-cli/);
    }
  }, 120_000);

  it('of another program, or that is no database, is left alone', async () => {
    const folder = project();
    rmSync(join(folder, 'lago.db'));
    const db = new Database(join(folder, 'lago.db'));
    db.exec('CREATE TABLE recipes (name TEXT)');
    db.close();
    for (const said of await allRefused(folder, [ingest, list])) expect(said).toMatch(/^5 .*another program/);
    writeFileSync(join(folder, 'lago.db'), 'Dear diary, '.repeat(1_000));
    for (const said of await allRefused(folder, [ingest, list])) expect(said).toMatch(/^5 .*not an SQLite database/);
  }, 120_000);

  it('that is a pipe, a device or a folder is refused at once', async () => {
    const folder = project();
    execFileSync('mkfifo', [join(folder, 'pipe.db')]);
    for (const [ledger, said] of [
      ['pipe.db', 'it is no file'],
      ['/dev/null', 'it is no file'],
      ['plans', 'it is a folder'],
      ['lago.yaml/x', 'it cannot be looked at'],
    ] as const) {
      for (const args of [list, verify]) {
        const ended = await run(folder, ['--ledger', ledger, ...args], { killAfterMs: 20_000 });
        expect([ledger, ended.code, ended.stderr]).toEqual([ledger, 5, expect.stringContaining(said)]);
      }
    }
  }, 120_000);

  it('that a link leads to keeps its log beside the file itself', async () => {
    const folder = project();
    mkdirSync(join(folder, 'data'));
    renameSync(join(folder, 'lago.db'), join(folder, 'data', 'real.db'));
    symlinkSync('data/real.db', join(folder, 'lago.db'));
    expect((await run(folder, ingest)).code).toBe(0);
    writeFileSync(join(folder, 'data', 'real.db'), '');
    writeFileSync(join(folder, 'data', 'real.db-wal'), 'commits');
    const refused = await run(folder, list);
    expect([refused.code, refused.stderr]).toEqual([5, expect.stringMatching(/its log .*real\.db-wal is there/)]);
    expect(readFileSync(join(folder, 'data', 'real.db-wal'), 'utf8')).toBe('commits');
  }, 120_000);

  it('that is gone while its log is there: the log keeps its commits, and they come back with the file', async () => {
    const folder = project();
    const file = join(folder, 'lago.db');
    const ledger = openLedger(file);
    ledger.putSetting('kept', 'in the log');
    // As after a power cut: the log was not merged into the file.
    for (const name of ['lago.db', 'lago.db-wal']) copyFileSync(join(folder, name), join(folder, `saved-${name}`));
    ledger.close();
    rmSync(file);
    copyFileSync(join(folder, 'saved-lago.db-wal'), `${file}-wal`);
    for (const said of await allRefused(folder, [ingest, bill])) expect(said).toMatch(/^5 .*its log .*lago\.db-wal/);
    writeFileSync(file, '');
    for (const said of await allRefused(folder, [ingest, bill])) expect(said).toMatch(/^5 .*its log .*lago\.db-wal/);
    copyFileSync(join(folder, 'saved-lago.db'), file);
    const restored = openLedger(file);
    expect(restored.setting('kept')).toBe('in the log');
    restored.close();
  }, 120_000);

  it(
    'with flipped bytes: `db verify` answers in words, and no other command hangs or is killed',
    async () => {
      const count = rounds(2, 0.2);
      const folder = project();
      expect((await run(folder, ingest)).code).toBe(0);
      expect((await run(folder, bill)).code).toBe(0);
      let found = 0;
      const sound = readFileSync(join(folder, 'lago.db'));
      await each(count, 2, async (round) => {
        const chance = chanceOf('flip', round);
        const copy = join(root, `flipped-${round}`);
        copyProject(folder, copy);
        const bytes = Buffer.from(sound);
        const flips = 1 + chance.integer(40);
        for (let i = 0; i < flips; i += 1) bytes[100 + chance.integer(bytes.length - 100)] = chance.integer(256);
        writeFileSync(join(copy, 'lago.db'), bytes);
        const note = `seed ${chance.seed}, kept in ${copy}`;
        const verified = await run(copy, verify);
        if (verified.code !== 0) expect([note, failureProblem(verified)]).toEqual([note, null]);
        if (verified.code !== 0) found += 1;
        // A flipped letter in a record's field is no damage that anything but its reader could see.
        for (const args of [list, ['customers', 'current-usage', 'acme', 'sub_acme', '--at', '2026-11-20'], bill]) {
          const ended = await run(copy, args);
          expect([note, args[0], ended.code]).toEqual([note, args[0], expect.any(Number)]);
          if (ended.code !== 1) expect(ended.stderr).not.toContain('This is a bug');
        }
        removeFolder(copy);
      });
      expect(found).toBeGreaterThan(0);
    },
    patience(rounds(2, 0.2), 8),
  );

  it('whose figures were changed by hand is found by `db verify`', async () => {
    const folder = project();
    expect((await run(folder, ingest)).code).toBe(0);
    expect((await run(folder, bill)).code).toBe(0);
    const tampered: readonly (readonly [sql: string, said: RegExp])[] = [
      [
        "UPDATE fee_records SET record = json_set(record, '$.amountCents', 1) WHERE record ->> 'feeType' = 'subscription'",
        /fees stand at/,
      ],
      [
        "DELETE FROM billing_period_records; DELETE FROM fee_records WHERE record ->> 'feeType' = 'charge'",
        /fees stand at/,
      ],
      ["UPDATE wallet_records SET record = json_set(record, '$.balanceCents', 99999)", /wallet .*99999 cents/],
      ["UPDATE fee_records SET record = json_set(record, '$.invoiceId', 'gone')", /which does not exist/],
      ['DELETE FROM event_keys WHERE seq = 7', /1 events without a key/],
      ['UPDATE event_keys SET hash = hash + 1000 WHERE seq = 7', /event 7 .*not found by its transaction_id/],
      ['DELETE FROM events WHERE seq = 7', /1 event keys without an event/],
      [
        'UPDATE usage_points SET value = value + 1 WHERE value > 1 AND seq = (SELECT min(seq) FROM usage_points WHERE value > 1)',
        /the projection says/,
      ],
      ['DELETE FROM usage_points WHERE seq = 7', /points? too few/],
      ['DELETE FROM journal WHERE sequence = 2', /journal are numbered/],
      [
        "UPDATE customers SET record = json_set(record, '$.sequentialId', 9) WHERE sequential_id = 3",
        /customers are numbered/,
      ],
      ['UPDATE definitions SET content = substr(content, 2)', /definitions: 1 unreadable/],
      ['DELETE FROM definitions', /definitions .*not kept/],
      ["UPDATE definitions SET content = replace(content, 'Traffic', 'traffic')", /definitions .*say something else/],
      [
        "UPDATE fee_records SET record = json_set(record, '$.units', '7') WHERE record ->> 'feeType' = 'charge'",
        /invoice .* says something else than when it was issued/,
      ],
      ['DELETE FROM documents', /issued without a seal/],
      [
        "DROP TRIGGER invoices_issued_stay; UPDATE invoice_records SET record = json_set(record, '$.totalAmountCents', 0) WHERE record ->> 'totalAmountCents' > 0",
        /total stand/,
      ],
      [
        "DROP TRIGGER invoices_issued_stay; UPDATE invoice_records SET record = json_set(record, '$.sequentialId', 7) WHERE record ->> 'sequentialId' = 1",
        /numbered/,
      ],
    ];
    const sound = readFileSync(join(folder, 'lago.db'));
    for (const [sql, said] of tampered) {
      writeFileSync(join(folder, 'lago.db'), sound);
      const db = new Database(join(folder, 'lago.db'));
      db.pragma('journal_mode = DELETE');
      db.exec(sql);
      db.close();
      expect([sql, problemsOf(folder).join('\n')]).toEqual([sql, expect.stringMatching(said)]);
    }
    const ended = await run(folder, verify);
    expect([ended.code, ended.stdout]).toEqual([9, expect.stringMatching(/numbered/)]);
    writeFileSync(join(folder, 'lago.db'), sound);
    expect(await run(folder, verify)).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);

  it('whose projection is dropped or remade gives the same figures', async () => {
    const folder = project();
    expect((await run(folder, ingest)).code).toBe(0);
    const usage = () => run(folder, ['usage', 'sub_acme', '--at', '2026-10-20', '--json']);
    const before = (await usage()).stdout;
    expect(before).toContain('charges_usage');
    const bytes = fingerprint(folder);
    const ledger = openLedger(join(folder, 'lago.db'));
    ledger.dropProjection();
    ledger.close();
    expect(problemsOf(folder)).toEqual([]);
    expect((await usage()).stdout).toBe(before);
    expect((await run(folder, ['db', 'rebuild', '--at', '2026-10-20'])).code).toBe(0);
    expect(problemsOf(folder)).toEqual([]);
    expect((await usage()).stdout).toBe(before);
    expect(fingerprint(folder)).toBe(bytes);
  }, 120_000);
});

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** Why a tmpfs cannot be mounted here; null when it can. */
function noTmpfs(): string | null {
  if (process.platform !== 'linux') return 'it is no Linux';
  if (!isRoot) return 'mounting needs root';
  const folder = temporaryFolder();
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], {
    encoding: 'utf8',
  });
  if (status === 0) execFileSync('umount', [folder]);
  removeFolder(folder);
  return status === 0 ? null : `mount refused: ${stderr?.trim()}`;
}

describe('a disk', () => {
  const tmpfs = noTmpfs();

  it.skipIf(tmpfs !== null)(
    `that is full: nothing is changed, and with space it goes on${tmpfs === null ? '' : ` (skipped: ${tmpfs})`}`,
    async () => {
      const mounted = join(root, 'small');
      mkdirSync(mounted);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mounted]);
      try {
        const folder = join(mounted, 'project');
        copyProject(start, folder);
        const before = fingerprint(folder);
        writeFileSync(join(root, 'many.ndjson'), eventLines('2026-10', 20_000).join('\n'));
        const many = ['ingest', join(root, 'many.ndjson'), '--at', '2026-10-20'];
        const said = await run(folder, many);
        expect(failureProblem(said)).toBeNull();
        expect([said.code, said.stderr]).toEqual([5, expect.stringMatching(/the disk refused|no space left/)]);
        expect(problemsOf(folder)).toEqual([]);
        expect(fingerprint(folder)).toBe(before);
        fill(join(mounted, 'ballast'));
        for (const args of [bill, ['wallets', 'top-up', '--customer', 'acme', '--paid', '5', '--at', '2026-10-20']]) {
          expect([args[0], failureProblem(await run(folder, args))]).toEqual([args[0], null]);
        }
        const backup = await run(folder, ['db', 'backup', 'copy.db']);
        expect(failureProblem(backup)).toBeNull();
        expect(existsSync(join(folder, 'copy.db'))).toBe(false);
        rmSync(join(mounted, 'ballast'));
        expect(problemsOf(folder)).toEqual([]);
        expect(fingerprint(folder)).toBe(before);
        execFileSync('mount', ['-o', 'remount,size=64m', mounted]);
        expect((await run(folder, many)).code).toBe(0);
        expect((await run(folder, bill)).code).toBe(0);
        expect(problemsOf(folder)).toEqual([]);
      } finally {
        execFileSync('umount', [mounted]);
      }
    },
    120_000,
  );

  it.skipIf(tmpfs !== null)(
    'of any size that is too small, at whatever moment it fills up: done, or nothing was changed',
    async () => {
      const mounted = join(root, 'filling');
      mkdirSync(mounted);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', mounted]);
      try {
        const folder = join(mounted, 'project');
        const unbilled = project();
        expect((await run(unbilled, ingest)).code).toBe(0);
        const before = fingerprint(unbilled);
        const billed = project();
        copyProject(unbilled, billed);
        const alone = ['bill', '--at', '2026-11-01'];
        expect((await run(billed, alone)).code).toBe(0);
        const after = fingerprint(billed);
        const sizes = rounds(3, 0.05);
        const ends = new Set<number | null>();
        for (let round = 0; round < sizes; round += 1) {
          copyProject(unbilled, folder);
          const ballast = join(mounted, 'ballast');
          // From nothing to what the log needs, to what the log and the ledger need.
          writeBallast(mounted, ballast, Math.floor((round / (sizes - 1)) * 400) + 8);
          const ended = await run(folder, alone);
          ends.add(ended.code);
          rmSync(ballast);
          expect(problemsOf(folder)).toEqual([]);
          if (ended.code !== 0) expect([round, ended.code, failureProblem(ended)]).toEqual([round, 5, null]);
          expect([round, fingerprint(folder)]).toEqual([round, ended.code === 0 ? after : before]);
        }
        expect([...ends].sort()).toEqual([0, 5]);
      } finally {
        execFileSync('umount', [mounted]);
      }
    },
    patience(rounds(3, 0.05), 10),
  );

  it.skipIf(tmpfs !== null)(
    'that is full under the documents: what was billed stays billed, and the next run writes what is missing',
    async () => {
      const mounted = join(root, 'documents');
      mkdirSync(mounted);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mounted]);
      try {
        const folder = project();
        const into = ['bill', '--at', '2026-11-01', '--out', join(mounted, 'invoices')];
        const first = await run(folder, into);
        expect([first.code, failureProblem(first)]).toEqual([5, null]);
        expect(first.stderr).toContain('no space left');
        expect(readdirSync(join(mounted, 'invoices')).filter((name) => name.endsWith('.part'))).toEqual([]);
        expect(problemsOf(folder)).toEqual([]);
        execFileSync('mount', ['-o', 'remount,size=4m', mounted]);
        const second = await run(folder, into);
        expect([second.code, second.stderr]).toEqual([
          0,
          expect.stringMatching(/nothing was due[\s\S]*wrote 3 invoices/),
        ]);
        expect(readdirSync(join(mounted, 'invoices')).length).toBe(6);
      } finally {
        execFileSync('umount', [mounted]);
      }
    },
    120_000,
  );

  it('that allows no larger file: nothing is changed', async () => {
    const folder = project();
    const before = fingerprint(folder);
    writeFileSync(join(folder, 'many.ndjson'), eventLines('2026-10', 20_000).join('\n'));
    // In blocks of 1,024 bytes; the signal that goes with it is ignored, so that writing fails instead.
    const limits = "trap '' XFSZ; ulimit -f 1000";
    const ended = await run(folder, ['ingest', 'many.ndjson', '--at', '2026-10-20'], { limits });
    expect(failureProblem(ended)).toBeNull();
    expect(problemsOf(folder)).toEqual([]);
    expect(fingerprint(folder)).toBe(before);
  }, 120_000);

  it.skipIf(!existsSync('/dev/full'))(
    'that is full under the output or the rejects file is told in words',
    async () => {
      const folder = project();
      writeFileSync(join(folder, 'bad.ndjson'), 'nonsense\n'.repeat(5_000));
      const rejects = await run(folder, ['ingest', 'bad.ndjson', '--rejects', '/dev/full', '--at', '2026-10-20']);
      expect(failureProblem(rejects)).toBeNull();
      const shell = `"$0" "$1" customers list --json > /dev/full`;
      const binary = join(import.meta.dirname, '../../bin/lago-cli.js');
      const { status, stderr } = spawnSync('bash', ['-c', shell, process.execPath, binary], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([5, expect.stringContaining('no space left')]);
      expect(stderr).not.toContain('    at ');
    },
    120_000,
  );

  const readable = !isRoot || readableByNobody();
  it.skipIf(!readable)(
    `that may not be written: told in words, nothing changed${readable ? '' : ' (skipped: nobody may not read this folder)'}`,
    async () => {
      const folder = project();
      chmodSync(root, 0o755);
      const options: RunOptions = isRoot ? { uid: nobody } : {};
      if (isRoot) for (const path of ['.', ...readdirSync(folder)]) chownSync(join(folder, path), nobody, nobody);
      chmodSync(folder, 0o555);
      chmodSync(join(folder, 'lago.db'), 0o444);
      try {
        await allRefused(folder, [ingest, bill, ['customers', 'create', 'new'], ['db', 'backup', 'copy.db']], options);
        rmSync(join(folder, 'lago.db'));
        await allRefused(folder, [ingest, bill], options);
        expect(existsSync(join(folder, 'lago.db'))).toBe(false);
      } finally {
        chmodSync(folder, 0o755);
      }
    },
    120_000,
  );
});

/** Root may write everywhere: the test runs as nobody, who must be able to read the program. */
function readableByNobody(): boolean {
  const binary = join(import.meta.dirname, '../../bin/lago-cli.js');
  return spawnSync(process.execPath, [binary, '--version'], { uid: nobody, gid: nobody, cwd: '/' }).status === 0;
}

/** Takes the space of a disk but for so many kilobytes. */
function writeBallast(mounted: string, file: string, left: number): void {
  const { bavail, bsize } = statfsSync(mounted);
  writeFileSync(file, Buffer.alloc(Math.max(0, bavail * bsize - left * 1_024)));
}

/** Takes all space that is left. */
function fill(file: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=4k']);
}
