import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const plans = `
plans:
  - {code: small, name: Small, interval: monthly, amount_cents: 3000, amount_currency: USD, pay_in_advance: true}
  - code: big
    name: Big
    interval: monthly
    amount_cents: 6000
    amount_currency: USD
    pay_in_advance: true
    trial_period: 10
    charges:
      - {billable_metric_code: calls, charge_model: standard, properties: {amount: "2"}}
`;

interface Entry {
  readonly type: string;
  readonly state: string;
  readonly date: string;
  readonly number?: string | null;
  readonly plan_code?: string;
  readonly lines?: readonly {
    fee_type: string;
    from_date: string;
    to_date: string;
    amount_cents: number;
    open: boolean;
  }[];
}

describe('the life of a subscription', () => {
  const folder = project('name: Acme\ndocument_number_prefix: ACME\n');
  const run = commandLine(folder);
  const timeline = (at: string, ...flags: string[]): Entry[] =>
    JSON.parse(run(['subscriptions', 'timeline', 'sub', '--at', at, '--json', ...flags]).stdout).timeline.entries;
  const change = (plan: string, at: string, ...flags: string[]) =>
    run(['subscriptions', 'change', 'sub', '--plan', plan, '--at', at, ...flags]);

  beforeAll(() => {
    writeFileSync(join(folder, 'plans', 'more.yaml'), plans);
    run(['customers', 'create', 'acme', '--timezone', 'Europe/Paris', '--at', '2026-09-01']);
    run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'small', '--at', '2026-09-01']);
  });

  it('shows what was billed, what is due, and as many coming billing days as asked for', () => {
    const entries = timeline('2026-10-15', '--periods', '2');
    expect(entries.map(({ type, state, date }) => [type, state, date])).toEqual([
      ['start', 'past', '2026-09-01'],
      ['invoice', 'past', '2026-09-01'],
      ['invoice', 'due', '2026-10-01'],
      ['invoice', 'coming', '2026-11-01'],
      ['invoice', 'coming', '2026-12-01'],
    ]);
    expect(entries[1]).toMatchObject({
      number: 'ACME-001-001',
      lines: [{ fee_type: 'subscription', amount_cents: 3000 }],
    });
    expect(entries[2]).toMatchObject({ number: null, lines: [{ from_date: '2026-10-01', to_date: '2026-10-31' }] });
    expect(run(['invoices', 'list', '--json']).stdout).toContain('"total_count": 1');
  });

  it('says of a dearer plan that it begins at once, what it credits and what it bills', () => {
    run(['bill', '--at', '2026-10-01']);
    const dry = JSON.parse(change('big', '2026-10-16', '--dry-run', '--json').stdout).plan_change;
    // Unused of 36.00 with tax for October: 16 of 31 days. The trial of big counts from September 1st and is over.
    expect(dry).toMatchObject({
      kind: 'upgrade',
      effective_date: '2026-10-16',
      from_plan_code: 'small',
      to_plan_code: 'big',
    });
    // 30.00 × 16/31 = 15.48, and 20 % tax: 18.58; 60.00 × 16/31 = 30.97.
    expect(dry.credit_notes).toMatchObject([{ total_amount_cents: 1858 }]);
    expect(dry.invoices).toMatchObject([{ fees_amount_cents: 3097 }]);
    expect(timeline('2026-10-16').some(({ type }) => type === 'upgrade')).toBe(false);
    const { stdout } = change('big', '2026-10-16');
    expect(stdout).toContain('Upgrade from small to big, at once: 2026-10-16 (Europe/Paris).');
    expect(stdout).toContain('18.58 USD');
  });

  it('says of a cheaper plan that it waits for the end of the period', () => {
    const { stdout } = change('small', '2026-10-20');
    expect(stdout).toContain(
      'Downgrade from big to small, from 2026-11-01 on (Europe/Paris). Until then it stays on big.',
    );
    expect(stdout).toContain('Nothing is billed or credited now.');
    const entries = timeline('2026-10-20', '--periods', '1');
    expect(entries.slice(-2)).toMatchObject([
      { type: 'downgrade', state: 'coming', date: '2026-11-01', plan_code: 'small' },
      {
        type: 'invoice',
        state: 'coming',
        lines: [
          { fee_type: 'subscription', from_date: '2026-11-01', to_date: '2026-11-30', amount_cents: 3000 },
          { fee_type: 'charge', from_date: '2026-10-16', to_date: '2026-10-31', amount_cents: 0, open: true },
        ],
      },
    ]);
  });

  it('says that nothing changes on the same plan', () => {
    expect(change('big', '2026-10-21').stdout).toBe('It is on big already.\nNothing is billed or credited now.\n');
  });

  it('shows a table that people can read', () => {
    const { stdout } = run(['subscriptions', 'timeline', 'sub', '--at', '2026-10-20', '--periods', '1']);
    expect(stdout).toContain('Subscription sub of acme, active on big; days of Europe/Paris');
    expect(stdout).toMatch(/2026-11-01 {2}base fee {2,}2026-11-01 to 2026-11-30 {2,}30\.00 USD {2}coming/);
    expect(stdout).toMatch(/usage so far {2,}2026-10-16 to 2026-10-31/);
  });

  it('lists in `status` what is due, drafts, and who is billed next', () => {
    const status = (at: string) => JSON.parse(run(['status', '--at', at, '--json']).stdout).status;
    run(['bill', '--at', '2026-10-20']);
    expect(status('2026-10-20')).toMatchObject({
      due: [],
      drafts: [],
      next_billing: [{ external_customer_id: 'acme', date: '2026-11-01', external_subscription_ids: ['sub'] }],
    });
    expect(status('2026-11-02').due).toEqual([{ external_customer_id: 'acme', what: 'boundary', since: '2026-11-01' }]);
    expect(run(['status', '--at', '2026-11-02']).stdout).toContain('  2026-11-01  acme  a period is over');
  });
});
