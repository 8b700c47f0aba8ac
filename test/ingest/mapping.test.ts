import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { type JsonObject, parseJson, writeJson } from '../../src/exactJson.js';
import type { Mapping } from '../../src/ingest/mapping.js';
import { loadMapping, parseMapping } from '../../src/ingest/mappingFile.js';
import { ingestFiles } from '../../src/operations/ingest.js';
import { type World, world } from './ingestWorld.js';

const ids = {
  isSubscription: (id: string) => id.startsWith('sub_'),
  isCustomer: (id: string) => id === 'acme' || id === 'globex',
};

function map(mapping: Mapping, text: string): unknown {
  const mapped = mapping(parseJson(text) as JsonObject);
  if (mapped.outcome === 'event') return JSON.parse(writeJson(mapped.record));
  return mapped.outcome === 'skipped' ? mapped.reason : `${mapped.problem.field}: ${mapped.problem.code}`;
}

describe('the preset segment', () => {
  const track = (more: string) =>
    `{"type":"track","messageId":"m1","event":"calls","timestamp":"2026-10-09T12:00:00Z",${more}}`;
  const common = { transaction_id: 'm1', code: 'calls', timestamp: '2026-10-09T12:00:00Z' };

  it.each([
    [
      '"userId":"sub_1","properties":{"n":1}',
      { external_subscription_id: 'sub_1', properties: { n: 1, user_id: 'sub_1' } },
    ],
    ['"userId":"acme"', { external_customer_id: 'acme', properties: { user_id: 'acme' } }],
    ['"userId":"u1","groupId":"acme"', { external_customer_id: 'acme', properties: { user_id: 'u1' } }],
    [
      '"userId":"u1","context":{"groupId":"sub_9"}',
      { external_subscription_id: 'sub_9', properties: { user_id: 'u1' } },
    ],
    ['"userId":"acme","groupId":"g1"', { external_customer_id: 'acme', properties: { user_id: 'acme' } }],
    ['"userId":"u1","groupId":"g1"', { external_subscription_id: 'g1', properties: { user_id: 'u1' } }],
    ['"anonymousId":"a1","properties":{"user_id":"mine"}', { properties: { user_id: 'mine', anonymous_id: 'a1' } }],
  ])('maps a Track call with %s', (more, expected) => {
    expect(map(loadMapping('segment', ids), track(more))).toEqual({ ...common, ...expected });
  });

  it('leaves other calls out', () => {
    expect(map(loadMapping('segment', ids), '{"type":"identify","messageId":"m2","userId":"u1"}')).toBe(
      'type: identify',
    );
  });
});

it('the preset cloudevents makes the id of the source and the id', () => {
  const text = `{"specversion":"1.0","id":"42","source":"/checkout","type":"calls","subject":"globex",
    "time":"2026-10-09T12:00:00Z","data":{"n":1.50}}`;
  expect(map(loadMapping('cloudevents', ids), text)).toEqual({
    transaction_id: '/checkout/42',
    code: 'calls',
    timestamp: '2026-10-09T12:00:00Z',
    external_customer_id: 'globex',
    properties: { n: 1.5 },
  });
  expect(map(loadMapping('cloudevents', ids), '{"id":"1","type":"calls","data_base64":"AA=="}')).toBe(
    'properties: invalid_type',
  );
});

describe('a mapping file', () => {
  const mapping = parseMapping(
    `
select: {kind: [order, refund]}
transaction_id: {hash: [order.id, line]}
code: {path: kind, values: {order: orders}, default: other}
external_subscription_id: {paths: [account, user.account]}
timestamp: {path: sent_at, unit: milliseconds}
properties_from: payload
properties: {amount: payload.total.value, first: tags.0, region: {constant: eu}, size: {path: size, default: 1}}
`,
    'map.yaml',
  );

  it('finds values by path, renames them, and fills in what is missing', () => {
    const record =
      '{"kind":"order","order":{"id":"o1"},"line":2,"user":{"account":"sub_1"},"sent_at":1790812800123,"payload":{"total":{"value":123456789012345678901.5},"x":null},"tags":["a","b"]}';
    const mapped = mapping(parseJson(record) as JsonObject);
    expect(mapped.outcome === 'event' && writeJson(mapped.record)).toBe(
      '{"transaction_id":"3d785fde-cd07-5529-9c02-45e949f396ac","code":"orders","external_subscription_id":"sub_1",' +
        '"timestamp":"1790812800.123","properties":{"total":{"value":123456789012345678901.5},"x":null,' +
        '"amount":123456789012345678901.5,"first":"a","region":"eu","size":1}}',
    );
  });

  it('gives the same record the same id, and another record another', () => {
    const id = (text: string) => (map(mapping, text) as { transaction_id: string }).transaction_id;
    const one = id('{"kind":"order","order":{"id":"o1"},"line":2}');
    expect(id('{"line":2,"order":{"x":1,"id":"o1"},"kind":"order"}')).toBe(one);
    expect(id('{"kind":"order","order":{"id":"o1"},"line":3}')).not.toBe(one);
    expect(id('{"kind":"order","order":{"id":"o12"},"line":""}')).not.toBe(one);
  });

  it('leaves out what it does not select, and refuses what it cannot name', () => {
    expect(map(mapping, '{"kind":"visit"}')).toBe('kind: visit');
    expect(map(mapping, '{"kind":"order","line":2}')).toBe('transaction_id: value_is_mandatory');
    expect(map(mapping, '{"kind":"order","order":{"id":1},"line":2,"payload":[]}')).toBe('properties: invalid_type');
  });

  it('finds a key that holds dots, in a list of keys or whole', () => {
    const dotted = parseMapping('{transaction_id: [a.b, c], code: x.y}', 'map.yaml');
    expect(map(dotted, '{"a.b":{"c":"t"},"x.y":"calls"}')).toEqual({
      transaction_id: 't',
      code: 'calls',
      properties: {},
    });
  });

  it.each([
    ['transaction_id: id', 'value_is_mandatory'],
    ['{transaction_id: id, code: {path: a, constant: b}}', 'value_is_invalid'],
    ['{transaction_id: id, code: c, nonsense: 1}', 'value_is_invalid'],
    ['{transaction_id: id, code: c, timestamp: {path: t, unit: fortnights}}', 'value_is_invalid'],
    ['[', 'invalid_yaml'],
  ])('%s is refused', (text, code) => {
    expect(() => parseMapping(text, 'map.yaml')).toThrow(
      expect.objectContaining({ problems: expect.arrayContaining([expect.objectContaining({ code })]) }),
    );
  });

  it('must be there', () => {
    expect(() => loadMapping('no/such/file.yaml', ids)).toThrow(
      expect.objectContaining({
        code: 'mapping_not_found',
        exitCode: 4,
        suggestion: expect.stringContaining('segment'),
      }),
    );
    expect(() => loadMapping('no/such/file.yaml', ids)).toThrow(BillingError);
  });
});

describe('mapped files', () => {
  let w: World;
  beforeAll(() => {
    w = world();
  });
  afterAll(() => w.close());

  it('are stored under the ids that the mapping gives', async () => {
    const map = w.file(
      'map.yaml',
      '{transaction_id: {hash: [id]}, code: {constant: bytes}, external_subscription_id: who, timestamp: when, properties: {bytes: size}}',
    );
    const csv = w.file(
      'usage.csv',
      'id,who,when,size\n1,sub_acme,2026-10-09T12:00:00Z,"1,5"\n2,sub_acme,2026-10-09T12:00:00Z,2.5\n',
    );
    const first = await ingestFiles(w.context, [csv], { map });
    expect(first).toMatchObject({ stored: 2, unmatched: { nonNumericField: { bytes: 1 } } });
    expect(
      w
        .stored()
        .map(({ properties }) => properties)
        .sort(),
    ).toEqual(['{"bytes":"1,5"}', '{"bytes":"2.5"}']);
    expect(await ingestFiles(w.context, [csv], { map })).toMatchObject({ stored: 0, duplicates: 2 });
  });

  it('count what the mapping leaves out', async () => {
    const calls = w.file(
      'segment.ndjson',
      '{"type":"track","messageId":"m1","event":"calls","userId":"acme"}\n{"type":"page","messageId":"m2"}\n{"type":"track","messageId":"m3","event":"calls","userId":"globex"}\n',
    );
    const summary = await ingestFiles(w.context, [calls], { map: 'segment' });
    expect(summary).toMatchObject({
      records: 3,
      stored: 1,
      skipped: { count: 1, byReason: { 'type: page': 1 } },
      rejected: { count: 1, byCode: { 'external_customer_id: several_active_subscriptions': 1 } },
    });
  });
});
