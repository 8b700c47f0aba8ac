/** Plans side by side on a terminal: a line for each level of usage, the cheapest marked, and who is cheaper from where. */
import { type Decimal, toJsonDecimal } from '../money/decimal.js';
import { palette, renderTable, type TableOptions, type TableRow } from '../render/table.js';
import type { CheapestRange, Comparison } from './costCurve.js';
import { bareAmount, INTERVAL_NOUN, units } from './figures.js';

export interface ComparedLevel {
  /** Units, or a period's name. */
  readonly name: string;
  readonly units: Decimal | null;
  /** In the order of the plans. */
  readonly cents: readonly number[];
}

export interface Compared {
  readonly planCodes: readonly string[];
  readonly currency: string;
  readonly interval: string;
  readonly isConverted: boolean;
  readonly levelHeader: string;
  readonly levels: readonly ComparedLevel[];
  readonly ranges: readonly CheapestRange[];
}

export function renderComparison(compared: Compared, options: TableOptions): string {
  const { planCodes, currency, levels, interval, isConverted } = compared;
  const paint = palette(options.colour);
  const columns = [
    { header: compared.levelHeader, align: 'right' as const },
    ...planCodes.map((code) => ({ header: code, align: 'right' as const })),
    ...(planCodes.length > 1
      ? [
          { header: 'cheapest', shrinks: false },
          { header: 'by', align: 'right' as const },
        ]
      : []),
  ];
  const rows: TableRow[] = levels.map((level) => [
    level.name,
    ...level.cents.map((cents) => bareAmount(cents, currency)),
    ...verdict(compared, level),
  ]);
  if (levels.length > 1 && levels[0]?.units === null) rows.push('rule', { cells: totals(compared), style: 'total' });
  const by = isConverted ? "a month's share of each plan's period" : `a ${INTERVAL_NOUN[interval]}`;
  return [
    paint.dim(`${currency}, ${by}, without taxes`),
    '',
    renderTable(columns, rows, options),
    ...(compared.ranges.length === 0 ? [] : ['', ...compared.ranges.map(rangeSentence)]),
  ].join('\n');
}

function verdict({ planCodes, currency }: Compared, { cents }: ComparedLevel): string[] {
  if (planCodes.length < 2) return [];
  const [least = 0, next = 0] = [...cents].sort((a, b) => a - b);
  if (cents.every((each) => each === least)) return ['all the same', ''];
  const cheapest = planCodes.filter((_, index) => cents[index] === least);
  return [cheapest.join(', '), cheapest.length > 1 ? '' : bareAmount(next - least, currency)];
}

function totals(compared: Compared): string[] {
  const cents = compared.planCodes.map((_, index) =>
    compared.levels.reduce((sum, level) => sum + (level.cents[index] ?? 0), 0),
  );
  const level: ComparedLevel = { name: 'Total', units: null, cents };
  return ['Total', ...cents.map((each) => bareAmount(each, compared.currency)), ...verdict(compared, level)];
}

/** `segment_free is the cheapest up to 9,999` */
export function rangeSentence({ from, to, curve, equals }: CheapestRange, index: number): string {
  const place =
    to === null
      ? index === 0
        ? 'everywhere here'
        : `from ${units(from)} on`
      : index === 0
        ? `up to ${units(to)}`
        : from === to
          ? `at ${units(from)}`
          : `from ${units(from)} to ${units(to)}`;
  const same =
    equals.length === 0 ? '' : ` (as cheap at ${units(from)}: ${equals.map((each) => each.plan.code).join(', ')})`;
  return `${curve.plan.code} is the cheapest ${place}${same}`;
}

export function comparedJson(compared: Compared) {
  return {
    currency: compared.currency,
    interval: compared.interval,
    plans: compared.planCodes,
    levels: compared.levels.map(({ name, units: of, cents }) => ({
      ...(of === null ? { period: name } : { units: toJsonDecimal(of) }),
      total_amount_cents: Object.fromEntries(compared.planCodes.map((code, index) => [code, cents[index] ?? 0])),
    })),
    cheapest: compared.ranges.map((range) => ({
      from_units: range.from,
      to_units: range.to,
      plan_code: range.curve.plan.code,
    })),
  };
}

export function comparedLevels({ curves }: Comparison, levels: readonly Decimal[]): ComparedLevel[] {
  return levels.map((level) => ({
    name: units(level),
    units: level,
    cents: curves.map((curve) => curve.costAt(level)),
  }));
}
