import { describe, expect, test } from 'vitest';
import type { BillableMetric, Charge } from '../../src/catalog/types.js';
import { BillingError } from '../../src/errors.js';
import { estimateFees, estimateInstantFees } from '../../src/rating/estimate.js';
import { inAdvanceFee } from '../../src/rating/inAdvance.js';
import { InAdvanceRecords } from '../../src/rating/inAdvanceRecords.js';
import { at, charge, MARCH, metric, percentage, plan, SUBSCRIPTION, standard, stored } from '../metering/fixtures.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';

const NOW = at('2024-03-20');

/** Cents and units of an event of now with these properties, after events of these values were billed. */
function estimate(of: Charge, on: BillableMetric, billed: readonly unknown[], properties: Record<string, unknown>) {
  const inAdvance = { ...of, payInAdvance: true };
  const events = stored(billed.map((value, index) => ({ at: `2024-03-0${index + 1}`, properties: { value } })));
  const usage = memoryUsageReader(events);
  const inAdvanceUsages = new InAdvanceRecords([]);
  const basis = {
    metric: on,
    externalSubscriptionId: SUBSCRIPTION,
    subscriptionId: 'subscription',
    window: MARCH,
    usage,
    inAdvanceUsages,
    at: NOW,
  };
  for (const event of events) {
    const fee = inAdvanceFee({ ...basis, charge: inAdvance, currency: 'EUR', event });
    if (fee?.newInAdvanceUsage) inAdvanceUsages.add(fee.newInAdvanceUsage);
  }
  const event = {
    transactionId: 'estimated',
    timestamp: NOW,
    sequence: null,
    properties: JSON.stringify(properties),
    preciseTotalAmountCents: null,
  };
  return estimateFees({ ...basis, plan: plan([inAdvance]), event }).map(({ fee }) => [
    fee.amountCents,
    fee.units.toNumber(),
    fee.eventsCount,
  ]);
}

const SUM = metric('sum_agg');

describe('the fee that an event would have', () => {
  test.each([
    ['count', charge(standard('10')), metric('count_agg'), [], {}, [1000, 1, 1]],
    ['count after another', charge(standard('10')), metric('count_agg'), [1], {}, [1000, 1, 1]],
    ['sum', charge(standard('10')), SUM, [4], { value: 4 }, [4000, 4, 1]],
    ['sum without its field', charge(standard('10')), SUM, [4], {}, [0, 0, 1]],
    ['free event', charge(percentage({ rate: '50', freeUnitsPerEvents: 1 })), SUM, [], { value: 4 }, [0, 4, 1]],
    [
      'after the free event',
      charge(percentage({ rate: '50', freeUnitsPerEvents: 1 })),
      SUM,
      [4],
      { value: 4 },
      [200, 4, 1],
    ],
    ['unique value', charge(standard('10')), metric('unique_count_agg'), ['a'], { value: 'b' }, [1000, 1, 1]],
    ['value there already', charge(standard('10')), metric('unique_count_agg'), ['a'], { value: 'a' }, [0, 0, 1]],
    [
      'removal',
      charge(standard('10')),
      metric('unique_count_agg'),
      ['a'],
      { value: 'a', operation_type: 'remove' },
      [0, 0, 1],
    ],
    [
      'minimum per transaction on a recurring sum',
      charge(percentage({ rate: '0.5', perTransactionMinAmount: '12' })),
      metric('sum_agg', { recurring: true }),
      [4, 4],
      { value: 20_000 },
      [10_000, 20_000, 1],
    ],
  ] as const)('%s', (_, of, on, billed, properties, expected) => {
    expect(estimate(of, on, billed, properties)).toEqual([expected]);
  });

  test('of text that is no number is refused', () => {
    expect(codesOf(() => estimate(charge(standard('1')), SUM, [], { value: 'many' }))).toContain(
      'value_is_not_valid_number',
    );
  });

  test('needs a charge paid in advance', () => {
    const arrears = plan([charge(standard('1'))]);
    expect(codesOf(() => estimateInstantFees(arrears, SUM, '{"value": 1}'))).toContain(
      'does_not_match_an_instant_charge',
    );
  });
});

describe('the instant estimate looks at the event alone', () => {
  const instant = (of: Charge, on: BillableMetric, json: string) =>
    estimateInstantFees(plan([{ ...of, payInAdvance: true }]), on, json).map(({ fee }) => [
      fee.amountCents,
      fee.units.toNumber(),
    ]);

  test.each([
    ['standard', charge(standard('2')), SUM, '{"value": "3"}', [600, 3]],
    ['without the field', charge(standard('2')), SUM, '{}', [0, 0]],
    ['a metric without a field', charge(standard('2')), metric('count_agg'), '{}', [200, 1]],
    ['negative', charge(percentage({ rate: '1', fixedAmount: '5' })), SUM, '{"value": -3}', [0, 0]],
    ['percentage', charge(percentage({ rate: '1', fixedAmount: '0.5' })), SUM, '{"value": 100}', [150, 100]],
    ['at least', charge(percentage({ rate: '1', perTransactionMinAmount: '3' })), SUM, '{"value": 100}', [300, 100]],
    ['at most', charge(percentage({ rate: '1', perTransactionMaxAmount: '0.2' })), SUM, '{"value": 100}', [20, 100]],
    [
      'rounded units',
      charge(standard('1')),
      metric('sum_agg', { roundingFunction: 'ceil' }),
      '{"value": 1.2}',
      [200, 2],
    ],
  ] as const)('%s', (_, of, on, json, expected) => {
    expect(instant(of, on, json)).toEqual([expected]);
  });
});

function codesOf(run: () => unknown): string[] {
  try {
    run();
  } catch (error) {
    if (error instanceof BillingError) return error.codes();
    throw error;
  }
  return [];
}
