import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const csv = `external_id,name,currency,net_payment_term,tax_codes,shipping_address.city,metadata.crm
acme,"Acme, Inc.",USD,30,vat,New York,42
globex,Globex,EUR,,,,
`;

/** A folder with the files, and the command line in it. */
function withFiles(files: Readonly<Record<string, string | Uint8Array>>) {
  const folder = project();
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return commandLine(folder);
}

function customersOf(run: ReturnType<typeof commandLine>) {
  return JSON.parse(run(['customers', 'list', '--json']).stdout).customers;
}

describe('customers import', () => {
  it('creates customers from CSV, and is no change when repeated', () => {
    const run = withFiles({ 'customers.csv': csv });
    expect(run(['customers', 'import', 'customers.csv', '--at', '2026-10-01'])).toEqual({
      code: 0,
      stdout: '2 created\n',
      stderr: '',
    });
    expect(customersOf(run)).toMatchObject([
      {
        external_id: 'acme',
        name: 'Acme, Inc.',
        currency: 'USD',
        net_payment_term: 30,
        shipping_address: { city: 'New York' },
        metadata: [{ key: 'crm', value: '42', display_in_invoice: false }],
      },
      { external_id: 'globex', name: 'Globex', currency: 'EUR', net_payment_term: null, metadata: [] },
    ]);
    expect(JSON.parse(run(['customers', 'get', 'acme', '--json']).stdout).customer.taxes).toMatchObject([
      { code: 'vat' },
    ]);
    expect(run(['customers', 'import', 'customers.csv', '--at', '2026-10-02']).stdout).toBe('2 unchanged\n');
    expect(JSON.parse(run(['journal', '--json']).stdout).entries).toMatchObject([
      { verb: 'define' },
      { verb: 'create_customer', input: { external_id: 'acme', net_payment_term: 30 } },
      { verb: 'create_customer', input: { external_id: 'globex' } },
    ]);
  });

  it('changes those that are there, field by field: an empty cell leaves, null takes away', () => {
    const run = withFiles({
      'customers.csv': csv,
      'later.csv': 'external_id,name,net_payment_term\nacme,,45\nglobex,Globex GmbH,\n',
      'null.ndjson': '{"external_id":"acme","net_payment_term":null}\n',
    });
    run(['customers', 'import', 'customers.csv']);
    const trial = run(['customers', 'import', 'later.csv', '--dry-run']);
    expect(trial.stdout).toBe('update acme: net_payment_term\nupdate globex: name\n2 updated\n');
    expect(trial.stderr).toBe('dry run: nothing was changed\n');
    expect(customersOf(run)).toMatchObject([{ net_payment_term: 30 }, { name: 'Globex' }]);
    const { stdout } = run(['customers', 'import', 'later.csv', '--json']);
    expect(JSON.parse(stdout).import).toEqual({
      customers: 2,
      created: 0,
      updated: 2,
      unchanged: 0,
      committed: true,
      changes: [
        { external_id: 'acme', outcome: 'updated', changed: ['net_payment_term'] },
        { external_id: 'globex', outcome: 'updated', changed: ['name'] },
      ],
    });
    expect(customersOf(run)).toMatchObject([
      { name: 'Acme, Inc.', net_payment_term: 45, metadata: [{ key: 'crm' }] },
      { name: 'Globex GmbH', currency: 'EUR' },
    ]);
    run(['customers', 'import', 'null.ndjson']);
    expect(customersOf(run)[0].net_payment_term).toBeNull();
  });

  it('takes what Lago prints: one, a list, a page, one on a line, packed', () => {
    const run = withFiles({ 'customers.csv': csv, 'packed.csv.gz': gzipSync(csv) });
    run(['customers', 'import', 'packed.csv.gz', '--at', '2026-10-01']);
    const other = commandLine(project());
    for (const format of ['json', 'ndjson']) {
      const listed = run(['customers', 'list', '-o', format]).stdout;
      const expected = format === 'json' ? '2 created\n' : '2 unchanged\n';
      expect(other(['customers', 'import', '--at', '2026-10-01'], listed)).toMatchObject({ code: 0, stdout: expected });
    }
    const own = run(['customers', 'get', 'acme', '--json']).stdout;
    expect(other(['customers', 'import', '-'], own).stdout).toBe('1 unchanged\n');
    expect(JSON.parse(other(['customers', 'get', 'acme', '--json']).stdout).customer.taxes).toMatchObject([
      { code: 'vat' },
    ]);
  });

  it('imports none while one is wrong, and names every problem by line and field', () => {
    const run = withFiles({
      'customers.csv': [
        'external_id,name,currency,timezone,net_payment_term,tax_codes',
        'good,Good,USD,,,',
        'acme,Acme,XXX,Mars/Phobos,soon,nowhere',
        ',Nobody,USD,,,',
        'globex,Globex,EUR,,,',
        'globex,Globex again,EUR,,,',
        'initech,Initech,USD',
        '',
      ].join('\n'),
    });
    const { code, stdout, stderr } = run(['customers', 'import', 'customers.csv', '--json']);
    expect([code, stdout]).toEqual([5, '']);
    const problems: { field: string; code: string; location: unknown }[] = JSON.parse(stderr).error.problems;
    expect(problems.map((each) => [each.location, each.field, each.code])).toEqual(
      [
        [3, 'net_payment_term', 'value_is_invalid'],
        [3, 'timezone', 'invalid_timezone'],
        [3, 'currency', 'value_is_invalid'],
        [3, 'tax_codes', 'tax_not_found'],
        [4, 'external_id', 'value_is_mandatory'],
        [6, 'external_id', 'value_is_duplicated'],
        [7, 'record', 'wrong_number_of_fields'],
      ].map(([line, ...rest]) => [{ file: 'customers.csv', line }, ...rest]),
    );
    expect(customersOf(run)).toEqual([]);
    const said = run(['customers', 'import', 'customers.csv']).stderr;
    expect(said).toContain('error customers.csv:3: "XXX" is not a currency (value_is_invalid)');
    expect(said).toContain('error customers.csv:6: external_id: "globex" stands in line 5 already');
    expect(said).toContain('No customer was imported.');
  });

  it.each([
    ['external_id,nam,emial\n', ['"nam" (did you mean name?), "emial"', 'unknown_field']],
    ['id,name\n', ['the header has no column external_id', 'value_is_mandatory']],
    ['external_id,name,name\n', ['the column "name" stands twice', 'duplicate_key']],
    ['{"external_id":"a","nam":"A"}', ['"nam" is not a known field', 'Did you mean name?']],
    ['{"external_id":"a","zipcode":75001}', ['zipcode: 75001 is not a text', 'Put it in quotes, "75001"']],
    ['[{"external_id":"a"},5]', ['a customer must be a JSON object']],
    ['{"external_id":"a",\n"external_id":"b"}', ['stdin:2:1', 'duplicate_key']],
    ['{"external_id":"a"', ['stdin:1', 'invalid_json']],
    ['external_id,name\n"a,b\n', ['unclosed_quote']],
  ])('refuses %j in words', (input, words) => {
    const run = commandLine(project());
    const { code, stderr } = run(['customers', 'import'], input);
    expect(code).toBe(5);
    for (const each of words) expect(stderr).toContain(each);
    expect(customersOf(run)).toEqual([]);
  });

  it('refuses damaged and repeated input', () => {
    const run = withFiles({ 'packed.csv.gz': gzipSync(csv).subarray(0, 30) });
    const damaged = run(['customers', 'import', 'packed.csv.gz']);
    expect(damaged).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('the gzip data ends too early (damaged_file)'),
    });
    expect(run(['customers', 'import', '-', '-'], csv).stderr).toContain('standard input can be read once only');
    expect(run(['customers', 'import', 'nowhere.csv'])).toMatchObject({ code: 4 });
    expect(customersOf(run)).toEqual([]);
  });

  it('is replayed like any other history', () => {
    const run = withFiles({ 'customers.csv': csv });
    run(['customers', 'import', 'customers.csv', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    run(['bill', '--at', '2026-11-01']);
    const scenario = run(['journal', '--as', 'scenario', '--customer', 'acme']).stdout;
    const file = join(mkdtempSync(join(tmpdir(), 'lago-cli-')), 'acme.yaml');
    writeFileSync(file, scenario);
    expect(scenario).toContain('create_customer');
    expect(run(['test', file])).toMatchObject({ code: 0, stdout: '1 passed, 0 failed\n' });
    const backtest = run(['backtest', '--from', '2026-10', '--exit-code', '--at', '2026-11-02']);
    expect(backtest).toMatchObject({ code: 0 });
  });
});
