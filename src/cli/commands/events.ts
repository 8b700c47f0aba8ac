/** `events`: usage, as it happened. */
import type { Command } from 'commander';
import type { EventJson } from '../../render/json/event.js';
import type { Session } from '../context.js';
import { type EventFilterFlags, eventFilter, withEventFilter } from '../eventFilter.js';
import { examples, given, keyValues, runQuery, usage } from '../flags.js';
import { addIngest } from '../ingestCommand.js';
import { type Columns, printList, printOne } from '../output.js';
import { type PageFlags, paged, printPage } from '../paging.js';
import { registerExport } from './eventExport.js';
import { registerStats } from './eventStats.js';
import { registerExplainEvent } from './explain.js';
import { feeColumns } from './fees.js';

const columns: Columns<EventJson> = [
  { path: 'timestamp', header: 'timestamp', shrinks: false },
  { path: 'external_subscription_id', header: 'subscription' },
  { path: 'code', header: 'metric' },
  { path: 'transaction_id', header: 'transaction', shrinks: false },
  { path: 'properties', header: 'properties' },
];

/** A first look; who wants all of them exports. */
const USUAL_LIMIT = 100;

interface EstimateFlags {
  readonly code: string;
  readonly property?: Readonly<Record<string, string>>;
  readonly properties?: string;
  readonly preciseTotalAmountCents?: string;
}

export function register(program: Command, session: Session): void {
  const events = program
    .command('events')
    .summary('ingest and look at usage events')
    .description('Usage events: what customers used, and when.');

  addIngest(events.command('ingest'), session);
  registerExport(events, session);
  registerStats(events, session);
  registerExplainEvent(events, session);

  withEventFilter(paged(events.command('list'), USUAL_LIMIT))
    .description('Lists stored events, the latest arrivals first. `events export` writes all of them.')
    .addHelpText(
      'after',
      examples('events list --subscription acme-pro --limit 10', 'events list --code api_calls -o ndjson'),
    )
    .action(async (flags: EventFilterFlags & PageFlags) => {
      const views = await import('../../operations/eventViews.js');
      await printPage(session, flags, {
        root: 'events',
        columns,
        empty: 'no events',
        read: (part) => runQuery(session, (context) => views.events(context, eventFilter(flags), part)),
      });
    });

  events
    .command('get')
    .argument('<transaction_id>')
    .description('Shows one event.')
    .addHelpText('after', examples('events get tx-0001 --json'))
    .action(async (transactionId: string) => {
      const views = await import('../../operations/eventViews.js');
      printOne(session, 'event', await runQuery(session, (context) => views.event(context, transactionId)));
    });

  events
    .command('estimate-fees')
    .argument('<subscription>', 'its external id')
    .requiredOption('--code <code>', 'of the billable metric')
    .option('--property <key=value>', 'a property of the event; repeatable', keyValues)
    .option('--properties <json>', 'all of them, as JSON')
    .option('--precise-total-amount-cents <cents>', 'what a dynamic charge would bill')
    .description('Shows the fees that an event would bill at once, on charges paid in advance. Nothing is stored.')
    .addHelpText('after', examples('events estimate-fees acme-pro --code seats --property user_id=u-17'))
    .action(async (subscription: string, flags: EstimateFlags) => {
      const { estimateFees } = await import('../../operations/estimateFees.js');
      const event = given({
        external_subscription_id: subscription,
        code: flags.code,
        properties: { ...(flags.properties === undefined ? {} : jsonOf(flags.properties)), ...flags.property },
        precise_total_amount_cents: flags.preciseTotalAmountCents,
      });
      const fees = await runQuery(session, (context) => estimateFees(context, { event }));
      printList(session, 'fees', fees, feeColumns, 'no fees');
    });
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, with what was expected.
  }
  throw usage(`--properties must be one JSON object, not ${JSON.stringify(text)}`);
}
