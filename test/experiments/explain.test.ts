import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/experiments/arithmetic.js';
import { type Explanation, reAdds } from '../../src/experiments/explain/explanation.js';
import { renderExplanation } from '../../src/experiments/explain/explanationText.js';
import { explainInvoice } from '../../src/experiments/explain/invoiceExplanation.js';
import { explainSubscription } from '../../src/experiments/explain/subscriptionExplanation.js';
import { explainTransaction } from '../../src/experiments/explain/transactionExplanation.js';
import type { OperationContext } from '../../src/operations/context.js';
import { scenario, scenariosOf, withHistory } from './histories.js';

/** Every invoice of the ledger, explained. */
function explanations(context: OperationContext): Explanation[] {
  return context.ledger.customers().flatMap((customer) => {
    const account = context.ledger.accountOf(customer);
    return account.all('invoice').map((invoice) => explainInvoice(context, account, invoice, { events: 0, fee: null }));
  });
}

/** Reads the printed text again: each `expression = result` must hold. */
function checkPrinted(text: string): number {
  let checked = 0;
  for (const line of text.split('\n')) {
    const match = /^ {2}.*? {2,}(\S.*) = (−?[\d.]+)$/.exec(line);
    if (match === null) continue;
    expect(evaluate(match[1] as string).equals((match[2] as string).replace('−', '-')), line).toBe(true);
    checked += 1;
  }
  return checked;
}

/** `1,234.56 USD` at the end of a heading, in cents. */
function headingCents(line: string): string | undefined {
  return /(-?[\d,.]+) [A-Z]{3}$/.exec(line)?.[1]?.replace(/[,.]/g, '');
}

describe('every figure of every invoice of the conformance scenarios', () => {
  test.each(['usage', 'charges', 'invoicing', 'lifecycle', 'realworld'])('%s', { timeout: 240_000 }, (folder) => {
    let fees = 0;
    let steps = 0;
    for (const each of scenariosOf(`conformance/${folder}`)) {
      withHistory(each, (context) => {
        for (const explained of explanations(context)) {
          expect(reAdds(explained), each.name).toBe(true);
          for (const part of explained.parts) {
            expect(reAdds(part), `${each.name}: ${part.title}`).toBe(true);
            expect(
              part.facts.map((fact) => fact.label),
              `${each.name}: ${part.title}`,
            ).not.toContain('differs');
            fees += 1;
            const text = renderExplanation({ ...part, shares: [] }, { colour: false });
            steps += checkPrinted(text);
            const last = text.split('\n').at(-1) ?? '';
            const heading = text.split('\n')[0] ?? '';
            const cents = / (−?\d+)$/.exec(last)?.[1];
            expect(Number(headingCents(heading)), heading).toBe(Number(cents));
          }
        }
      });
    }
    expect(fees).toBeGreaterThan(10);
    expect(steps).toBeGreaterThan(fees / 2);
  });
});

const HISTORY = `
scenario: explained
definitions:
  organization: {timezone: America/New_York}
  billable_metrics:
    - {code: calls, name: Calls, aggregation_type: sum_agg, field_name: n}
  taxes: [{code: vat, name: VAT, rate: 20, applied_to_organization: true}]
  coupons: [{code: ten, name: Ten, coupon_type: fixed_amount, amount_cents: 1000, amount_currency: USD, frequency: once}]
  plans:
    - code: pro
      name: Pro
      interval: monthly
      amount_cents: 3100
      amount_currency: USD
      charges:
        - billable_metric_code: calls
          charge_model: graduated
          properties:
            graduated_ranges:
              - {from_value: 0, to_value: 10, per_unit_amount: "2", flat_amount: "0"}
              - {from_value: 11, to_value: null, per_unit_amount: "1", flat_amount: "5"}
steps:
  - {at: "2024-03-11T12:00:00Z", create_customer: {external_id: acme, currency: USD}}
  - {at: "2024-03-11T12:00:00Z", apply_coupon: {external_customer_id: acme, coupon_code: ten}}
  - {at: "2024-03-11T12:00:00Z", create_subscription: {external_customer_id: acme, external_id: sub, plan_code: pro}}
  - at: "2024-03-20T12:00:00Z"
    ingest:
      - {transaction_id: a, external_subscription_id: sub, code: calls, timestamp: "2024-03-20T10:00:00Z", properties: {n: "8.5"}}
      - {transaction_id: b, external_subscription_id: sub, code: calls, timestamp: "2024-03-21T10:00:00Z", properties: {n: 4}}
      - {transaction_id: early, external_subscription_id: sub, code: calls, timestamp: "2024-03-01T10:00:00Z", properties: {n: 4}}
      - {transaction_id: text, external_subscription_id: sub, code: calls, timestamp: "2024-03-21T10:00:00Z", properties: {n: many}}
      - {transaction_id: nobody, external_subscription_id: other, code: calls, timestamp: "2024-03-21T10:00:00Z", properties: {n: 4}}
      - {transaction_id: unknown, external_subscription_id: sub, code: mails, timestamp: "2024-03-21T10:00:00Z", properties: {n: 4}}
  - {at: "2024-04-01T12:00:00Z", bill: {}}
  - at: "2024-04-02T12:00:00Z"
    ingest:
      - {transaction_id: late, external_subscription_id: sub, code: calls, timestamp: "2024-03-22T10:00:00Z", properties: {n: 100}}
      - {transaction_id: next, external_subscription_id: sub, code: calls, timestamp: "2024-04-02T10:00:00Z", properties: {n: 1}}
`;

describe('an invoice of a part of a month', () => {
  const text = (look: (context: OperationContext) => Explanation) => {
    let shown = '';
    withHistory(scenario(HISTORY), (context) => {
      shown = renderExplanation(look(context), { colour: false });
    });
    return shown;
  };
  const invoiceText = (options: { events: number; fee: number | null }) =>
    text((context) => {
      const account = context.ledger.account('acme');
      const [invoice] = account?.all('invoice') ?? [];
      return explainInvoice(context, account as never, invoice as never, options);
    });

  test('base fee by the day, tiers, coupon, tax and total, each from the one before', () => {
    const shown = invoiceText({ events: 0, fee: null });
    for (const line of [
      /1\. Pro +base fee pro, sub +21\.00 USD/,
      /21 of 31 days +double\(3100 ÷ 31 × 21\) = 2100$/m,
      /window +2024-03-11 08:00:00 to 2024-03-31 23:59:59, America\/New_York/,
      /units, event by event +8\.5 \+ 4 = 12\.5$/m,
      /tier 0–10 +10 × 2 = 20$/m,
      /tier 11–∞ +2\.5 × 1 \+ 5 = 7\.5$/m,
      /amount +20 \+ 7\.5 = 27\.5$/m,
      /in cents +round\(27\.5 × 100\) = 2750$/m,
      /fees +2100 \+ 2750 = 4850$/m,
      /less progressive billing and coupons +4850 − 1000 = 3850$/m,
      /VAT 20 % +3850\S* × 20 % = 770/,
      /total, in cents +3850 \+ 770 = 4620$/m,
    ]) {
      expect(shown).toMatch(line);
    }
  });

  test('an event that arrived after the invoice is named as not in it', () => {
    expect(invoiceText({ events: 0, fee: 2 })).toMatch(/late events +1 arrived after this was billed/);
  });

  test('lists the events behind a fee, in the zone of the customer', () => {
    const shown = invoiceText({ events: 10, fee: 2 });
    expect(shown).toMatch(/2024-03-20 06:00:00 +a +8\.5/);
    expect(shown).toMatch(/ text +many: not counted/);
    expect(shown).not.toMatch(/^ {2}2024-03-22/m);
  });

  test.each([
    ['a', /counted in invoice .*, fee 2/],
    ['late', /not counted: it arrived after invoice .* was billed/],
    ['next', /counted in the running period, 2024-04-01 00:00:00 to 2024-04-30 23:59:59/],
    ['early', /not counted: it lies before the subscription's start/],
    ['text', /not counted: n is not a plain number/],
    ['nobody', /not counted: no subscription has the external id other/],
    ['unknown', /not counted: no billable metric has the code mails/],
  ])('event %s', (id, verdict) => {
    const shown = text((context) => explainTransaction(context, context.ledger.event(id) as never));
    expect(shown).toMatch(verdict);
  });

  test('a subscription leads to its next invoice, with the usage so far', () => {
    const shown = text((context) =>
      explainSubscription(context, context.ledger.account('acme') as never, 'sub', { events: 0 }),
    );
    expect(shown).toMatch(/plan +Pro \(pro\): 31\.00 USD a month in arrears/);
    expect(shown).toMatch(/next billing +2024-05-01/);
    // A whole month and 1 call at 2, with tax: 33.00 + 6.60.
    expect(shown).toMatch(/Next invoice .* 39\.60 USD/);
  });
});
