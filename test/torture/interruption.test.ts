/**
 * Processes that end at any moment of everything that writes: by SIGKILL at random, and right before and right after a
 * statement, a commit or a file operation. Afterwards the ledger is sound, and running the command again ends in the
 * bytes of an undisturbed run: nothing lost, nothing twice.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunOptions, run } from './binary.js';
import { afterwards, forget, type History, type Milestone, preload, undisturbed } from './history.js';
import { chanceOf, each, isLong, patience, rounds } from './rounds.js';
import { copyProject, removeFolder } from './world.js';

const kills = rounds(6);
const crashes = rounds(8);

interface Moment {
  readonly milestone: Milestone;
  /** From 1. */
  readonly place: number;
  readonly name: string;
}

describe('a process that ends in the middle', () => {
  let history: History;
  beforeAll(
    async () => {
      history = await undisturbed(isLong ? 10_000 : 1_000);
    },
    patience(10, 6),
  );
  afterAll(() => forget(history));

  /** What does not hold after the step was ended; the folder stays for a look at it. */
  async function disturbed(milestone: Milestone, name: string, options: RunOptions, verifyFirst: boolean) {
    const folder = join(history.root, name);
    copyProject(milestone.folder, folder);
    const ended = await run(folder, milestone.args, options);
    const isCrash = options.killAfterMs === undefined;
    const isExpected = ended.code === null || (!isCrash && ended.code === 0);
    const problem = isExpected
      ? await afterwards(folder, milestone, verifyFirst)
      : `it ended in ${ended.code}: ${ended.stderr}`;
    if (problem === null) removeFolder(folder);
    return { killed: ended.code === null, problem: problem && `${milestone.step.name}: ${problem} (${folder})` };
  }

  it(
    `${kills} times at random, and run again`,
    async () => {
      const failures: string[] = [];
      let killed = 0;
      await each(kills, 2, async (round) => {
        const chance = chanceOf('kill', round);
        const milestone = history.milestones[round % history.milestones.length] as Milestone;
        // The first part is only the start of the process.
        const killAfterMs = milestone.milliseconds * (0.4 + 0.7 * chance.fraction());
        const result = await disturbed(milestone, `killed-${round}`, { killAfterMs }, chance.integer(2) === 0);
        if (result.killed) killed += 1;
        if (result.problem !== null) failures.push(`round ${round}, after ${killAfterMs} ms: ${result.problem}`);
      });
      console.info(`${killed} of ${kills} were killed before they ended`);
      expect(failures).toEqual([]);
      expect(killed).toBeGreaterThan(0);
    },
    patience(kills, 10),
  );

  it(
    `at ${crashes} chosen moments, and run again`,
    async () => {
      const moments = history.milestones.flatMap((milestone) =>
        milestone.moments.map((name, index): Moment => ({ milestone, place: index + 1, name })),
      );
      const chosen = chosenFrom(moments);
      const failures: string[] = [];
      await each(chosen.length, 2, async (round) => {
        const { milestone, place, name } = chosen[round] as Moment;
        const options = { preload, environment: { CRASH_AT: String(place) } };
        const { problem } = await disturbed(milestone, `crashed-${round}`, options, round % 2 === 0);
        if (problem !== null) failures.push(`moment ${place} (${name}): ${problem}`);
      });
      console.info(`${chosen.length} of ${moments.length} moments`);
      expect(failures).toEqual([]);
      expect(chosen.length).toBeGreaterThan(0);
    },
    patience(crashes, 10),
  );
});

/** Half of them around commits and renames, the rest anywhere; all when there are rounds enough. */
function chosenFrom(moments: readonly Moment[]): Moment[] {
  if (crashes >= moments.length) return [...moments];
  const chance = chanceOf('crash', 0);
  const decisive = moments.filter(({ name }) => /COMMIT|renameSync/.test(name));
  const chosen = new Set<Moment>();
  while (chosen.size < Math.min(crashes / 2, decisive.length)) chosen.add(chance.one(decisive));
  while (chosen.size < crashes) chosen.add(chance.one(moments));
  return [...chosen];
}
