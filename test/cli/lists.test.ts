import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { APPLICATION_ID, migrations } from '../../src/ledger/migrations.js';
import { commandLine, project } from './commandLine.js';

describe('lists', () => {
  let run: ReturnType<typeof commandLine>;

  /** Three customers, each with a subscription, an invoice of one fee, a payment, a coupon and a wallet. */
  beforeAll(() => {
    const folder = project();
    run = commandLine(folder);
    const coupon =
      'coupons:\n  - {code: welcome, name: Welcome, coupon_type: percentage, percentage_rate: 10, frequency: once}\n';
    writeFileSync(join(folder, 'plans', 'welcome.yaml'), coupon);
    run(['customers', 'import', '--at', '2026-09-30'], 'external_id,currency\nc1,USD\nc2,USD\nc3,USD\n');
    for (const customer of ['c1', 'c2', 'c3']) {
      const at = ['--at', '2026-10-01'];
      run(['subscriptions', 'create', `s-${customer}`, '--customer', customer, '--plan', 'pro', ...at]);
      run(['wallets', 'create', '--customer', customer, '--rate', '1', '--currency', 'USD', ...at]);
      run(['coupons', 'apply', 'welcome', '--customer', customer, ...at]);
      const code = `e-${customer}`;
      run(['ingest', ...at], `{"transaction_id":"${code}","code":"calls","external_subscription_id":"s-${customer}"}`);
    }
    const issued = JSON.parse(run(['bill', '--at', '2026-11-01', '--json']).stdout).invoices;
    for (const { number } of issued) {
      run(['payments', 'record', number, '--amount-cents', '100', '--reference', number, '--at', '2026-11-02']);
      run(['credit-notes', 'create', number, '--item', '0=100', '--at', '2026-11-03']);
    }
  });

  const lists: readonly (readonly [root: string, args: readonly string[]])[] = [
    ['customers', ['customers', 'list']],
    ['subscriptions', ['subscriptions', 'list']],
    ['invoices', ['invoices', 'list']],
    ['credit_notes', ['credit-notes', 'list']],
    ['applied_coupons', ['coupons', 'list', '--applied']],
    ['wallets', ['wallets', 'list']],
    ['payments', ['payments', 'list']],
    ['events', ['events', 'list']],
  ];

  it.each(lists)('%s come in pages that together are the list', (root, args) => {
    const read = (...more: string[]) => {
      const { code, stdout, stderr } = run([...args, '--json', ...more]);
      return { code, stderr, list: JSON.parse(stdout)[root], meta: JSON.parse(stdout).meta };
    };
    const whole = read();
    expect(whole.meta).toMatchObject({ current_page: 1, next_page: null, total_pages: 1, total_count: 3 });
    const first = read('--limit', '2');
    const second = read('--limit', '2', '--page', '2');
    expect([...first.list, ...second.list]).toEqual(whole.list);
    expect(first.meta).toEqual({
      current_page: 1,
      next_page: 2,
      prev_page: null,
      total_pages: null,
      total_count: null,
    });
    expect(second.meta).toEqual({ current_page: 2, next_page: null, prev_page: 1, total_pages: 2, total_count: 3 });
    expect([first.stderr, second.stderr]).toEqual(['there are more: --limit 2 --page 2\n', '']);
  });

  it.each([
    [['invoices', 'list', '--status', 'finalised'], 'draft, finalized, voided, closed, open'],
    [['invoices', 'list', '--type', 'oneoff'], 'subscription, one_off, credit, advance_charges, progressive_billing'],
    [['fees', 'list', '--type', 'charges'], 'charge, subscription, add_on, credit, commitment, fixed_charge'],
    [['subscriptions', 'list', '--status', 'cancelled'], 'pending, active, terminated, canceled'],
    [['journal', '--verb', 'create_customers'], 'create_customer, update_customer'],
    [['credit-notes', 'create', 'N', '--item', '0=1', '--reason', 'none'], 'duplicated_charge, product_unsatisfactory'],
    [['events', 'stats', '--by', 'week'], 'code, subscription, day'],
    [['ingest', '-', '--format', 'xml'], 'ndjson, json, csv'],
  ])('%j is refused with what there is to choose from', (args, choices) => {
    const { code, stdout, stderr } = run(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(choices);
  });

  it('refuses a page without a limit, and filters that would not be looked at', () => {
    expect(run(['customers', 'list', '--page', '2'])).toMatchObject({ code: 2, stdout: '' });
    expect(run(['coupons', 'list', '--customer', 'c1']).stderr).toContain('--customer needs --applied');
  });

  it('finds one fee or credit note of another customer’s without the lists', () => {
    const [fee] = JSON.parse(run(['fees', 'list', '--customer', 'c3', '--json']).stdout).fees;
    expect(JSON.parse(run(['fees', 'get', fee.lago_id, '--json']).stdout).fee).toEqual(fee);
    expect(run(['fees', 'get', 'nothing'])).toMatchObject({ code: 4 });
    const [note] = JSON.parse(run(['credit-notes', 'list', '--customer', 'c3', '--json']).stdout).credit_notes;
    expect(JSON.parse(run(['credit-notes', 'get', note.number, '--json']).stdout).credit_note).toEqual(note);
    const voided = run(['credit-notes', 'void', note.number, '--json', '--dry-run']);
    expect(JSON.parse(voided.stdout).credit_note).toMatchObject({ number: note.number, credit_status: 'voided' });
    expect(run(['credit-notes', 'get', 'nothing'])).toMatchObject({ code: 4 });
  });
});

describe('db migrate', () => {
  /** One step short: there is one step so far. */
  function olderLedger(): string {
    const folder = project();
    const db = new Database(join(folder, 'lago.db'));
    db.exec(migrations.slice(0, -1).flat().join(';\n'));
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${migrations.length - 1}`);
    db.close();
    return folder;
  }

  it('brings an older ledger into the present form, which reading asks for', () => {
    const folder = olderLedger();
    const run = commandLine(folder);
    const before = readFileSync(join(folder, 'lago.db'));
    const reading = run(['sql', 'select 1']);
    expect(reading.code).toBe(11);
    expect(reading.stderr).toContain('lago-cli db migrate');
    const trial = run(['db', 'migrate', '--dry-run']);
    expect(trial).toMatchObject({ code: 0, stdout: 'lago.db would be migrated\n' });
    expect(readFileSync(join(folder, 'lago.db'))).toEqual(before);
    expect(run(['db', 'migrate'])).toEqual({ code: 0, stdout: 'migrated lago.db\n', stderr: '' });
    expect(run(['sql', 'select 1']).code).toBe(0);
    expect(run(['db', 'verify'])).toMatchObject({ code: 0, stdout: 'lago.db is sound\n' });
    expect(JSON.parse(run(['db', 'migrate', '--json']).stdout)).toEqual({ ledger: 'lago.db', migrated: false });
  });

  it('makes no ledger, and touches none that is newer or another program’s', () => {
    const folder = project();
    const run = commandLine(folder);
    const file = join(folder, 'lago.db');
    rmSync(file, { force: true });
    expect(run(['db', 'migrate'])).toMatchObject({ code: 4, stdout: '' });
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'not a database, but long enough to look like one: '.repeat(9));
    expect(run(['db', 'migrate'])).toMatchObject({ code: 5, stdout: '' });
  });
});

describe('ingest --rejects -', () => {
  const lines = '{"transaction_id":"a","code":"calls"}\n{"code":"calls"}\nnothing\n';

  it('writes refused records to stdout, and the summary to stderr', () => {
    const { code, stdout, stderr } = commandLine(project())(['ingest', '-', '--rejects', '-'], lines);
    const rejects = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(code).toBe(10);
    expect(rejects).toMatchObject([
      { line: 2, field: 'transaction_id', code: 'value_is_mandatory', record: '{"code":"calls"}' },
      { line: 3, field: 'record', record: 'nothing' },
    ]);
    expect(stderr).toContain('1 stored, 2 refused\n');
  });

  it('keeps stdout for the records with --json too', () => {
    const { stdout, stderr } = commandLine(project())(['ingest', '-', '--rejects', '-', '--json'], lines);
    expect(stdout.trimEnd().split('\n')).toHaveLength(2);
    expect(stderr).toContain('"stored": 1');
  });
});

describe('test', () => {
  it.each([[['.']], [['-', '--filter', 'another name']]])('%j, where no scenario is, does not pass', (args) => {
    const empty = mkdtempSync(join(tmpdir(), 'lago-cli-'));
    const { code, stdout, stderr } = commandLine(empty)(['test', ...args], 'scenario: a name\nsteps: []\n');
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('there is no scenario');
  });

  it('takes of a folder the files that hold scenarios, however broken, and leaves definitions and workflows', () => {
    const folder = project();
    const files = {
      'good.yaml': 'scenario: good\nsteps: []\n',
      'flow.yml': '{"scenario": "flow", "steps": []}\n',
      'misspelt.yaml': 'scenaro: misspelt\nsteps: []\n',
      'workflow.yml': 'jobs:\n  prices:\n    steps:\n      - run: lago-cli test .\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { code, stdout } = commandLine(folder)(['test', '.']);
    expect(code).toBe(9);
    expect(stdout.match(/^FAILED .*/gm)).toEqual(['FAILED misspelt.yaml:1:1 document at line 1']);
    expect(stdout).toContain('2 passed, 1 failed');
    expect(commandLine(folder)(['test', 'workflow.yml']).code).toBe(9);
  });
});

describe('bill --out', () => {
  it('names a folder that cannot be made', () => {
    const { code, stderr } = commandLine(project())(['bill', '--out', '/proc/lago-cli/invoices']);
    expect(code).toBe(4);
    expect(stderr).toContain('/proc/lago-cli');
  });
});

describe('usage of a customer', () => {
  it.each([
    ['current-usage', 'nobody', 'no customer "nobody"'],
    ['current-usage', 'globex', 'Customer "globex" has no such'],
    ['past-usage', 'nobody', 'no customer "nobody"'],
    ['past-usage', 'globex', 'Customer "globex" has no such'],
  ])('%s of %s does not show a subscription of another', (command, customer, message) => {
    const run = commandLine(project());
    run(['customers', 'import', '--at', '2026-10-01'], 'external_id\nacme\nglobex\n');
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    const usage = (of: string) => run(['customers', command, of, '--subscription', 'sub', '--at', '2026-10-02']);
    expect(usage('acme').code).toBe(0);
    expect(usage(customer)).toMatchObject({ code: 4, stdout: '' });
    expect(usage(customer).stderr).toContain(message);
  });
});

describe('customers delete', () => {
  it('says what it bills', () => {
    const run = commandLine(project());
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    // The base fee of October to the 15th: 10.00 × 15/31 = 4.84, and 20 % of tax
    const { stderr } = run(['customers', 'delete', 'acme', '--dry-run', '--at', '2026-10-15T12:00:00Z']);
    expect(stderr).toContain(': 5.81 USD\n');
  });

  it('leaves what was billed in the lists, in the month’s documents, in the status and under verification', () => {
    const folder = project();
    const run = commandLine(folder);
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    run(['customers', 'delete', 'acme', '--at', '2026-10-15T12:00:00Z']);
    const later = ['--at', '2026-11-01T12:00:00Z', '--json'];
    expect(JSON.parse(run(['customers', 'list', ...later]).stdout).customers).toEqual([]);
    const [invoice, ...others] = JSON.parse(run(['invoices', 'list', ...later]).stdout).invoices;
    expect([invoice.total_amount_cents, invoice.payment_status, others]).toEqual([581, 'pending', []]);
    expect(JSON.parse(run(['fees', 'list', ...later]).stdout).fees).toHaveLength(1);
    expect(JSON.parse(run(['status', ...later]).stdout).status).toMatchObject({ invoices: 1, unpaid_invoices: 1 });
    expect(JSON.parse(run(['invoices', 'verify', ...later]).stdout)).toMatchObject({ verified: 1, findings: [] });
    run(['invoices', 'generate', '--period', '2026-10', ...later]);
    expect(readdirSync(join(folder, 'invoices')).sort()).toEqual([`${invoice.number}.json`, `${invoice.number}.pdf`]);
  });
});

describe('definitions by their code', () => {
  it('a plan is shown with its prices', () => {
    const { stdout } = commandLine(project())(['plans', 'get', 'pro']);
    expect(stdout).toContain('base fee            10.00 USD a month\n');
    expect(stdout).toMatch(/Charge calls\n {2}metric +calls\n(?:.*\n)* {2}each unit +2\n/);
  });

  it.each([
    [['plans', 'get', 'prp'], 'Did you mean "pro"?'],
    [['plans', 'price', 'prp'], 'Did you mean "pro"?'],
    [['simulate', 'por'], 'Did you mean "pro"?'],
    [['billable-metrics', 'get', 'call'], 'Did you mean "calls"?'],
    [['taxes', 'get', 'income'], 'See them with `lago-cli taxes list`.'],
    [['invoices', 'preview', '--plan', 'prp'], 'Did you mean "pro"?'],
  ])('%j names the nearest one', (args, hint) => {
    const { code, stdout, stderr } = commandLine(project())(args);
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain(hint);
  });

  it('a customer’s next invoice needs no name of a subscription', () => {
    const run = commandLine(project());
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    expect(run(['invoices', 'preview', '--customer', 'acme']).stderr).toContain('has no active subscription');
    expect(run(['invoices', 'preview'])).toMatchObject({ code: 2, stdout: '' });
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    const { stdout } = run(['invoices', 'preview', '--customer', 'acme', '--at', '2026-10-02', '--json']);
    expect(JSON.parse(stdout).invoice).toMatchObject({ issuing_date: '2026-11-01', fees_amount_cents: 1000 });
  });
});
