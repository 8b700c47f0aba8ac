import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CsvRow } from '../../src/ingest/csv.js';
import { type InputFormat, readerOf, sniffFormat } from '../../src/ingest/format.js';
import type { RecordIntake } from '../../src/ingest/recordIntake.js';

/** What a reader makes of bytes that arrive in chunks: `line text` of records, `line:column code` of problems. */
function read(format: InputFormat, input: string | Buffer, chunkLength = Number.POSITIVE_INFINITY) {
  const records: string[] = [];
  const problems: string[] = [];
  const intake: RecordIntake = {
    flat: () => -1,
    json: (bytes, from, to, line) => records.push(`${line} ${bytes.toString('utf8', from, to)}`),
    columns: (names) => {
      records.push(`columns ${JSON.stringify(names)}`);
      return null;
    },
    row: (row: CsvRow, line) =>
      records.push(`${line} ${JSON.stringify(Array.from({ length: row.count }, (_, i) => row.text(i)))}`),
    unreadable: (problem, line, column) => problems.push(`${line}:${column ?? ''} ${problem.code}`),
  };
  const reader = readerOf(format, intake);
  const bytes = Buffer.from(input);
  for (let at = 0; at < bytes.length; at += chunkLength) reader.feed(bytes.subarray(at, at + chunkLength));
  reader.finish();
  return { records, problems, lines: reader.lines };
}

describe('NDJSON', () => {
  it('is one record a line; blank lines are none', () => {
    expect(read('ndjson', '{"a":1}\r\n\n  \n[2]\n3')).toEqual({
      records: ['1 {"a":1}\r', '4 [2]', '5 3'],
      problems: [],
      lines: 5,
    });
  });

  it('refuses a line of 100 MB without holding it, and goes on', () => {
    const before = process.memoryUsage().arrayBuffers;
    const records: string[] = [];
    const problems: string[] = [];
    const reader = readerOf('ndjson', {
      flat: () => -1,
      json: (bytes, from, to, line) => records.push(`${line} ${bytes.toString('utf8', from, to)}`),
      columns: () => null,
      row: () => {},
      unreadable: (problem, line) => problems.push(`${line} ${problem.code}`),
    });
    reader.feed(Buffer.from('1\n'));
    const megabyte = Buffer.alloc(1 << 20, 'x');
    for (let i = 0; i < 100; i++) reader.feed(megabyte);
    reader.feed(Buffer.from('\n3\n'));
    reader.finish();
    expect({ records, problems, lines: reader.lines }).toEqual({
      records: ['1 1', '3 3'],
      problems: ['2 record_too_long'],
      lines: 3,
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});

describe('a JSON document', () => {
  it.each([
    ['[{"a":1},\n {"b":[1,{"c":"]}"}]}\n]\n', ['1 {"a":1}', '2 {"b":[1,{"c":"]}"}]}']],
    ['{"events": [\n{"a":"\\"]"},{"b":2}], "more": {"x": ["]"]}}', ['2 {"a":"\\"]"}', '2 {"b":2}']],
    ['{"event":{"a":1}}', ['1 {"event":{"a":1}}']],
    ['{\n "a":1\n}\n{\n "b":2\n}', ['1 {\n "a":1\n}', '4 {\n "b":2\n}']],
    ['[1, "a]", null,true]', ['1 1', '1 "a]"', '1 null', '1 true']],
    ['[]', []],
    ['[[{"a":1}],2]', ['1 [{"a":1}]', '1 2']],
  ])('is cut into its records: %s', (text, records) => {
    for (const chunkLength of [1, 2, 3, 7, 1000]) {
      expect(read('json', text, chunkLength)).toMatchObject({ records, problems: [] });
    }
  });

  it.each([
    ['[{"a":1},\n{"b":', ['1 {"a":1}', '2 {"b":'], ['2: invalid_json']],
    ['[{"a":1}', ['1 {"a":1}'], ['1: invalid_json']],
    ['{"events":[1]', ['1 1'], ['1: invalid_json']],
    ['[1 }, 2]', ['1 1', '1 }', '1 2'], []],
  ])('that breaks off is reported: %s', (text, records, problems) => {
    for (const chunkLength of [1, 5, 1000])
      expect(read('json', text, chunkLength)).toMatchObject({ records, problems });
  });

  it('refuses an element that is too long, and goes on', () => {
    const long = `"${'x'.repeat(9 << 20)}"`;
    expect(read('json', `[1,${long},\n2]`, 1 << 16)).toMatchObject({
      records: ['1 1', '2 2'],
      problems: ['1: record_too_long'],
    });
  });

  it('is read alike however it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 6 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(2),
        (values, chunkLength, indent) => {
          const { records, problems } = read('json', JSON.stringify(values, null, indent), chunkLength);
          expect(problems).toEqual([]);
          expect(records.map((record) => JSON.parse(record.replace(/^\d+ /, '')) as unknown)).toEqual(
            JSON.parse(JSON.stringify(values)),
          );
        },
      ),
    );
  });
});

describe('CSV', () => {
  it.each([
    ['a,b\n1,2\n', ['1 columns', '2 ["1","2"]']],
    ['a;b\r\n1,5;2\r\n', ['1 columns', '2 ["1,5","2"]']],
    ['a\tb\n1\t\n', ['1 columns', '2 ["1",""]']],
    ['a,b\n"1,""x""","2\n\n3"\n4,5', ['1 columns', '2 ["1,\\"x\\"","2\\n\\n3"]', '5 ["4","5"]']],
    ['a,b\n\n"",x"y\n', ['1 columns', '3 ["","x\\"y"]']],
    ['a,b\n"1","2"\r\n', ['1 columns', '2 ["1","2"]']],
    ['"a, 1",b\nü,😀\n', ['1 columns', '2 ["ü","😀"]']],
  ])('%j has these rows', (text, rows) => {
    for (const chunkLength of [1, 2, 3, 5, 1000]) {
      const { records, problems } = read('csv', text, chunkLength);
      expect([records.map((record) => record.replace(/^columns.*/, '1 columns')), problems]).toEqual([rows, []]);
    }
  });

  it.each([
    ['a,b\n1\n2,3\n', ['3 ["2","3"]'], ['2: wrong_number_of_fields']],
    ['a,b\n1,"2"x\n3,4\n', ['3 ["3","4"]'], ['2:3 invalid_quote']],
    ['a,b\n1,"2\n3,4\n5,6\n', ['3 ["3","4"]', '4 ["5","6"]'], ['2:3 unclosed_quote']],
    ['a,b\n"x\ny","2\n3,4\n', ['4 ["3","4"]'], ['3:4 unclosed_quote']],
    ['a,b\n1,\0\n3,4\n', ['3 ["3","4"]'], ['2: invalid_character']],
  ])('%j has these rows and problems', (text, rows, problems) => {
    for (const chunkLength of [1, 3, 1000]) {
      const read1 = read('csv', text, chunkLength);
      expect([read1.records.slice(1), read1.problems]).toEqual([rows, problems]);
    }
  });

  it('refuses bytes that are no UTF-8, and rows without end', () => {
    expect(read('csv', Buffer.from('a,b\n\xff,1\n2,3\n', 'latin1')).problems).toEqual(['2: invalid_character']);
    const { records, problems } = read('csv', `a,b\n1,${'x'.repeat(3 << 20)}\n2,3\n`, 1 << 16);
    expect([records.slice(1), problems]).toEqual([['3 ["2","3"]'], ['2: record_too_long']]);
  });

  it('gives up on a file whose quotes never close, in good time', () => {
    const { problems } = read('csv', `a,b\n${'1,"x\n'.repeat(3)}${'2,3\n'.repeat(100_000)}`);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((problem) => problem.endsWith('_quote'))).toBe(true);
  });

  it('reads back what is written, however it is cut', () => {
    const field = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', 'é', ' '), maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(field, field), { minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        (rows, chunkLength) => {
          const quoted = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','));
          const { records } = read('csv', `a,b\n${quoted.join('\n')}\n`, chunkLength);
          const fields = records.slice(1).map((record) => JSON.parse(record.replace(/^\d+ /, '')) as unknown);
          expect(fields).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the format', () => {
  it.each([
    ['{"a":1}\n{"b":2}\n', 'x', 'ndjson'],
    ['{"a":1}', 'x', 'ndjson'],
    ['{"a":\n{"b":2}\n', 'x', 'ndjson'],
    ['{\n  "a": 1\n}', 'x', 'json'],
    ['{"events": [{"a":1},{"b":2}]}', 'x', 'json'],
    ['{"events": [{"a":1}]}\n', 'x', 'json'],
    ['{"events": [{"a":1}]}\n{"events": [{"a":1}]}\n', 'x', 'ndjson'],
    ['  [\n{"a":1}]', 'x', 'json'],
    ['transaction_id,code\n', 'x', 'csv'],
    ['garbage\n{"a":1}\n', 'x', 'ndjson'],
    ['garbage\n', 'x.ndjson', 'ndjson'],
    ['{"a",b\n', 'x.csv.gz', 'csv'],
    ['', 'x', 'ndjson'],
  ])('of %j in %s is %s', (text, name, format) => {
    expect(sniffFormat(Buffer.from(text), name)).toBe(format);
  });

  it('is not guessed for UTF-16', () => {
    expect(() => sniffFormat(Buffer.from('\ufeff{}', 'utf16le'), 'x')).toThrow(/UTF-16/);
  });
});
