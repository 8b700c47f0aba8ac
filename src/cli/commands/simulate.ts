/** `simulate PLAN`: imagined usage over months, with every rule of a real subscription. */
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { addMonths, parseLocalDate } from '../../time/localDate.js';
import type { Session } from '../context.js';
import { collect, examples, integer, readText, usage } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

interface SimulateFlags {
  readonly units?: string[];
  readonly growth?: string[];
  readonly events?: string[];
  readonly file?: string;
  readonly months?: number;
  readonly from?: string;
  readonly coupon?: string[];
  readonly billingTime: string;
  readonly timezone?: string;
  readonly country?: string;
}

const USUAL_MONTHS = 12;

export function register(program: Command, session: Session): void {
  program
    .command('simulate')
    .summary('a plan lived through with imagined usage')
    .description(
      'Bills a customer that nobody has, month after month, by the real operations on a ledger in memory: trial, proration, ' +
        'minimums, coupons and taxes included. Yours is not touched.',
    )
    .argument('<plan>', 'its code')
    .option(
      '--units <metric=n>',
      'units of a month, or a list of months N,N,…; held units of a recurring metric',
      collect,
    )
    .option('--growth <change>', 'from month to month: 5%, METRIC=10%, METRIC=+3; several times', collect)
    .option('--events <metric=n>', 'how many events a month bring a sum (default: one a day)', collect)
    .option('--file <csv>', 'months of units instead: a heading month,METRIC,… and a line for each month; - is stdin')
    .option('--months <count>', `how many (default: ${USUAL_MONTHS}, or the lines of --file)`, integer)
    .option('--from <date>', 'the day of the start (default: the first of next January)')
    .option('--coupon <code>', 'applied at the start; several times', collect)
    .option('--billing-time <calendar|anniversary>', 'which periods', 'calendar')
    .option('--timezone <zone>', "the customer's (default: the organization's)")
    .option('--country <code>', "the customer's, for EU taxes")
    .addHelpText(
      'after',
      examples(
        'simulate segment_team --units mtu=12000 --growth 8% --months 12',
        'simulate notion_team --units seats=10 --growth seats=+2 --from 2027-01-15',
        'simulate pro --file forecast.csv --coupon launch --json',
      ),
    )
    .action(async (code: string, flags: SimulateFlags) => {
      const [{ planNamed }, { parseUnits }, usagePlan, { simulate }, text, catalog] = await Promise.all([
        import('../../experiments/planPrice.js'),
        import('../../experiments/unitsInput.js'),
        import('../../experiments/usagePlan.js'),
        import('../../experiments/simulate.js'),
        import('../../experiments/simulationText.js'),
        session.catalog(),
      ]);
      const fromFile = flags.file === undefined ? [] : usagePlan.monthsOfCsv(readText(flags.file), flags.file);
      const months = flags.months ?? (fromFile[0]?.months.length || USUAL_MONTHS);
      if (months < 1 || months > 600) throw usage('--months must be from 1 to 600');
      const growths = (flags.growth ?? []).map(usagePlan.parseGrowth);
      const given = usagePlan.monthsOfFlags((flags.units ?? []).map(parseUnits), growths, months);
      const counts = (flags.events ?? []).map(parseUnits);
      const billingTime = flags.billingTime;
      if (billingTime !== 'calendar' && billingTime !== 'anniversary') {
        throw usage('--billing-time is calendar or anniversary');
      }
      const simulation = {
        plan: planNamed(catalog, code),
        from: startOf(flags.from, session),
        months,
        usage: [...fromFile, ...given],
        eventCounts: new Map(counts.map((each) => [each.code, Number(each.levels[0])])),
        couponCodes: flags.coupon ?? [],
        billingTime,
        timezone: flags.timezone ?? catalog.organization.timezone,
        country: flags.country ?? null,
      } as const;
      for (const each of simulation.usage) {
        definitionNamed(catalog.billableMetrics, 'billable_metric', each.code);
      }
      const simulated = simulate(catalog, simulation);
      printDocument(
        session,
        { simulation: text.simulationJson(simulation, simulated) },
        text.renderSimulation(simulation, simulated, tableOptions(session)),
      );
    });
}

function startOf(from: string | undefined, session: Session) {
  const text = from ?? `${new Date(session.at() / 1000).getUTCFullYear()}-01-01`;
  const date = parseLocalDate(text);
  if (date === null) throw usage(`${JSON.stringify(from)} is not a day such as 2027-01-01`);
  return from === undefined ? addMonths(date, 12) : date;
}
