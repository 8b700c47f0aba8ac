/**
 * Tiers: where each may start and end, and what each must be priced with.
 *
 * The first starts at 0 (or 1), the last has no end, every other ends after its start. The next one starts at the
 * previous end + 1; graduated models may also start at the previous end itself.
 * Source: usage-and-pricing §4.0, §4.2, §4.3, §4.6, D-5.
 */
import { Decimal, isNonNegativeDecimalText } from '../money/decimal.js';
import { type Finding, isBlank, isMapping, type Path, shown } from './problems.js';

export type TieredModel = 'graduated' | 'graduated_percentage' | 'volume';

/** The price keys of a tier, with the code that a bad one is refused with. */
const PRICES: Readonly<Record<TieredModel, Readonly<Record<string, string>>>> = {
  graduated: { per_unit_amount: 'invalid_amount', flat_amount: 'invalid_amount' },
  graduated_percentage: { rate: 'invalid_rate', flat_amount: 'invalid_amount' },
  volume: { per_unit_amount: 'invalid_amount', flat_amount: 'invalid_amount' },
};

export type Report = (path: Path, finding: Finding) => void;

export function checkRanges(model: TieredModel, ranges: unknown, report: Report): void {
  const key = `${model}_ranges`;
  if (ranges === null || ranges === undefined || (Array.isArray(ranges) && ranges.length === 0)) {
    report([key], {
      code: `missing_${key}`,
      message: 'has no tier',
      suggestion: 'Write at least one: {from_value: 0, to_value: null, …}.',
    });
    return;
  }
  if (!Array.isArray(ranges)) {
    report([key], { code: `invalid_${key}`, message: `${shown(ranges)} is not a list of tiers` });
    return;
  }
  for (const [index, range] of ranges.entries()) {
    if (!isMapping(range)) {
      report([key, index], { code: `invalid_${key}`, message: `${shown(range)} is not a tier` });
      continue;
    }
    const bounds = boundsFinding(model, ranges, index);
    if (bounds !== null) report([key, index, bounds.field], { code: `invalid_${key}`, ...bounds.finding });
    for (const [price, code] of Object.entries(PRICES[model])) {
      if (!isNonNegativeDecimalText(range[price]))
        report([key, index, price], { code, ...notADecimal(price, range[price]) });
    }
  }
}

interface BoundsFinding {
  readonly field: 'from_value' | 'to_value';
  readonly finding: Omit<Finding, 'code'>;
}

function boundsFinding(model: TieredModel, ranges: readonly unknown[], index: number): BoundsFinding | null {
  const { from_value: from, to_value: to } = ranges[index] as Record<string, unknown>;
  const starts = acceptedStarts(model, ranges, index);
  if (!isBound(from)) {
    return { field: 'from_value', finding: { message: `starts at ${shown(from)}, which is not a number` } };
  }
  if (starts !== null && !starts.some((start) => start.eq(from))) {
    const wanted = starts.map((start) => start.toFixed()).join(' or ');
    return {
      field: 'from_value',
      finding: { message: `starts at ${from}`, suggestion: `Start it at ${wanted}: no gap, no overlap.` },
    };
  }
  const isLast = index === ranges.length - 1;
  if (isLast && to !== null && to !== undefined) {
    return {
      field: 'to_value',
      finding: { message: `the last tier ends at ${shown(to)}`, suggestion: 'Its to_value must be null: no end.' },
    };
  }
  if (!isLast && (!isBound(to) || to <= from)) {
    return {
      field: 'to_value',
      finding: { message: `ends at ${shown(to)}`, suggestion: `End it after ${from}; only the last tier is open.` },
    };
  }
  return null;
}

/** Null when the previous tier has no usable end: its own problem is enough. */
function acceptedStarts(model: TieredModel, ranges: readonly unknown[], index: number): Decimal[] | null {
  if (index === 0) return [new Decimal(0), new Decimal(1)];
  const previous = ranges[index - 1];
  const end = isMapping(previous) ? previous.to_value : undefined;
  if (!isBound(end)) return null;
  const next = new Decimal(end).plus(1);
  return model === 'volume' ? [next] : [new Decimal(end), next];
}

function isBound(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Why a value is not a price, and how to write it. */
export function notADecimal(key: string, value: unknown): Omit<Finding, 'code'> {
  if (typeof value === 'number' && value >= 0) {
    return {
      message: `${key} ${value} is a number; prices are decimal texts, which keep every digit`,
      suggestion: `Put it in quotes: "${value}".`,
    };
  }
  if (isBlank(value)) return { message: `${key} is missing`, suggestion: `Write ${key}: "0" if it costs nothing.` };
  return {
    message: `${key} ${shown(value)} is not a decimal text of 0 or more`,
    suggestion: 'Write it like "12.50".',
  };
}
