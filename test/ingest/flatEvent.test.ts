import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/errors.js';
import { parseJson, writeJson } from '../../src/exactJson.js';
import { Intake } from '../../src/ingest/intake.js';
import { Recognition } from '../../src/ingest/recognition.js';
import type { NewEvent } from '../../src/ledger/types.js';
import { line, metric, noon } from './ingestWorld.js';

const metrics = new Map([['bytes', metric('bytes', { aggregationType: 'sum_agg', fieldName: 'bytes' })]]);

/** What an intake makes of one line, by the short way (null when it declines) or the careful one. */
function take(text: string | Buffer, way: 'flat' | 'careful') {
  const events: NewEvent[] = [];
  const problems: Problem[] = [];
  const recognition = new Recognition(metrics, () => true);
  const rules = { at: noon, subscriptionOfCustomer: () => ({ externalId: 'sub' }) };
  const intake = new Intake(
    { rules, recognition, mapping: null, strict: false },
    { event: (event) => events.push(event), reject: (problem) => problems.push(problem), skip: () => {} },
  );
  const bytes = Buffer.concat([Buffer.from(text), Buffer.from('\n')]);
  const end = bytes.indexOf(10);
  if (way === 'careful') intake.json(bytes, 0, end, 1);
  else if (intake.flat(bytes, 0, 1, true) < 0) return null;
  const event = events[0];
  return {
    event: event && { ...event, properties: writeJson(parseJson(event.properties)) },
    problems,
    unmatched: recognition.unmatched(),
  };
}

describe('the short way', () => {
  it.each([
    line('t'),
    line('t', { properties: {} }),
    line('t', { properties: { bytes: -12.5, b: true, c: null, d: 'x\\"y\n' } }),
    line('t', { timestamp: 1_790_812_800.25 }),
    line('t', { timestamp: '1790812800' }),
    line('t', { precise_total_amount_cents: '12.345' }),
    line('t', { properties: { bytes: 'many', größe: '😀' } }),
    line('t', { properties: { bytes: null } }),
    line('t', { properties: { other: 1 } }),
    '{ "properties" : { "bytes" : 1 } , "code" : "bytes", "timestamp": 5,\t"external_subscription_id": "s", "transaction_id": "t" } \r',
  ])('takes %s as the careful way does', (text) => {
    const flat = take(text, 'flat');
    expect(flat).not.toBeNull();
    expect(flat).toEqual(take(text, 'careful'));
  });

  it.each([
    line('t', { properties: { a: { b: 1 } } }),
    line('t\u0001'),
    line(' '),
    line('t', { timestamp: '2026-10-09T12:00:00' }),
    line('t', { timestamp: 1_790_812_800_000 }),
    line('t', { extra: 1 }),
    line('t', { precise_total_amount_cents: 'x' }),
    line('t').replace('12.5', '\\ud800'),
    line('t').replace('"12.5"', '1e3'),
    line('t').replace('"12.5"', '01'),
    line('t').replace('"12.5"', '1,"bytes":2'),
    line('t').replace('"code"', '"code":"x","code"'),
    `${line('t')} x`,
    line('t').slice(0, -1),
    '[]',
    '',
    Buffer.from(line('t\xff'), 'latin1'),
  ])('leaves %s to the careful way', (text) => {
    expect(take(text, 'flat')).toBeNull();
  });

  it('never takes what the careful way refuses, nor reads it otherwise', () => {
    const scalar = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('1.5', '-0', '007', '1e3', 'null'),
    );
    const event = fc.record(
      {
        transaction_id: fc.oneof(fc.uuid(), fc.uuid(), fc.string()),
        code: fc.constantFrom('bytes', 'bytes', 'other', ''),
        external_subscription_id: fc.oneof(fc.constant('sub'), fc.constant('sub'), fc.string()),
        timestamp: fc.oneof(
          fc.constant('2026-10-09T12:00:00.5Z'),
          fc.nat(),
          fc.double({ min: 0, max: 2e9, noNaN: true }),
        ),
        properties: fc.dictionary(fc.oneof(fc.constant('bytes'), fc.string({ maxLength: 4 })), scalar, { maxKeys: 5 }),
        precise_total_amount_cents: scalar,
      },
      { requiredKeys: ['transaction_id', 'code', 'external_subscription_id', 'timestamp', 'properties'] },
    );
    const damage = fc.option(
      fc.tuple(fc.nat(), fc.constantFrom('"', '}', ',', ':', '\\', '0', ' ', '-', '.', 'é', '')),
      { freq: 1 },
    );
    let taken = 0;
    fc.assert(
      fc.property(event, damage, fc.constantFrom(undefined, 1), (value, change, indent) => {
        let text = JSON.stringify(value, null, indent).replaceAll('\n', ' ');
        if (change !== null) {
          const place = change[0] % text.length;
          text = text.slice(0, place) + change[1] + text.slice(place + 1);
        }
        const flat = take(text, 'flat');
        if (flat === null) return;
        taken++;
        expect(flat).toEqual(take(text, 'careful'));
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(300);
  });
});
