/** `events stats`: how many events there are, by metric, subscription or day. */
import type { Command } from 'commander';
import type { EventCount, EventCountKey } from '../../ledger/eventCounts.js';
import { formatInstant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { type EventFilterFlags, eventFilter, withEventFilter } from '../eventFilter.js';
import { examples, runQuery, usage } from '../flags.js';
import { type Columns, printList } from '../output.js';

interface StatsFlags extends EventFilterFlags {
  readonly by: EventCountKey[];
}

const keys: readonly EventCountKey[] = ['code', 'subscription', 'day'];

export function registerStats(events: Command, session: Session): void {
  withEventFilter(events.command('stats'))
    .description('Counts stored events by metric code, subscription or UTC day, or by several of them.')
    .option('--by <keys>', 'code, subscription, day, separated by commas', keysOf, ['code', 'subscription'])
    .addHelpText('after', examples('events stats', 'events stats --by day --subscription acme-pro -o csv'))
    .action(async (flags: StatsFlags) => {
      const counts = await runQuery(session, ({ ledger }) => ledger.eventCounts(flags.by, eventFilter(flags)));
      printList(session, 'event_counts', counts.map(countJson), columnsOf(flags.by), 'no events');
    });
}

function keysOf(text: string): EventCountKey[] {
  return text.split(',').map((given) => {
    const key = keys.find((known) => known === given.trim());
    if (key === undefined) throw usage(`--by ${given} is not one of ${keys.join(', ')}`);
    return key;
  });
}

function countJson({ code, externalSubscriptionId, day, count, first, last }: EventCount) {
  return {
    code,
    external_subscription_id: externalSubscriptionId,
    day,
    events: count,
    first_at: formatInstant(first),
    last_at: formatInstant(last),
  };
}

function columnsOf(by: readonly EventCountKey[]): Columns<ReturnType<typeof countJson>> {
  const paths = { code: 'code', subscription: 'external_subscription_id', day: 'day' } as const;
  const headers = { code: 'metric', subscription: 'subscription', day: 'day' } as const;
  return [
    ...by.map((key) => ({ path: paths[key], header: headers[key] })),
    { path: 'events', header: 'events', align: 'right' },
    { path: 'first_at', header: 'first', shrinks: false },
    { path: 'last_at', header: 'last', shrinks: false },
  ];
}
