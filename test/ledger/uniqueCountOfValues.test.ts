/** A unique count narrowed to values of its own field, which the ledger answers by their ids, is what the events say. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { type Instant, instant } from '../../src/time/instant.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';

const MARCH = 1_709_251_200_000_000;
const values = fc.constantFrom('a', 'b', 'A', '', '2', '2.0', 'é', null);

const events = fc.array(
  fc.record({
    minute: fc.integer({ min: 0, max: 99 }),
    value: values,
    operation: fc.constantFrom('add', 'remove', null),
  }),
  { maxLength: 30 },
);

test('whatever was added and removed, for texts that came and texts that did not', () => {
  fc.assert(
    fc.property(
      events,
      fc.array(fc.constantFrom('a', 'b', '', '2.0', 'never'), { maxLength: 3 }),
      fc.constantFrom<'matching' | 'ignored'>('matching', 'ignored'),
      fc.boolean(),
      (drawn, texts, side, collides) => {
        const stored = drawn.map(({ minute, value, operation }, index) => ({
          transactionId: `t${index}`,
          code: 'seats',
          externalSubscriptionId: 'sub',
          timestamp: instant(MARCH + minute * 60_000_000),
          properties: JSON.stringify({ id: value, operation_type: operation, region: index % 2 === 0 ? 'eu' : 'us' }),
          preciseTotalAmountCents: null,
        }));
        const selection = {
          externalSubscriptionId: 'sub',
          code: 'seats',
          fieldName: 'id',
          from: null,
          to: instant(MARCH + 80 * 60_000_000),
          toSequence: null,
          bucket:
            side === 'matching'
              ? { matching: { id: texts, region: ['eu'] }, ignored: [] }
              : { matching: null, ignored: [{ id: texts }] },
          groupKeys: [],
          group: null,
        };
        const ledger = openLedger(':memory:', collides ? { hash: () => 7 } : {});
        ledger.appendEvents(stored, MARCH as Instant);
        const counted = ledger.usage.uniqueCount(selection);
        ledger.close();
        const arrived = stored.map((each, index) => ({ ...each, sequence: index + 1, receivedAt: MARCH as Instant }));
        expect(counted).toEqual(memoryUsageReader(arrived).uniqueCount(selection));
      },
    ),
    { numRuns: 300 },
  );
});
