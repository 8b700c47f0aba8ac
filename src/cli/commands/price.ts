/** `plans price PLAN --units METRIC=N`: what units cost, tier by tier, before any customer exists. */
import type { Command } from 'commander';
import { invalid } from '../../errors.js';
import type { UnitsLevels } from '../../experiments/unitsInput.js';
import type { Session } from '../context.js';
import { collect, examples } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

export function registerPrice(plans: Command, session: Session): void {
  plans
    .command('price')
    .argument('<plan>', 'its code')
    .option('--units <metric=n>', 'units of a period: N, a list N,N, or a range LO..HI:STEP; several times', collect)
    .option('--events <metric=n>', 'how many events bring the units, for prices per event; several times', collect)
    .description(
      'Prices imagined usage of one whole period, line by line and tier by tier, without taxes. Several levels of units ' +
        'give a table. Properties that prices depend on stand in brackets; k and M are thousands and millions.',
    )
    .addHelpText(
      'after',
      examples(
        'plans price segment_team --units mtu=30000',
        'plans price segment_team --units mtu=0..200k:20k',
        "plans price cloud --units 'storage[region=eu]=100' --units requests=1M --json",
        'plans price payments --units card_payments=12500 --events card_payments=80',
      ),
    )
    .action(async (code: string, flags: { units?: string[]; events?: string[] }) => {
      const [{ planNamed, planPrice }, input, table, catalog] = await Promise.all([
        import('../../experiments/planPrice.js'),
        import('../../experiments/unitsInput.js'),
        import('../../experiments/priceTable.js'),
        session.catalog(),
      ]);
      const plan = planNamed(catalog, code);
      const given = (flags.units ?? []).map(input.parseUnits);
      const events = eventCounts((flags.events ?? []).map(input.parseUnits));
      const points = input.alignLevels(given).map((levels) => {
        const units = given.map(({ code: metric, properties }, index) => ({
          code: metric,
          properties,
          units: levels[index] as (typeof levels)[number],
          eventsCount: events.get(metric) ?? null,
        }));
        return { units, price: planPrice(catalog, plan, units) };
      });
      const [only] = points;
      const options = tableOptions(session);
      const text =
        points.length === 1 && only !== undefined
          ? table.renderPrice(only, options)
          : table.renderPrices(points, options);
      printDocument(session, { prices: points.map(table.pricePointJson) }, text);
    });
}

function eventCounts(given: readonly UnitsLevels[]): Map<string, number> {
  return new Map(
    given.map(({ code, levels: [count] }) => {
      if (count === undefined || !count.isInteger() || count.isZero()) {
        throw invalid({
          field: '--events',
          code: 'value_is_invalid',
          message: `${code} needs a whole number of events`,
        });
      }
      return [code, count.toNumber()];
    }),
  );
}
