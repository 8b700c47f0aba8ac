import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

describe('a month, from events to invoices', () => {
  const folder = project();
  const run = commandLine(folder);
  const events = ['a', 'b', 'c']
    .map((id) =>
      JSON.stringify({ transaction_id: id, code: 'calls', external_subscription_id: 'sub', timestamp: 1791000000 }),
    )
    .join('\n');

  beforeAll(() => {
    expect(run(['customers', 'create', 'acme', '--name', 'Acme Inc.', '--at', '2026-09-30']).code).toBe(0);
    const flags = ['--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01'];
    expect(run(['subscriptions', 'create', 'sub', ...flags]).code).toBe(0);
  });

  it('ingests from standard input, twice without counting twice', () => {
    expect(run(['ingest', '-'], events)).toMatchObject({ code: 0, stdout: '3 stored\n' });
    expect(run(['events', 'ingest', '-'], events)).toMatchObject({ code: 0, stdout: '0 stored, 3 already there\n' });
  });

  it('shows the usage so far', () => {
    const { stdout } = run(['usage', 'sub', '--at', '2026-10-15', '--json']);
    expect(JSON.parse(stdout).customer_usage).toMatchObject({
      amount_cents: 600,
      taxes_amount_cents: 120,
      total_amount_cents: 720,
    });
  });

  it('previews what it then issues, and keeps nothing of a dry run', () => {
    const preview = JSON.parse(
      run(['invoices', 'preview', '--subscription', 'sub', '--at', '2026-10-31', '--json']).stdout,
    );
    // (10.00 + 3 × 2.00) × 1.2 = 19.20
    expect(preview.invoice).toMatchObject({ lago_id: null, total_amount_cents: 1920 });
    const dry = run(['bill', '--at', '2026-11-01', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout).invoices).toMatchObject([{ number: 'ACME-001-001', total_amount_cents: 1920 }]);
    expect(dry.stderr).toContain('dry run: nothing was changed');
    expect(JSON.parse(run(['invoices', 'list', '--json']).stdout).invoices).toEqual([]);
  });

  it('generates the invoices of the month as JSON and PDF, the same bytes again', () => {
    const generate = () => run(['invoices', 'generate', '--period', '2026-10', '--out', 'out', '--at', '2026-11-01']);
    const first = generate();
    expect(first).toMatchObject({ code: 0 });
    expect(first.stderr).toContain('1 invoice issued, 19.20 USD');
    expect(readdirSync(join(folder, 'out'))).toEqual(['ACME-001-001.json', 'ACME-001-001.pdf']);
    const files = () =>
      readdirSync(join(folder, 'out')).map((name) => readFileSync(join(folder, 'out', name)).toString('base64'));
    const before = files();
    expect(generate().stderr).toContain('nothing was due');
    expect(files()).toEqual(before);
    const { invoice } = JSON.parse(readFileSync(join(folder, 'out', 'ACME-001-001.json'), 'utf8'));
    expect(invoice).toMatchObject({ status: 'finalized', issuing_date: '2026-11-01', total_amount_cents: 1920 });
    expect(
      readFileSync(join(folder, 'out', 'ACME-001-001.pdf'))
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-');
  });

  it('lists in every format, data on stdout alone', () => {
    const list = (format: string) => run(['invoices', 'list', '-o', format]);
    expect(list('table').stdout).toContain('ACME-001-001');
    expect(list('csv').stdout.split('\n')[0]).toBe(
      'number,customer.external_id,invoice_type,status,payment_status,issuing_date,total_amount_cents',
    );
    expect(JSON.parse(list('ndjson').stdout)).toMatchObject({ number: 'ACME-001-001' });
    expect(JSON.parse(list('json').stdout)).toMatchObject({ invoices: [{}], meta: { total_count: 1 } });
    expect(list('yaml').stdout).toContain('number: ACME-001-001');
    for (const format of ['table', 'csv', 'json']) expect(list(format).stderr).toBe('');
  });

  it('takes a payment, and refuses one too many', () => {
    const pay = () =>
      run(['payments', 'record', 'ACME-001-001', '--amount-cents', '1920', '--reference', 'wire', '--json']);
    expect(JSON.parse(pay().stdout).payment).toMatchObject({ amount_cents: 1920, invoice_numbers: ['ACME-001-001'] });
    expect(pay()).toMatchObject({ code: 5, stdout: '' });
    expect(JSON.parse(run(['invoices', 'get', 'ACME-001-001', '--json']).stdout).invoice.payment_status).toBe(
      'succeeded',
    );
  });

  it('has a journal of everything that changed the ledger', () => {
    const { entries } = JSON.parse(run(['journal', '--json']).stdout);
    const verbs = entries.map(({ verb }: { verb: string }) => verb);
    expect(verbs.slice(0, 4)).toEqual(['define', 'create_customer', 'create_subscription', 'ingest']);
    expect(verbs).toContain('record_payment');
  });

  it('answers SQL that reads, and no other', () => {
    expect(run(['sql', 'select count(*) as n from invoices', '-o', 'csv']).stdout).toBe('n\n1\n');
    expect(run(['sql', 'delete from invoices']).code).toBe(5);
    expect(run(['sql', 'select 1; select 2']).code).toBe(5);
    expect(run(['sql', 'select * from invoice']).stderr).toContain('There are subscriptions, invoices, ');
  });
});

describe('exit codes', () => {
  const folder = project();
  const run = commandLine(folder);

  it('2: an unknown command, flag or format', () => {
    expect(run(['frobnicate']).code).toBe(2);
    expect(run(['bill', '--frobnicate']).code).toBe(2);
    expect(run(['bill', '-o', 'xml']).code).toBe(2);
  });

  it('4: not found, as one JSON document on stderr with --json', () => {
    const { code, stdout, stderr } = run(['customers', 'get', 'nobody', '--json']);
    expect([code, stdout]).toEqual([4, '']);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'customer_not_found', exit_code: 4 });
  });

  it('4: no project here', () => {
    const { code, stderr } = commandLine(mkdtempSync(join(tmpdir(), 'lago-cli-')))(['plans', 'list']);
    expect(code).toBe(4);
    expect(stderr).toContain('lago-cli init');
  });

  it('5: refused, with Lago’s codes by field', () => {
    const { code, stderr } = run(['customers', 'create', 'c', '--timezone', 'Moon', '--json']);
    expect(code).toBe(5);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'validation_errors',
      details: { timezone: ['invalid_timezone'] },
    });
  });

  it('5: a flag that would be asked for at a terminal', () => {
    const { code, stderr } = run(['subscriptions', 'create', 's', '--customer', 'c']);
    expect(code).toBe(5);
    expect(stderr).toContain('--plan is missing');
  });

  it('9: a scenario that fails', () => {
    const head = 'scenario: s\nsteps:\n  - at: 2024-01-01\n    ';
    writeFileSync(join(folder, 'good.yaml'), `${head}create_customer: {external_id: c}\n`);
    writeFileSync(join(folder, 'bad.yaml'), `${head}expect_invoices: {external_customer_id: c, count: 0}\n`);
    expect(run(['test', 'good.yaml'])).toEqual({ code: 0, stdout: '1 passed, 0 failed\n', stderr: '' });
    const failed = run(['test', 'good.yaml', 'bad.yaml']);
    expect(failed.code).toBe(9);
    expect(failed.stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 1 failed');
    expect(JSON.parse(run(['test', 'bad.yaml', '--json']).stdout)).toMatchObject({ passed: 0, failed: 1 });
  });

  it('10: some records were refused, the others stored', () => {
    const good = JSON.stringify({
      transaction_id: 'x',
      code: 'calls',
      external_subscription_id: 's',
      timestamp: 1791000000,
    });
    const { code, stdout, stderr } = run(['ingest', '-', '--rejects', 'rejects.ndjson'], `${good}\nnonsense\n`);
    expect([code, stdout]).toEqual([10, '1 stored, 1 refused\n']);
    expect(stderr).toContain('stdin:2');
    expect(existsSync(join(folder, 'rejects.ndjson'))).toBe(true);
  });
});

describe('init', () => {
  it.each(['basic', 'notion', 'segment', 'six-steps', 'blank'])(
    'makes a valid project from the template %s',
    (template) => {
      const run = commandLine(mkdtempSync(join(tmpdir(), 'lago-cli-')));
      expect(
        run(['init', 'acme', '--template', template, '--name', 'Acme: "quoted"', '--timezone', 'Europe/Paris']).code,
      ).toBe(0);
      expect(run(['validate', '--strict', '--project', 'acme'])).toMatchObject({ code: 0, stderr: '' });
      const status = JSON.parse(run(['status', '--json', '--project', 'acme']).stdout).status;
      expect(status.organization).toBe('Acme: "quoted"');
    },
  );

  it('refuses a folder that is a project already', () => {
    expect(commandLine(project())(['init', '.', '--template', 'blank']).code).toBe(5);
  });
});

describe('the project', () => {
  it('is found from a folder below, or named by flag or environment', () => {
    const folder = project();
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    const elsewhere = mkdtempSync(join(tmpdir(), 'lago-cli-'));
    const plans = (run: ReturnType<typeof commandLine>, ...flags: string[]) =>
      JSON.parse(run(['plans', 'list', '--json', ...flags]).stdout).plans.map((plan: { code: string }) => plan.code);
    expect(plans(commandLine(below))).toEqual(['pro']);
    expect(plans(commandLine(elsewhere), '--project', folder)).toEqual(['pro']);
    expect(plans(commandLine(elsewhere, { LAGO_CLI_PROJECT: folder }))).toEqual(['pro']);
  });

  it('shows every problem of its files with the place', () => {
    const folder = project();
    writeFileSync(join(folder, 'plans', 'bad.yaml'), 'plans:\n  - code: bad\n    name: Bad\n    interval: never\n');
    const { code, stderr } = commandLine(folder)(['validate']);
    expect(code).toBe(5);
    expect(stderr).toContain('plans/bad.yaml:4:');
  });

  it('keeps invoice files inside the folder, whatever the number', () => {
    const folder = project('name: Acme\ndocument_number_prefix: ../x\n');
    const run = commandLine(folder);
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    expect(run(['bill', '--out', 'out', '--at', '2026-11-01']).code).toBe(0);
    expect(readdirSync(join(folder, 'out'))).toEqual(['__X-001-001.json', '__X-001-001.pdf']);
    expect(readdirSync(folder).some((name) => /\.(pdf|json)$/.test(name))).toBe(false);
  });
});

it('prints version and help without a project', () => {
  const run = commandLine(tmpdir());
  expect(run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(run(['--help']).stdout).toContain('Usage: lago-cli');
  expect(run(['bill', '--help']).stdout).toContain('Example');
});
