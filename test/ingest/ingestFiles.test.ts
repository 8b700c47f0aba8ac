import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoredEvent } from '../../src/ledger/types.js';
import { type IngestOptions, ingestFiles } from '../../src/operations/ingest.js';
import { at } from '../support/terms.js';
import { line, noon, type World, world } from './ingestWorld.js';

let w: World;
beforeEach(() => {
  w = world();
});
afterEach(() => w.close());

/** Ingests one file of this content. */
function ingest(content: string | Buffer, options: IngestOptions = {}, name = 'events.txt') {
  return ingestFiles(w.context, [w.file(name, content)], options);
}

const event = {
  transactionId: 't',
  code: 'bytes',
  externalSubscriptionId: 'sub_acme',
  timestamp: noon,
  properties: '{"bytes":"12.5"}',
  preciseTotalAmountCents: null,
};

describe('every format gives the same event', () => {
  const lago = line('t');
  it.each<[string, string | Buffer]>([
    ['NDJSON', `${lago}\n`],
    ['NDJSON without a last newline', lago],
    ['NDJSON with CRLF', `${lago}\r\n`],
    ['NDJSON after a byte order mark', `\ufeff${lago}\n`],
    ['an array', `[${lago}]`],
    ["Lago's single body", `{"event": ${lago}}`],
    ["Lago's batch body", `{"events": [${lago}]}`],
    ['pretty-printed JSON', JSON.stringify({ events: [JSON.parse(lago)] }, null, 2)],
    ['a batch body on each line', `{"events":[${lago}]}\n{"events":[]}\n`],
    [
      'CSV',
      'transaction_id,code,external_subscription_id,timestamp,bytes\nt,bytes,sub_acme,2026-10-09T12:00:00Z,12.5\n',
    ],
    [
      'CSV after a byte order mark, with CRLF',
      '\ufefftransaction_id;code;external_subscription_id;timestamp;bytes\r\nt;bytes;sub_acme;1791547200;"12.5"\r\n',
    ],
    [
      'CSV with a column of properties',
      'code,transaction_id,timestamp,external_customer_id,properties\nbytes,t,1791547200.0,acme,"{""bytes"":""12.5""}"\n',
    ],
    [
      'CSV with prefixed properties',
      'code,transaction_id,timestamp,externalSubscriptionId,properties.bytes,empty\nbytes,t,1791547200,sub_acme,12.5,\n',
    ],
    [
      'a Segment function body',
      '{"event":{"transactionId":"t","externalCustomerId":"acme","code":"bytes","timestamp":1791547200,"properties":{"bytes":"12.5"}}}',
    ],
    ['gzip', gzipSync(`\ufeff${lago}\n`)],
    ['gzip in two members', Buffer.concat([gzipSync(lago.slice(0, 20)), gzipSync(lago.slice(20))])],
  ])('%s', async (_, content) => {
    const summary = await ingest(content);
    expect(summary).toMatchObject({ files: 1, records: 1, stored: 1, committed: true, rejected: { count: 0 } });
    expect(w.stored()).toEqual([event]);
  });
});

describe('what arrives again', () => {
  it('is a duplicate when its content is the same, however it is written', async () => {
    await ingest(line('t', { properties: { bytes: '1', region: 'eu' } }));
    const again = [
      line('t', { properties: { region: 'eu', bytes: '1' } }),
      line('t', { properties: { bytes: '1', region: 'eu' }, timestamp: 1_791_547_200 }),
      line('t', { properties: { bytes: '1', region: '\\u0065u' } }).replaceAll('\\\\', '\\'),
    ];
    expect(await ingest(again.join('\n'))).toMatchObject({ stored: 0, duplicates: 3, conflicts: { count: 0 } });
  });

  it('is a duplicate when it never had a timestamp', async () => {
    const bare = line('t', { timestamp: undefined });
    await ingest(bare);
    const later = { ...w.context, at: at('2026-10-10T00:00:00Z') };
    expect(await ingestFiles(later, [w.file('again', bare)])).toMatchObject({ stored: 0, duplicates: 1 });
    expect(w.stored()).toMatchObject([{ timestamp: noon }]);
  });

  it('is a conflict with both sides told when its content is another; the first is kept', async () => {
    const rejects = w.file('rejects', '{"file":"of an earlier run","line":1}\n');
    const summary = await ingest(`${line('a')}\n${line('t')}\n${line('t', { external_subscription_id: 'sub_1' })}\n`, {
      rejects,
    });
    expect(summary).toMatchObject({
      stored: 2,
      conflicts: {
        count: 1,
        samples: [
          {
            line: 3,
            arrived: { externalSubscriptionId: 'sub_1' },
            stored: { externalSubscriptionId: 'sub_acme', sequence: 2 },
          },
        ],
      },
    });
    expect(JSON.parse(readFileSync(rejects, 'utf8'))).toMatchObject({
      line: 3,
      field: 'transaction_id',
      code: 'value_already_exist',
      message: expect.stringContaining('external_subscription_id was sub_acme, now sub_1'),
    });
    expect(w.stored()[1]).toEqual(event);
  });

  it('a second run finds everything there', async () => {
    const content = Array.from({ length: 300 }, (_, i) => line(`t${i}`)).join('\n');
    expect(await ingest(content)).toMatchObject({ stored: 300, duplicates: 0 });
    expect(await ingest(content)).toMatchObject({ stored: 0, duplicates: 300, records: 300 });
  });
});

it('a file split anywhere, in any order, gives the same events', async () => {
  const lines = Array.from({ length: 12 }, (_, i) =>
    i % 4 === 3 ? `{"transaction_id":"t${i}" ` : line(`t${i}`, { properties: { bytes: i, note: 'é"\n' } }),
  );
  const whole = world();
  await ingestFiles(whole.context, [whole.file('whole', lines.join('\n'))]);
  const expected = whole.stored();
  whole.close();
  await fc.assert(
    fc.asyncProperty(
      fc.shuffledSubarray(lines, { minLength: lines.length }),
      fc.array(fc.nat(lines.length), { maxLength: 4 }),
      fc.constantFrom('ndjson', 'gzip', 'array'),
      async (shuffled, cuts, form) => {
        const part = world();
        const bounds = [0, ...cuts.sort((a, b) => a - b), lines.length];
        const files = bounds.slice(1).map((end, i) => {
          const piece = shuffled.slice(bounds[i], end);
          if (form === 'gzip') return part.file(`${i}.gz`, gzipSync(piece.join('\n')));
          const good = piece.filter((text) => text.endsWith('}'));
          return part.file(`${i}`, form === 'array' ? `[${good.join(',')}]` : piece.join('\r\n'));
        });
        await ingestFiles(part.context, files);
        const stored = part.stored();
        part.close();
        expect(stored).toEqual(expected);
      },
    ),
    { numRuns: 30 },
  );
});

describe('bad records', () => {
  const content = [
    line('good1'),
    '{"transaction_id": "cut", ',
    line(''),
    line('ms', { timestamp: 1_791_547_200_123 }),
    line('good2'),
    '7',
    `${line('twice').slice(0, -1)},"code":"calls"}`,
    '{"events":[{"transaction_id":"inner"}]}',
  ].join('\n');

  it('are told with file, line, column, code, hint and text, and good ones beside them are kept', async () => {
    const rejects = w.file('rejects', '');
    const summary = await ingest(content, { rejects }, 'mixed.ndjson');
    expect(summary).toMatchObject({ lines: 8, records: 8, stored: 2, committed: true });
    expect(summary.rejected).toMatchObject({
      count: 6,
      byCode: {
        'record: invalid_json': 1,
        'transaction_id: value_is_mandatory': 1,
        'timestamp: invalid_format': 1,
        'record: invalid_type': 1,
        'record: duplicate_key': 1,
        'code: value_is_mandatory': 1,
      },
    });
    const written = readFileSync(rejects, 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown);
    expect(written).toEqual(summary.rejected.samples);
    expect(written).toMatchObject([
      { line: 2, column: 27, code: 'invalid_json', record: '{"transaction_id": "cut", ' },
      { line: 3, column: null, field: 'transaction_id', code: 'value_is_mandatory' },
      { line: 4, code: 'invalid_format', hint: 'Timestamps are Unix seconds: send 1791547200.123.' },
      { line: 6, code: 'invalid_type', record: '7' },
      { line: 7, column: line('twice').length + 1, code: 'duplicate_key' },
      { line: 8, field: 'code', code: 'value_is_mandatory', record: '{"transaction_id":"inner"}' },
    ]);
    expect(w.stored().map(({ transactionId }) => transactionId)).toEqual(['good1', 'good2']);
  });

  it('undo everything when the run is atomic', async () => {
    const file = w.file('mixed.ndjson.gz', gzipSync(content));
    expect(await ingestFiles(w.context, [file], { atomic: true })).toMatchObject({
      stored: 0,
      committed: false,
      rejected: { count: 6 },
    });
    expect(w.stored()).toEqual([]);
    expect(await ingest(`${line('a')}\n${line('b')}`, { atomic: true })).toMatchObject({ stored: 2, committed: true });
    expect(await ingest(`${line('c')}\n${line('b', { code: 'calls' })}`, { atomic: true })).toMatchObject({
      stored: 0,
      committed: false,
    });
    expect(w.stored()).toHaveLength(2);
  });

  it.each([
    ['NUL bytes', `{"transaction_id":"a\0b"}`],
    ['a raw NUL between lines', '\0'],
    ['half a surrogate pair', line('t').replace('12.5', '\\ud83d')],
    ['1e400', line('t').replace('"12.5"', '1e400')],
    ['NaN', line('t').replace('"12.5"', 'NaN')],
    ['deep nesting', line('t').replace('"12.5"', '['.repeat(500_000))],
    ['deep but closed nesting', line('t').replace('"12.5"', `${'['.repeat(1000)}${']'.repeat(1000)}`)],
    ['bytes that are no UTF-8', Buffer.from(line('t\xe9'), 'latin1')],
    ['equal keys', line('t').replace('"12.5"', '1,"bytes":1')],
    ['a list of lists of numbers', '[[1,[2]]]'],
  ])('%s are refused and harm no other', async (_, bad) => {
    const bytes = Buffer.concat([
      Buffer.from(`${line('before')}\n`),
      Buffer.from(bad),
      Buffer.from(`\n${line('after')}\n`),
    ]);
    const summary = await ingest(bytes, { format: 'ndjson' });
    expect(summary.stored).toBe(2);
    expect(summary.rejected.count).toBeGreaterThan(0);
  });

  it('numbers keep what they are: -0, long literals, exponents', async () => {
    await ingest(line('t', { properties: {} }).replace('{}', '{"a":-0,"b":0.12345678901234567890123,"c":15e-1}'));
    expect(w.stored()[0]?.properties).toBe('{"a":-0,"b":0.12345678901234567890123,"c":1.5}');
  });

  it('a CSV file whose header names no transaction is refused once', async () => {
    expect(await ingest('code,bytes\nbytes,1\nbytes,2\n')).toMatchObject({
      stored: 0,
      rejected: { count: 1, byCode: { 'header: value_is_mandatory': 1 } },
    });
    expect(await ingest('code,transaction_id,code\nbytes,1,2\n')).toMatchObject({
      rejected: { byCode: { 'header: duplicate_key': 1 } },
    });
  });

  it('damaged gzip keeps what came before, and atomic keeps nothing', async () => {
    const packed = gzipSync(
      Array.from({ length: 20_000 }, (_, i) => line(`t${i}`, { properties: { bytes: i * 7919 } })).join('\n'),
    );
    const cut = packed.subarray(0, packed.length / 2);
    const summary = await ingest(cut);
    expect(summary.rejected.byCode).toEqual({ 'file: damaged_file': 1 });
    expect(summary.stored).toBeGreaterThan(1000);
    await expect(ingest(cut, { atomic: true })).rejects.toMatchObject({ code: 'damaged_file' });
  });
});

describe('unmatched events', () => {
  const content = [
    line('1', { code: 'nonsense' }),
    line('2', { external_subscription_id: 'stranger' }),
    line('3', { external_subscription_id: null }),
    line('4', { properties: {} }),
    line('5', { properties: { bytes: '1,5' } }),
    line('6', { properties: { bytes: 1.5 } }),
    line('7', { code: 'users' }),
    line('8', { precise_total_amount_cents: 'much' }),
    'not json',
  ].join('\n');

  it('are stored and reported', async () => {
    expect(await ingest(content, { format: 'ndjson' })).toMatchObject({
      stored: 8,
      unmatched: {
        unknownMetric: { nonsense: 1 },
        unknownSubscription: { stranger: 1, '': 1 },
        missingField: { bytes: 1, users: 1 },
        nonNumericField: { bytes: 1 },
        unreadableAmount: { bytes: 1 },
      },
    });
  });

  it('are refused by strict, one by one', async () => {
    const summary = await ingest(content, { strict: true, format: 'ndjson' });
    expect(summary.stored).toBe(2);
    expect(summary.rejected.byCode).toEqual({
      'code: billable_metric_not_found': 1,
      'external_subscription_id: subscription_not_found': 1,
      'external_subscription_id: value_is_mandatory': 1,
      'properties: value_is_mandatory': 2,
      'properties: value_is_not_valid_number': 1,
      'record: invalid_json': 1,
    });
    expect(summary.unmatched.unknownMetric).toEqual({});
  });

  it('are told alike for CSV', async () => {
    const header = 'transaction_id,code,external_subscription_id,timestamp,bytes\n';
    const rows = 't1,bytes,sub_acme,1791547200,\nt2,bytes,sub_acme,1791547200,x\nt3,calls,stranger,1791547200,\n';
    expect(await ingest(header + rows)).toMatchObject({
      stored: 3,
      unmatched: { missingField: { bytes: 1 }, nonNumericField: { bytes: 1 }, unknownSubscription: { stranger: 1 } },
    });
    expect(w.stored()[0]?.properties).toBe('{}');
  });
});

describe('an expression', () => {
  it('is computed once, and its result stands in the field', async () => {
    const area = (id: string, properties: object) => line(id, { code: 'area', properties });
    const summary = await ingest([area('1', { width: '1.5', height: 2 }), area('2', { width: 3 })].join('\n'));
    expect(summary).toMatchObject({
      stored: 1,
      rejected: { count: 1, byCode: { 'properties: expression_evaluation_failed': 1 } },
    });
    expect(w.stored()[0]?.properties).toBe('{"width":"1.5","height":2,"area":"3.0"}');
  });

  it('reads every digit of a number', async () => {
    await ingest(
      line('t', { code: 'area', properties: { height: 1 } }).replace(
        '{"height"',
        '{"width":12345678901234567890.5,"height"',
      ),
    );
    expect(w.stored()[0]?.properties).toContain('"area":"12345678901234567890.5"');
  });
});

describe('a run', () => {
  it('that is a trial says what would be, and changes nothing', async () => {
    await ingest(line('there'));
    const summary = await ingest(`${line('there')}\n${line('new')}\n{`, { dryRun: true });
    expect(summary).toMatchObject({ records: 3, stored: 1, duplicates: 1, rejected: { count: 1 }, committed: false });
    expect(await ingest(`${line('new')}\n{`, { dryRun: true, atomic: true })).toMatchObject({
      stored: 0,
      committed: false,
    });
    expect(w.stored()).toHaveLength(1);
  });

  it('that is interrupted keeps what was complete; the next completes it', async () => {
    const content = Array.from({ length: 30_000 }, (_, i) => line(`t${String(i).padStart(6, '0')}`)).join('\n');
    const file = w.file('long.ndjson', content);
    const controller = new AbortController();
    const onProgress = ({ bytesRead }: { bytesRead: number }) => bytesRead > 2 << 20 && controller.abort();
    const first = await ingestFiles(w.context, [file], { signal: controller.signal, onProgress });
    expect(first.interrupted).toBe(true);
    expect(first.stored).toBeGreaterThan(0);
    expect(first.stored).toBeLessThan(30_000);
    const second = await ingestFiles(w.context, [file]);
    expect(second).toMatchObject({ duplicates: first.stored, stored: 30_000 - first.stored, interrupted: false });
    expect(w.stored()).toHaveLength(30_000);
  });

  it('tells of new events with the codes asked for, in the transaction that stores them', async () => {
    const told: StoredEvent[] = [];
    const onStored = { codes: new Set(['calls']), tell: (events: readonly StoredEvent[]) => told.push(...events) };
    await ingest(line('1', { code: 'calls' }), { onStored });
    await ingest([line('1', { code: 'calls' }), line('2'), line('3', { code: 'calls' })].join('\n'), { onStored });
    expect(told.map(({ transactionId, sequence }) => [transactionId, sequence])).toEqual([
      ['1', w.ledger.event('1')?.sequence],
      ['3', w.ledger.event('3')?.sequence],
    ]);
    const failing = {
      codes: new Set(['calls']),
      tell: () => {
        throw new Error('no fee');
      },
    };
    await expect(ingest(line('4', { code: 'calls' }), { onStored: failing })).rejects.toThrow('no fee');
    expect(w.ledger.event('4')).toBeUndefined();
  });

  it('reads an array that is longer than a chunk', async () => {
    const lines = Array.from({ length: 12_000 }, (_, i) => line(`t${i}`, i % 5 === 0 ? { extra: [i] } : {}));
    expect(await ingest(`{"events": [${lines.join(',\n')}]}`)).toMatchObject({
      stored: 12_000,
      rejected: { count: 0 },
    });
    expect(await ingest(lines.join('\n'))).toMatchObject({ stored: 0, duplicates: 12_000 });
  });

  it('reads several files, and shows how far it is', async () => {
    const files = [w.file('a', line('a')), w.file('b.csv', 'transaction_id,code\nb,calls\n')];
    const seen: number[] = [];
    const summary = await ingestFiles(w.context, files, {
      onProgress: ({ bytesRead, bytesTotal }) => seen.push(bytesRead / (bytesTotal as number)),
    });
    expect(summary).toMatchObject({ files: 2, stored: 2, lines: 3 });
    expect(seen.at(-1)).toBe(1);
  });

  it('needs files that are there, before it reads any', async () => {
    const good = w.file('good', line('t'));
    await expect(ingestFiles(w.context, [good, 'no/such/file'])).rejects.toMatchObject({
      code: 'file_not_found',
      exitCode: 4,
    });
    await expect(ingestFiles(w.context, [good, '/'])).rejects.toMatchObject({ code: 'file_unreadable' });
    expect(w.stored()).toEqual([]);
  });
});
