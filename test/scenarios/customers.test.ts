import { describe, expect, it } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { defineInitially } from '../../src/operations/define.js';
import { perform, query } from '../../src/operations/perform.js';
import * as views from '../../src/operations/views.js';
import { parseScenarios } from '../../src/scenarios/parse.js';
import { runScenario } from '../../src/scenarios/run.js';
import { type Instant, parseInstant } from '../../src/time/instant.js';

function failures(text: string) {
  return parseScenarios(text, 'file.yaml').flatMap((scenario) => runScenario(scenario).failures);
}

const head = `scenario: s
definitions:
  organization: {name: Acme, timezone: UTC, default_currency: EUR, country: FR, eu_tax_management: true, document_number_prefix: ACME}
  add_ons: [{code: setup, name: Setup, amount_cents: 1000, amount_currency: EUR}]
  plans:
    - {code: pro, name: Pro, interval: monthly, amount_cents: 1000, amount_currency: EUR, pay_in_advance: true}
steps:
`;

describe('a customer', () => {
  it.each([
    ['an unknown field', '{external_id: c, nickname: C}', 'unknown_field'],
    ['no id', '{name: C}', 'value_is_mandatory'],
    ['an unknown country', '{external_id: c, country: XX}', 'not_a_valid_country_code'],
    ['an unknown currency', '{external_id: c, currency: EURO}', 'value_is_invalid'],
    ['an unknown tax', '{external_id: c, tax_codes: [nope]}', 'tax_not_found'],
    ['six metadata keys', `{external_id: c, metadata: [${'{key: k, value: v}, '.repeat(6)}]}`, 'invalid_count'],
    ['days below zero', '{external_id: c, net_payment_term: -1}', 'value_is_out_of_range'],
  ])('with %s is refused', (_what, customer, code) => {
    expect(failures(`${head}  - {at: 2024-01-01, create_customer: ${customer}, fails: ${code}}\n`)).toEqual([]);
  });

  it('is created once, and again after it was deleted', () => {
    expect(
      failures(`${head}
  - {at: 2024-01-01, create_customer: {external_id: c}}
  - {at: 2024-01-01, create_customer: {external_id: c}, fails: value_already_exist}
  - {at: 2024-01-02, delete_customer: {external_id: c}}
  - {at: 2024-01-02, update_customer: {external_id: c, name: C}, fails: customer_not_found}
  - {at: 2024-01-03, create_customer: {external_id: c}}
`),
    ).toEqual([]);
  });

  it.each([
    ['of the same member state', '{external_id: c, country: FR}', 'lago_eu_fr_standard'],
    ['of another member state', '{external_id: c, country: DE}', 'lago_eu_de_standard'],
    [
      'of another member state with a VAT number',
      '{external_id: c, country: DE, tax_identification_number: DE123456789}',
      'lago_eu_reverse_charge',
    ],
    [
      'with a number that is none',
      '{external_id: c, country: DE, tax_identification_number: DE1}',
      'lago_eu_de_standard',
    ],
    [
      'of a special territory',
      '{external_id: c, country: ES, zipcode: "35 001"}',
      'lago_eu_es_exception_canary_islands',
    ],
    [
      'of an overseas department without a number',
      '{external_id: c, country: FR, zipcode: "97100"}',
      'lago_eu_fr_standard',
    ],
    ['from outside', '{external_id: c, country: US}', 'lago_eu_tax_exempt'],
    ['from nowhere', '{external_id: c}', 'lago_eu_fr_standard'],
  ])('%s has its European tax', (_what, customer, code) => {
    expect(
      failures(`${head}
  - {at: 2024-01-01, create_customer: ${customer}}
  - {at: 2024-01-01, create_invoice: {external_customer_id: c, currency: EUR, fees: [{add_on_code: setup}]}}
  - {at: 2024-01-01, expect_invoices: {external_customer_id: c, last: {applied_taxes: [{tax_code: ${code}}]}}}
`),
    ).toEqual([]);
  });

  it('moves its drafts with its grace period and payment term', () => {
    expect(
      failures(`${head}
  - {at: 2024-01-01, create_customer: {external_id: c, billing_configuration: {invoice_grace_period: 3}}}
  - {at: 2024-01-01, create_subscription: {external_customer_id: c, external_id: s, plan_code: pro}}
  - {at: 2024-01-01, expect_invoices: {external_customer_id: c, last: {status: draft, issuing_date: 2024-01-04, payment_due_date: 2024-01-04}}}
  - {at: 2024-01-02, update_customer: {external_id: c, net_payment_term: 30, billing_configuration: {invoice_grace_period: 5}}}
  - {at: 2024-01-02, expect_invoices: {external_customer_id: c, last: {status: draft, issuing_date: 2024-01-06, payment_due_date: 2024-02-05}}}
  - {at: 2024-01-03, update_customer: {external_id: c, billing_configuration: {invoice_grace_period: 1}}}
  - {at: 2024-01-03, expect_invoices: {external_customer_id: c, last: {status: finalized, issuing_date: 2024-01-03}}}
`),
    ).toEqual([]);
  });
});

it('an organization that drops its grace period finalizes the drafts that waited for it', () => {
  expect(
    failures(`${head.replace('country: FR', 'country: FR, invoice_grace_period: 3')}
  - {at: 2024-01-01, create_customer: {external_id: c}}
  - {at: 2024-01-01, create_customer: {external_id: own, billing_configuration: {invoice_grace_period: 2}}}
  - {at: 2024-01-01, create_subscription: {external_customer_id: c, external_id: s, plan_code: pro}}
  - {at: 2024-01-01, create_subscription: {external_customer_id: own, external_id: s2, plan_code: pro}}
  - {at: 2024-01-02, define: {organization: {invoice_grace_period: 0}}}
  - {at: 2024-01-02, expect_invoices: {external_customer_id: c, last: {status: finalized, issuing_date: 2024-01-02}}}
  - {at: 2024-01-02, expect_invoices: {external_customer_id: own, last: {status: draft, issuing_date: 2024-01-03}}}
`),
  ).toEqual([]);
});

describe('an operation', () => {
  const at = parseInstant('2024-01-01') as Instant;

  it('is in the journal with its input, and leaves no trace when it is refused or dry', () => {
    const ledger = openLedger(':memory:');
    const { catalog } = defineInitially(ledger, {}, at);
    const context = { ledger, catalog, at };
    perform(context, 'create_customer', { external_id: 'a' });
    expect(() => perform(context, 'create_customer', { external_id: 'a' })).toThrow('already');
    const shown = perform(
      context,
      'create_customer',
      { external_id: 'b' },
      {
        dryRun: true,
        view: (current) => views.customer(current, 'b').slug,
      },
    );
    expect(shown).toMatch(/-002$/);
    expect(query(context, views.customers).map((customer) => customer.external_id)).toEqual(['a']);
    expect([...ledger.journal()].map(({ verb, input }) => [verb, input])).toEqual([
      ['define', { definitions_hash: catalog.hash }],
      ['create_customer', { external_id: 'a' }],
    ]);
    ledger.close();
  });

  it('that nobody knows is refused by name', () => {
    const ledger = openLedger(':memory:');
    const { catalog } = defineInitially(ledger, {}, at);
    expect(() => perform({ ledger, catalog, at }, 'frobnicate', {})).toThrow('the verb frobnicate is not supported');
    ledger.close();
  });
});
