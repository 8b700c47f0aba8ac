/** A bulk run stores what storing one event after the other would store, whatever it skips, looks up or takes out. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { EventConflict, NewEvent } from '../../src/ledger/types.js';
import { instant } from '../../src/time/instant.js';
import { NOW, newEvent } from './newEvent.js';

let ledger: SqliteLedger;
beforeEach(() => {
  ledger = openLedger(':memory:');
  ledger.projectFields([
    { code: 'storage', fieldName: 'gb', kind: 'number' },
    { code: 'seats', fieldName: 'user', kind: 'text' },
  ]);
});

/** More than two parts, and not a whole number of them. */
const MANY = 9_000;
const many = (first = 0, changes: Partial<NewEvent> = {}) =>
  Array.from({ length: MANY }, (_, i) =>
    newEvent(`evt_${first + i}`, {
      code: i % 3 === 0 ? 'seats' : 'storage',
      externalSubscriptionId: `sub_${i % 7}`,
      timestamp: instant(NOW + ((i * 7_919) % 1_000)),
      properties: `{"gb":"${i}.5","user":"u${i % 50}"}`,
      ...changes,
    }),
  );

function bulk(events: readonly NewEvent[], into = ledger) {
  const duplicates: number[] = [];
  const conflicts: EventConflict[] = [];
  const run = into.bulkAppend(NOW, {
    onDuplicate: (index) => duplicates.push(index),
    onConflict: (conflict) => conflicts.push(conflict),
  });
  for (const event of events) run.add(event);
  const summary = run.finish();
  expect(summary).toMatchObject({ duplicates: duplicates.length, conflicts: conflicts.length });
  return { ...summary, duplicatesAt: duplicates.sort((a, b) => a - b), conflictsAt: conflicts };
}

/** Every table's rows. */
function everything(of: SqliteLedger): unknown {
  const tables = of.select("SELECT name FROM sqlite_schema WHERE type = 'table'").rows.flat() as string[];
  return tables.map((table) => [table, of.select(`SELECT * FROM ${table}`).rows]);
}

/** The points as they are, and as they are when they are made anew from the events. */
function pointsTwice(of: SqliteLedger) {
  const read = () => [
    of.select('SELECT * FROM usage_points').rows,
    of.select('SELECT * FROM usage_wide_values').rows,
    of.select('SELECT * FROM usage_texts').rows,
  ];
  const kept = read();
  of.transaction(() => {
    of.dropProjection();
    of.projectFields([
      { code: 'storage', fieldName: 'gb', kind: 'number' },
      { code: 'seats', fieldName: 'user', kind: 'text' },
    ]);
  });
  return [kept, read()];
}

describe('a file of many parts', () => {
  test('is stored in order, with its points', () => {
    const events = many();
    expect(bulk(events)).toMatchObject({ stored: MANY, duplicates: 0, conflicts: 0, firstSequence: 1 });
    const stored = [...ledger.events({})].map(({ sequence: _, receivedAt: __, ...event }) => event);
    expect(stored).toEqual(events);
    const [kept, anew] = pointsTwice(ledger);
    expect(kept).toEqual(anew);
  });

  test.each<[string, (events: NewEvent[]) => NewEvent[]]>([
    ['as it was', (events) => events],
    ['in another order', (events) => [...events].sort((a, b) => (a.properties < b.properties ? -1 : 1))],
    ['with its middle missing', (events) => events.toSpliced(3_000, 2_000)],
    ['from its second line', (events) => events.slice(1)],
  ])('sent again %s, changes nothing', (_, again) => {
    const events = many();
    bulk(events);
    const before = everything(ledger);
    const sent = again(events);
    expect(bulk(sent)).toMatchObject({ stored: 0, duplicates: sent.length, conflicts: 0 });
    expect(everything(ledger)).toEqual(before);
  });

  test('of which a part is known stores the others', () => {
    bulk(many());
    const { stored, duplicatesAt, firstSequence } = bulk([...many(MANY - 1_000)]);
    // The last thousand ids came before, as the first of this file, but with the content of other lines.
    expect({ stored, duplicatesAt, firstSequence }).toEqual({
      stored: MANY - 1_000,
      duplicatesAt: [],
      firstSequence: MANY + 1,
    });
    expect(ledger.event(`evt_${MANY}`)?.sequence).toBe(MANY + 1 + 1_000);
    const [kept, anew] = pointsTwice(ledger);
    expect(kept).toEqual(anew);
  });

  test('sent again with other content is all conflicts, each with both sides', () => {
    const events = many();
    bulk(events);
    const before = everything(ledger);
    const changed = many(0, { preciseTotalAmountCents: '1' });
    const { conflicts, conflictsAt } = bulk(changed);
    expect(conflicts).toBe(MANY);
    const { index, event, stored } = conflictsAt.at(-1) as EventConflict;
    expect(event).toEqual(changed[index]);
    expect(stored).toEqual({ ...events[index], sequence: index + 1, receivedAt: NOW });
    expect(everything(ledger)).toEqual(before);
  });

  test('that names events twice keeps the first of each', () => {
    const events = many();
    const twice = [...events, ...events.slice(0, 500), newEvent('evt_1', { code: 'new', properties: '{}' })];
    const { stored, duplicatesAt, conflictsAt } = bulk(twice);
    expect(stored).toBe(MANY);
    expect(duplicatesAt).toEqual(Array.from({ length: 500 }, (_, i) => MANY + i));
    expect(conflictsAt).toEqual([
      { index: MANY + 500, event: twice.at(-1), stored: { ...events[1], sequence: 2, receivedAt: NOW } },
    ]);
    // What only a refused event named is gone.
    expect(ledger.select("SELECT * FROM series WHERE code = 'new'").rows).toEqual([]);
    const [kept, anew] = pointsTwice(ledger);
    expect(kept).toEqual(anew);
  });

  test('whose times are those of arrival is the same whenever it arrives', () => {
    bulk(many());
    const later = many(0, { timestamp: instant(NOW + 5_000_000), timestampIsArrival: true });
    expect(bulk(later)).toMatchObject({ stored: 0, duplicates: MANY });
    const twice = [...many(MANY), ...later.map((event, i) => ({ ...event, transactionId: `evt_${MANY + i}` }))];
    expect(bulk(twice)).toMatchObject({ stored: MANY, duplicates: MANY, conflicts: 0 });
  });
});

test('however events, repetitions and collisions fall, the outcome is that of one event after the other', () => {
  const drawn = fc.record({ id: fc.nat(30), gb: fc.nat(2), code: fc.constantFrom('storage', 'seats', 'calls') });
  const hashes = fc.constantFrom<(text: string) => number>(
    () => 7,
    (text) => text.length % 3,
    (text) => text.charCodeAt(4) * 1_000_003,
  );
  fc.assert(
    fc.property(fc.array(fc.array(drawn, { maxLength: 80 }), { maxLength: 3 }), hashes, (batches, hash) => {
      const [together, single] = [openLedger(':memory:', { hash }), openLedger(':memory:', { hash })];
      for (const batch of batches) {
        const events = batch.map(({ id, gb, code }) => newEvent(`evt_${id}`, { code, properties: `{"gb":${gb}}` }));
        const outcomes = events.map((event) => single.appendEvents([event], NOW)[0]?.outcome);
        const { stored, duplicates, conflicts } = bulk(events, together);
        const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
        expect([stored, duplicates, conflicts]).toEqual([count('stored'), count('duplicate'), count('conflict')]);
      }
      const content = (of: SqliteLedger) => [...of.events({})].map(({ sequence: _, ...event }) => event);
      expect(content(together)).toEqual(content(single));
      const series = (of: SqliteLedger) =>
        of.select('SELECT code, external_subscription_id FROM series ORDER BY 1, 2').rows;
      expect(series(together)).toEqual(series(single));
    }),
    { numRuns: 200 },
  );
});

describe('the transaction of a bulk run', () => {
  test('is undone by a failure alongside, and the run may go on', () => {
    const before = everything(ledger);
    const run = ledger.bulkAppend(NOW, { onConflict: () => {} });
    for (const event of many()) run.add(event);
    const failing = () => {
      throw new Error('refused');
    };
    expect(() => run.finish(failing)).toThrow('refused');
    expect(everything(ledger)).toEqual(before);
    for (const event of many()) run.add(event);
    expect(run.finish(() => ledger.putSetting('a', 'b')).stored).toBe(MANY);
    expect(ledger.setting('a')).toBe('b');
  });

  test('is undone when the run is abandoned', () => {
    const before = everything(ledger);
    const run = ledger.bulkAppend(NOW, { onConflict: () => {} });
    for (const event of many()) run.add(event);
    run.abandon();
    expect(everything(ledger)).toEqual(before);
    ledger.transaction(() => ledger.putSetting('a', 'b'));
    run.abandon();
    expect(ledger.setting('a')).toBe('b');
  });

  test('inside another one ends with that', () => {
    expect(() =>
      ledger.transaction(() => {
        bulk(many());
        throw new Error('a trial');
      }),
    ).toThrow('a trial');
    expect(ledger.lastSequence()).toBe(0);
    expect(bulk(many()).stored).toBe(MANY);
  });
});
