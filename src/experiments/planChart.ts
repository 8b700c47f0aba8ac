/** The price curves of plans over one metric, total and per unit, with the units from which another plan is cheaper. */
import { exponent, fromCents } from '../money/currency.js';
import { Decimal } from '../money/decimal.js';
import type { TableOptions } from '../render/table.js';
import { palette } from '../render/table.js';
import { drawChart, markOf, painter, type Series } from './chart.js';
import { comparedJson, comparedLevels, rangeSentence } from './compareTable.js';
import type { CheapestRange, Comparison } from './costCurve.js';
import { INTERVAL_NOUN, units } from './figures.js';

export interface PlanChart {
  readonly comparison: Comparison;
  readonly metric: string;
  readonly low: number;
  readonly high: number;
  readonly ranges: readonly CheapestRange[];
}

const USUAL_WIDTH = 80;
const MARGIN = 14;
const HEIGHT = 15;

export function renderPlanChart(chart: PlanChart, options: TableOptions): string {
  const { comparison, low, high, ranges } = chart;
  const { curves, currency, interval } = comparison;
  const columns = Math.max(20, Math.min(options.width ?? USUAL_WIDTH, 110) - MARGIN);
  const unitsAt = (column: number) => Math.round(low + ((high - low) * column) / (columns - 1));
  const columnOf = (at: number) => Math.round(((at - low) / (high - low)) * (columns - 1));
  const places = exponent(currency);
  const totals = curves.map(
    ({ plan, costAt }): Series => ({
      name: plan.code,
      values: Array.from({ length: columns }, (_, column) =>
        fromCents(costAt(new Decimal(unitsAt(column))), currency).toNumber(),
      ),
    }),
  );
  const perUnit = totals.map(
    ({ name, values }): Series => ({
      name,
      values: values.map((value, column) => (value === null || unitsAt(column) === 0 ? null : value / unitsAt(column))),
    }),
  );
  const shared = {
    height: HEIGHT,
    colour: options.colour,
    xText: (column: number) => units(unitsAt(column)),
    marks: ranges.slice(1).map((range) => columnOf(range.from)),
  };
  const paint = palette(options.colour);
  const colour = painter(options.colour);
  const legend = curves
    .map(({ plan }, index) => `${colour(index, markOf(index))} ${plan.name} (${plan.code})`)
    .join('   ');
  const of = `of a ${INTERVAL_NOUN[interval]}, ${currency}, by ${chart.metric}`;
  return [
    legend,
    '',
    drawChart(totals, {
      ...shared,
      title: `Total ${of}`,
      yText: (value) => value.toFixed(places).replace(/\B(?=(\d{3})+(?!\d))/g, ','),
    }),
    '',
    drawChart(capped(perUnit), { ...shared, height: 8, title: `Per unit ${of}`, yText: (value) => shortPrice(value) }),
    ...(curves.length < 2 ? [] : ['', paint.bold('Break-even'), ...ranges.map(rangeSentence)]),
  ].join('\n');
}

/** The price of the first few units is a base fee over almost nothing: what is far above the rest is cut off. */
function capped(series: readonly Series[]): Series[] {
  const values = series.flatMap((each) => each.values.filter((value) => value !== null)).sort((a, b) => a - b);
  const limit = (values[Math.floor(values.length * 0.8)] ?? 0) * 2;
  return series.map((each) => ({
    ...each,
    values: each.values.map((value) => (value !== null && value > limit && limit > 0 ? null : value)),
  }));
}

function shortPrice(value: number): string {
  return value === 0 ? '0' : new Decimal(value).toSignificantDigits(3).toFixed();
}

/** The points drawn, and where the cheapest plan changes. */
export function planChartJson({ comparison, metric, low, high, ranges }: PlanChart, points: number) {
  const levels = Array.from(
    { length: points },
    (_, index) => new Decimal(Math.round(low + ((high - low) * index) / (points - 1))),
  );
  const { curves, currency, interval, isConverted } = comparison;
  return {
    metric,
    ...comparedJson({
      planCodes: curves.map(({ plan }) => plan.code),
      currency,
      interval,
      isConverted,
      levelHeader: metric,
      levels: comparedLevels(comparison, levels),
      ranges,
    }),
  };
}
