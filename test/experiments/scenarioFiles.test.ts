import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import { journalScenario } from '../../src/experiments/journalScenario.js';
import { reportFor } from '../../src/experiments/testReporters.js';
import { updateScenarios } from '../../src/experiments/updateScenarios.js';
import { writtenCatalog } from '../../src/experiments/writtenCatalog.js';
import { parseScenarios } from '../../src/scenarios/parse.js';
import { runScenario } from '../../src/scenarios/run.js';
import { scenariosOf, withHistory } from './histories.js';

const FILE = `# kept
scenario: one
definitions:
  billable_metrics: [{code: calls, name: Calls, aggregation_type: count_agg}]
  plans: [{code: pro, name: Pro, interval: monthly, amount_cents: 1000, amount_currency: USD, charges: [{billable_metric_code: calls, properties: {amount: "2"}}]}]
steps:
  - {at: 2024-01-01, create_customer: {external_id: c, currency: USD}}
  - {at: 2024-01-01, create_subscription: {external_customer_id: c, external_id: s, plan_code: pro}}
  - {at: 2024-01-05, ingest: [{code: calls, external_subscription_id: s, timestamp: 1704412800, properties: {}}]}
  - {at: 2024-02-01, bill: {}}
  - at: 2024-02-01
    expect_invoices:
      external_customer_id: c
      last: {total_amount_cents: 1000, issuing_date: 2024-02-02, fees: [{amount_cents: 999, units: "3"}, {amount_cents: 200}]} # why
  - at: 2024-02-01
    expect_fees: {external_subscription_id: s, count: 7}
`;

const results = (text: string) => parseScenarios(text, 'a.yaml').map(runScenario);

describe('figures taken as the expected ones', () => {
  test('are replaced where they stand, step after step, and nothing else', () => {
    const { text, updated } = updateScenarios(FILE, 'a.yaml', () => true);
    expect(updated).toBe(5);
    const expected = FILE.replace(
      'total_amount_cents: 1000, issuing_date: 2024-02-02',
      'total_amount_cents: 1200, issuing_date: 2024-02-01',
    )
      .replace('amount_cents: 999, units: "3"', 'amount_cents: 1000, units: "1.0"')
      .replace('count: 7', 'count: 2');
    expect(text).toBe(expected);
    expect(results(text)[0]?.failures).toEqual([]);
  });

  test('a scenario that is not wanted stays', () => {
    expect(updateScenarios(FILE, 'a.yaml', (name) => name === 'two')).toEqual({ text: FILE, updated: 0 });
  });

  test('a step that should be refused is no figure', () => {
    const refusing = FILE.replace('bill: {}', 'bill: {}, fails: plan_not_found');
    expect(updateScenarios(refusing, 'a.yaml', () => true)).toEqual({ text: refusing, updated: 0 });
  });
});

describe('results for continuous integration', () => {
  test('JUnit', () => {
    const xml = reportFor('junit', results(FILE.replace('scenario: one', 'scenario: one & <two>')));
    expect(xml).toContain('<testsuites name="lago-cli test" tests="1" failures="1">');
    expect(xml).toContain('<testcase name="one &amp; &lt;two&gt;" classname="a.yaml" file="a.yaml" line="2">');
    expect(xml).toContain('last.total_amount_cents: expected 1000, actual 1200');
    expect(reportFor('junit', [])).toContain('tests="0" failures="0"');
  });

  test('GitHub annotations', () => {
    const [annotation, summary] = reportFor('github', results(FILE)).split('\n');
    expect(annotation).toMatch(
      /^::error file=a\.yaml,line=11,col=5,title=one::step 5, expect_invoices at .*%0Alast\.total_amount_cents: expected 1000, actual 1200/,
    );
    expect(summary).toBe('0 passed, 1 failed');
  });
});

describe('histories written as scenarios', () => {
  test('give the invoices that they came from', { timeout: 240_000 }, () => {
    let customers = 0;
    for (const each of [...scenariosOf('conformance/realworld'), ...scenariosOf('conformance/invoicing')]) {
      withHistory(each, ({ ledger }) => {
        for (const { externalId } of ledger.customers()) {
          const text = journalScenario(ledger, externalId);
          expect(
            results(text).flatMap((result) => result.failures),
            `${each.name}\n${text}`,
          ).toEqual([]);
          customers += 1;
        }
      });
    }
    expect(customers).toBeGreaterThan(100);
  });

  test('their definitions read back as the same catalog', () => {
    for (const each of scenariosOf('conformance/usage')) {
      withHistory(each, ({ catalog }) => {
        const written = writtenCatalog(catalog, new Set(catalog.plans.keys()), new Set(catalog.coupons.keys()));
        const { hash: _, ...again } = catalogFrom(written);
        const { hash: __, customers, ...before } = catalog;
        expect(again, each.name).toEqual({ ...before, customers: [] });
        expect(customers).toEqual(catalog.customers);
      });
    }
  });
});
