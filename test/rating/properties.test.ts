/** What must hold for any events: order and batching change nothing, and disjoint filters share usage out exactly. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { BillableMetric } from '../../src/catalog/types.js';
import { openLedger } from '../../src/ledger/open.js';
import type { StoredEvent } from '../../src/ledger/types.js';
import { Decimal } from '../../src/money/decimal.js';
import { type ChargeFeesInput, chargeFees } from '../../src/rating/chargeFees.js';
import { type Instant, instant } from '../../src/time/instant.js';
import {
  at,
  charge,
  filter,
  graduated,
  MARCH,
  metric,
  properties,
  SUBSCRIPTION,
  standard,
} from '../metering/fixtures.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';

const FEBRUARY = at('2024-02-01');

/** Events of February and March, no two at one instant. */
const events = fc
  .uniqueArray(
    fc.record({
      timestamp: fc.integer({ min: 0, max: 59 * 24 * 60 }).map((minute) => instant(FEBRUARY + minute * 60_000_000)),
      value: fc.oneof(
        fc.integer({ min: -50, max: 50 }).map((hundredths) => String(hundredths / 10)),
        fc.constantFrom('a', 'b', 'c', ''),
      ),
      operation: fc.constantFrom('add', 'remove'),
      user: fc.constantFrom('u', 'v', null),
      region: fc.constantFrom('eu', 'us', 'asia', null),
    }),
    { selector: (event) => event.timestamp, maxLength: 40 },
  )
  .map((drawn) =>
    drawn.map(({ timestamp, value, operation, user, region }, index) =>
      event(timestamp, `t${index}`, { value, operation_type: operation, user, region }),
    ),
  );

function event(timestamp: Instant, transactionId: string, given: Record<string, unknown>): StoredEvent {
  return {
    transactionId,
    code: 'usage',
    externalSubscriptionId: SUBSCRIPTION,
    timestamp,
    properties: JSON.stringify(given),
    preciseTotalAmountCents: null,
    sequence: 0,
    receivedAt: timestamp,
  };
}

function arriving(inOrder: readonly StoredEvent[]): StoredEvent[] {
  return inOrder.map((each, index) => ({ ...each, sequence: index + 1 }));
}

const METRICS: readonly (readonly [string, BillableMetric, boolean])[] = [
  ['count', metric('count_agg'), false],
  ['sum', metric('sum_agg'), false],
  ['recurring sum', metric('sum_agg', { recurring: true }), false],
  ['prorated sum', metric('sum_agg', { recurring: true }), true],
  ['max', metric('max_agg'), false],
  ['latest', metric('latest_agg'), false],
  ['unique count', metric('unique_count_agg'), false],
  ['prorated unique count', metric('unique_count_agg', { recurring: true }), true],
  ['weighted sum', metric('weighted_sum_agg'), false],
];

const TIERS = graduated([0, 5, '1.5', '1'], [6, null, '0.25', '2']);

function feesOf(
  on: BillableMetric,
  prorated: boolean,
  arrived: readonly StoredEvent[],
  given: Partial<ChargeFeesInput> = {},
) {
  return chargeFees({
    charge: charge(TIERS, {
      prorated,
      properties: properties(TIERS, { pricingGroupKeys: ['user'] }),
      filters: [filter({ region: ['eu'] }, TIERS), filter({ region: ['eu', 'us'] }, TIERS)],
    }),
    metric: on,
    currency: 'EUR',
    externalSubscriptionId: SUBSCRIPTION,
    previousSubscriptionExists: false,
    window: MARCH,
    usage: memoryUsageReader(arrived),
    inAdvanceUsages: [],
    weightedLevels: [],
    mode: 'current_usage',
    ...given,
  });
}

describe.each(METRICS)('%s', (_, on, prorated) => {
  test('the order in which events arrive changes no fee', () => {
    const shuffled = events.chain((drawn) =>
      fc.shuffledSubarray(drawn, { minLength: drawn.length }).map((other) => [drawn, other] as const),
    );
    fc.assert(
      fc.property(shuffled, ([drawn, other]) => {
        expect(feesOf(on, prorated, arriving(other))).toEqual(feesOf(on, prorated, arriving(drawn)));
      }),
      { numRuns: 60 },
    );
  });

  test('no fee is negative', () => {
    fc.assert(
      fc.property(events, (drawn) => {
        for (const fee of feesOf(on, prorated, arriving(drawn))) {
          expect(fee.amountCents).toBeGreaterThanOrEqual(0);
          expect(fee.units.isNegative() && !fee.units.isZero()).toBe(false);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the ledger', () => {
  test.each(METRICS)('answers for the %s as the events themselves do', (_, on, prorated) => {
    fc.assert(
      fc.property(events, (drawn) => {
        const ledger = openLedger(':memory:');
        const arrived = arriving(drawn);
        ledger.appendEvents(arrived, MARCH.from);
        const { code, fieldName } = on;
        const kind = fieldName === null ? 'none' : on.aggregationType === 'unique_count_agg' ? 'text' : 'number';
        ledger.projectFields([{ code, fieldName, kind }]);
        const fromLedger = feesOf(on, prorated, [], { usage: ledger.usage });
        ledger.close();
        expect(fromLedger).toEqual(feesOf(on, prorated, arrived));
      }),
      { numRuns: 25 },
    );
  });
});

describe('batches', () => {
  test.each(METRICS)('of whatever size give the same fees of the %s', (_, on, prorated) => {
    const batched = events.chain((drawn) =>
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: drawn.length }).map((sizes) => [drawn, sizes] as const),
    );
    fc.assert(
      fc.property(batched, ([drawn, sizes]) => {
        const atOnce = openLedger(':memory:');
        const inParts = openLedger(':memory:');
        const arrived = arriving(drawn);
        atOnce.appendEvents(arrived, MARCH.from);
        let from = 0;
        for (const size of [...sizes, arrived.length]) {
          if (from < arrived.length) inParts.appendEvents(arrived.slice(from, from + size), MARCH.from);
          from += size;
        }
        const [one, other] = [atOnce, inParts].map((ledger) => feesOf(on, prorated, [], { usage: ledger.usage }));
        atOnce.close();
        inParts.close();
        expect(other).toEqual(one);
      }),
      { numRuns: 20 },
    );
  });
});

describe('groups', () => {
  test.each([
    ['count', metric('count_agg')],
    ['sum', metric('sum_agg')],
    ['recurring sum', metric('sum_agg', { recurring: true })],
    ['weighted sum', metric('weighted_sum_agg')],
  ])('add up to the %s of the charge without them', (_, on) => {
    const ungrouped = charge(standard('1'));
    const grouped = charge(standard('1'), {
      properties: properties(standard('1'), { pricingGroupKeys: ['user', 'region'] }),
    });
    fc.assert(
      fc.property(events, (drawn) => {
        const positive = arriving(drawn.filter((each) => !each.properties.includes('"value":"-')));
        const units = (of: typeof ungrouped) =>
          feesOf(on, false, positive, { charge: of }).reduce((sum, fee) => sum.plus(fee.units), TOTAL);
        // The intervals of a weighted sum are rounded one by one, at 16 decimals or more.
        expect(units(grouped).minus(units(ungrouped)).abs().lt('1e-12')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('many events', () => {
  test.each([
    ['count', metric('count_agg')],
    ['sum', metric('sum_agg')],
    ['max', metric('max_agg')],
    ['latest', metric('latest_agg')],
    ['unique count', metric('unique_count_agg')],
    ['prorated sum', metric('sum_agg', { recurring: true })],
  ])('of a %s are answered without being read one by one', (_, on) => {
    const ledger = openLedger(':memory:');
    const minutes = Array.from({ length: 500 }, (_unused, minute) => minute);
    ledger.appendEvents(
      minutes.map((minute) =>
        event(instant(MARCH.from + minute * 60_000_000), `t${minute}`, { value: String(minute % 50), region: 'eu' }),
      ),
      MARCH.from,
    );
    const readOneByOne = vi.spyOn(ledger.usage, 'events');
    const [fee] = feesOf(on, on.recurring, [], {
      usage: ledger.usage,
      charge: charge(standard('1'), { prorated: on.recurring }),
    });
    expect(fee?.eventsCount).toBe(on.aggregationType === 'unique_count_agg' ? 50 : 500);
    expect(readOneByOne).not.toHaveBeenCalled();
    ledger.close();
  });
});

describe('disjoint filters and the default', () => {
  test.each([
    ['count', metric('count_agg')],
    ['sum', metric('sum_agg')],
  ])('share out the %s of the charge without them', (_, on) => {
    const of = charge(standard('0.01'));
    const filters = [filter({ region: ['eu'] }, standard('0.01')), filter({ region: ['us'] }, standard('0.01'))];
    fc.assert(
      fc.property(events, (drawn) => {
        const positive = drawn.filter((each) => !each.properties.includes('"value":"-'));
        const total = (given: Partial<ChargeFeesInput>) =>
          feesOf(on, false, arriving(positive), given)
            .reduce((sum, fee) => sum.plus(fee.preciseAmountCents), TOTAL)
            .toFixed();
        expect(total({ charge: { ...of, filters } })).toBe(total({ charge: of }));
      }),
    );
  });
});

const TOTAL = new Decimal(0);
