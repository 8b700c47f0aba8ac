/** `diff` and `plans diff`: changes of definitions in pricing words, and what they would have meant on the ledger. */
import type { Command } from 'commander';
import { exitCodes } from '../../errors.js';
import type { DefinitionChange } from '../../experiments/definitionsDiff.js';
import type { Session } from '../context.js';
import { examples } from '../flags.js';
import { printDocument, tableOptions } from '../output.js';
import { type BacktestFlags, runBacktest } from './backtest.js';

interface DiffFlags extends BacktestFlags {
  readonly impact?: boolean;
}

export function register(program: Command, session: Session): void {
  withImpact(program.command('diff'))
    .summary('changes of definitions in pricing words')
    .description(
      'Says what changed from one version of the definitions to another, in pricing words. The later one is the files as ' +
        'they are now, unless you name it. --impact replays the ledger under the later one.',
    )
    .argument('<before>', 'a folder, or a git revision of this project: git:main')
    .argument('[after]', 'the same; default: the files as they are')
    .addHelpText('after', examples('diff git:main', 'diff git:HEAD~1 --impact --from 2026-10 -o markdown'))
    .action(async (before: string, after: string | undefined, flags: DiffFlags) => {
      const [{ definitionsAt }, { diffCatalogs }] = await Promise.all([
        import('../../experiments/definitionsAt.js'),
        import('../../experiments/definitionsDiff.js'),
      ]);
      const paths = session.paths();
      const changes = diffCatalogs(
        definitionsAt(before, paths),
        after === undefined ? await session.catalog() : definitionsAt(after, paths),
      );
      await print(session, changes, flags);
      if (flags.impact === true) await runBacktest(session, flags, after ?? (await session.catalog()), { changes });
    });
}

export function registerPlansDiff(plans: Command, session: Session): void {
  withImpact(plans.command('diff'))
    .argument('<a>', 'code of a plan')
    .argument('<b>', 'code of another')
    .description(
      'Says how plan B differs from plan A, in pricing words. --impact replays the ledger with B in the place of A.',
    )
    .addHelpText('after', examples('plans diff team team_2027', 'plans diff team team_2027 --impact --from 2026-10'))
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const [{ planNamed }, { diffPlans }, catalog] = await Promise.all([
        import('../../experiments/planPrice.js'),
        import('../../experiments/definitionsDiff.js'),
        session.catalog(),
      ]);
      const changes = diffPlans(planNamed(catalog, a), planNamed(catalog, b));
      await print(session, changes, flags);
      if (flags.impact === true) await runBacktest(session, { ...flags, plan: [`${b}=${a}`] }, undefined, { changes });
    });
}

function withImpact(command: Command): Command {
  return command
    .option('--impact', 'replay the ledger: what would have been billed')
    .option('--from <date>', 'with --impact: first day or month (default: the month before now)')
    .option('--to <date>', 'with --impact: last day or month')
    .option('--exit-code', 'exit 9 when something differs')
    .option('--fail-on-increase <percent>', 'with --impact: exit 9 when a customer would pay more by more than this');
}

async function print(session: Session, changes: readonly DefinitionChange[], flags: DiffFlags): Promise<void> {
  const { renderDiff, diffMarkdown } = await import('../../experiments/definitionsDiffText.js');
  const isText = session.format === 'markdown' || session.format === 'table';
  if (session.format === 'markdown') session.stdout.write(`${diffMarkdown(changes)}\n`);
  else if (isText || flags.impact !== true) {
    printDocument(session, { changes }, renderDiff(changes, tableOptions(session)));
  }
  if (flags.impact === true && isText) session.stdout.write('\n');
  if (flags.exitCode === true && changes.length > 0) process.exitCode = exitCodes.findings;
}
