import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { MeteredField, NewEvent } from '../../src/ledger/types.js';
import type { EventSelection, UsageReader } from '../../src/metering/usageReader.js';
import { Decimal } from '../../src/money/decimal.js';
import { type Instant, instant } from '../../src/time/instant.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';
import { NOW, newEvent } from './newEvent.js';

const KEYS = ['v', 'region', 'a.b"c'];

/** JSON text of a property's value, in the forms that events come in. */
const valueJson = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -50, max: 50 }).map(String) },
  { weight: 3, arbitrary: fc.integer({ min: -5000, max: 5000 }).map((n) => JSON.stringify(String(n / 100))) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'null',
      'true',
      '""',
      '" 5"',
      '"5."',
      '"1e3"',
      '1e3',
      '2.50',
      '2.5',
      '"2.5"',
      '0.0000001',
      '"-0.00000000000000000003"',
      '9007199254.740993',
      '123456789012345678901234567890',
      '"-9007199254.740991"',
      '9007199254.740991',
      '-0',
      '1e-7',
      '"eu"',
      '"us"',
      '{"a": 1}',
      '[1, "x"]',
    ),
  },
);

const event = fc.record({
  code: fc.constantFrom('storage', 'storage', 'calls'),
  externalSubscriptionId: fc.constantFrom('sub_1', 'sub_1', 'sub_1', 'sub_2', null),
  time: fc.integer({ min: 0, max: 12 }),
  properties: fc
    .tuple(
      fc.dictionary(fc.constantFrom(...KEYS), valueJson),
      fc.option(fc.constantFrom('"add"', '"remove"', '"remove"', '"other"', 'null'), { nil: undefined }),
    )
    .map(([values, operation]) => {
      const all = operation === undefined ? values : { ...values, operation_type: operation };
      return `{${Object.entries(all)
        .map(([key, json]) => `${JSON.stringify(key)}: ${json}`)
        .join(', ')}}`;
    }),
  preciseTotalAmountCents: fc.option(fc.constantFrom('0.1', '1234.56', '-3', '0.000000000000001'), { nil: null }),
});

/** Of few values, added and removed. */
const alikeEvent = event.chain((drawn) =>
  fc
    .constantFrom('{"v":"eu"}', '{"v":2.5,"region":"eu"}', '{"v":"eu","operation_type":"remove"}')
    .map((properties) => ({ ...drawn, code: 'storage', externalSubscriptionId: 'sub_1', properties })),
);

const texts = fc.constantFrom('eu', 'us', '2.5', '2.50', '1000', 'true', '', '5');
const filter = fc.dictionary(fc.constantFrom(...KEYS), fc.array(texts, { maxLength: 3 }), { maxKeys: 2 });
const selection = fc.record({
  code: fc.constantFrom('storage', 'calls', 'unknown'),
  externalSubscriptionId: fc.constantFrom('sub_1', 'sub_1', 'sub_2', 'sub_3'),
  fieldName: fc.constantFrom('v', 'v', 'region'),
  from: fc.option(fc.integer({ min: 0, max: 8 }), { nil: null }),
  to: fc.integer({ min: 4, max: 12 }),
  toSequence: fc.option(fc.integer({ min: 0, max: 40 }), { nil: null }),
  bucket: fc.option(
    fc.record({ matching: fc.option(filter, { nil: null }), ignored: fc.array(filter, { maxLength: 2 }) }),
    { nil: null },
  ),
  groupKeys: fc.oneof(fc.constant([]), fc.uniqueArray(fc.constantFrom(...KEYS), { maxLength: 2 })),
  groupValues: fc.option(fc.array(fc.oneof(fc.constant(null), texts), { minLength: 2, maxLength: 2 }), { nil: null }),
});

type DrawnEvent = Omit<NewEvent, 'transactionId' | 'timestamp'> & { readonly time: number };
interface DrawnSelection extends Omit<EventSelection, 'from' | 'to' | 'group'> {
  readonly from: number | null;
  readonly to: number;
  readonly groupValues: readonly (string | null)[] | null;
}

const at = (time: number): Instant => instant(NOW + time * 1_000);

function toSelection(drawn: DrawnSelection): EventSelection {
  const { groupValues, ...rest } = drawn;
  return {
    ...rest,
    from: rest.from === null ? null : at(rest.from),
    to: at(rest.to),
    group:
      groupValues === null ? null : Object.fromEntries(rest.groupKeys.map((key, i) => [key, groupValues[i] || null])),
  };
}

const LATE = { code: 'storage', externalSubscriptionId: 'sub_1', properties: '{"v": 2.5, "region": "eu"}' };

const dayStarts = [2, 5, 6, 9].map(at);

type Aggregate = 'count' | 'sum' | 'sumWithPreciseAmount' | 'uniqueCount';
type PlainRow = { groupedBy: object; day?: number };

/** Decimals as text. */
function plain(value: unknown): PlainRow[] {
  return JSON.parse(
    JSON.stringify(value, function (this: Record<string, unknown>, key, member) {
      const original = this[key];
      return Decimal.isDecimal(original) ? (original as Decimal).plus(0).toFixed().replace(/^-0$/, '0') : member;
    }),
  ) as PlainRow[];
}

/** Decimals as text, groups in one order. */
function sorted(rows: readonly unknown[]): PlainRow[] {
  const name = (row: PlainRow) => `${row.day} ${JSON.stringify(row.groupedBy)}`;
  return plain(rows).sort((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** Every answer of a reader. */
function answers(reader: UsageReader, wanted: EventSelection): unknown {
  return {
    count: sorted(reader.count(wanted)),
    sum: sorted(reader.sum(wanted)),
    max: sorted(reader.max(wanted)),
    latest: sorted(reader.latest(wanted)),
    uniqueCount: sorted(reader.uniqueCount(wanted)),
    sumPerDay: sorted(reader.sumPerDay(wanted, dayStarts)),
    sumWithPreciseAmount: sorted(reader.sumWithPreciseAmount(wanted)),
    values: plain(
      [...reader.values(wanted)].map(({ groupedBy, timestamp, value }) => ({ groupedBy, timestamp, value })),
    ),
    events: plain([...reader.events(wanted)]),
  };
}

function stored(drawn: readonly DrawnEvent[]): NewEvent[] {
  return drawn.map(({ time, ...rest }, i) => ({ ...rest, transactionId: `t${i}`, timestamp: at(time) }));
}

const FIELDS: MeteredField[] = [
  { code: 'storage', fieldName: 'v', kind: 'number' },
  { code: 'calls', fieldName: 'v', kind: 'text' },
];

/** Appends the events in two batches, the second after the fields are known. */
function fill(ledger: SqliteLedger, events: readonly NewEvent[]): UsageReader {
  const half = Math.floor(events.length / 2);
  ledger.appendBatch(events.slice(0, half), NOW);
  ledger.projectFields(FIELDS);
  ledger.appendBatch(events.slice(half), NOW);
  return memoryUsageReader([...ledger.events({})]);
}

describe('usage by SQL', () => {
  test('is what plain loops over the events find', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 40 }),
        fc.array(selection, { minLength: 1, maxLength: 4 }),
        (drawn, selections) => {
          const ledger = openLedger(':memory:');
          const oracle = fill(ledger, stored(drawn));
          for (const wanted of selections.map(toSelection)) {
            const expected = answers(oracle, wanted);
            // Outside a transaction fields that are not projected are read from a private copy, inside from new points.
            expect(answers(ledger.usage, wanted)).toEqual(expected);
            expect(ledger.transaction(() => answers(ledger.usage, wanted))).toEqual(expected);
          }
          ledger.close();
        },
      ),
      { numRuns: 250 },
    );
  });

  test('is the same for the buckets of a charge, which are read together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(event, alikeEvent), { maxLength: 40 }),
        selection,
        fc.array(filter, { minLength: 1, maxLength: 3 }),
        (drawn, one, filters) => {
          const ledger = openLedger(':memory:');
          const oracle = fill(ledger, stored(drawn));
          const base: EventSelection = { ...toSelection(one), toSequence: null, group: null };
          const buckets = [
            ...filters.map((matching, i) => ({ matching, ignored: filters.slice(i + 1), filters })),
            { matching: null, ignored: filters, filters },
            // What the filters do not name is left to the bucket itself.
            { matching: { v: ['another'] }, ignored: filters, filters },
          ];
          const figures = (reader: UsageReader) => buckets.map((bucket) => answers(reader, { ...base, bucket }));
          const expected = figures(oracle);
          expect(figures(ledger.usage)).toEqual(expected);
          expect(ledger.transaction(() => figures(ledger.usage))).toEqual(expected);
          ledger.appendBatch([newEvent('late', { ...LATE, timestamp: at(4) })], NOW);
          expect(figures(ledger.usage)).toEqual(figures(memoryUsageReader([...ledger.events({})])));
          ledger.close();
        },
      ),
      { numRuns: 100 },
    );
  });

  test('is the same up to one event after another', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(event, alikeEvent), { minLength: 1, maxLength: 30 }),
        selection,
        fc.option(texts, { nil: null }),
        fc.option(fc.constantFrom('eu', '2.5'), { nil: null }),
        fc.boolean(),
        (drawn, one, group, counted, asKnownThen) => {
          const ledger = openLedger(':memory:');
          const oracle = fill(ledger, stored(drawn));
          const base = toSelection(one);
          const wanted: EventSelection = {
            ...base,
            group: Object.fromEntries(base.groupKeys.map((key) => [key, group || null])),
            bucket:
              counted === null || base.fieldName === null
                ? base.bucket
                : {
                    matching: { ...base.bucket?.matching, [base.fieldName]: [counted] },
                    ignored: base.bucket?.ignored ?? [],
                  },
          };
          const places = [...ledger.events({})].map(({ timestamp, sequence }) => ({
            to: timestamp,
            toSequence: sequence - 1,
            ...(asKnownThen ? { throughSequence: sequence - 1 } : {}),
          }));
          const figures = (reader: UsageReader, aggregate: Aggregate) =>
            places.map((place) => sorted(reader[aggregate]({ ...wanted, ...place })));
          const aggregates = ['count', 'sum', 'sumWithPreciseAmount', 'uniqueCount'] as const;
          ledger.transaction(() => {
            for (const aggregate of aggregates) {
              const expected = figures(oracle, aggregate);
              // Asked ten times over, each series is soon answered from its running totals.
              for (let round = 0; round < 10; round += 1) expect(figures(ledger.usage, aggregate)).toEqual(expected);
            }
            // A late event changes what comes after it.
            ledger.appendBatch([newEvent('late', { ...LATE, timestamp: at(4) })], NOW);
            const after = memoryUsageReader([...ledger.events({})]);
            for (const aggregate of aggregates) {
              expect(figures(ledger.usage, aggregate)).toEqual(figures(after, aggregate));
            }
          });
          ledger.close();
        },
      ),
      { numRuns: 200 },
    );
  });

  test('is the same when hashes collide', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), selection, (drawn, wanted) => {
        const ledger = openLedger(':memory:', { hash: (text) => text.length % 2 });
        const oracle = fill(ledger, stored(drawn));
        expect(answers(ledger.usage, toSelection(wanted))).toEqual(answers(oracle, toSelection(wanted)));
        ledger.close();
      }),
      { numRuns: 100 },
    );
  });

  test('is the same after the projection is dropped, read only or not, and after it is made again', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lago-usage-'));
    const file = join(folder, 'lago.db');
    const ledger = openLedger(file);
    const drawn = fc.sample(event, { numRuns: 400, seed: 7 });
    const oracle = fill(ledger, stored(drawn));
    const selections = fc.sample(selection, { numRuns: 20, seed: 8 }).map(toSelection);
    const expected = selections.map((wanted) => answers(oracle, wanted));
    const figures = (of: SqliteLedger) => selections.map((wanted) => answers(of.usage, wanted));
    const points = () => ledger.select('SELECT count(*) FROM main.usage_points').rows[0]?.[0];

    ledger.dropProjection();
    expect(points()).toBe(0);
    const reader = openLedger(file, { readOnly: true });
    expect(figures(reader)).toEqual(expected);
    expect(figures(ledger)).toEqual(expected);
    expect(points()).toBe(0);

    const late = newEvent('late', { timestamp: at(4), properties: '{"v":"1.25"}' });
    ledger.appendEvents([late], NOW);
    const withLate = memoryUsageReader([...ledger.events({})]);
    for (const of of [reader, ledger]) {
      for (const wanted of selections) expect(answers(of.usage, wanted)).toEqual(answers(withLate, wanted));
    }

    ledger.projectFields(FIELDS);
    expect(points()).toBe(ledger.lastSequence());
    for (const of of [reader, ledger]) {
      for (const wanted of selections) expect(answers(of.usage, wanted)).toEqual(answers(withLate, wanted));
    }
    reader.close();
    ledger.close();
    rmSync(folder, { recursive: true });
  });
});

const wanted: EventSelection = {
  externalSubscriptionId: 'sub_1',
  code: 'storage',
  fieldName: 'gb',
  from: null,
  to: NOW,
  toSequence: null,
  bucket: null,
  groupKeys: [],
  group: null,
};

describe('events at one instant', () => {
  test('count up to the given sequence, inclusive, when they lie at the end of the window', () => {
    const ledger = openLedger(':memory:');
    ledger.appendEvents([newEvent('t1'), newEvent('t2'), newEvent('t3')], NOW);
    const counted = (toSequence: number | null, to = NOW) =>
      ledger.usage.count({ ...wanted, to, toSequence }).map((row) => row.eventsCount);
    expect([counted(0), counted(2), counted(3), counted(null)]).toEqual([[0], [2], [3], [3]]);
    expect(counted(0, instant(NOW + 1))).toEqual([3]);
  });

  test('follow each other by arrival: the later removal or value wins', () => {
    const ledger = openLedger(':memory:');
    const seat = (user: string, operation: string) =>
      `{"user":"${user}","gb":"${operation.length}","operation_type":"${operation}"}`;
    const operations = [seat('ann', 'add'), seat('ann', 'remove'), seat('bob', 'add'), seat('bob', 'remove')];
    operations.push(seat('cy', 'remove'), seat('cy', 'add'), seat('dee', 'remove'));
    ledger.appendEvents(
      operations.map((properties, i) => newEvent(`t${i}`, { properties })),
      NOW,
    );
    for (const groupKeys of [[], ['region']]) {
      const selection = { ...wanted, groupKeys };
      expect(ledger.usage.uniqueCount({ ...selection, fieldName: 'user' })[0]?.eventsCount).toBe(1);
      expect(ledger.usage.latest(selection)[0]?.value?.toFixed()).toBe('6');
    }
  });

  test('several new texts that share a hash are several values', () => {
    for (const hash of [() => 5, () => 0, () => 2 ** 53 - 1]) {
      const ledger = openLedger(':memory:', { hash });
      ledger.projectFields([{ code: 'storage', fieldName: 'user', kind: 'text' }]);
      const users = ['ann', 'bob', 'cy', 'ann'];
      ledger.appendEvents(
        users.map((user, i) => newEvent(`t${i}`, { properties: `{"user":"${user}"}` })),
        NOW,
      );
      ledger.appendEvents(
        [newEvent('t9', { properties: '{"user":"dee"}' }), newEvent('none', { properties: '{}' })],
        NOW,
      );
      // ann, bob, cy, dee, and the missing value.
      expect(ledger.usage.uniqueCount({ ...wanted, fieldName: 'user' })[0]?.eventsCount).toBe(5);
    }
  });
});

describe('a metric’s projection', () => {
  const points = (ledger: SqliteLedger) => ledger.select('SELECT value FROM usage_points ORDER BY seq').rows.flat();

  test('holds scaled integers, and the text of what does not fit', () => {
    const ledger = openLedger(':memory:');
    ledger.projectFields([{ code: 'storage', fieldName: 'gb', kind: 'number' }]);
    const values = ['"1.5"', '-2', '0.0000001', '"x"', '9007199254.740993'];
    ledger.appendBatch(
      values.map((json, i) => newEvent(`t${i}`, { properties: `{"gb":${json}}` })),
      NOW,
    );
    expect(points(ledger)).toEqual([1_500_000, -2_000_000, null, null, null]);
    expect(ledger.select('SELECT value FROM usage_wide_values').rows.flat()).toEqual([
      '0.0000001',
      '9007199254.740993',
    ]);
    expect(ledger.usage.sum(wanted)[0]?.sum.toFixed()).toBe('9007199254.2409931');
  });

  test('is made when the metric appears after its events, and anew when its field changes', () => {
    const ledger = openLedger(':memory:');
    ledger.appendBatch([newEvent('t1', { properties: '{"gb":1,"tb":"2"}' }), newEvent('t2', { code: 'other' })], NOW);
    expect(points(ledger)).toEqual([null, null]);
    ledger.projectFields([{ code: 'storage', fieldName: 'gb', kind: 'number' }]);
    expect(points(ledger)).toEqual([1_000_000, null]);
    ledger.projectFields([{ code: 'storage', fieldName: 'tb', kind: 'number' }]);
    expect(points(ledger)).toEqual([2_000_000, null]);
    ledger.projectFields([{ code: 'storage', fieldName: null, kind: 'none' }]);
    expect(points(ledger)).toEqual([null, null]);
  });

  test('sums beyond 64 bits stay exact', () => {
    const ledger = openLedger(':memory:');
    ledger.projectFields([{ code: 'storage', fieldName: 'gb', kind: 'number' }]);
    // 3000 × 9007199254.740991 = 27021597764222.973; scaled it is 2.7 × 10^19, past 2^63.
    const events = Array.from({ length: 3_000 }, (_, i) =>
      newEvent(`t${i}`, { properties: '{"gb":"9007199254.740991"}' }),
    );
    ledger.appendBatch(events, NOW);
    expect(ledger.usage.sum(wanted)[0]?.sum.toFixed()).toBe('27021597764222.973');
    expect(ledger.usage.sum({ ...wanted, groupKeys: ['region'] })[0]?.sum.toFixed()).toBe('27021597764222.973');
  });

  test('that a read-only ledger made for itself follows what others append', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lago-usage-'));
    const file = join(folder, 'lago.db');
    const writer = openLedger(file);
    writer.appendEvents([newEvent('t1')], NOW);
    const reader = openLedger(file, { readOnly: true });
    const sums = () => [reader.usage.count(wanted)[0]?.eventsCount, reader.usage.sum(wanted)[0]?.sum.toFixed()];
    expect(sums()).toEqual([1, '1.5']);
    writer.appendEvents([newEvent('t2')], NOW);
    expect(sums()).toEqual([2, '3']);
    writer.dropProjection();
    writer.appendEvents([newEvent('t3')], NOW);
    expect(sums()).toEqual([3, '4.5']);
    reader.close();
    writer.close();
    rmSync(folder, { recursive: true });
  });

  test('of another process is noticed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lago-usage-'));
    const file = join(folder, 'lago.db');
    const one = openLedger(file);
    const two = openLedger(file);
    one.projectFields([{ code: 'storage', fieldName: 'gb', kind: 'number' }]);
    one.appendEvents([newEvent('t1')], NOW);
    two.appendEvents([newEvent('t2')], NOW);
    two.projectFields([{ code: 'storage', fieldName: 'tb', kind: 'number' }]);
    one.appendEvents([newEvent('t3', { properties: '{"tb":7}' })], NOW);
    expect(points(one)).toEqual([null, null, 7_000_000]);
    expect(one.usage.sum(wanted)[0]?.sum.toFixed()).toBe('3');
    expect(two.usage.sum({ ...wanted, fieldName: 'tb' })[0]?.sum.toFixed()).toBe('7');
    one.close();
    two.close();
    rmSync(folder, { recursive: true });
  });
});
