/** `backtest`: the ledger's real history under other prices. */
import type { Command } from 'commander';
import type { Catalog } from '../../catalog/types.js';
import { exitCodes } from '../../errors.js';
import { addDays, addMonths, type LocalDate, parseLocalDate } from '../../time/localDate.js';
import type { Session } from '../context.js';
import { collect, examples, usage } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';

export interface BacktestFlags {
  readonly plan?: string[];
  readonly definitions?: string;
  readonly from?: string;
  readonly to?: string;
  readonly exitCode?: boolean;
  readonly failOnIncrease?: string;
}

export function register(program: Command, session: Session): void {
  program
    .command('backtest')
    .summary("the ledger's real history under other prices")
    .description(
      'Replays the history of the ledger, with every rule of its subscriptions, under other plans or definitions, and says ' +
        'what each customer would have been billed. Nothing is written. Without --plan and --definitions the history is ' +
        'replayed as it was, which must change nothing.',
    )
    .option('--plan <new[=old]>', 'put NEW in the place of OLD, or of every plan; several times', collect)
    .option('--definitions <dir|git:ref>', "another folder's definitions, or those of a git revision of this project")
    .option('--from <date>', 'first day or month, 2026-10-01 or 2026-10 (default: the month before now)')
    .option('--to <date>', 'last day or month (default: the month of --from)')
    .option('--exit-code', 'exit 9 when any figure differs')
    .option('--fail-on-increase <percent>', 'exit 9 when a customer would pay more by more than this: 20%')
    .addHelpText(
      'after',
      examples(
        'backtest --plan team_2027=team --from 2026-10',
        'backtest --definitions git:main --from 2026-07 --to 2026-09 -o markdown',
        'backtest --definitions new-prices/ --from 2026-10 --fail-on-increase 20%',
      ),
    )
    .action(async (flags: BacktestFlags) => {
      await runBacktest(session, flags, flags.definitions);
    });
}

/** Runs and prints, in one document with what stands beside it; sets the exit code. */
export async function runBacktest(
  session: Session,
  flags: BacktestFlags,
  definitions: string | Catalog | undefined,
  beside: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const [engine, others, { definitionsAt }, text, { openLedger }] = await Promise.all([
    import('../../experiments/backtest.js'),
    import('../../experiments/otherDefinitions.js'),
    import('../../experiments/definitionsAt.js'),
    import('../../experiments/backtestText.js'),
    import('../../ledger/open.js'),
  ]);
  const limit = flags.failOnIncrease === undefined ? null : percentOf(flags.failOnIncrease);
  const catalog = await session.catalog();
  const source =
    typeof definitions === 'string' ? definitionsAt(definitions, session.paths()) : (definitions ?? catalog);
  const substitutions = (flags.plan ?? []).map(others.parseSubstitution);
  const options = {
    span: spanOf(flags, session),
    definitions: others.otherDefinitions({ source, substitutions, wholesale: definitions !== undefined }),
    ...progress(session),
  };
  // One look at the ledger as it is now, in which others may go on writing.
  const ledger = openLedger(session.paths().ledger, { readOnly: true });
  const test = (() => {
    try {
      return ledger.transaction(() => engine.backtest(ledger, catalog, options));
    } finally {
      ledger.close();
    }
  })();
  if (session.progress) session.stderr.write('\r\u001b[K');
  const title = titleOf(flags, definitions);
  const failing = limit === null ? [] : engine.above(test.customers, limit);
  if (session.format === 'markdown') session.stdout.write(`${text.backtestMarkdown(test, title)}\n`);
  else
    printDocument(
      session,
      { ...beside, backtest: text.backtestJson(test, title) },
      text.renderBacktest(test, title, tableOptions(session)),
    );
  if (failing.length > 0) {
    session.note(`${failing.length} of ${test.customers.length} customers would pay more by more than ${limit} %`);
  }
  if (failing.length > 0 || (flags.exitCode === true && !test.identical)) process.exitCode = exitCodes.findings;
}

function titleOf({ plan = [] }: BacktestFlags, definitions: string | Catalog | undefined): string {
  const plans = plan.map((each) => {
    const [next, old] = each.split('=');
    return old === undefined ? `every plan as ${next}` : `${old} as ${next}`;
  });
  const parts = [
    ...(definitions === undefined
      ? []
      : [typeof definitions === 'string' ? `the definitions of ${definitions}` : 'the definitions as they are']),
    ...plans,
  ];
  return parts.length === 0 ? 'the history as it was' : parts.join(', ');
}

function progress(session: Session) {
  if (!session.progress) return {};
  let shown = 0;
  return {
    onProgress: (done: number) => {
      const now = Date.now();
      if (now - shown < 200) return;
      shown = now;
      session.stderr.write(`\r\u001b[Kreplaying the history, step ${done}`);
    },
  };
}

/** `2026-10` is the whole month; without dates, the month before the command's instant. */
function spanOf({ from, to }: BacktestFlags, session: Session): { from: LocalDate; to: LocalDate } {
  const today = new Date(session.at() / 1000).toISOString().slice(0, 7);
  const first = from === undefined ? addMonths(firstDay(today), -1) : firstDay(from);
  const last = lastDay(to ?? from ?? first.slice(0, 7));
  if (last < first) throw usage(`--to ${to} lies before --from ${from ?? first}`);
  return { from: first, to: last };
}

function firstDay(text: string): LocalDate {
  const date = parseLocalDate(/^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text);
  if (date === null)
    throw usage(`${JSON.stringify(text)} is not a day such as 2026-10-01, nor a month such as 2026-10`);
  return date;
}

function lastDay(text: string): LocalDate {
  const first = firstDay(text);
  return text.length === 7 ? addDays(addMonths(first, 1), -1) : first;
}

function percentOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim());
  if (match === null) throw usage(`${JSON.stringify(text)} is not a percentage such as 20%`);
  return Number(match[1]);
}
