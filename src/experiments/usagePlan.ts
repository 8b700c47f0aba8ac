/**
 * The imagined usage of a simulation, month by month: numbers that stay, grow by a percentage or by a number, or come from
 * a CSV file with a line for each month.
 */
import { invalid } from '../errors.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { parseCount, parseUnits, type UnitsLevels } from './unitsInput.js';

/** Units of one metric in each month. */
export interface MetricMonths {
  readonly code: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly months: readonly Decimal[];
}

/** A change from each month to the next: a percentage (`5%`), or a number of units (`+10`, `-2`). */
export interface Growth {
  /** Null: of every metric that has none of its own. */
  readonly code: string | null;
  readonly percent: Decimal | null;
  readonly units: Decimal;
}

export function parseGrowth(text: string): Growth {
  const match = /^(?:([^=]+)=)?([+-])?([\d._kKmM]+)(\s*%)?$/.exec(text.trim());
  const count = match === null ? null : parseCount(match[3] as string);
  if (match === null || count === null) {
    throw invalid({
      field: '--growth',
      code: 'value_is_invalid',
      message: `${JSON.stringify(text)} is not a growth`,
      suggestion: 'Write --growth 5%, --growth api_calls=10% or --growth seats=+3.',
    });
  }
  const value = match[2] === '-' ? count.negated() : count;
  const isPercent = match[4] !== undefined;
  return { code: match[1]?.trim() ?? null, percent: isPercent ? value : null, units: isPercent ? ZERO : value };
}

/** A flag with several levels gives the months in turn, its last one staying; one level grows. Whole units. */
export function monthsOfFlags(
  flags: readonly UnitsLevels[],
  growths: readonly Growth[],
  count: number,
): MetricMonths[] {
  return flags.map(({ code, properties, levels }) => {
    const growth = growths.find((each) => each.code === code) ?? growths.find((each) => each.code === null);
    const months: Decimal[] = [];
    let exact = levels[0] as Decimal;
    for (let month = 0; month < count; month += 1) {
      if (levels.length > 1) months.push((levels[month] ?? levels.at(-1)) as Decimal);
      else {
        months.push(rounded(exact));
        if (growth !== undefined) exact = grown(exact, growth);
      }
    }
    return { code, properties, months };
  });
}

function grown(units: Decimal, { percent, units: more }: Growth): Decimal {
  const next = percent === null ? units.plus(more) : units.times(percent.plus(100)).div(100).toDecimalPlaces(20);
  return Decimal.max(next, 0);
}

function rounded(units: Decimal): Decimal {
  return units.isInteger() ? units : units.toDecimalPlaces(0);
}

/** `month,api_calls,seats`: a column for each metric, its properties in brackets; a line for each month. */
export function monthsOfCsv(text: string, file: string): MetricMonths[] {
  const lines = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cells);
  const [header, ...rows] = lines;
  if (header === undefined || header.length < 2 || rows.length === 0) {
    throw badCsv(file, 1, 'needs a heading `month,METRIC,…` and a line for each month');
  }
  return header.slice(1).map((name, index) => {
    const { code, properties } = parseUnits(`${name}=0`);
    const months = rows.map((row, line) => {
      const cell = row[index + 1] ?? '';
      const units = cell === '' ? ZERO : parseCount(cell);
      if (units === null) throw badCsv(file, line + 2, `${JSON.stringify(cell)} is not a number of ${name}`);
      return units;
    });
    return { code, properties, months };
  });
}

/** Quotes keep commas together. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) =>
    (match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim(),
  );
}

function badCsv(file: string, line: number, message: string) {
  return invalid({ field: file, code: 'invalid_csv', message, location: { file, line } });
}
