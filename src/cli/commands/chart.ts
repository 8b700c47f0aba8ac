/** `plans chart PLAN…`: price curves in the terminal, with their break-even points. */
import type { Command } from 'commander';
import type { Plan } from '../../catalog/types.js';
import type { UnitsLevels } from '../../experiments/unitsInput.js';
import type { Session } from '../context.js';
import { collect, examples, usage } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

/** Points of the curve in JSON. */
const POINTS = 101;

export function registerChart(plans: Command, session: Session): void {
  plans
    .command('chart')
    .argument('<plans...>', 'codes of plans')
    .option('--units <metric=lo..hi>', 'the range of one metric, single numbers of others', collect)
    .description(
      'Draws the price of a whole period over the units of one metric, total and per unit, and says from which unit on ' +
        'another plan is cheaper. Without --units: the first metric of the first plan, to well beyond its last tier.',
    )
    .addHelpText(
      'after',
      examples('plans chart segment_free segment_team', 'plans chart pro scale --units api_calls=0..2M'),
    )
    .action(async (codes: string[], flags: { units?: string[] }) => {
      const [{ planNamed }, curve, { parseUnits, variationOf }, { renderPlanChart, planChartJson }, catalog] =
        await Promise.all([
          import('../../experiments/planPrice.js'),
          import('../../experiments/costCurve.js'),
          import('../../experiments/unitsInput.js'),
          import('../../experiments/planChart.js'),
          session.catalog(),
        ]);
      const shown = codes.map((code) => planNamed(catalog, code));
      const given = (flags.units ?? []).map(parseUnits);
      const range = given.some((each) => each.levels.length > 1)
        ? given
        : [...given, usualRange(shown, given, parseUnits)];
      const { main, fixed } = variationOf(range);
      const comparison = curve.comparison(catalog, shown, { varying: main, fixed });
      const [low, high] = [main.levels[0], main.levels.at(-1)].map((level) => Math.floor(Number(level))) as [
        number,
        number,
      ];
      if (high <= low) throw usage('the range of units is empty', 'Write --units api_calls=0..100k.');
      const ranges = shown.length < 2 ? [] : curve.cheapestRanges(comparison, low, high, main.code);
      const chart = { comparison, metric: main.code, low, high, ranges };
      printDocument(
        session,
        { chart: planChartJson(chart, Math.min(POINTS, high - low + 1)) },
        renderPlanChart(chart, tableOptions(session)),
      );
    });
}

/** The metric of the first charge, from 0 to a quarter beyond the last bound of its tiers. */
function usualRange(
  plans: readonly Plan[],
  given: readonly UnitsLevels[],
  parse: (text: string) => UnitsLevels,
): UnitsLevels {
  const taken = new Set(given.map((each) => each.code));
  const charges = plans.flatMap((plan) => plan.charges).filter((charge) => !taken.has(charge.billableMetricCode));
  const first = charges[0];
  if (first === undefined) throw usage('these plans charge for no usage: there is no curve to draw');
  const code = first.billableMetricCode;
  const bounds = charges
    .filter((charge) => charge.billableMetricCode === code)
    .flatMap(({ properties: { prices } }) => {
      if ('ranges' in prices) return prices.ranges.map((range) => Number(range.toValue ?? 0));
      return prices.model === 'package' ? [prices.freeUnits + 10 * prices.packageSize] : [];
    });
  const high = Math.ceil(Math.max(100, ...bounds.map((bound) => bound * 1.25)));
  return parse(`${code}=0..${high}`);
}
