/**
 * Event files that are broken in every way: never a crash, a hang or a silent loss. Every line ends as an event or as a
 * refusal; the quick way of reading says what the careful way says; what is accepted is what JSON means by the line;
 * what is stored is read back as it was, billed without a crash, and stored once.
 */
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import type { Problem } from '../../src/errors.js';
import { type EventSink, Intake } from '../../src/ingest/intake.js';
import { ledgerRules } from '../../src/ingest/ledgerRules.js';
import { NdjsonReader } from '../../src/ingest/ndjson.js';
import { Recognition } from '../../src/ingest/recognition.js';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { NewEvent } from '../../src/ledger/types.js';
import { perform, performIngest, query } from '../../src/operations/perform.js';
import { invoices } from '../../src/operations/views.js';
import { at } from '../support/terms.js';
import { mutated } from './mutate.js';
import { chanceOf, each, isLong, patience, rounds } from './rounds.js';
import { customers, eventLines, makeProject, removeFolder, temporaryFolder } from './world.js';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolder(folder));

const wrapped = [
  (line: string) => `{"event":${line}}`,
  (line: string) => `{"events":[${line},${line.replace('2026-', '2026+')}]}`,
  (line: string) => `[${line}]`,
  (line: string) =>
    line.replace('transaction_id', 'transactionId').replace('external_subscription_id', 'externalSubscriptionId'),
  (line: string) => line.replace('"properties":{', '"precise_total_amount_cents":"12.5","properties":{'),
  (line: string) => line.replace('external_subscription_id":"sub_', 'external_customer_id":"'),
  (line: string) => line.replace('"properties"', '"nothing":{"deep":[1,{"a":null}]},"properties"'),
];

/** Lines, most of them broken; the same for the same round. */
function brokenLines(round: number, count: number): Buffer[] {
  const chance = chanceOf('lines', round);
  const good = eventLines('2026-10', 500).map((line, index) =>
    index % 3 === 0 ? chance.one(wrapped)(line.replace('2026-10-', `${round}-`)) : line,
  );
  return Array.from({ length: count }, () => {
    const line = chance.one(good);
    const bytes = chance.integer(20) === 0 ? Buffer.from(line) : mutated(line, good, chance);
    return Buffer.from(bytes.map((byte) => (byte === 10 ? 32 : byte)));
  });
}

interface Read {
  readonly events: Map<number, NewEvent[]>;
  readonly refusals: Map<number, string[]>;
}

function collector(): Read & { sink: EventSink } {
  const events = new Map<number, NewEvent[]>();
  const refusals = new Map<number, string[]>();
  const sink: EventSink = {
    event: (event, line) => events.set(line, [...(events.get(line) ?? []), event]),
    reject: (problem: Problem, line) => refusals.set(line, [...(refusals.get(line) ?? []), problem.code]),
    skip: () => {},
  };
  return { events, refusals, sink };
}

function project(name: string): { ledger: SqliteLedger; context: (day: string) => Parameters<typeof perform>[0] } {
  const root = join(folder, name);
  makeProject(root, 10);
  const { catalog } = loadCatalog({ settings: join(root, 'lago.yaml'), plans: join(root, 'plans') });
  const ledger = openLedger(join(root, 'lago.db'));
  return { ledger, context: (day) => ({ ledger, catalog, at: at(day) }) };
}

const files = rounds(20, 0.5);
const linesEach = 5_000;

describe('mutated event lines', () => {
  it(
    `${files * linesEach}: each is an event or a refusal, and both ways of reading agree`,
    async () => {
      const { ledger, context } = project('reading');
      const { catalog } = context('2026-10-20');
      let accepted = 0;
      await each(files, 1, async (round) => {
        const lines = brokenLines(round, linesEach);
        const rules = ledgerRules(ledger, at('2026-10-20'));
        const options = () => ({
          rules,
          recognition: new Recognition(catalog.billableMetrics, rules.isSubscription),
          mapping: null,
          strict: false,
        });
        const quick = collector();
        const reader = new NdjsonReader(new Intake(options(), quick.sink));
        const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]));
        const chunk = 1 + chanceOf('chunk', round).integer(70_000);
        for (let from = 0; from < bytes.length; from += chunk) reader.feed(bytes.subarray(from, from + chunk));
        reader.finish();
        expect(reader.lines).toBe(lines.length);
        const careful = collector();
        const intake = new Intake(options(), careful.sink);
        for (const [index, line] of lines.entries()) {
          if (!isBlank(line)) intake.json(line, 0, line.length, index + 1);
        }
        for (const [index, line] of lines.entries()) {
          const problem = lineProblem(line, index + 1, quick, careful);
          if (problem !== null)
            expect.fail(`round ${round}, line ${index + 1}: ${problem}: ${line.toString('utf8').slice(0, 500)}`);
        }
        accepted += [...quick.events.values()].flat().length;
      });
      ledger.close();
      // Otherwise nothing but refusals was tried.
      expect(accepted).toBeGreaterThan(files * linesEach * 0.05);
    },
    patience(files, 10),
  );

  it(
    'are stored once, read back as they were, and billed',
    async () => {
      const { ledger, context } = project('storing');
      const file = join(folder, 'broken.ndjson');
      await each(isLong ? rounds(4, 0.1) : 4, 1, async (round) => {
        // Figures that are too large to be billed have a test of their own.
        const lines = brokenLines(1_000 + round, linesEach).filter((line) => !/\d{14}/.test(line.toString('latin1')));
        writeFileSync(file, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
        const before = ledger.lastSequence();
        const first = await performIngest(context('2026-10-20'), [file], {
          format: 'ndjson',
          rejects: join(folder, 'rejects.ndjson'),
        });
        const { stored, duplicates, conflicts, rejected } = first;
        expect(first.lines).toBe(lines.length);
        expect(stored + duplicates + conflicts.count + rejected.count).toBe(first.records);
        expect(first.records).toBeGreaterThanOrEqual(
          lines.filter((line) => !isBlank(line) && !isEmptyList(line)).length,
        );
        const events = [...ledger.events({ fromSequence: before + 1 })];
        expect(events.length).toBe(stored);
        for (const event of events) {
          JSON.parse(event.properties);
          expect(ledger.event(event.transactionId)).toEqual(event);
        }
        const again = await performIngest(context('2026-10-20'), [file], { format: 'ndjson' });
        expect([again.stored, again.rejected.count]).toEqual([0, rejected.count]);
        expect(again.duplicates + again.conflicts.count).toBe(stored + duplicates + conflicts.count);
      });
      expect(ledger.integrityProblems()).toEqual([]);
      perform(context('2026-11-01'), 'bill', {});
      const issued = query(context('2026-11-01'), (current) => invoices(current, {}));
      expect(issued.length).toBeGreaterThanOrEqual(customers.length);
      for (const invoice of issued) expect(Number.isSafeInteger(invoice.total_amount_cents)).toBe(true);
      expect(ledger.integrityProblems()).toEqual([]);
      ledger.close();
    },
    patience(files, 10),
  );

  it(
    'with any properties that JSON can hold are stored with exactly these',
    async () => {
      const { ledger, context } = project('arbitrary');
      const file = join(folder, 'arbitrary.ndjson');
      const text = fc.string({ unit: 'binary', maxLength: 12 });
      const properties = fc.dictionary(
        text,
        fc.oneof(text, fc.double(), fc.bigInt().map(Number), fc.jsonValue({ maxDepth: 3 })),
      );
      const events = fc.array(fc.record({ id: text, subscription: text, properties }), {
        minLength: 1,
        maxLength: 200,
      });
      let round = 0;
      await fc.assert(
        fc.asyncProperty(events, async (given) => {
          round += 1;
          const lines = given.map(({ id, subscription, properties: own }, index) =>
            JSON.stringify({
              transaction_id: `${round}-${index}-${id}`,
              code: 'traffic',
              external_subscription_id: `x${subscription}`,
              timestamp: '2026-10-09T00:00:00Z',
              properties: own,
            }),
          );
          writeFileSync(file, `${lines.join('\r\n')}\r\n`);
          const summary = await performIngest(context('2026-10-20'), [file], {});
          expect(summary.stored + summary.rejected.count).toBe(given.length);
          for (const line of lines) {
            const sent = JSON.parse(line) as {
              transaction_id: string;
              external_subscription_id: string;
              properties: object;
            };
            const found = ledger.event(sent.transaction_id);
            if (found === undefined) continue;
            expect(found.externalSubscriptionId).toBe(sent.external_subscription_id);
            expect(JSON.parse(found.properties)).toEqual(sent.properties);
          }
        }),
        { seed: chanceOf('properties', 0).integer(2 ** 31), numRuns: rounds(30), endOnFailure: true },
      );
      expect(ledger.integrityProblems()).toEqual([]);
      ledger.close();
    },
    patience(rounds(30), 2),
  );
});

describe('a figure with far too many digits', () => {
  it('is told with its customer or its event, and changes nothing', async () => {
    const { ledger, context } = project('large');
    const file = join(folder, 'large.ndjson');
    const event = { transaction_id: 'large', external_subscription_id: 'sub_acme', timestamp: '2026-10-09T00:00:00Z' };
    const digits = '9'.repeat(30);
    const write = (fields: object) => writeFileSync(file, JSON.stringify({ ...event, ...fields }));
    write({ code: 'sms', properties: { parts: digits } });
    await expect(performIngest(context('2026-10-20'), [file], {})).rejects.toMatchObject({
      code: 'amount_out_of_range',
      message: expect.stringContaining('event large'),
    });
    // A wallet is held against the usage at once.
    write({ code: 'traffic', properties: { gb: digits } });
    await expect(performIngest(context('2026-10-20'), [file], {})).rejects.toMatchObject({
      message: expect.stringContaining('customer acme'),
    });
    expect(ledger.lastSequence()).toBe(0);
    write({ code: 'traffic', external_subscription_id: 'sub_globex', properties: { gb: digits } });
    await performIngest(context('2026-10-20'), [file], {});
    const refused = (input: object) => {
      try {
        perform(context('2026-11-01'), 'bill', input);
      } catch (error) {
        return error;
      }
      return null;
    };
    expect(refused({})).toMatchObject({
      code: 'amount_out_of_range',
      message: expect.stringContaining('customer globex'),
    });
    expect(refused({ external_customer_id: 'acme' })).toBeNull();
    expect(ledger.integrityProblems()).toEqual([]);
    ledger.close();
  });
});

describe('CSV', () => {
  it(
    'with quotes, delimiters and line breaks in its fields gives exactly these values',
    async () => {
      const { ledger, context } = project('csv');
      const file = join(folder, 'fields.csv');
      const field = fc.stringMatching(/^[ -~\n\r"",;\t=@+\u00e9\u202e]{0,20}$/);
      let round = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(field, { minLength: 1, maxLength: 60 }),
          fc.constantFrom(',', ';', '\t'),
          async (values, delimiter) => {
            round += 1;
            const quoted = (text: string) => (/["\n\r,;\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
            const rows = values.map((value, index) =>
              [`c${round}-${index}`, 'seats', 'sub_acme', '2026-10-09T00:00:00Z', quoted(value)].join(delimiter),
            );
            const header = ['transaction_id', 'code', 'external_subscription_id', 'timestamp', 'user'].join(delimiter);
            writeFileSync(file, `\ufeff${[header, ...rows].join('\r\n')}`);
            const summary = await performIngest(context('2026-10-20'), [file], { format: 'csv' });
            expect([summary.stored, summary.rejected.count]).toEqual([values.length, 0]);
            for (const [index, value] of values.entries()) {
              const event = ledger.event(`c${round}-${index}`);
              const { user } = JSON.parse(event?.properties as string) as { user?: string };
              expect(user ?? '').toBe(value);
            }
          },
        ),
        { seed: chanceOf('csv', 0).integer(2 ** 31), numRuns: rounds(60), endOnFailure: true },
      );
      ledger.close();
    },
    patience(rounds(60), 2),
  );

  it(
    'and JSON files that are mutated never crash, and every event is stored once',
    async () => {
      const { ledger, context } = project('documents');
      const count = rounds(150);
      const lines = eventLines('2026-10', 30);
      const rows = lines.map((line) => {
        const event = JSON.parse(line) as Record<string, string> & { properties: Record<string, string> };
        const { transaction_id, code, external_subscription_id, timestamp, properties } = event;
        return [transaction_id, code, external_subscription_id, timestamp, `"${properties.gb}"`, properties.user].join(
          ',',
        );
      });
      const documents = [
        ['csv', ['transaction_id,code,external_subscription_id,timestamp,gb,user', ...rows].join('\n')],
        ['json', `[${lines.join(',\n')}]`],
        ['json', `{"events": [${lines.join(', ')}]}`],
      ] as const;
      const file = join(folder, 'document');
      await each(count, 1, async (round) => {
        const chance = chanceOf('documents', round);
        const [format, text] = chance.one(documents);
        writeFileSync(file, mutated(text, lines, chance));
        const options = { format: chance.integer(2) === 0 ? format : null };
        const first = await performIngest(context('2026-10-20'), [file], options);
        const again = await performIngest(context('2026-10-20'), [file], options);
        expect([chance.seed, again.stored, again.records]).toEqual([chance.seed, 0, first.records]);
      });
      expect(ledger.integrityProblems()).toEqual([]);
      ledger.close();
    },
    patience(rounds(150), 1),
  );
});

describe('monstrous input', () => {
  const good = eventLines('2026-10', 1)[0] as string;
  const monsters: readonly (readonly [
    name: string,
    format: 'ndjson' | 'json' | 'csv',
    fill: string,
    megabytes: number,
  ])[] = [
    ['a line of 100 MB', 'ndjson', 'x', 100],
    ['a line of 100 MB that begins as an event', 'ndjson', `${good.slice(0, -2)},"a":"`, 100],
    ['a nesting without end', 'ndjson', '[', 20],
    ['a JSON document that is one nesting without end', 'json', '[', 20],
    ['a JSON object without end', 'json', '{"a":', 20],
    ['a CSV field that is never closed', 'csv', 'transaction_id,code\n"', 20],
    ['a CSV of quotes', 'csv', '"', 20],
    ['a CSV header of commas', 'csv', ',', 4],
    ['NUL bytes', 'ndjson', '\u0000', 20],
    ['blank lines', 'ndjson', '\n', 20],
  ];
  for (const [name, format, fill, megabytes] of monsters) {
    it(`${name} is refused in little time, and what follows it is read where that is possible`, async () => {
      const { ledger, context } = project(name);
      const file = join(folder, 'monster');
      writeMonster(file, fill, megabytes, good);
      const started = performance.now();
      const summary = await performIngest(context('2026-10-20'), [file], { format });
      expect(performance.now() - started).toBeLessThan(30_000);
      if (format === 'ndjson') expect(summary.stored).toBe(1);
      if (fill !== '\n') expect(summary.rejected.count).toBeGreaterThan(0);
      ledger.close();
    }, 60_000);
  }
});

describe('packed files', () => {
  it('that are cut off, damaged or swollen are told, and what is stored is stored once the whole file has come', async () => {
    const { ledger, context } = project('packed');
    const file = join(folder, 'packed.ndjson.gz');
    const whole = gzipSync(`${eventLines('2026-10', 3_000).join('\n')}\n`);
    const changed = (place: number) =>
      Buffer.concat([whole.subarray(0, place), Buffer.from([(whole[place] ?? 0) ^ 0xff]), whole.subarray(place + 1)]);
    const broken: readonly Buffer[] = [
      whole.subarray(0, 2),
      whole.subarray(0, whole.length / 2),
      whole.subarray(0, -1),
      changed(whole.length - 6),
      changed(Math.floor(whole.length / 2)),
      Buffer.concat([whole, Buffer.from('what does not belong here')]),
      gzipSync(whole),
      gzipSync(Buffer.alloc(100 << 20)),
      gzipSync(Buffer.alloc(50 << 20, '[')),
    ];
    for (const [index, content] of broken.entries()) {
      writeFileSync(file, content);
      const before = ledger.eventCount();
      const tried = performIngest(context('2026-10-20'), [file], { format: 'ndjson', atomic: true });
      const atomic = await tried.catch((error: { code?: string }) => error.code);
      if (typeof atomic === 'object') expect([index, atomic.committed]).toEqual([index, false]);
      else expect([index, atomic]).toEqual([index, 'damaged_file']);
      expect([index, ledger.eventCount()]).toEqual([index, before]);
      const summary = await performIngest(context('2026-10-20'), [file], { format: 'ndjson' });
      expect([index, summary.rejected.count]).not.toEqual([index, 0]);
      expect(summary.stored + summary.duplicates + summary.rejected.count).toBe(summary.records);
    }
    writeFileSync(file, whole);
    await performIngest(context('2026-10-20'), [file], {});
    expect(ledger.eventCount()).toBe(3_000);
    // Members one after the other are one file, as for gzip.
    writeFileSync(file, Buffer.concat([gzipSync(eventLines('2026-11', 20).join('\n')), gzipSync('\n')]));
    expect((await performIngest(context('2026-11-20'), [file], {})).stored).toBe(20);
    expect(ledger.integrityProblems()).toEqual([]);
    ledger.close();
  }, 60_000);
});

/** The beginning, its last character for so many megabytes, and a good line. */
function writeMonster(file: string, beginning: string, megabytes: number, good: string): void {
  const output = openSync(file, 'w');
  writeSync(output, beginning);
  const megabyte = Buffer.alloc(1 << 20, beginning.length > 6 ? 'x' : beginning);
  for (let i = 0; i < megabytes; i += 1) writeSync(output, megabyte);
  writeSync(output, `\n${good}\n`);
  closeSync(output);
}

/** What is wrong with what became of a line; null when all is well. */
function lineProblem(line: Buffer, number: number, quick: Read, careful: Read): string | null {
  const events = quick.events.get(number) ?? [];
  const refusals = quick.refusals.get(number) ?? [];
  const carefully = careful.events.get(number) ?? [];
  if (isBlank(line)) return events.length + refusals.length === 0 ? null : 'a blank line became something';
  if (events.length + refusals.length === 0) return isEmptyList(line) ? null : 'it was lost';
  if (events.length !== carefully.length || refusals.length !== (careful.refusals.get(number) ?? []).length) {
    return `read quickly it is ${events.length} events, carefully ${carefully.length}`;
  }
  for (const [index, event] of events.entries()) {
    const other = carefully[index] as NewEvent;
    const { properties, ...fields } = event;
    const { properties: otherProperties, ...otherFields } = other;
    if (JSON.stringify(fields) !== JSON.stringify(otherFields))
      return `${JSON.stringify(event)} is not ${JSON.stringify(other)}`;
    if (sorted(properties) !== sorted(otherProperties)) return `${properties} is not ${otherProperties}`;
  }
  return events.length === 1 ? meaningProblem(line, events[0] as NewEvent) : null;
}

/** An accepted line is JSON, and its properties are what JSON.parse says they are. */
function meaningProblem(line: Buffer, event: NewEvent): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.toString('utf8'));
  } catch {
    return 'it is no JSON, yet an event';
  }
  const sent = unwrapped(parsed) as { properties?: unknown };
  const expected = sorted(JSON.stringify(sent.properties ?? {}));
  return sorted(event.properties) === expected ? null : `its properties became ${event.properties}`;
}

function unwrapped(value: unknown): unknown {
  const list = Array.isArray(value) ? value : (value as { events?: unknown } | null)?.events;
  if (Array.isArray(list)) return list.map(unwrapped).find((item) => item !== undefined);
  const { event } = value as { event?: unknown };
  return event !== null && typeof event === 'object' && !Array.isArray(event) ? event : value;
}

function sorted(json: string): string {
  const ordered = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(ordered);
    if (value === null || typeof value !== 'object') return Object.is(value, -0) ? 0 : value;
    return Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, ordered(member)]);
  };
  return JSON.stringify(ordered(JSON.parse(json)));
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 32 || byte === 9 || byte === 13);
}

/** `[]` and `{"events": []}` hold no event to lose. */
function isEmptyList(line: Buffer): boolean {
  try {
    const parsed = JSON.parse(line.toString('utf8')) as unknown;
    const list = Array.isArray(parsed) ? parsed : (parsed as { events?: unknown }).events;
    return Array.isArray(list) && JSON.stringify(list).replace(/[[\],]/g, '') === '';
  } catch {
    return false;
  }
}
