/**
 * Commands beside the billing year that end at any moment: the first opening of a ledger, its migration, backup and
 * rebuilding, the download of documents, and an ingestion of several batches. Run again, each ends as if nothing had
 * happened.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, migrations } from '../../src/ledger/migrations.js';
import { run } from './binary.js';
import { preload } from './history.js';
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

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Makes the project as it is before the command. */
  readonly prepare: (folder: string) => void;
  /** What the command leaves; the same in the end, whatever happened. */
  readonly outcome: (folder: string) => string;
  /** What of it may be there already after a crash, so that it need not run again. */
  readonly done?: (folder: string) => boolean;
}

const create = ['customers', 'create', 'late', '--at', '2026-11-03'];
const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
const hasLate = (folder: string) =>
  existsSync(join(folder, 'lago.db')) && selected(folder, "SELECT 1 FROM customers WHERE external_id = 'late'") === 1;

function selected(folder: string, sql: string): unknown {
  const db = new Database(join(folder, 'lago.db'));
  try {
    return db.pragma('user_version', { simple: true }) === 0 ? undefined : db.prepare(sql).pluck().get();
  } finally {
    db.close();
  }
}

function withoutLedger(folder: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith('lago.db')) rmSync(join(folder, name));
}

const cases: readonly Case[] = [
  {
    name: 'the first opening of a ledger',
    args: create,
    prepare: withoutLedger,
    outcome: fingerprint,
    done: hasLate,
  },
  {
    name: 'the migration of an older ledger',
    args: create,
    prepare: (folder) => {
      withoutLedger(folder);
      const db = new Database(join(folder, 'lago.db'));
      migrate(db, 'lago.db', migrations.slice(0, 1));
      db.close();
    },
    outcome: fingerprint,
    done: hasLate,
  },
  {
    name: 'db backup',
    args: ['db', 'backup', 'copy.db'],
    prepare: () => {},
    outcome: (folder) =>
      `${hashOf(join(folder, 'copy.db'))} ${readdirSync(folder).filter((name) => name.endsWith('.part'))}`,
    done: (folder) => existsSync(join(folder, 'copy.db')),
  },
  { name: 'db rebuild', args: ['db', 'rebuild'], prepare: () => {}, outcome: fingerprint },
  {
    name: 'invoices generate',
    args: ['invoices', 'generate', '--period', '2026-10', '--out', 'invoices', '--at', '2026-11-01'],
    prepare: () => {},
    outcome: (folder) => `${fingerprint(folder)}: ${readdirSync(join(folder, 'invoices')).sort()}`,
  },
];

const perCase = rounds(2, 0.04);

let root: string;
beforeAll(async () => {
  root = temporaryFolder();
  const project = join(root, 'start');
  makeProject(project, 300);
  for (const args of [
    ['ingest', 'october.ndjson', '--at', '2026-10-20'],
    ['bill', '--at', '2026-11-01'],
  ]) {
    expect((await run(project, args)).code).toBe(0);
  }
}, 60_000);
afterAll(() => removeFolder(root));

/** Ends the command at a moment, runs it again, and holds the end against that of an undisturbed run. */
async function crashed(folder: string, given: Case, expected: string, place: number): Promise<string | null> {
  const { args, outcome, done } = given;
  const ended = await run(folder, args, { preload, environment: { CRASH_AT: String(place) } });
  if (ended.code !== null) return `it ended in ${ended.code}: ${ended.stderr}`;
  if (done?.(folder) !== true) {
    const again = await run(folder, args);
    if (again.code !== 0) return `running it again ends in ${again.code}: ${again.stderr}`;
  }
  const problems = problemsOf(folder);
  if (problems.length > 0) return `the ledger is unsound: ${problems.join('; ')}`;
  const found = outcome(folder);
  return found === expected ? null : `it ends in ${found} instead of ${expected}`;
}

describe('ended at any moment and run again', () => {
  for (const given of cases) {
    it(
      given.name,
      async () => {
        const start = join(root, given.name);
        copyProject(join(root, 'start'), start);
        given.prepare(start);
        const undisturbed = join(root, `${given.name}, undisturbed`);
        copyProject(start, undisturbed);
        const list = join(root, 'moments.json');
        const ended = await run(undisturbed, given.args, { preload, environment: { CRASH_POINTS: list } });
        expect([ended.code, problemsOf(undisturbed)]).toEqual([0, []]);
        const expected = given.outcome(undisturbed);
        const moments = JSON.parse(readFileSync(list, 'utf8')) as string[];
        const failures: string[] = [];
        const count = Math.min(perCase, moments.length);
        await each(count, 2, async (round) => {
          // Spread over the whole run: one of each stretch.
          const stretch = moments.length / count;
          const place = 1 + Math.floor(stretch * (round + chanceOf(given.name, round).fraction()));
          const folder = join(root, `${given.name}, crashed ${place}`);
          copyProject(start, folder);
          const problem = await crashed(folder, given, expected, place);
          if (problem === null) removeFolder(folder);
          else failures.push(`moment ${place} (${moments[place - 1]}): ${problem} (${folder})`);
        });
        expect(failures).toEqual([]);
        expect(count).toBeGreaterThan(1);
      },
      patience(perCase, 10),
    );
  }

  it(
    'an ingestion of several batches keeps those that were stored, and goes on behind them',
    async () => {
      const count = rounds(1, 0.02);
      const start = join(root, 'large');
      copyProject(join(root, 'start'), start);
      // A batch holds 64 MB of properties: these are two.
      const filler = 'x'.repeat(900_000);
      const lines = eventLines('2026-10', 80).map((line, index) =>
        line
          .replace('"transaction_id":"', `"transaction_id":"large-${index}-`)
          .replace('"gb":', `"note":"${filler}","gb":`),
      );
      const file = join(root, 'large.ndjson');
      writeFileSync(file, lines.join('\n'));
      const args = ['ingest', file, '--at', '2026-10-20'];
      const alone = join(root, 'large, undisturbed');
      copyProject(start, alone);
      const list = join(root, 'moments.json');
      expect((await run(alone, args, { preload, environment: { CRASH_POINTS: list } })).code).toBe(0);
      const batches = "SELECT count(*) FROM journal WHERE verb = 'ingest'";
      const before = selected(start, batches) as number;
      expect(selected(alone, batches)).toBe(before + 2);
      const expected = fingerprint(alone);
      const moments = JSON.parse(readFileSync(list, 'utf8')) as string[];
      const commits = moments.flatMap((name, index) => (name === 'after COMMIT' ? [index + 1] : []));
      // From the end of the first batch to that of the second.
      const [from, to] = commits.slice(-2) as [number, number];
      await each(count, 1, async (round) => {
        const folder = join(root, `large, crashed ${round}`);
        copyProject(start, folder);
        const place = from + chanceOf('batches', round).integer(to - from);
        const ended = await run(folder, args, { preload, environment: { CRASH_AT: String(place) } });
        expect([place, ended.code, selected(folder, batches)]).toEqual([place, null, before + 1]);
        const again = await run(folder, args);
        expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/^\d+ stored, [1-9]\d* already there/)]);
        expect([place, problemsOf(folder), fingerprint(folder)]).toEqual([place, [], expected]);
        removeFolder(folder);
      });
    },
    patience(rounds(1, 0.02), 20),
  );
});
