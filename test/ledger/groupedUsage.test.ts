/** Usage that a billing run has answered for all subscriptions at once is what each subscription's own query answers. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { EventSelection } from '../../src/metering/usageReader.js';
import { instant } from '../../src/time/instant.js';
import { NOW, newEvent } from './newEvent.js';

const SUBSCRIPTIONS = Array.from({ length: 40 }, (_, i) => `sub_${i}`);
const aggregates = ['count', 'sum', 'max', 'latest', 'uniqueCount'] as const;

const drawnEvents = fc.array(
  fc.record({
    subscription: fc.nat(SUBSCRIPTIONS.length - 3), // The last two never have an event.
    minute: fc.nat(9),
    value: fc.constantFrom('1', '2.5', '-3', '0', '0.0000001', '9999999999.5', 'many', '', null),
    operation: fc.constantFrom('add', 'remove', null),
    code: fc.constantFrom('storage', 'calls'),
  }),
  { maxLength: 150 },
);

function store(ledger: SqliteLedger, drawn: Parameters<Parameters<typeof drawnEvents.map>[0]>[0]): void {
  const events = drawn.map(({ subscription, minute, value, operation, code }, index) =>
    newEvent(`t${index}`, {
      code,
      externalSubscriptionId: SUBSCRIPTIONS[subscription] as string,
      timestamp: instant(NOW + minute * 60_000_000),
      properties: JSON.stringify({ gb: value, operation_type: operation }),
    }),
  );
  ledger.appendBatch(events, NOW);
}

function selection(changes: Partial<EventSelection>): EventSelection {
  return {
    externalSubscriptionId: 'sub_0',
    code: 'storage',
    fieldName: 'gb',
    from: null,
    to: instant(NOW + 6 * 60_000_000),
    toSequence: null,
    bucket: null,
    groupKeys: [],
    group: null,
    ...changes,
  };
}

test('for every aggregation, window and value, whether the subscription has events or not', () => {
  fc.assert(
    fc.property(drawnEvents, fc.option(fc.nat(5)), (drawn, fromMinute) => {
      const ledger = openLedger(':memory:');
      store(ledger, drawn);
      const from = fromMinute === null ? null : instant(NOW + fromMinute * 60_000_000);
      for (const aggregate of aggregates) {
        const ask = () =>
          SUBSCRIPTIONS.map((externalSubscriptionId) =>
            ledger.usage[aggregate](selection({ externalSubscriptionId, from })),
          );
        const single = ask();
        // The first sixteen are asked one by one, the others are not.
        expect(ledger.transaction(ask)).toEqual(single);
        expect(ledger.transaction(() => [ask(), ask()])).toEqual([single, single]);
      }
      ledger.close();
    }),
    { numRuns: 60 },
  );
});

test('what was answered before an event was stored is not believed afterwards', () => {
  const ledger = openLedger(':memory:');
  ledger.transaction(() => {
    const ask = () =>
      SUBSCRIPTIONS.map((externalSubscriptionId) => ledger.usage.sum(selection({ externalSubscriptionId }))[0]?.sum);
    store(ledger, [{ subscription: 3, minute: 1, value: '2.5', operation: null, code: 'storage' }]);
    expect(String(ask()[3])).toBe('2.5');
    ledger.appendEvents([newEvent('late', { externalSubscriptionId: 'sub_3', properties: '{"gb":1}' })], NOW);
    expect(String(ask()[3])).toBe('3.5');
    ask();
    expect(String(ask()[3])).toBe('3.5');
  });
});

test('sums beyond 64 bits are left to the subscriptions', () => {
  const ledger = openLedger(':memory:');
  const events = SUBSCRIPTIONS.flatMap((externalSubscriptionId) =>
    Array.from({ length: 1_100 }, (_, i) =>
      newEvent(`${externalSubscriptionId}-${i}`, { externalSubscriptionId, properties: '{"gb":"9007199254.7"}' }),
    ),
  );
  ledger.appendBatch(events, NOW);
  const sums = ledger.transaction(() =>
    SUBSCRIPTIONS.map((externalSubscriptionId) => ledger.usage.sum(selection({ externalSubscriptionId }))[0]?.sum),
  );
  // 1,100 × 9,007,199,254.7 = 9,907,919,180,170, which scaled by a million is more than 2^63.
  expect(sums.map(String)).toEqual(SUBSCRIPTIONS.map(() => '9907919180170'));
});
