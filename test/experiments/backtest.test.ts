import { describe, expect, test } from 'vitest';
import { above, backtest, best, worst } from '../../src/experiments/backtest.js';
import { backtestMarkdown, renderBacktest } from '../../src/experiments/backtestText.js';
import { otherDefinitions, parseSubstitution } from '../../src/experiments/otherDefinitions.js';
import { replay } from '../../src/experiments/replay.js';
import { recordText } from '../../src/ledger/recordText.js';
import type { Ledger } from '../../src/ledger/types.js';
import type { RecordKind } from '../../src/model.js';
import type { OperationContext } from '../../src/operations/context.js';
import type { LocalDate } from '../../src/time/localDate.js';
import { scenario, scenariosOf, withHistory } from './histories.js';

const KINDS: readonly RecordKind[] = [
  'subscription',
  'invoice',
  'billing_period',
  'fee',
  'applied_coupon',
  'credit_note',
  'wallet',
  'wallet_transaction',
  'payment',
  'fixed_charge_units',
  'in_advance_usage',
  'weighted_level',
];

/** As a ledger writes it: keys in order, whoever made the records. */
function everything(ledger: Ledger): unknown {
  return ledger.customers().map((customer) => {
    const records = (kind: RecordKind) =>
      ledger
        .accountOf(customer)
        .all(kind)
        .map((record) => recordText(kind, record).text);
    return [customer, ...KINDS.map(records)];
  });
}

describe('a history replayed as it was gives every record as it is', () => {
  test.each(['conformance/charges', 'conformance/invoicing', 'conformance/usage', 'scenarios'])(
    '%s',
    { timeout: 240_000 },
    (folder) => {
      let histories = 0;
      for (const each of scenariosOf(folder)) {
        withHistory(each, ({ ledger }) => {
          const { ledger: again, leftOut } = replay(ledger, { definitions: (historic) => historic });
          expect(leftOut, each.name).toEqual([]);
          expect(JSON.stringify(everything(again)), each.name).toBe(JSON.stringify(everything(ledger)));
          histories += 1;
        });
      }
      expect(histories).toBeGreaterThan(20);
    },
  );
});

const HISTORY = `
scenario: two customers
definitions:
  billable_metrics: [{code: calls, name: Calls, aggregation_type: sum_agg, field_name: n}]
  plans:
    - {code: pro, name: Pro, interval: monthly, amount_cents: 1000, amount_currency: USD,
       charges: [{billable_metric_code: calls, charge_model: standard, properties: {amount: "1"}}]}
    - {code: next, name: Next, interval: monthly, amount_cents: 3000, amount_currency: USD,
       charges: [{billable_metric_code: calls, charge_model: standard, properties: {amount: "0.5"}}]}
    - {code: euro, name: Euro, interval: monthly, amount_cents: 500, amount_currency: EUR}
steps:
  - {at: "2024-01-01", create_customer: {external_id: small, currency: USD}}
  - {at: "2024-01-01", create_customer: {external_id: large, name: Large Inc, currency: USD}}
  - {at: "2024-01-01", create_customer: {external_id: abroad, currency: EUR}}
  - {at: "2024-01-01", create_subscription: {external_customer_id: small, external_id: s, plan_code: pro}}
  - {at: "2024-01-01", create_subscription: {external_customer_id: large, external_id: l, plan_code: pro}}
  - {at: "2024-01-01", create_subscription: {external_customer_id: abroad, external_id: a, plan_code: euro}}
  - at: "2024-01-20"
    ingest:
      - {transaction_id: t1, external_subscription_id: s, code: calls, timestamp: "2024-01-10T00:00:00Z", properties: {n: 10}}
      - {transaction_id: t2, external_subscription_id: l, code: calls, timestamp: "2024-01-10T00:00:00Z", properties: {n: 100}}
  - {at: "2024-02-01", bill: {}}
  - at: "2024-02-02"
    ingest:
      - {transaction_id: late, external_subscription_id: l, code: calls, timestamp: "2024-01-11T00:00:00Z", properties: {n: 7}}
  - at: "2024-02-03"
    create_credit_note: {invoice: {external_customer_id: large, index: 0}, reason: other, credit_amount_cents: 9000, items: [{fee: 1, amount_cents: 9000}]}
`;

const JANUARY = { from: '2024-01-01' as LocalDate, to: '2024-01-31' as LocalDate };

function run({ ledger, catalog }: OperationContext, ...plans: readonly string[]) {
  const substitutions = plans.map(parseSubstitution);
  return backtest(ledger, catalog, {
    span: JANUARY,
    definitions: otherDefinitions({ source: catalog, substitutions, wholesale: false }),
  });
}

describe('a month under other prices', () => {
  test('without other prices nothing differs, events that came later included', () => {
    withHistory(scenario(HISTORY), (context) => {
      const result = run(context);
      expect(result.identical).toBe(true);
      expect(result.customers.map((each) => [each.wasCents, each.changeCents])).toEqual([
        [2000, 0],
        [11000, 0],
        [500, 0],
      ]);
    });
  });

  test('says who would pay more and who less, by currency', () => {
    withHistory(scenario(HISTORY), (context) => {
      const result = run(context, 'next=pro');
      // small: 10 + 10 × 1 = 20 → 30 + 10 × 0.5 = 35; large: 10 + 100 = 110 → 30 + 50 = 80.
      expect(result.customers.map((each) => [each.externalCustomerId, each.wouldBeCents, each.changePercent])).toEqual([
        ['small', 3500, 75],
        ['large', 8000, -27.27],
        ['abroad', 500, 0],
      ]);
      const usd = result.totals.find((each) => each.currency === 'USD');
      expect(usd).toMatchObject({ wasCents: 13000, wouldBeCents: 11500, payMore: 1, payLess: 1, same: 0 });
      expect(usd?.distribution.filter((band) => band.customers > 0)).toEqual([
        { label: '−50 to −20 %', customers: 1 },
        { label: 'above +50 %', customers: 1 },
      ]);
      expect(worst(result.customers, 10).map((each) => each.externalCustomerId)).toEqual(['small']);
      expect(best(result.customers, 10).map((each) => each.externalCustomerId)).toEqual(['large']);
      expect(above(result.customers, 74)).toHaveLength(1);
      expect(above(result.customers, 75)).toHaveLength(0);
      expect(result.identical).toBe(false);
    });
  });

  test('a step that the other prices refuse is left out and named', () => {
    withHistory(scenario(HISTORY), (context) => {
      const { leftOut } = run(context, 'next=pro');
      // The usage fee of 50.00 is too small for a credit note of 90.00.
      expect(leftOut).toHaveLength(1);
      expect(leftOut[0]).toMatchObject({ verb: 'create_credit_note', code: 'validation_errors' });
    });
  });

  test('the ledger is as it was', () => {
    withHistory(scenario(HISTORY), (context) => {
      const before = JSON.stringify([everything(context.ledger), [...context.ledger.journal()]]);
      run(context, 'next=pro');
      expect(JSON.stringify([everything(context.ledger), [...context.ledger.journal()]])).toBe(before);
    });
  });

  test('a plan that is not defined is refused', () => {
    withHistory(scenario(HISTORY), (context) => {
      expect(() => run(context, 'nope=pro')).toThrow(/no plan "nope"/);
    });
  });

  test('prints totals, people and the largest changes, for a terminal and for a pull request', () => {
    withHistory(scenario(HISTORY), (context) => {
      const result = run(context, 'next=pro');
      const text = renderBacktest(result, 'pro as next', { colour: false });
      expect(text).toMatch(/billed, USD +130\.00 +115\.00 +−15\.00 +−11\.5 %/);
      expect(text).toContain('2 customers: 1 would pay more, 1 less, 0 the same');
      expect(text).toMatch(/large \(Large Inc\) +110\.00 +80\.00 +−30\.00 +−27\.3 %/);
      const markdown = backtestMarkdown(result, 'pro as next');
      expect(markdown).toContain('| **billed** | 130.00 | 115.00 | −15.00 | −11.5 % |');
      expect(markdown).toContain('| small | 20.00 | 35.00 | +15.00 | +75 % |');
    });
  });
});
