/**
 * `--units` as people write it: `METRIC=N`, `METRIC=N,N,…`, `METRIC=LO..HI`, `METRIC=LO..HI:STEP`, with `k` and `M` for
 * thousands and millions, and event properties in brackets for prices that depend on them: `storage[region=eu]=100`.
 */
import { type BillingError, invalid } from '../errors.js';
import { Decimal } from '../money/decimal.js';

/** One `--units` flag. */
export interface UnitsLevels {
  readonly code: string;
  readonly properties: Readonly<Record<string, string>>;
  /** Ascending as written; at least one. */
  readonly levels: readonly Decimal[];
}

/** Points of a range without a step. */
const RANGE_POINTS = 20;
const MOST_LEVELS = 10_000;

export function parseUnits(text: string): UnitsLevels {
  const match = /^([^[\]=]+)(?:\[([^\]]*)\])?=(.+)$/.exec(text.trim());
  if (match === null) throw refused(text, 'is not written METRIC=UNITS');
  const [, code = '', properties, written = ''] = match;
  const levels = written.split(',').flatMap((part) => levelsOf(part.trim(), text));
  if (levels.length > MOST_LEVELS) throw refused(text, `has ${levels.length} levels, more than ${MOST_LEVELS}`);
  return { code: code.trim(), properties: propertiesOf(properties, text), levels };
}

/** 10k → 10000, 1.5M → 1500000. */
export function parseCount(text: string): Decimal | null {
  const match = /^(\d+(?:\.\d+)?|\.\d+)([kKmM])?$/.exec(text.replaceAll('_', ''));
  if (match === null) return null;
  const unit = match[2]?.toLowerCase();
  return new Decimal(match[1] as string).times(unit === undefined ? 1 : unit === 'k' ? 1_000 : 1_000_000);
}

/** The levels of every flag side by side: one that has a single level keeps it throughout. */
export function alignLevels(flags: readonly UnitsLevels[]): readonly (readonly Decimal[])[] {
  const count = Math.max(1, ...flags.map((flag) => flag.levels.length));
  const odd = flags.find((flag) => flag.levels.length !== 1 && flag.levels.length !== count);
  if (odd !== undefined) {
    throw refused(odd.code, `has ${odd.levels.length} levels where another has ${count}: give as many, or one`);
  }
  return Array.from({ length: count }, (_, index) =>
    flags.map(({ levels }) => (levels.length === 1 ? levels[0] : levels[index]) as Decimal),
  );
}

/** One metric that varies and others that stay, for a curve. */
export function variationOf(flags: readonly UnitsLevels[]) {
  const [main, second] = flags.filter((each) => each.levels.length > 1);
  if (second !== undefined) throw refused(second.code, 'has several levels too: only one metric can vary here');
  const varying = main ?? flags[0];
  if (varying === undefined) throw refused('', 'names no usage to compare');
  const fixed = flags
    .filter((each) => each !== varying)
    .map(({ code, properties, levels }) => ({ code, properties, units: levels[0] as Decimal, eventsCount: null }));
  return { main: { ...varying, eventsCount: null }, fixed };
}

function levelsOf(part: string, text: string): Decimal[] {
  const range = /^(.+?)\.\.(.+?)(?::(.+))?$/.exec(part);
  if (range === null) {
    const level = parseCount(part);
    if (level === null) throw refused(text, `${JSON.stringify(part)} is not a number of units`);
    return [level];
  }
  const [low, high] = [parseCount(range[1] as string), parseCount(range[2] as string)];
  if (low === null || high === null || high.lt(low)) throw refused(text, `${JSON.stringify(part)} is not a range`);
  const step = range[3] === undefined ? null : parseCount(range[3]);
  if (range[3] !== undefined && (step === null || step.isZero())) {
    throw refused(text, `${JSON.stringify(range[3])} is not a step`);
  }
  const by = step ?? defaultStep(low, high);
  if (by.isZero()) return [low];
  const levels: Decimal[] = [];
  for (let level = low; level.lt(high); level = level.plus(by)) {
    levels.push(level);
    if (levels.length > MOST_LEVELS) throw refused(text, `has more than ${MOST_LEVELS} levels`);
  }
  return [...levels, high];
}

/** 1, 2 or 5 times a power of ten, so that about twenty points are round numbers. */
function defaultStep(low: Decimal, high: Decimal): Decimal {
  const width = high.minus(low).div(RANGE_POINTS);
  if (width.isZero()) return width;
  const power = new Decimal(10).pow(width.e);
  const [one, two, five] = [power, power.times(2), power.times(5)];
  return [one, two, five].find((candidate) => candidate.gte(width)) ?? power.times(10);
}

function propertiesOf(written: string | undefined, text: string): Record<string, string> {
  if (written === undefined || written.trim() === '') return {};
  return Object.fromEntries(
    written.split(',').map((pair) => {
      const at = pair.search(/[=:]/);
      if (at < 1) throw refused(text, `${JSON.stringify(pair)} must be written property=value`);
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
}

function refused(text: string, message: string): BillingError {
  return invalid({
    field: '--units',
    code: 'value_is_invalid',
    message: text === '' ? message : `${text}: ${message}`,
    suggestion: 'Write --units api_calls=1000, --units api_calls=100,1k,10k or --units api_calls=0..50k:5k.',
  });
}
