/** The built commands in a project's folder: what they print, their exit codes, and that the ledger stays as it was. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { commandLine, project } from '../cli/commandLine.js';

let folder = '';
let lago: ReturnType<typeof commandLine>;

/** Two calls in October for a customer on Pro: 10.00 and 2 × 2.00, with 20 % of VAT. */
beforeAll(() => {
  folder = project();
  lago = commandLine(folder);
  const done = (...args: string[]) => {
    const { code, stderr } = lago(args);
    if (code !== 0) throw new Error(stderr);
  };
  const more = readFileSync(join(folder, 'plans/pro.yaml'), 'utf8').replace(/[\s\S]*plans:\n/, 'plans:\n');
  const cheap = more.replace('code: pro', 'code: cheap').replace('name: Pro', 'name: Cheap').replace('"2"', '"0.5"');
  writeFileSync(join(folder, 'plans/cheap.yaml'), cheap);
  done('--at', '2026-10-01', 'customers', 'create', 'acme', '--currency', 'USD');
  done('--at', '2026-10-01', 'subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro');
  const event = (id: string) =>
    JSON.stringify({
      transaction_id: id,
      external_subscription_id: 'sub',
      code: 'calls',
      timestamp: '2026-10-05T00:00:00Z',
    });
  writeFileSync(join(folder, 'events.ndjson'), `${event('t1')}\n${event('t2')}\n`);
  done('--at', '2026-10-06', 'ingest', 'events.ndjson');
  done('--at', '2026-11-01', 'bill');
});

function json(...args: string[]) {
  const { stdout, stderr, code } = lago([...args, '--json']);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('pricing experiments at the command line', () => {
  test('plans price', () => {
    const { prices } = json('plans', 'price', 'pro', '--units', 'calls=3,4');
    expect(prices.map((each: { total_amount_cents: number }) => each.total_amount_cents)).toEqual([1600, 1800]);
    expect(lago(['plans', 'price', 'pro', '--units', 'mails=3']).code).toBe(4);
    expect(lago(['plans', 'price', 'pro', '--units', 'calls']).code).toBe(5);
  });

  test('compare, over levels and over the months of a subscription', () => {
    const { comparison } = json('compare', 'pro', 'cheap', '--units', 'calls=0,2');
    expect(comparison.levels[1].total_amount_cents).toEqual({ pro: 1400, cheap: 1100 });
    const real = json('compare', 'pro', 'cheap', '--subscription', 'sub', '--at', '2026-11-02');
    expect(real.comparison.levels).toEqual([{ period: '2026-10', total_amount_cents: { pro: 1400, cheap: 1100 } }]);
  });

  test('plans chart, to a quarter beyond the last closed tier', () => {
    const tiers = [
      { from_value: 0, to_value: 10_000, per_unit_amount: '0', flat_amount: '0' },
      { from_value: 10_001, to_value: null, per_unit_amount: '0.01', flat_amount: '0' },
    ];
    const charge = {
      billable_metric_code: 'calls',
      charge_model: 'graduated',
      properties: { graduated_ranges: tiers },
    };
    const plan = { code: 'tiers', name: 'Tiers', interval: 'monthly', amount_cents: 0, amount_currency: 'USD' };
    const file = join(folder, 'plans/tiers.yaml');
    writeFileSync(file, JSON.stringify({ plans: [{ ...plan, pay_in_advance: false, charges: [charge] }] }));
    try {
      const { levels } = json('plans', 'chart', 'tiers').chart;
      // (12,500 − 10,000) × 0.01
      expect(levels.at(-1)).toEqual({ units: '12500.0', total_amount_cents: { tiers: 2500 } });
    } finally {
      rmSync(file);
    }
  });

  test('explain an invoice, a subscription, an event', () => {
    const { stdout: number } = lago(['invoices', 'list', '-o', 'csv']);
    const named = /ACME-\d+-\d+/.exec(number)?.[0] ?? '';
    const { explanation } = json('explain', named);
    expect(explanation).toMatchObject({ amount_cents: 1680, re_adds: true });
    expect(json('explain', named, '--fee', '2', '--events').explanation.events).toHaveLength(2);
    expect(json('explain', 'sub').explanation.title).toBe('Subscription sub');
    expect(json('explain', 't1').explanation.subtitle).toBe('counted');
    expect(lago(['explain', 'nothing']).code).toBe(4);
    expect(lago(['explain', named, '--fee', '3']).code).toBe(5);
  });

  test('simulate', () => {
    const { simulation } = json('simulate', 'pro', '--units', 'calls=5', '--growth', '+1', '--months', '2');
    // 10.00 + 5 × 2.00 and 10.00 + 6 × 2.00, with 20 %.
    expect(simulation.invoices.map((each: { total_amount_cents: number }) => each.total_amount_cents)).toEqual([
      2400, 2640,
    ]);
  });

  test('backtest, and its exit codes', () => {
    expect(json('backtest', '--from', '2026-10').backtest.identical).toBe(true);
    const { totals } = json('backtest', '--plan', 'cheap=pro', '--from', '2026-10').backtest;
    expect(totals).toMatchObject([{ was_amount_cents: 1400, would_be_amount_cents: 1100, pay_less: 1 }]);
    expect(lago(['backtest', '--from', '2026-10', '--exit-code']).code).toBe(0);
    expect(lago(['backtest', '--plan', 'cheap=pro', '--from', '2026-10', '--exit-code']).code).toBe(9);
    expect(lago(['backtest', '--plan', 'cheap=pro', '--from', '2026-10', '--fail-on-increase', '0%']).code).toBe(0);
    const markdown = lago(['backtest', '--plan', 'cheap=pro', '--from', '2026-10', '-o', 'markdown']).stdout;
    expect(markdown).toContain('| **billed** | 14.00 | 11.00 | −3.00 | −21.4 % |');
  });

  test('diff against a revision of git, and what it would have meant', () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder });
    git('init', '-q');
    git('add', 'lago.yaml', 'plans');
    git('commit', '-q', '-m', 'prices');
    const file = join(folder, 'plans/pro.yaml');
    const before = readFileSync(file, 'utf8');
    try {
      writeFileSync(file, before.replace('amount: "2"', 'amount: "3"'));
      const { changes, backtest } = json('diff', 'git:HEAD', '--impact', '--from', '2026-10');
      expect(changes).toMatchObject([{ subject: 'plan pro, charge calls', before: '2', after: '3', percent: 50 }]);
      expect(backtest.totals).toMatchObject([{ was_amount_cents: 1400, would_be_amount_cents: 1600 }]);
      const raised = lago(['backtest', '--definitions', '.', '--from', '2026-10', '--fail-on-increase', '10%']);
      expect([raised.code, raised.stderr]).toEqual([9, '1 of 1 customers would pay more by more than 10 %\n']);
      expect(json('backtest', '--definitions', 'git:HEAD', '--from', '2026-10').backtest.identical).toBe(true);
    } finally {
      writeFileSync(file, before);
    }
    expect(lago(['diff', 'git:nowhere']).code).toBe(4);
  });

  test('none of them writes to the ledger', () => {
    const content = () => {
      const { stdout, code } = lago(['sql', 'select * from journal']);
      expect(code).toBe(0);
      return createHash('sha256').update(stdout).digest('hex');
    };
    const before = content();
    const file = join(folder, 'plans/pro.yaml');
    const plans = readFileSync(file, 'utf8');
    try {
      // Edited files take effect at commands that read and write, never at an experiment.
      writeFileSync(file, plans.replace('amount: "2"', 'amount: "4"'));
      for (const args of [
        ['explain', 'sub'],
        ['explain', 't1'],
        ['compare', 'pro', '--subscription', 'sub'],
        ['backtest', '--from', '2026-10'],
        ['simulate', 'pro'],
      ]) {
        lago(args);
        expect(content(), args.join(' ')).toBe(before);
      }
    } finally {
      writeFileSync(file, plans);
    }
  });
});
