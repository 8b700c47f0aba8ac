import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadCatalog, loadDefinitions } from '../../src/catalog/load.js';
import type { Problem } from '../../src/errors.js';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'catalog-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function project(files: Record<string, string | Buffer>) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return { settings: join(root, 'lago.yaml'), plans: join(root, 'plans') };
}

/** `file:line:column code`. */
function places(problems: readonly Problem[]): string[] {
  return problems.map(({ location, code }) => {
    const { file, line, column } = location ?? { file: '' };
    return `${relative(root, file)}:${line}:${column} ${code}`;
  });
}

const pro = 'plans:\n  - {code: pro, name: Pro, interval: monthly, amount_cents: 4900, amount_currency: EUR}\n';

describe('a project', () => {
  test('is lago.yaml and every file of the plans folder, YAML and JSON', () => {
    const paths = project({
      'lago.yaml': 'name: Acme\ntimezone: Europe/Paris\ntaxes: [{code: vat, name: VAT, rate: 20}]\n',
      'plans/pro.yaml': pro,
      'plans/metrics.json': '{\n\t"billable_metrics": [{"code": "m", "name": "M", "aggregation_type": "count_agg"}]\n}',
      'plans/more.yml': 'taxes: [{code: gst, name: GST, rate: 5}]\n',
      'plans/notes.txt': 'not read',
      'plans/.hidden.yaml': 'nor: this\n',
    });
    const { catalog, problems, warnings, files } = loadDefinitions(paths);
    expect([problems, warnings]).toEqual([[], []]);
    expect(files.map((file) => relative(root, file))).toEqual([
      'lago.yaml',
      'plans/metrics.json',
      'plans/more.yml',
      'plans/pro.yaml',
    ]);
    expect(catalog.organization).toMatchObject({ name: 'Acme', timezone: 'Europe/Paris' });
    expect([...catalog.plans.keys(), ...catalog.billableMetrics.keys(), ...catalog.taxes.keys()]).toEqual([
      'pro',
      'm',
      'vat',
      'gst',
    ]);
  });

  test('needs neither a plans folder nor anything in its files', () => {
    expect(loadDefinitions(project({ 'lago.yaml': '# nothing yet\n' })).problems).toEqual([]);
    expect(loadDefinitions({ settings: null, plans: null }).catalog.plans.size).toBe(0);
  });

  test('may be the folder of lago.yaml itself', () => {
    const { settings } = project({ 'lago.yaml': 'name: Acme\n', 'pro.yaml': pro });
    const { problems, files } = loadDefinitions({ settings, plans: root });
    expect([problems, files.length]).toEqual([[], 2]);
  });

  test('a logo is named from the folder of its file', () => {
    const paths = project({ 'lago.yaml': 'organization: {logo: art/logo.png}\n', 'art/logo.png': 'png' });
    expect(loadCatalog(paths).catalog.organization.logo).toBe(join(root, 'art/logo.png'));
    rmSync(join(root, 'art'), { recursive: true });
    expect(places(loadDefinitions(paths).warnings)).toEqual(['lago.yaml:1:22 logo_not_found']);
  });
});

describe('problems', () => {
  test('of every file are reported at once, each at its place', () => {
    const paths = project({
      'lago.yaml': 'name: Acme\ntimezon: UTC\ncountry: fr\n',
      'plans/a.yaml':
        'plans:\n  - code: a\n    name: A\n    interval: montly\n    amount_cents: 1\n    amount_currency: EUR\n',
      'plans/b.yaml': [
        'plans:',
        '  - code: b',
        '    name: B',
        '    interval: monthly',
        '    amount_cents: 1',
        '    amount_currency: EUR',
        '    charges:',
        '      - billable_metric_code: gone',
        '        charge_model: graduated',
        '        properties:',
        '          graduated_ranges:',
        '            - {from_value: 0, to_value: 10, per_unit_amount: "1", flat_amount: "0"}',
        '            - {from_value: 20, to_value: null, per_unit_amount: 2, flat_amount: "0"}',
        '',
      ].join('\n'),
    });
    expect(places(loadDefinitions(paths).problems)).toEqual([
      'lago.yaml:2:10 unknown_field',
      'lago.yaml:3:10 not_a_valid_country_code',
      'plans/a.yaml:4:15 value_is_invalid',
      'plans/b.yaml:8:31 billable_metrics_not_found',
      'plans/b.yaml:13:28 invalid_graduated_ranges',
      'plans/b.yaml:13:65 invalid_amount',
    ]);
    expect(() => loadCatalog(paths)).toThrow(/timezon/);
  });

  test('a code that two files give is found in the second', () => {
    const paths = project({ 'lago.yaml': '', 'plans/a.yaml': pro, 'plans/b.yaml': pro });
    expect(places(loadDefinitions(paths).problems)).toEqual(['plans/b.yaml:2:12 value_already_exist']);
  });

  test('a missing field is placed at its item', () => {
    const paths = project({ 'lago.yaml': '', 'plans/a.yaml': `${pro}  - code: b\n` });
    expect(places(loadDefinitions(paths).problems)[0]).toBe('plans/a.yaml:3:5 value_is_mandatory');
  });

  const broken: [string, string | Buffer, string][] = [
    ['unclosed brackets', 'plans: [{code: a}\n', 'invalid_yaml'],
    ['a key that stands twice', 'plans: []\nplans: []\n', 'duplicate_key'],
    ['two documents', 'plans: []\n---\ntaxes: []\n', 'multiple_documents'],
    ['an alias of nothing', 'plans: *gone\n', 'invalid_yaml'],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x00]), 'unreadable_file'],
    ['a list', '- code: a\n', 'value_is_invalid'],
    ['a section that is no list', 'plans: {pro: 1}\n', 'value_is_invalid'],
    ['an unknown section', 'plan: []\n', 'unknown_field'],
  ];
  test.each(broken)('%s', (_name, content, code) => {
    const { problems } = loadDefinitions(project({ 'lago.yaml': '', 'plans/a.yaml': content }));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(relative(root, problems[0]?.location?.file ?? '')).toBe('plans/a.yaml');
  });

  test('an alias bomb is refused, not expanded', () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const previous = level === 0 ? 'x' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array.from({ length: 9 }, () => previous).join(', ')}]`;
    });
    const paths = project({ 'lago.yaml': '', 'plans/a.yaml': `${levels.join('\n')}\n` });
    expect(loadDefinitions(paths).problems).toMatchObject([{ code: 'invalid_yaml', message: /alias/i }]);
  });

  test('a byte order mark is no problem', () => {
    expect(loadDefinitions(project({ 'lago.yaml': '\uFEFFname: Acme\n' })).catalog.organization.name).toBe('Acme');
  });

  test('a field of the organization is given once', () => {
    const paths = project({ 'lago.yaml': 'name: Acme\n', 'plans/a.yaml': 'organization: {name: Other}\n' });
    expect(places(loadDefinitions(paths).problems)).toEqual(['plans/a.yaml:1:22 value_is_invalid']);
  });
});

test('numbers keep the digits that a double would lose', () => {
  const addOns = 'add_ons: [{code: s, name: S, amount_cents: 1, amount_currency: EUR}]\n';
  const charged = pro.replace('EUR}', 'EUR, fixed_charges: [{add_on_code: s, units: 0.1234567890123456789}]}');
  const { catalog } = loadCatalog(project({ 'lago.yaml': addOns, 'plans/pro.yaml': charged }));
  expect(catalog.plans.get('pro')?.fixedCharges[0]?.units).toBe('0.1234567890123456789');
});
