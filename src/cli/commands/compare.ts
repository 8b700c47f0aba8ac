/** `compare PLAN PLAN…`: what the same usage costs under each plan, and who is cheaper from where. */
import type { Command } from 'commander';
import { rehearse } from '../../experiments/rehearsal.js';
import { type LocalDate, parseLocalDate } from '../../time/localDate.js';
import type { Session } from '../context.js';
import { collect, examples, usage } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

interface CompareFlags {
  readonly units?: string[];
  readonly subscription?: string;
  readonly customer?: string;
  readonly from?: string;
  readonly to?: string;
}

export function register(program: Command, session: Session): void {
  program
    .command('compare')
    .summary('what the same usage costs under several plans')
    .description(
      'Prices the same usage under several plans, side by side: levels that you imagine (--units), or the months of a real ' +
        'subscription (--subscription), from its events. Whole periods, without taxes.',
    )
    .argument('<plans...>', 'codes of plans')
    .option('--units <metric=n>', 'levels N,N,… or LO..HI:STEP of one metric, single numbers of others', collect)
    .option('--subscription <external_id>', 'the months that this subscription had')
    .option('--customer <external_id>', 'the same, of every subscription of the customer together')
    .option('--from <YYYY-MM>', 'first month (default: the sixth last, or the first)')
    .option('--to <YYYY-MM>', 'last month (default: the last that is over)')
    .addHelpText(
      'after',
      examples(
        'compare segment_free segment_team --units mtu=0..50k:10k',
        'compare pro scale --subscription acme-pro --from 2026-07 --to 2026-10',
      ),
    )
    .action(async (codes: string[], flags: CompareFlags) => {
      const real = flags.subscription ?? flags.customer;
      const compared =
        real === undefined ? await imagined(session, codes, flags) : await ofCustomer(session, codes, flags);
      const { renderComparison, comparedJson } = await import('../../experiments/compareTable.js');
      printDocument(session, { comparison: comparedJson(compared) }, renderComparison(compared, tableOptions(session)));
    });
}

async function imagined(session: Session, codes: readonly string[], flags: CompareFlags) {
  const [{ planNamed }, curve, { parseUnits, variationOf }, { comparedLevels }, catalog] = await Promise.all([
    import('../../experiments/planPrice.js'),
    import('../../experiments/costCurve.js'),
    import('../../experiments/unitsInput.js'),
    import('../../experiments/compareTable.js'),
    session.catalog(),
  ]);
  const plans = codes.map((code) => planNamed(catalog, code));
  const given = (flags.units ?? []).map(parseUnits);
  const { main, fixed } = variationOf(given);
  const compared = curve.comparison(catalog, plans, { varying: main, fixed });
  const levels = comparedLevels(compared, main.levels);
  const [low, high] = [main.levels[0], main.levels.at(-1)].map((level) => Math.floor(Number(level)));
  const ranges =
    low === undefined || high === undefined || high <= low || plans.length < 2
      ? []
      : curve.cheapestRanges(compared, low, high, main.code);
  const { currency, interval, isConverted } = compared;
  return { planCodes: codes, currency, interval, isConverted, levelHeader: main.code, levels, ranges };
}

async function ofCustomer(session: Session, codes: readonly string[], flags: CompareFlags) {
  const [{ planNamed }, { realLevels }, lists] = await Promise.all([
    import('../../experiments/planPrice.js'),
    import('../../experiments/realUsage.js'),
    import('../../operations/lists.js'),
  ]);
  const span = { from: monthOf(flags.from), to: monthOf(flags.to) };
  return rehearse(await session.context(), (context) => {
    const plans = codes.map((code) => planNamed(context.catalog, code));
    const ids =
      flags.subscription !== undefined
        ? [flags.subscription]
        : [
            ...new Set(
              lists
                .accountNamed(context, flags.customer)
                .all('subscription')
                .map((each) => each.externalId),
            ),
          ];
    const perSubscription = ids.map((id) => realLevels(context, plans, id, span));
    const names = [...new Set(perSubscription.flatMap((levels) => levels.map((level) => level.name)))].sort();
    const levels = names.map((name) => ({
      name,
      units: null,
      cents: plans.map((_, index) =>
        perSubscription.reduce((sum, own) => sum + (own.find((level) => level.name === name)?.cents[index] ?? 0), 0),
      ),
    }));
    const currency = plans[0]?.amountCurrency ?? context.catalog.organization.defaultCurrency;
    return {
      planCodes: codes,
      currency,
      interval: 'monthly',
      isConverted: false,
      levelHeader: 'month',
      levels,
      ranges: [],
    };
  });
}

function monthOf(text: string | undefined): LocalDate | null {
  if (text === undefined) return null;
  const date = parseLocalDate(`${text}-01`);
  if (date === null) throw usage(`${JSON.stringify(text)} is not a month such as 2026-10`);
  return date;
}
