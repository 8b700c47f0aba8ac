import { describe, expect, test } from 'vitest';
import type { ChargeFilter } from '../../src/catalog/types.js';
import { aggregate } from '../../src/metering/aggregate.js';
import { bucketOfEvent, chargeBuckets } from '../../src/metering/buckets.js';
import { aggregation, charge, filter, metric, reader, standard } from './fixtures.js';

const METRIC = metric('count_agg', {
  filters: [
    { key: 'cloud', values: ['aws', 'gcp'] },
    { key: 'region', values: ['eu', 'us'] },
    { key: 'size', values: ['512'] },
    { key: 'steps', values: ['25'] },
  ],
});

const ALL = '__ALL_FILTER_VALUES__';

/** Events that each bucket gets, in order of the filters, the default last. */
function eventsPerBucket(filters: readonly ChargeFilter[], properties: Record<string, unknown>): number[] {
  const usage = reader({ at: '2024-03-05', properties });
  return chargeBuckets(charge(standard('1'), { filters }), METRIC).map(
    ({ bucket }) => aggregate(aggregation(METRIC, usage, { bucket }))[0]?.eventsCount ?? -1,
  );
}

describe('which bucket an event is billed in', () => {
  test.each([
    [
      'a subset of the values takes its events',
      [{ cloud: ['aws', 'gcp'] }, { cloud: ['aws'] }],
      { cloud: 'aws' },
      [0, 1, 0],
    ],
    ['the rest stays', [{ cloud: ['aws', 'gcp'] }, { cloud: ['aws'] }], { cloud: 'gcp' }, [1, 0, 0]],
    ['of identical filters the first', [{ cloud: ['aws'] }, { cloud: ['aws'] }], { cloud: 'aws' }, [1, 0, 0]],
    [
      'more keys refine',
      [{ cloud: [ALL] }, { cloud: ['aws'], region: ['eu'] }],
      { cloud: 'aws', region: 'eu' },
      [0, 1, 0],
    ],
    ['ALL is the declared values', [{ cloud: [ALL] }], { cloud: 'azure' }, [0, 1]],
    ['ALL takes a declared value', [{ cloud: [ALL] }], { cloud: 'gcp' }, [1, 0]],
    [
      'filters that merely meet both bill',
      [{ size: ['512'] }, { steps: ['25'] }],
      { size: 512, steps: '25' },
      [1, 1, 0],
    ],
    ['partial overlap bills twice', [{ cloud: ['aws', 'gcp'] }, { cloud: ['gcp', 'x'] }], { cloud: 'gcp' }, [1, 1, 0]],
    ['a missing key fails', [{ cloud: ['aws'], region: ['eu'] }], { cloud: 'aws' }, [0, 1]],
    [
      'a refinement takes events even where its lists are wider',
      [{ cloud: ['aws'] }, { cloud: ['aws', 'gcp'], region: ['eu'] }],
      { cloud: 'aws', region: 'eu' },
      [0, 1, 0],
    ],
  ] as const)('%s', (_, values, properties, expected) => {
    expect(
      eventsPerBucket(
        values.map((each) => filter(each)),
        properties,
      ),
    ).toEqual(expected);
  });
});

describe('the one bucket of an event paid in advance', () => {
  const filters = [
    filter({ cloud: ['aws', 'gcp'] }),
    filter({ cloud: ['aws'] }),
    filter({ cloud: ['aws'], region: ['eu'] }),
  ];
  const values = (properties: Record<string, string>) =>
    bucketOfEvent(charge(standard('1'), { filters }), METRIC, (key) => properties[key] ?? null).chargeFilter?.values;

  test('is the satisfied filter with the most keys', () => {
    expect(values({ cloud: 'aws', region: 'eu' })).toEqual({ cloud: ['aws'], region: ['eu'] });
  });

  test('is the first defined of equally many keys, unlike in arrears', () => {
    expect(values({ cloud: 'aws' })).toEqual({ cloud: ['aws', 'gcp'] });
  });

  test('is the default without a satisfied filter', () => {
    expect(values({ cloud: 'azure' })).toBeUndefined();
  });
});

describe('group keys of a bucket', () => {
  test('come from the filter itself, not from its charge', () => {
    const grouped = charge(standard('1'), { filters: [filter({ cloud: ['aws'] })] });
    const keys = chargeBuckets(
      { ...grouped, properties: { ...grouped.properties, pricingGroupKeys: ['user'] } },
      METRIC,
    ).map((bucket) => bucket.groupKeys);
    expect(keys).toEqual([[], ['user']]);
  });

  test('name the wallet where the charge accepts a target wallet', () => {
    const buckets = chargeBuckets(charge(standard('1'), { acceptsTargetWallet: true }), METRIC);
    expect(buckets.map((bucket) => bucket.groupKeys)).toEqual([['target_wallet_code']]);
  });
});
