/** `events`: usage, as it happened. */
import type { Command } from 'commander';
import { notFound } from '../../errors.js';
import type { OperationContext } from '../../operations/context.js';
import { type EventJson, eventJson } from '../../render/json/event.js';
import { parseInstant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { examples, given, integer, keyValues, runQuery, usage } from '../flags.js';
import { addIngest } from '../ingestCommand.js';
import { type Columns, printList, printOne } from '../output.js';
import { registerStats } from './eventStats.js';
import { feeColumns } from './fees.js';

const columns: Columns<EventJson> = [
  { path: 'timestamp', header: 'timestamp', shrinks: false },
  { path: 'external_subscription_id', header: 'subscription' },
  { path: 'code', header: 'metric' },
  { path: 'transaction_id', header: 'transaction' },
  { path: 'properties', header: 'properties' },
];

interface EventFlags {
  readonly subscription?: string;
  readonly code?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: number;
}

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
  registerStats(events, session);

  events
    .command('list')
    .description('Lists stored events, the latest arrivals first.')
    .option('--subscription <external_id>')
    .option('--code <code>', 'of the billable metric')
    .option('--from <instant>', 'not before')
    .option('--to <instant>', 'not after')
    .option('--limit <count>', 'at most', integer, 100)
    .addHelpText(
      'after',
      examples('events list --subscription acme-pro --limit 10', 'events list --code api_calls -o ndjson'),
    )
    .action(async (flags: EventFlags) => {
      const filter = {
        ...(flags.subscription === undefined ? {} : { externalSubscriptionId: flags.subscription }),
        ...(flags.code === undefined ? {} : { code: flags.code }),
        ...(flags.from === undefined ? {} : { from: instantOf(flags.from) }),
        ...(flags.to === undefined ? {} : { to: instantOf(flags.to) }),
        limit: flags.limit,
        newestFirst: true,
      };
      const shown = await runQuery(session, (context) =>
        [...context.ledger.events(filter)].map((event) => eventJson(event, partsOf(context, event))),
      );
      printList(session, 'events', shown, columns, 'no events');
    });

  events
    .command('get')
    .argument('<transaction_id>')
    .description('Shows one event.')
    .addHelpText('after', examples('events get tx-0001 --json'))
    .action(async (transactionId: string) => {
      const shown = await runQuery(session, (context) => {
        const event = context.ledger.event(transactionId);
        if (event === undefined) throw notFound('event', transactionId);
        return eventJson(event, partsOf(context, event));
      });
      printOne(session, 'event', shown);
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

function partsOf({ ledger }: OperationContext, event: { readonly externalSubscriptionId: string | null }) {
  const id = event.externalSubscriptionId;
  const account = id === null ? undefined : ledger.accountOfSubscription(id);
  const subscription = account?.all('subscription').findLast((record) => record.externalId === id);
  return { customerId: account?.customer.id ?? null, subscriptionId: subscription?.id ?? null };
}

function instantOf(text: string) {
  const at = parseInstant(text);
  if (at === null) throw usage(`${JSON.stringify(text)} is not an ISO 8601 instant`);
  return at;
}
