/** The project as it is before and after each step when nothing disturbs it: what every disturbed run is held against. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openLedger } from '../../src/ledger/open.js';
import { run } from './binary.js';
import {
  copyProject,
  fingerprint,
  makeProject,
  problemsOf,
  removeFolder,
  type Step,
  steps,
  temporaryFolder,
  timesDone,
} from './world.js';

/** Makes a process count its moments, or crash at one. */
export const preload = [fileURLToPath(new URL('./crashAt.mjs', import.meta.url))];

export interface Milestone {
  readonly step: Step;
  readonly args: readonly string[];
  /** The project before the step. */
  readonly folder: string;
  /** `fingerprint` after it. */
  readonly after: string;
  readonly milliseconds: number;
  /** Names of the points where it could crash. */
  readonly moments: readonly string[];
  /** Entries of `step.once` in the journal afterwards. */
  readonly times: number;
}

export interface History {
  readonly milestones: readonly Milestone[];
  readonly root: string;
}

export async function undisturbed(events: number): Promise<History> {
  const root = temporaryFolder();
  const milestones: Milestone[] = [];
  let current = join(root, '0');
  makeProject(current, events);
  for (const [index, step] of steps.entries()) {
    const next = join(root, String(index + 1));
    copyProject(current, next);
    const args = step.args.map((arg) => (arg === 'VOIDED' ? oneToVoid(next) : arg));
    const list = join(root, 'moments.json');
    const ended = await run(next, args, { preload, environment: { CRASH_POINTS: list } });
    const problems = problemsOf(next);
    if (ended.code !== 0 || problems.length > 0) {
      throw new Error(`${step.name}: exit code ${ended.code}\n${ended.stderr}\n${problems.join('\n')}`);
    }
    const times = step.once === undefined ? 0 : timesDone(next, step.once);
    const { milliseconds } = ended;
    const moments = JSON.parse(readFileSync(list, 'utf8')) as string[];
    milestones.push({ step, args, folder: current, after: fingerprint(next), milliseconds, moments, times });
    current = next;
  }
  return { milestones, root };
}

/** The largest invoice that the wallet helped to pay: its credits come back. */
function oneToVoid(folder: string): string {
  const ledger = openLedger(join(folder, 'lago.db'));
  const sql = 'SELECT number FROM invoices ORDER BY prepaid_credit_amount_cents DESC, total_amount_cents DESC LIMIT 1';
  const [[number] = []] = ledger.select(sql).rows;
  ledger.close();
  return String(number);
}

/**
 * After a disturbed run of the step in `folder`: the ledger must be sound, and running the step again must end as if
 * nothing had happened. Answers what does not hold.
 */
export async function afterwards(folder: string, milestone: Milestone, verifyFirst: boolean): Promise<string | null> {
  const { step, args, after, times } = milestone;
  const problems = verifyFirst ? problemsOf(folder) : [];
  if (problems.length > 0) return `the ledger is unsound: ${problems.join('; ')}`;
  const isDone = step.once !== undefined && timesDone(folder, step.once) === times;
  if (!isDone) {
    const again = await run(folder, args);
    if (again.code !== 0) return `running it again ends in ${again.code}: ${again.stderr}`;
  }
  const later = problemsOf(folder);
  if (later.length > 0) return `the ledger is unsound after running it again: ${later.join('; ')}`;
  const found = fingerprint(folder);
  return found === after ? null : `it ends in ${found} instead of ${after}`;
}

export function forget({ root }: History): void {
  removeFolder(root);
}
