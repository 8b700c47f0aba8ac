import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const binary = fileURLToPath(new URL('../../bin/lago-cli.js', import.meta.url));

/** What is hard to write and to read back: digits, quotes, breaks, no subscription, microseconds, signs of formulas. */
const events = [
  '{"transaction_id":"a","code":"calls","external_subscription_id":"sub","timestamp":1791000000,"properties":{"n":12345678901234567890.123,"text":"a \\"quote\\", a\\nbreak"}}',
  '{"transaction_id":"=b,1","code":"calls","timestamp":"1791000001.000001","properties":{"nested":{"list":[1,"2",null]}}}',
  '{"transaction_id":"-c","code":"other","external_subscription_id":"sub \\"2\\"","timestamp":"2026-10-05T00:00:00.5+02:00","precise_total_amount_cents":"12.345"}',
  '{"transaction_id":"\u202ed","code":"calls","external_subscription_id":"sub","timestamp":-1.5,"properties":{"é":"ü"}}',
].join('\n');

/** One that is laid out over several lines. */
const laidOut = `[{
  "transaction_id": "e",
  "code": "calls",
  "external_subscription_id": "sub",
  "timestamp": 1791000002,
  "properties": {
    "region": "eu"
  }
}]`;

function filled() {
  const run = commandLine(project());
  expect(run(['ingest', '--at', '2026-10-10'], events).stdout).toBe('4 stored\n');
  expect(run(['ingest', '--at', '2026-10-10'], laidOut).stdout).toBe('1 stored\n');
  return run;
}

function stored(run: ReturnType<typeof commandLine>) {
  const columns =
    'transaction_id, code, external_subscription_id, timestamp_us, json(properties) p, precise_total_amount_cents';
  const sql = `select ${columns} from events join series on series.id = series_id order by seq`;
  return run(['sql', sql, '--json']).stdout;
}

describe('events export', () => {
  it.each(['ndjson', 'json', 'csv'])('as %s, ingested into an empty ledger, gives the same events', (format) => {
    const run = filled();
    const exported = run(['events', 'export', '-o', format]);
    expect(exported).toMatchObject({ code: 0, stderr: '5 events written\n' });
    const other = commandLine(project());
    expect(other(['ingest', '--at', '2026-10-11'], exported.stdout)).toMatchObject({ code: 0, stdout: '5 stored\n' });
    expect(stored(other)).toBe(stored(run));
    expect(other(['events', 'export', '-o', format]).stdout).toBe(exported.stdout);
    expect(run(['ingest'], exported.stdout).stdout).toBe('0 stored, 5 already there\n');
  });

  it('writes one event on a line, exactly, unless another format is asked for', () => {
    const run = filled();
    const lines = run(['events', 'export']).stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[0]).toContain('"properties":{"n":12345678901234567890.123,"text":"a \\"quote\\", a\\nbreak"}');
    expect(lines[1]).toContain('"timestamp":"2026-10-03T04:00:01.000001Z"');
    expect(lines[4]).toContain('"properties":{"region":"eu"}');
    const refused = run(['events', 'export', '-o', 'yaml']);
    expect([refused.code, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain('Choose -o ndjson, -o json or -o csv.');
  });

  it.each([
    [
      ['--subscription', 'sub'],
      ['a', '\u202ed', 'e'],
    ],
    [['--code', 'other'], ['-c']],
    [
      ['--from', '2026-10-03T04:00:01Z', '--to', '2026-10-03T04:00:02Z'],
      ['=b,1', 'e'],
    ],
    [['--subscription', 'nobody'], []],
  ])('takes what %j says', (filter, expected) => {
    const { stdout } = filled()(['events', 'export', '-o', 'json', ...filter]);
    expect(JSON.parse(stdout).events.map((event: { transaction_id: string }) => event.transaction_id)).toEqual(
      expected,
    );
  });

  it('keeps what an expression computed, with --as-stored', () => {
    const folder = project();
    const metric = `billable_metrics:
  - {code: doubled, name: Doubled, aggregation_type: sum_agg, field_name: n, expression: event.properties.n * 2}
`;
    writeFileSync(join(folder, 'plans', 'doubled.yaml'), metric);
    const run = commandLine(folder);
    const event = '{"transaction_id":"x","code":"doubled","timestamp":1791000000,"properties":{"n":5}}';
    run(['ingest'], event);
    const { stdout } = run(['events', 'export']);
    expect(JSON.parse(stdout).properties).toEqual({ n: '10.0' });
    expect(run(['ingest', '--as-stored'], stdout).stdout).toBe('0 stored, 1 already there\n');
    expect(run(['ingest'], stdout)).toMatchObject({ code: 10 });
  });

  it('streams 60,000 events, filtered or not, and stops when nobody reads on', () => {
    const folder = project();
    const run = commandLine(folder);
    const many = Array.from(
      { length: 60_000 },
      (_, i) =>
        `{"transaction_id":"t${i}","code":"c${i % 2}","external_subscription_id":"s","timestamp":${1791000000 + i}}`,
    );
    run(['ingest'], many.join('\n'));
    const counted = (line: string) =>
      spawnSync('bash', ['-c', `set -o pipefail; ${line}`], { cwd: folder, encoding: 'utf8' });
    const exporting = `${process.execPath} ${binary} events export`;
    expect(counted(`${exporting} | wc -l`).stdout.trim()).toBe('60000');
    expect(counted(`${exporting} --code c1 | sha256sum`).stdout).toBe(
      counted(`${exporting} | grep '"code":"c1"' | sha256sum`).stdout,
    );
    const cut = counted(`${exporting} | head -1`);
    expect(cut).toMatchObject({ status: 0, stderr: '' });
    expect(cut.stdout).toContain('"t0"');
  });
});

describe('events explain', () => {
  it('says what became of an event, as `explain` does', () => {
    const run = commandLine(project());
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    run(['ingest', '--at', '2026-10-10'], events);
    run(['bill', '--at', '2026-11-01']);
    const { code, stdout } = run(['events', 'explain', 'a', '--at', '2026-11-02']);
    expect(code).toBe(0);
    expect(stdout).toContain('counted in invoice');
    expect(run(['explain', 'a', '--at', '2026-11-02']).stdout).toBe(stdout);
    expect(JSON.parse(run(['events', 'explain', '-c', '--json']).stderr).error.code).toBe('usage');
    const other = JSON.parse(run(['events', 'explain', '--json', '--', '-c']).stdout);
    expect(other.explanation.subtitle).toBe('not counted: no billable metric has the code other');
  });

  it('takes an event before a subscription of the same name', () => {
    const run = commandLine(project());
    run(['customers', 'create', 'acme', '--at', '2026-09-30']);
    run(['subscriptions', 'create', 'a', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
    run(['ingest', '--at', '2026-10-10'], events);
    expect(run(['events', 'explain', 'a']).stdout).toContain('Event a');
    expect(run(['explain', 'a']).stdout).not.toContain('Event a');
    expect(run(['events', 'explain', 'nothing'])).toMatchObject({ code: 4, stdout: '' });
  });
});
