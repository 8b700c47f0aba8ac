import { beforeEach, describe, expect, test } from 'vitest';
import { hashText, inHashOrder } from '../../src/ledger/hash.js';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { NewEvent } from '../../src/ledger/types.js';
import { instant } from '../../src/time/instant.js';
import { NOW, newEvent } from './newEvent.js';

let ledger: SqliteLedger;
beforeEach(() => {
  ledger = openLedger(':memory:');
});

/** Every table's rows, to see that nothing changed. */
function everything(of: SqliteLedger): unknown {
  const tables = of.select("SELECT name FROM sqlite_schema WHERE type = 'table'").rows.flat() as string[];
  return tables.map((table) => [table, of.select(`SELECT * FROM ${table}`).rows]);
}

const ids = (events: Iterable<{ readonly transactionId: string }>) => [...events].map((event) => event.transactionId);

describe('an appended event', () => {
  test('is kept as it was received', () => {
    const event = newEvent('t1', {
      properties: ' { "n" : 12345678901234567890.10 } ',
      preciseTotalAmountCents: '1.000000000000001',
      timestamp: instant(NOW + 123_456),
    });
    expect(ledger.appendEvents([event], NOW)).toEqual([{ outcome: 'stored', sequence: 1 }]);
    expect(ledger.event('t1')).toEqual({ ...event, sequence: 1, receivedAt: NOW });
    expect(ledger.event('t2')).toBeUndefined();
    expect(ledger.lastSequence()).toBe(1);
  });

  test('needs no subscription', () => {
    ledger.appendEvents(
      [newEvent('t1', { externalSubscriptionId: null }), newEvent('t2', { externalSubscriptionId: null })],
      NOW,
    );
    expect(ledger.event('t2')?.externalSubscriptionId).toBeNull();
    expect(ledger.select('SELECT count(*) FROM series').rows).toEqual([[1]]);
  });

  test('may be of any size of batch', () => {
    for (const size of [1, 49, 50, 51, 1_000]) {
      const events = Array.from({ length: size }, (_, i) => newEvent(`${size}-${i}`));
      expect(ledger.appendBatch(events, NOW).stored).toBe(size);
    }
    expect(ledger.lastSequence()).toBe(1_151);
    expect(ledger.appendBatch([], NOW)).toEqual({ stored: 0, duplicates: [], conflicts: [], firstSequence: 1_152 });
  });
});

describe('a transaction id that was used before', () => {
  test.each<[string, Partial<NewEvent>]>([
    ['the very same event', {}],
    ['keys in another order, other spaces', { properties: '{ "region": "eu", "gb": "1.5" }' }],
    ['its time of arrival for a timestamp', { timestamp: instant(NOW + 5), timestampIsArrival: true }],
  ])('with %s is a duplicate', (_, changes) => {
    ledger.appendEvents([newEvent('t1')], NOW);
    const before = everything(ledger);
    expect(ledger.appendEvents([newEvent('t1', changes)], NOW)).toEqual([{ outcome: 'duplicate', sequence: 1 }]);
    expect(everything(ledger)).toEqual(before);
  });

  test.each<[string, Partial<NewEvent>]>([
    ['another code', { code: 'seats' }],
    ['another subscription', { externalSubscriptionId: 'sub_2' }],
    ['no subscription', { externalSubscriptionId: null }],
    ['another time', { timestamp: instant(NOW + 1) }],
    ['another value', { properties: '{"gb":"1.6","region":"eu"}' }],
    ['a number for a string', { properties: '{"gb":1.5,"region":"eu"}' }],
    ['a key more', { properties: '{"gb":"1.5","region":"eu","zone":null}' }],
    ['an amount', { preciseTotalAmountCents: '1' }],
  ])('with %s is a conflict, and the first is kept', (_, changes) => {
    ledger.appendEvents([newEvent('t1')], NOW);
    const first = ledger.event('t1');
    const before = everything(ledger);
    expect(ledger.appendEvents([newEvent('t1', changes)], NOW)).toEqual([{ outcome: 'conflict', stored: first }]);
    expect(everything(ledger)).toEqual(before);
  });

  test.each([
    ['{"n":1}', '{"n":1.0}', 'duplicate'],
    ['{"n":1e2}', '{"n":100}', 'duplicate'],
    ['{"n":12345678901234567890}', '{"n":12345678901234567891}', 'conflict'],
    ['{"n":[1,2]}', '{"n":[2,1]}', 'conflict'],
    ['{"n":{"a":1,"b":[{"c":1,"d":2}]}}', '{"n":{"b":[{"d":2,"c":1}],"a":1}}', 'duplicate'],
    ['{"n":"\\u0065"}', '{"n":"e"}', 'duplicate'],
    ['{"n":"1"}', '{"n":1}', 'conflict'],
    ['{"n":[]}', '{"n":{}}', 'conflict'],
  ])('%s then %s is a %s', (first, second, outcome) => {
    ledger.appendEvents([newEvent('t1', { properties: first })], NOW);
    expect(ledger.appendEvents([newEvent('t1', { properties: second })], NOW)[0]?.outcome).toBe(outcome);
  });

  test('amounts are compared as numbers', () => {
    ledger.appendEvents([newEvent('t1', { preciseTotalAmountCents: '1.50' })], NOW);
    expect(ledger.appendEvents([newEvent('t1', { preciseTotalAmountCents: '1.5' })], NOW)[0]?.outcome).toBe(
      'duplicate',
    );
  });

  test('within one batch, and again in the next', () => {
    const batch = [
      newEvent('a'),
      newEvent('b'),
      newEvent('a'),
      newEvent('b', { code: 'seats', externalSubscriptionId: 'other' }),
      newEvent('c'),
    ];
    const summary = ledger.appendBatch(batch, NOW);
    expect(summary).toEqual({
      stored: 3,
      duplicates: [2],
      conflicts: [{ index: 3, event: batch[3], stored: { ...batch[1], sequence: 2, receivedAt: NOW } }],
      firstSequence: 1,
    });
    expect(ledger.appendEvents(batch, NOW)).toEqual([
      { outcome: 'duplicate', sequence: 1 },
      { outcome: 'duplicate', sequence: 2 },
      { outcome: 'duplicate', sequence: 1 },
      { outcome: 'conflict', stored: { ...batch[1], sequence: 2, receivedAt: NOW } },
      { outcome: 'duplicate', sequence: 5 },
    ]);
    expect(ids(ledger.events({}))).toEqual(['a', 'b', 'c']);
    expect(ledger.select('SELECT code FROM series').rows).toEqual([['storage']]);
  });

  test('in large batches where half is known', () => {
    const event = (i: number) => newEvent(`evt_${i}`, { properties: `{"gb":${i}}` });
    const odd = Array.from({ length: 1_000 }, (_, i) => event(2 * i + 1));
    const all = Array.from({ length: 2_000 }, (_, i) => event(i));
    expect(ledger.appendBatch(odd, NOW).stored).toBe(1_000);
    const summary = ledger.appendBatch(all, NOW);
    expect(summary.duplicates).toEqual(Array.from({ length: 1_000 }, (_, i) => 2 * i + 1));
    expect(summary.conflicts).toEqual([]);
    expect(ids(ledger.events({})).sort()).toEqual(ids(all).sort());
  });
});

describe('ids that share a hash', () => {
  test.each<[string, (text: string) => number]>([
    ['all one slot', () => 7],
    ['the last slot, so that the next is the first', () => 2 ** 53 - 1],
    ['few slots', (text) => text.length % 3],
  ])('are told apart: %s', (_, hash) => {
    const crowded = openLedger(':memory:', { hash });
    const events = Array.from({ length: 120 }, (_, i) => newEvent('x'.repeat((i % 7) + 1) + String(i % 60)));
    const summary = crowded.appendBatch(events, NOW);
    const distinct = new Set(ids(events));
    expect(summary.stored).toBe(distinct.size);
    expect(summary.conflicts).toEqual([]);
    expect(crowded.appendBatch(events, NOW).stored).toBe(0);
    for (const event of events) {
      expect(crowded.event(event.transactionId)?.transactionId).toBe(event.transactionId);
      expect(crowded.appendEvents([{ ...event, code: 'other' }], NOW)[0]?.outcome).toBe('conflict');
    }
    expect(crowded.event('unknown')).toBeUndefined();
  });

  test('hashes are integers of 53 bits and sort by their upper part', () => {
    const hashes = Float64Array.from({ length: 5_000 }, (_, i) => hashText(`evt_${i}`));
    expect(new Set(hashes).size).toBe(5_000);
    expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true);
    const upper = [...inHashOrder(hashes)].map((i) => Math.floor((hashes[i] as number) / 2 ** 21));
    expect(upper).toEqual([...upper].sort((a, b) => a - b));
    expect(Math.max(...hashes) / 2 ** 53).toBeGreaterThan(0.99);
  });
});

describe('a transaction that fails', () => {
  test('leaves no trace, and what it interned is not believed afterwards', () => {
    ledger.projectFields([{ code: 'seats', fieldName: 'user', kind: 'text' }]);
    ledger.appendEvents([newEvent('t0')], NOW);
    const before = everything(ledger);
    const seat = newEvent('t1', { code: 'seats', externalSubscriptionId: 'sub_9', properties: '{"user":"ann"}' });
    expect(() =>
      ledger.transaction(() => {
        ledger.appendBatch([seat], NOW);
        ledger.putSetting('a', 'b');
        ledger.record({ at: NOW, verb: 'ingest', input: {} });
        ledger.storeDefinitions('hash', 'content', NOW);
        throw new Error('refused');
      }),
    ).toThrow('refused');
    expect(everything(ledger)).toEqual(before);

    ledger.appendEvents([newEvent('t2', { code: 'calls' }), seat], NOW);
    expect(ledger.event('t1')?.code).toBe('seats');
    expect(ledger.event('t2')?.code).toBe('calls');
    expect(ledger.select('SELECT value FROM usage_texts').rows).toEqual([['ann']]);
  });

  test('inner ones join the outer one', () => {
    ledger.transaction(() => {
      ledger.transaction(() => ledger.putSetting('a', '1'));
      ledger.transaction(() => ledger.putSetting('b', '2'));
    });
    expect([ledger.setting('a'), ledger.setting('b')]).toEqual(['1', '2']);
  });

  test('work that waits is a bug', () => {
    expect(() => ledger.transaction(async () => ledger.putSetting('a', '1'))).toThrow(/promise/);
    expect(ledger.setting('a')).toBeUndefined();
  });
});

describe('listing events', () => {
  beforeEach(() => {
    const event = (i: number) =>
      newEvent(`t${i}`, {
        timestamp: instant(NOW + (i % 10)),
        code: i % 2 === 0 ? 'storage' : 'calls',
        externalSubscriptionId: i % 3 === 0 ? 'sub_3' : 'sub_1',
      });
    ledger.appendBatch(
      Array.from({ length: 900 }, (_, i) => event(i)),
      NOW,
    );
  });

  test.each([
    ['all', {}, 900],
    ['of a subscription', { externalSubscriptionId: 'sub_3' }, 300],
    ['of a code', { code: 'calls' }, 450],
    ['of both', { externalSubscriptionId: 'sub_3', code: 'calls' }, 150],
    ['of a window', { from: instant(NOW + 2), to: instant(NOW + 3) }, 180],
    ['of a window and code', { code: 'calls', from: instant(NOW + 2), to: instant(NOW + 3) }, 90],
    ['a few', { limit: 7 }, 7],
    ['one by id', { transactionId: 't5' }, 1],
    ['one by id of another code', { transactionId: 't5', code: 'storage' }, 0],
    ['of an unknown subscription', { externalSubscriptionId: 'sub_4' }, 0],
  ])('%s, with and without the projection', (_, filter, expected) => {
    const found = ids(ledger.events(filter));
    expect(found).toHaveLength(expected);
    expect(ids(ledger.events({ ...filter, newestFirst: true, limit: 1 }))).toEqual(
      expected === 0 || 'limit' in filter
        ? ids(ledger.events({ newestFirst: true, limit: expected && 1 }))
        : found.slice(-1),
    );
    ledger.dropProjection();
    expect(ids(ledger.events(filter))).toEqual(found);
  });

  test('may be interrupted by writing', () => {
    let seen = 0;
    for (const event of ledger.events({})) {
      ledger.putSetting('last', event.transactionId);
      seen += 1;
    }
    expect(seen).toBe(900);
    expect(ledger.setting('last')).toBe('t899');
  });
});
