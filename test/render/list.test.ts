import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { csvCell } from '../../src/render/csv.js';
import { type ListColumn, type OutputFormat, renderList, renderOne } from '../../src/render/list.js';
import { printable, printedText, safeJson } from '../../src/render/printable.js';
import { displayWidth, renderTable } from '../../src/render/table.js';

interface Row {
  readonly number: string;
  readonly total_cents: number;
  readonly customer: { readonly name: string | null };
}

const rows: readonly Row[] = [
  { number: 'A-1', total_cents: 1200, customer: { name: 'Globex, "the" firm' } },
  { number: 'A-2', total_cents: -50, customer: { name: null } },
];

const columns: readonly ListColumn<Row>[] = [
  { path: 'number', header: 'Number' },
  { path: 'customer.name', header: 'Customer' },
  { path: 'total_cents', header: 'Total', align: 'right', show: (row) => (row.total_cents / 100).toFixed(2) },
];

const list = (format: OutputFormat, shown: readonly Row[] = rows, root = 'invoices') =>
  [...renderList(shown, columns, format, { root, colour: false })].join('');

describe('lists', () => {
  it('json carries the objects whole, with Lago’s paging', () => {
    expect(JSON.parse(list('json'))).toEqual({
      invoices: rows,
      meta: { current_page: 1, next_page: null, prev_page: null, total_pages: 1, total_count: 2 },
    });
  });

  it.each([[[]], [rows], [rows.slice(1)]])('json is laid out as one text would be', (shown) => {
    const document = JSON.parse(list('json', shown));
    expect(list('json', shown)).toBe(`${JSON.stringify(document, null, 2)}\n`);
  });

  it('yaml is the same document', () => {
    expect(parse(list('yaml'))).toEqual(JSON.parse(list('json')));
  });

  it('ndjson is one object a line', () => {
    expect(
      list('ndjson')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(rows);
  });

  it('csv has JSON names and raw values', () => {
    expect(list('csv')).toBe('number,customer.name,total_cents\nA-1,"Globex, ""the"" firm",1200\nA-2,,-50\n');
  });

  it('a table aligns figures and says when there is nothing', () => {
    expect(list('table')).toBe(
      [
        'Number  Customer            Total',
        '─────────────────────────────────',
        'A-1     Globex, "the" firm  12.00',
        'A-2                         -0.50',
        '',
      ].join('\n'),
    );
    expect(list('table', [], 'credit_notes')).toBe('no credit notes\n');
  });

  it('one object stands under its singular root', () => {
    const options = { root: 'invoice', table: (row: Row) => row.number };
    expect(JSON.parse(renderOne(rows[0] as Row, 'json', options))).toEqual({ invoice: rows[0] });
    expect(renderOne(rows[0] as Row, 'table', options)).toBe('A-1\n');
  });
});

describe('csv cells', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+cmd', "'+cmd"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['-12.5', '-12.5'],
    ['+3', '+3'],
    ['a,b', '"a,b"'],
    ['line\nbreak', '"line\nbreak"'],
    ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ])('%j → %j', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  it('numbers, truth and nothing', () => {
    expect([csvCell(-5), csvCell(true), csvCell(null), csvCell(undefined), csvCell(['a'])]).toEqual([
      '-5',
      'true',
      '',
      '',
      '"[""a""]"',
    ]);
  });
});

describe('text from users', () => {
  const evil = 'Acme\u001b[31m\u202etxt.exe\u0007\n\u009b';

  it('shows escape sequences and bidi overrides on a terminal instead of obeying them', () => {
    expect(printable(evil)).toBe('Acme\\u001b[31m\\u202etxt.exe\\u0007\\n\\u009b');
    expect(renderTable([{ header: 'Name' }], [[evil]], { colour: false })).toContain('Acme\\u001b[31m');
  });

  it('loses them in documents', () => {
    expect(printedText(evil)).toBe('Acme[31mtxt.exe ');
    expect(printedText('a\r\nb\tc', true)).toBe('a\nb c');
  });

  it('is escaped in JSON without changing the value', () => {
    const text = safeJson({ name: evil }, 2);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be printed
    expect(text).not.toMatch(/[\u001b\u0007\u009b\u202e]/);
    expect(JSON.parse(text)).toEqual({ name: evil });
  });
});

describe('tables', () => {
  it('give up label width, never figures, to fit the terminal', () => {
    const table = renderTable(
      [{ header: 'Charge' }, { header: 'Amount', align: 'right' }],
      [['A very long name of a charge', '€1,234,567.89']],
      { colour: false, width: 30 },
    );
    expect(table.split('\n').map(displayWidth)).toEqual([30, 30, 30]);
    expect(table).toContain('A very long na…  €1,234,567.89');
  });

  it('go on in the next line where a column wraps, and cut only a word that is too long', () => {
    const table = renderTable(
      [
        { header: 'Units', align: 'right' },
        { header: 'Position', wraps: true },
      ],
      [['40', 'tier 1 of 2: 10 units to the next price'], 'rule', ['1,000', 'an incomprehensibility']],
      { colour: false, width: 22 },
    );
    expect(table.split('\n').slice(2)).toEqual([
      '   40  tier 1 of 2: 10',
      '       units to the',
      '       next price',
      '──────────────────────',
      '1,000  an',
      '       incomprehensib…',
    ]);
  });

  it('count wide characters as two columns and marks as none', () => {
    expect([displayWidth('東京'), displayWidth('e\u0301'), displayWidth('한국'), displayWidth('abc')]).toEqual([
      4, 1, 4, 3,
    ]);
  });

  it('colour only when told to', () => {
    const cells = [{ cells: ['Total', '5'], style: 'total' as const }];
    const header = [{ header: 'a' }, { header: 'b', align: 'right' as const }];
    expect(renderTable(header, cells, { colour: false })).not.toContain('\u001b');
    expect(renderTable(header, cells, { colour: true })).toContain('\u001b[1m');
  });
});
