import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

/** Each names what was wrong and what to do; none is a stack trace. */
describe('messages', () => {
  const folder = project();
  const run = commandLine(folder);
  run(['customers', 'create', 'acme']);
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'list.json'), '[1]');

  it.each([
    [2, 'plans exprt', "error unknown command 'exprt' (usage)\n  Did you mean export?"],
    [2, 'journal --limit 0', '--limit <count>'],
    [2, 'journal --limit many', '"many" is not a whole number'],
    [2, 'subscriptions list --status frozen', 'Allowed choices are pending, active, terminated, canceled'],
    [2, 'customers update acme', 'name what to change'],
    [2, 'init elsewhere --timezone Mars', '--timezone "Mars" is not a time zone'],
    [2, 'init elsewhere --currency EURO', '--currency "EURO" is not a currency'],
    [4, 'plans import nothing.json', 'no file "nothing.json" (file_not_found)'],
    [4, 'ingest nothing.ndjson', 'no file "nothing.ndjson"'],
    [4, 'validate --plans nothing', 'no definitions folder "nothing"'],
    [4, 'sql select\t1 --ledger nothing.db', 'no ledger "nothing.db"'],
    [4, 'db backup copy.db --ledger nothing.db', 'no ledger "nothing.db"'],
    [4, 'wallets get --customer acme', 'acme has no wallet'],
    [4, 'subscriptions timeline nothing', 'no subscription "nothing"'],
    [5, 'plans import folder', '"folder" is a folder (file_error)'],
    [5, 'ingest folder', 'it is a folder'],
    [5, 'customers create --from-json folder', '"folder" is a folder'],
    [5, 'customers create x --from-json list.json', 'list.json must hold one JSON object'],
    [5, 'bill --out lago.yaml', '"lago.yaml" is a file where a folder is needed'],
    [5, 'bill --at tomorrow', '--at: "tomorrow" is not an ISO 8601 instant'],
    [5, 'bill --at 9999-12-31', 'years are 1700 to 2199'],
    [5, 'status --at 0001-01-01', 'years are 1700 to 2199'],
    [5, 'subscriptions create s --customer acme --plan pro --ending-at 9999-12-31', 'years are 1700 to 2199'],
    [5, 'ingest list.json --rejects lago.yaml', 'lago.yaml would replace a file that holds something else'],
    [5, 'status --ledger folder', 'it is a folder'],
    [5, 'sql select\t1 --ledger lago.yaml', 'it is not an SQLite database'],
  ])('%i: lago-cli %s', (code, line, message) => {
    const { code: given, stdout, stderr } = run(line.split(' ').map((word) => word.replaceAll('\t', ' ')));
    expect([given, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  });

  it.skipIf(process.platform !== 'linux')('come at once where no folder can be made', () => {
    expect(run(['bill', '--out', '/proc/nothing/here'])).toMatchObject({ code: 4, stdout: '' });
  });

  it('are not needed for a JSON input with a byte order mark', () => {
    const created = run(['customers', 'create', '--from-json', '-'], '\ufeff{"external_id": "marked"}');
    expect([created.code, created.stderr]).toEqual([0, '']);
  });

  it('are one JSON document with --json, for a wrong command line too', () => {
    const { code, stdout, stderr } = run(['bill', '--frobnicate', '-o', 'json']);
    expect([code, stdout]).toEqual([2, '']);
    expect(JSON.parse(stderr).error).toMatchObject({
      code: 'usage',
      message: "unknown option '--frobnicate'",
      exit_code: 2,
    });
    expect(JSON.parse(run(['customers', '--json']).stderr).error).toMatchObject({ code: 'usage', exit_code: 2 });
  });

  it('name the variable that is wrong, and an empty one counts as not set', () => {
    expect(commandLine(folder, { LAGO_CLI_AT: 'x' })(['status']).stderr).toContain('LAGO_CLI_AT: "x"');
    const empty = {
      LAGO_CLI_AT: '',
      LAGO_CLI_OUTPUT: '',
      LAGO_CLI_PROJECT: '',
      LAGO_CLI_LEDGER: '',
      LAGO_CLI_PLANS: '',
    };
    expect(commandLine(folder, empty)(['status'])).toMatchObject({ code: 0, stderr: '' });
  });

  it('drive no terminal, whatever a name holds', () => {
    const evil = 'e\u001b[31m\u202evil';
    run(['customers', 'create', evil, '--name', '\u001b]0;owned\u0007']);
    run(['subscriptions', 'create', evil, '--customer', evil, '--plan', 'pro']);
    const event = JSON.stringify({
      transaction_id: evil,
      code: evil,
      external_subscription_id: evil,
      timestamp: 1791000000,
    });
    const printed = [
      run(['customers', 'list']),
      run(['customers', 'get', evil]),
      run(['customers', 'get', `${evil}?`]),
      run(['subscriptions', 'timeline', evil]),
      run(['status']),
      run(['ingest', '-'], `${event}\n`),
      run(['ingest', '-'], `${event.replace('1791000000', '1791000001')}\n`),
      run(['events', 'stats']),
      run(['journal']),
      run(['customers', 'list', '--json']),
    ];
    for (const { stdout, stderr } of printed) {
      for (const character of ['\u001b', '\u0007', '\u202e']) expect(stdout + stderr).not.toContain(character);
    }
  });

  it('show problems of a definition file that is no text, or no file', () => {
    writeFileSync(join(folder, 'plans', 'bin.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    mkdirSync(join(folder, 'plans', 'dir.yaml'));
    const { code, stderr } = run(['validate']);
    expect(code).toBe(5);
    expect(stderr).toContain('plans/bin.yaml: is not UTF-8 text');
    expect(stderr).toContain('plans/dir.yaml: is a folder, not a file');
    rmSync(join(folder, 'plans', 'bin.yaml'));
    rmSync(join(folder, 'plans', 'dir.yaml'), { recursive: true });
  });
});

describe('the ledger file', () => {
  const folder = project();
  const run = commandLine(folder);
  run(['customers', 'create', 'acme', '--at', '2026-09-01']);

  it('is sound, copied privately, and its projection is made anew', () => {
    expect(run(['db', 'verify'])).toMatchObject({ code: 0, stdout: 'lago.db is sound\n' });
    expect(run(['db', 'backup', 'copy.db'])).toMatchObject({ code: 0 });
    expect(statSync(join(folder, 'copy.db')).mode & 0o777).toBe(0o600);
    expect(run(['db', 'backup', 'copy.db']).code).toBe(5);
    expect(JSON.parse(run(['customers', 'list', '--ledger', 'copy.db', '--json']).stdout).customers).toHaveLength(1);
    const event = { transaction_id: 'a', code: 'calls', external_subscription_id: 's', timestamp: 1791000000 };
    run(['ingest', '-'], JSON.stringify(event));
    expect(run(['db', 'rebuild'])).toMatchObject({ code: 0, stdout: '1 event projected\n' });
    expect(JSON.parse(run(['events', 'stats', '--by', 'day', '--json']).stdout).event_counts).toMatchObject([
      { day: '2026-10-03', events: 1, code: null },
    ]);
  });

  it('has no journal entry of a bill that did nothing', () => {
    const verbs = () => JSON.parse(run(['journal', '--json']).stdout).entries.map(({ verb }: { verb: string }) => verb);
    const before = verbs();
    expect(run(['bill', '--at', '2026-10-01']).stderr).toContain('nothing was due');
    expect(verbs()).toEqual(before);
  });

  it('writes nothing for a dry run or a folder that cannot be', () => {
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-09-01']);
    expect(run(['bill', '--at', '2026-10-01', '--out', 'lago.yaml']).code).toBe(5);
    expect(run(['bill', '--at', '2026-10-01', '--out', 'dry', '--dry-run']).code).toBe(0);
    expect(JSON.parse(run(['invoices', 'list', '--json']).stdout).invoices).toEqual([]);
    expect(readdirSync(folder)).not.toContain('dry');
  });
});

it('exports plans that it imports again', () => {
  const run = commandLine(project());
  const exported = run(['plans', 'export', 'pro']);
  expect(JSON.parse(exported.stdout).plan).toMatchObject({ code: 'pro', charges: [{ billable_metric_code: 'calls' }] });
  expect(run(['plans', 'export', 'nothing']).code).toBe(4);
  const copy = exported.stdout.replaceAll('"pro"', '"pro_again"');
  expect(run(['plans', 'import', '-', '--out', 'plans/again.yaml'], copy)).toMatchObject({ code: 0 });
  const { plans } = JSON.parse(run(['plans', 'list', '--json']).stdout);
  expect(plans).toHaveLength(2);
  expect(plans[1].charges[0].properties).toEqual(plans[0].charges[0].properties);
});

it('doctor finds a machine and a project that are fit, and says what is not', () => {
  const folder = project();
  const run = commandLine(folder);
  expect(run(['doctor'])).toMatchObject({ code: 0 });
  writeFileSync(join(folder, 'plans', 'bad.yaml'), 'plans: 3\n');
  const { code, stdout } = run(['doctor', '--json']);
  expect(code).toBe(9);
  const { findings } = JSON.parse(stdout);
  expect(findings.filter(({ state }: { state: string }) => state === 'problem')).toMatchObject([
    { check: 'definitions' },
  ]);
});
