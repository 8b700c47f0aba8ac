import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import { type DefinitionState, defineInitially, defineMore } from '../../src/operations/define.js';
import { perform, query } from '../../src/operations/perform.js';
import { type VerifiedInvoices, verifyInvoices } from '../../src/operations/verifyInvoices.js';
import { at } from '../support/terms.js';

const PLAN = {
  code: 'p',
  name: 'P',
  interval: 'monthly',
  amount_cents: 1_000,
  amount_currency: 'EUR',
  charges: [{ code: 'm', billable_metric_code: 'm', charge_model: 'standard', properties: { amount: '1' } }],
};
const DEFINITIONS = {
  organization: { name: 'Acme', document_number_prefix: 'ACM' },
  taxes: [{ code: 'vat', name: 'VAT', rate: 20, applied_to_organization: true }],
  billable_metrics: [{ code: 'm', name: 'M', aggregation_type: 'sum_agg', field_name: 'n' }],
  plans: [PLAN],
  customers: [{ external_id: 'c', name: 'C', currency: 'EUR' }],
};

let folder: string;
let file: string;
let ledger: Ledger;
let definitions: DefinitionState;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lago-cli-verify-'));
  file = join(folder, 'ledger.db');
  ledger = openLedger(file);
  definitions = defineInitially(ledger, DEFINITIONS, at('2024-01-01T00:00:00Z'));
  run('2024-01-01T00:00:00Z', 'create_subscription', { external_customer_id: 'c', external_id: 's', plan_code: 'p' });
  run('2024-01-10T00:00:00Z', 'ingest', [event(5)]);
  run('2024-02-01T00:00:00Z', 'bill', {});
});

afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true });
});

test('an invoice verifies after its payment, its voiding and an edit of its plan', () => {
  const invoice = { external_customer_id: 'c', index: 0 };
  run('2024-02-02T00:00:00Z', 'update_invoice', { invoice, metadata: [{ key: 'a', value: 'b' }] });
  run('2024-02-02T00:00:00Z', 'record_payment', { invoice, amount_cents: 1_800, reference: 'r' });
  definitions = defineMore(
    ledger,
    definitions,
    { plans: [{ ...PLAN, amount_cents: 2_000 }] },
    at('2024-02-03T00:00:00Z'),
  );
  run('2024-02-04T00:00:00Z', 'void_invoice', { invoice });
  expect(verify()).toEqual({ verified: 1, findings: [], lateUsage: [] });
});

test('usage that arrives later is named, and is no finding', () => {
  run('2024-02-05T00:00:00Z', 'ingest', [{ ...event(2), timestamp: '2024-01-20T00:00:00Z' }]);
  const { findings, lateUsage } = verify();
  expect(findings).toEqual([]);
  expect(lateUsage).toMatchObject([
    {
      number: 'ACM-001-001',
      kind: 'late_usage',
      deviations: expect.arrayContaining([{ field: 'fees[1].amount_cents', stored: 500, derived: 700 }]),
    },
  ]);
});

test('fees of events that stood when a missed period was billed count toward its commitment, whatever its date', () => {
  const charge = {
    ...PLAN.charges[0],
    code: 'a',
    pay_in_advance: true,
    invoiceable: false,
    regroup_paid_fees: 'invoice',
  };
  const committed = { ...PLAN, code: 'q', minimum_commitment: { amount_cents: 5_000 }, charges: [charge] };
  definitions = defineMore(ledger, definitions, { plans: [committed] }, at('2024-02-01T00:00:00Z'));
  run('2024-02-01T00:00:00Z', 'create_subscription', { external_customer_id: 'c', external_id: 't', plan_code: 'q' });
  run('2024-03-10T00:00:00Z', 'ingest', [
    { ...event(7), external_subscription_id: 't', transaction_id: 't1', timestamp: '2024-02-10T00:00:00Z' },
  ]);
  run('2024-03-20T00:00:00Z', 'bill', {});
  const commitments = () =>
    ledger
      .account('c')
      ?.all('fee')
      .filter(({ feeType }) => feeType === 'commitment')
      .map(({ amountCents }) => amountCents);
  // 50.00 less the base fee of 10.00 and the event's 7.00.
  expect(commitments()).toEqual([3_300]);
  expect(verify()).toMatchObject({ findings: [], lateUsage: [] });

  const fee = ledger
    .account('c')
    ?.all('fee')
    .find(({ eventTransactionId }) => eventTransactionId === 't1');
  run('2024-03-21T00:00:00Z', 'update_fee', { fee: fee?.id, payment_status: 'succeeded' });
  run('2024-04-01T00:00:00Z', 'bill', {});
  const types = ledger
    .account('c')
    ?.all('invoice')
    .map(({ invoiceType }) => invoiceType);
  expect(types).toContain('advance_charges');
  expect(verify()).toMatchObject({ findings: [], lateUsage: [] });
});

test('a changed fee is found by the seal, by the sum and by its period', () => {
  write("UPDATE fee_records SET record = json_set(record, '$.amountCents', 600) WHERE record ->> 'feeType' = 'charge'");
  expect(verify().findings.map(({ kind }) => kind)).toEqual(['document_changed', 'totals_differ', 'fees_differ']);
});

test('a removed event leaves the document whole, and its fee without ground', () => {
  write('DELETE FROM usage_points; DELETE FROM events; UPDATE projection SET complete = 0');
  ledger.close();
  ledger = openLedger(file);
  expect(verify().findings.map(({ kind }) => kind)).toEqual(['fees_differ']);
});

test('an invoice without its seal is named', () => {
  write('DELETE FROM documents');
  expect(verify().findings.map(({ kind }) => kind)).toEqual(['not_sealed']);
});

function event(n: number) {
  return { code: 'm', external_subscription_id: 's', properties: { n } };
}

function run(instant: string, verb: string, input: unknown): void {
  perform({ ledger, catalog: definitions.catalog, at: at(instant) }, verb, input);
}

function verify(): VerifiedInvoices {
  const context = { ledger, catalog: definitions.catalog, at: at('2024-02-10T00:00:00Z') };
  return query(context, (current) => verifyInvoices(current, {}));
}

/** Behind the ledger's back. */
function write(sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}
