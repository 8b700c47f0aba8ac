/** `status`: what the project and its ledger hold, what is due, and what comes next. */
import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../errors.js';
import type { JournalEntry } from '../../ledger/types.js';
import type { Overview } from '../../operations/overview.js';
import { printable } from '../../render/printable.js';
import { displayWidth } from '../../render/table.js';
import { formatInstant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { describeProblem } from '../failure.js';
import { count, examples, runQuery } from '../flags.js';
import { counted, money, printDocument } from '../output.js';

export function register(program: Command, session: Session): void {
  program
    .command('status')
    .summary('what the project and its ledger hold, what is due and what comes next')
    .description(
      'Shows where the project is, what its definitions and its ledger hold, what `bill` would process now, which drafts ' +
        'wait and until when, and when customers are billed next.',
    )
    .option('--limit <count>', 'of each list, at most', count, 10)
    .addHelpText('after', examples('status', 'status --at 2026-12-01 --json'))
    .action(async (flags: { limit: number }) => {
      const { loadDefinitions } = await import('../../catalog/load.js');
      const paths = session.paths();
      const { catalog, problems, warnings } = loadDefinitions(paths);
      for (const problem of problems) session.note(describeProblem(problem, session.colors.red('error'), session));
      for (const warning of warnings) session.note(describeProblem(warning, session.colors.yellow('warning'), session));
      const facts = {
        project: paths.root,
        at: formatInstant(session.at()),
        organization: catalog.organization.name,
        definitions: {
          plans: catalog.plans.size,
          billable_metrics: catalog.billableMetrics.size,
          problems: problems.length,
          warnings: warnings.length,
        },
      };
      if (problems.length > 0) {
        printDocument(session, { status: facts }, lines(rowsOfFacts(facts)));
        process.exitCode = exitCodes.refused;
        return;
      }
      const { overview } = await import('../../operations/overview.js');
      const { shown, last } = await runQuery(session, (context) => ({
        shown: overview(context),
        last: lastEntry(context.ledger.journal()),
      }));
      const status = {
        ...facts,
        ledger: {
          file: paths.ledger,
          bytes: statSync(paths.ledger).size,
          last_operation: last === undefined ? null : { verb: last.verb, at: formatInstant(last.at) },
        },
        ...bounded(shown, flags.limit),
      };
      const text = [lines([...rowsOfFacts(facts), ...rowsOfLedger(status)]), ...waiting(shown, flags.limit)].join('\n');
      printDocument(session, { status }, text);
    });
}

function lastEntry(entries: Iterable<JournalEntry>): JournalEntry | undefined {
  let last: JournalEntry | undefined;
  for (const entry of entries) last = entry;
  return last;
}

function bounded(shown: Overview, limit: number) {
  return {
    ...shown,
    due_customers: shown.due.length,
    due: shown.due.slice(0, limit),
    drafts: shown.drafts.slice(0, limit),
    next_billing: shown.next_billing.slice(0, limit),
  };
}

interface Facts {
  readonly project: string;
  readonly at: string;
  readonly organization: string | null;
  readonly definitions: {
    readonly plans: number;
    readonly billable_metrics: number;
    readonly problems: number;
    readonly warnings: number;
  };
}

function rowsOfFacts({ project, at, organization, definitions }: Facts): [string, string][] {
  const { plans, billable_metrics: metrics, problems, warnings } = definitions;
  const findings =
    problems + warnings === 0
      ? 'valid'
      : `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}: lago-cli validate`;
  return [
    ['project', project],
    ['at', at],
    ['organization', organization ?? ''],
    ['definitions', `${counted(plans, 'plan')}, ${counted(metrics, 'billable metric')}, ${findings}`],
  ];
}

function rowsOfLedger(
  status: Omit<Overview, 'due' | 'drafts' | 'next_billing'> & {
    readonly ledger: {
      readonly file: string;
      readonly bytes: number;
      readonly last_operation: { at: string; verb: string } | null;
    };
  },
): [string, string][] {
  const { ledger, invoices, draft_invoices: drafts, unpaid_invoices: unpaid } = status;
  const last =
    ledger.last_operation === null
      ? ''
      : `, last changed by ${ledger.last_operation.verb} at ${ledger.last_operation.at}`;
  return [
    ['ledger', `${ledger.file}, ${(ledger.bytes / 1_000_000).toFixed(1)} MB${last}`],
    ['customers', String(status.customers)],
    ['subscriptions', `${status.active_subscriptions} active, ${status.pending_subscriptions} pending`],
    ['events', status.events.toLocaleString('en')],
    ['invoices', `${invoices}, of them ${counted(drafts, 'draft')} and ${unpaid} not paid`],
  ];
}

function lines(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}`.trimEnd()).join('\n');
}

/** The three lists, each with its heading; one that is empty says so. */
function waiting({ due, drafts, next_billing: next }: Overview, limit: number): string[] {
  return [
    ...list('Due now (lago-cli bill)', due, limit, (each) => [each.since, each.external_customer_id, named(each.what)]),
    ...list('Drafts, with the day that they become final', drafts, limit, (each) => [
      each.expected_finalization_date,
      each.external_customer_id,
      `${money(each.total_amount_cents, each.currency)}  ${each.lago_id}`,
    ]),
    ...list('Billed next', next, limit, (each) => [
      each.date,
      each.external_customer_id,
      `${each.external_subscription_ids.join(', ')} (${each.timezone})`,
    ]),
  ];
}

function list<T>(
  heading: string,
  items: readonly T[],
  limit: number,
  row: (item: T) => readonly [string, string, string],
): string[] {
  if (items.length === 0) return [];
  const rows = items.slice(0, limit).map((item) => row(item).map(printable));
  const width = Math.max(...rows.map(([, second = '']) => displayWidth(second)));
  const more = items.length > limit ? [`  and ${items.length - limit} more: --limit`] : [];
  return [
    '',
    heading,
    ...rows.map(([first, second = '', third]) => {
      const space = ' '.repeat(width - displayWidth(second));
      return `  ${first}  ${second}${space}  ${third}`;
    }),
    ...more,
  ];
}

function named(what: Overview['due'][number]['what']): string {
  const names: Readonly<Record<typeof what, string>> = {
    activation: 'a subscription starts',
    ending: 'a subscription ends',
    boundary: 'a period is over',
    trial_end: 'a trial is over',
    finalization: 'a draft becomes final',
    wallet_expiry: 'a wallet expires',
    wallet_rule: 'a wallet is topped up',
  };
  return names[what];
}
