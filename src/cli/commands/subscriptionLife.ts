/** `subscriptions timeline` and `subscriptions change`: what happened, what will, and what another plan would mean. */
import type { Command } from 'commander';
import type { Subscription } from '../../model.js';
import type { BeforeChange, PlanChange } from '../../operations/planChange.js';
import { printable } from '../../render/printable.js';
import type { Session } from '../context.js';
import { changing, count, examples, required, runQuery, runVerb } from '../flags.js';
import { describeInvoice } from '../invoiceText.js';
import { money, printDocument } from '../output.js';
import { timelineJson, timelineTable } from '../timelineText.js';

export function registerTimeline(subscriptions: Command, session: Session): void {
  subscriptions
    .command('timeline')
    .argument('<external_id>')
    .option('--periods <count>', 'how many billing days to look ahead', count, 3)
    .description(
      'Shows the life of a subscription: start, trial, changes of plan, end, what each invoice billed over which days, ' +
        'and what the next ones will bill.',
    )
    .addHelpText('after', examples('subscriptions timeline acme-pro', 'subscriptions timeline acme-pro --periods 12'))
    .action(async (externalId: string, flags: { periods: number }) => {
      const { timeline } = await import('../../operations/timeline.js');
      const shown = await runQuery(session, (context) => timeline(context, externalId, flags.periods));
      printDocument(session, { timeline: timelineJson(shown) }, timelineTable(session, shown));
    });
}

export function registerChange(subscriptions: Command, session: Session, planCodes: () => Promise<string[]>): void {
  changing(subscriptions.command('change').argument('<external_id>'))
    .description(
      'Changes the plan of a subscription, and says what that means: an upgrade takes effect at once and is billed now, ' +
        'a downgrade waits for the end of the period.',
    )
    .option('--plan <code>', 'the plan to change to')
    .addHelpText('after', examples('subscriptions change acme-pro --plan premium --dry-run'))
    .action(async (external_id: string, flags: { plan?: string; dryRun?: boolean }) => {
      const plan_code = await required(session, flags.plan, '--plan', 'Which plan?', planCodes);
      const { beforeChange, planChangeView } = await import('../../operations/planChange.js');
      const before: BeforeChange = await runQuery(session, (context) => beforeChange(context, external_id));
      const shown = await runVerb<Subscription, PlanChange>(session, {
        verb: 'create_subscription',
        input: { external_id, external_customer_id: before.customerExternalId, plan_code },
        dryRun: flags.dryRun,
        view: (context, after) => planChangeView(context, before, after, plan_code),
      });
      printDocument(session, { plan_change: shown }, describeChange(session, shown));
    });
}

function describeChange(session: Session, change: PlanChange): string {
  const credited = change.credit_notes.map(
    (note) =>
      `Credited for what was paid in advance: ${money(note.total_amount_cents, note.currency)} (${note.number})`,
  );
  const billed = change.invoices.flatMap((invoice) => ['Billed now:', describeInvoice(session, invoice)]);
  const nothing = credited.length + billed.length === 0 ? ['Nothing is billed or credited now.'] : [];
  return [printable(headline(change)), ...credited, ...nothing, ...billed].join('\n');
}

function headline(change: PlanChange): string {
  const { kind, from_plan_code: from, to_plan_code: to, effective_date: date, timezone } = change;
  switch (kind) {
    case 'upgrade':
      return `Upgrade from ${from} to ${to}, at once: ${date} (${timezone}).`;
    case 'downgrade':
      return `Downgrade from ${from} to ${to}, from ${date} on (${timezone}). Until then it stays on ${from}.`;
    case 'replacement':
      return `It has not started yet: it will start on ${to} instead of ${from}, on ${date} (${timezone}).`;
    case 'none':
      return `It is on ${to} already.`;
  }
}
