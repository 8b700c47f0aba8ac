/**
 * How long torture lasts, and its chance. `npm run torture -- --rounds N --seed S` sets both; without them the short form
 * runs, always with the same seed. A failure names the seed of its round, which alone repeats it.
 */
export const isLong = process.env.TORTURE_ROUNDS !== undefined;

const seed = Number(process.env.TORTURE_SEED ?? 20_261_121);

export function rounds(short: number, share = 1): number {
  return isLong ? Math.max(short, Math.ceil(Number(process.env.TORTURE_ROUNDS) * share)) : short;
}

/** Milliseconds for so many rounds. */
export function patience(count: number, secondsEach: number): number {
  return 60_000 + count * secondsEach * 1_000;
}

export interface Chance {
  readonly seed: number;
  /** From 0, below `below`. */
  integer(below: number): number;
  /** From 0 to 1. */
  fraction(): number;
  one<T>(items: readonly T[]): T;
}

/** The chance of one round: the same for the same run, name and number. */
export function chanceOf(name: string, round: number): Chance {
  let state = seed;
  for (const character of `${name}/${round}`) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return seededChance(state);
}

/** mulberry32: small, and good enough to pick moments. */
export function seededChance(start: number): Chance {
  let state = start >>> 0;
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number) => Math.floor(fraction() * below);
  return { seed: start, fraction, integer, one: (items) => items[integer(items.length)] as (typeof items)[number] };
}

/** Runs `work` for each number below `count`, some at a time. */
export async function each(count: number, atOnce: number, work: (round: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
