import { describe, expect, it } from 'vitest';
import { parseScenarios } from '../../src/scenarios/parse.js';
import { formatReport, reportJson } from '../../src/scenarios/report.js';
import { runScenario } from '../../src/scenarios/run.js';

const definitions = `
definitions:
  organization: {name: Acme, timezone: UTC, default_currency: USD}
  billable_metrics:
    - {code: calls, name: Calls, aggregation_type: count_agg}
  plans:
    - code: pro
      name: Pro
      interval: monthly
      amount_cents: 1000
      amount_currency: USD
      pay_in_advance: false
      charges:
        - {billable_metric_code: calls, charge_model: standard, properties: {amount: "2"}}
  customers:
    - {external_id: acme, name: Acme}
`;

function run(steps: string) {
  const [scenario] = parseScenarios(`scenario: s${definitions}steps:\n${steps}`, 'file.yaml');
  if (scenario === undefined) throw new Error('no scenario');
  return runScenario(scenario);
}

const subscribe =
  '  - {at: 2024-01-01, create_subscription: {external_customer_id: acme, external_id: sub, plan_code: pro}}\n';
const passed = { failures: [] };

describe('a scenario', () => {
  it('subscribes, ingests, bills and states what must be true', () => {
    // 10.00 + 2 calls × 2.00 = 14.00
    expect(
      run(`${subscribe}
  - {at: 2024-01-10, ingest: [{code: calls, external_subscription_id: sub}, {code: calls, external_subscription_id: sub}]}
  - {at: 2024-01-10, expect_usage: {external_subscription_id: sub, match: {amount_cents: 400, charges_usage: [{units: 2}]}}}
  - {at: 2024-02-01, bill: {}}
  - at: 2024-02-01
    expect_invoices:
      external_customer_id: acme
      count: 1
      last: {total_amount_cents: 1400, fees: [{item: {type: charge}, amount_cents: 400}, {item: {type: subscription}, amount_cents: 1000}]}
`),
    ).toMatchObject(passed);
  });

  it('stops at the first step that is not as expected, and shows the difference', () => {
    const result = run(`${subscribe}
  - {at: 2024-02-01, bill: {}}
  - {at: 2024-02-01, expect_invoices: {external_customer_id: acme, last: {total_amount_cents: 1001}}}
  - {at: 2024-02-01, expect_invoices: {external_customer_id: acme, count: 7}}
`);
    expect(result.failures).toMatchObject([
      {
        step: 3,
        verb: 'expect_invoices',
        at: '2024-02-01T00:00:00.000Z',
        location: { file: 'file.yaml', line: 21 },
        differences: [{ path: 'last.total_amount_cents', expected: 1001, actual: 1000 }],
      },
    ]);
    const report = formatReport([result]);
    expect(report).toContain('FAILED file.yaml:1:1 s');
    expect(report).toContain('- expected 1001');
    expect(report).toContain('+ actual   1000');
    expect(report.split('\n').at(-1)).toBe('0 passed, 1 failed');
    expect(reportJson([result])).toMatchObject({ passed: 0, failed: 1, failures: [{ scenario: 's' }] });
  });

  it('runs on a ledger of its own', () => {
    expect(run(subscribe)).toMatchObject(passed);
    expect(run(subscribe)).toMatchObject(passed);
  });

  it('fails when an acting step is refused', () => {
    const { failures } = run(
      '  - {at: 2024-01-01, create_subscription: {external_customer_id: nobody, external_id: s, plan_code: pro}}\n',
    );
    expect(failures).toMatchObject([{ step: 1, code: 'customer_not_found' }]);
  });

  it('fails when the definitions are refused', () => {
    const [scenario] = parseScenarios('scenario: s\ndefinitions: {plans: [{code: p}]}\nsteps: []\n', 'file.yaml');
    expect(runScenario(scenario as NonNullable<typeof scenario>).failures).toMatchObject([
      { step: null, code: 'validation_errors' },
    ]);
  });
});

describe('`fails`', () => {
  const refused = (fails: string) =>
    run(
      `  - {at: 2024-01-01, create_subscription: {external_customer_id: acme, external_id: s, plan_code: nope}, fails: ${fails}}\n`,
    );

  it('wants a refusal with that code', () => {
    expect(refused('plan_not_found')).toMatchObject(passed);
    expect(refused('customer_not_found').failures[0]?.message).toContain(
      'should be refused with customer_not_found, but: plan_not_found',
    );
  });

  it('accepts the code of a field', () => {
    expect(
      run('  - {at: 2024-01-01, create_customer: {external_id: c, timezone: Moon}, fails: invalid_timezone}\n'),
    ).toMatchObject(passed);
  });

  it('fails when the step is accepted', () => {
    const { failures } = run(`${subscribe.trimEnd().slice(0, -1)}, fails: plan_not_found}\n`);
    expect(failures[0]?.message).toBe('should be refused with plan_not_found, but was accepted');
  });

  it('changes nothing: not a single event of a refused list is kept', () => {
    expect(
      run(`${subscribe}
  - {at: 2024-01-02, ingest: [{code: calls, transaction_id: a, external_subscription_id: sub}]}
  - at: 2024-01-03
    ingest: [{code: calls, transaction_id: b, external_subscription_id: sub}, {code: calls, transaction_id: a, external_subscription_id: other}]
    fails: value_already_exist
  - {at: 2024-01-03, expect_usage: {external_subscription_id: sub, match: {charges_usage: [{units: 1}]}}}
`),
    ).toMatchObject(passed);
  });

  it('leaves the definitions as they were', () => {
    expect(
      run(`  - {at: 2024-01-01, define: {plans: [{code: pro, name: Pro, interval: never}]}, fails: value_is_invalid}
${subscribe}  - {at: 2024-01-01, expect_subscription: {external_id: sub, match: {plan_amount_cents: 1000}}}
`),
    ).toMatchObject(passed);
  });
});

describe('`define`', () => {
  const edited = (fields: string) =>
    `{code: pro, name: Pro, interval: monthly, amount_cents: 1000, amount_currency: USD, pay_in_advance: false, ${fields}}`;

  it('changes the amount of running subscriptions, for fees computed from then on', () => {
    expect(
      run(`${subscribe}
  - {at: 2024-01-15, define: {plans: [${edited('').replace('1000', '3000').replace(', }', '}')}]}}
  - {at: 2024-02-01, bill: {}}
  - {at: 2024-02-01, expect_invoices: {external_customer_id: acme, last: {fees: [{amount_cents: 3000}]}}}
`),
    ).toMatchObject(passed);
  });

  it('leaves the terms of a plan that has subscriptions, and changes those of one that has none', () => {
    const yearly = (code: string) =>
      `{code: ${code}, name: Pro, interval: yearly, amount_cents: 1000, amount_currency: EUR, pay_in_advance: true, trial_period: 5}`;
    expect(
      run(`  - {at: 2024-01-01, define: {plans: [${edited('').replace(', }', '}').replace('code: pro', 'code: free')}]}}
${subscribe}  - {at: 2024-01-02, define: {plans: [${yearly('pro')}, ${yearly('free')}]}}
  - {at: 2024-02-01, bill: {}}
  - {at: 2024-02-01, expect_invoices: {external_customer_id: acme, last: {currency: USD, fees: [{amount_cents: 1000}]}}}
  - {at: 2024-02-01, create_subscription: {external_customer_id: acme, external_id: sub2, plan_code: free}}
  - {at: 2024-02-01, expect_subscription: {external_id: sub2, match: {plan_amount_currency: EUR}}}
  - {at: 2024-02-06, bill: {}}
  - {at: 2024-02-06, expect_invoices: {external_subscription_id: sub2, count: 1}}
`),
    ).toMatchObject(passed);
  });
});
