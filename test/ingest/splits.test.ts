/** However a file of events is cut into several, what is billed is the same to the letter. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { recordText } from '../../src/ledger/recordText.js';
import type { RecordKind } from '../../src/model.js';
import { defineInitially } from '../../src/operations/define.js';

import { perform, performIngest } from '../../src/operations/perform.js';
import { at } from '../support/terms.js';

const range = (from: number, to: number | null, price: string) => ({
  from_value: from,
  to_value: to,
  per_unit_amount: price,
  flat_amount: '1',
});
const graduated = { graduated_ranges: [range(0, 10, '0.5'), range(11, null, '0.2')] };
const advance = { pay_in_advance: true };
const definitions = {
  billable_metrics: [
    { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
    { code: 'traffic', name: 'Traffic', aggregation_type: 'sum_agg', field_name: 'gb' },
    { code: 'users', name: 'Users', aggregation_type: 'unique_count_agg', field_name: 'user' },
  ],
  plans: [
    {
      code: 'pro',
      name: 'Pro',
      interval: 'monthly',
      amount_cents: 1_000,
      amount_currency: 'EUR',
      charges: [
        { billable_metric_code: 'traffic', charge_model: 'graduated', code: 'arrears', properties: graduated },
        { billable_metric_code: 'traffic', charge_model: 'graduated', code: 'sum', ...advance, properties: graduated },
        { billable_metric_code: 'users', charge_model: 'graduated', code: 'users', ...advance, properties: graduated },
        {
          billable_metric_code: 'calls',
          charge_model: 'package',
          code: 'calls',
          ...advance,
          invoiceable: false,
          properties: { amount: '2', package_size: 3, free_units: 1 },
        },
      ],
    },
  ],
};

const drawnEvent = fc.record({
  code: fc.constantFrom('calls', 'traffic', 'users'),
  /** Days of October: files are rarely in order of time. */
  day: fc.integer({ min: 1, max: 28 }),
  gb: fc.constantFrom('1', '4.5', '-2', '0'),
  user: fc.constantFrom('ann', 'bob', 'cid'),
  operation_type: fc.constantFrom('add', 'remove'),
});

const KINDS: readonly RecordKind[] = ['invoice', 'billing_period', 'fee', 'in_advance_usage'];

async function billed(files: readonly (readonly string[])[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lago-cli-splits-'));
  const ledger = openLedger(':memory:');
  const on = (day: string) => ({ ledger, catalog, at: at(`${day}T00:00:00Z`) });
  const { catalog } = defineInitially(ledger, definitions, at('2026-10-01T00:00:00Z'));
  perform(on('2026-10-01'), 'create_customer', { external_id: 'acme', currency: 'EUR' });
  const subscription = { external_customer_id: 'acme', external_id: 'sub', plan_code: 'pro', billing_time: 'calendar' };
  perform(on('2026-10-01'), 'create_subscription', subscription);
  for (const [index, lines] of files.entries()) {
    const file = join(folder, `${index}.ndjson`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    const summary = await performIngest(on('2026-10-29'), [file], {});
    expect(summary.stored).toBe(lines.length);
  }
  perform(on('2026-11-01'), 'bill', {});
  const account = ledger.account('acme');
  const records = KINDS.flatMap((kind) => (account?.all(kind) ?? []).map((each) => recordText(kind, each).text));
  ledger.close();
  rmSync(folder, { recursive: true });
  return records;
}

test('one file, several, or a file for each event', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(drawnEvent, { minLength: 2, maxLength: 24 }),
      fc.array(fc.nat(23), { maxLength: 4 }),
      async (drawn, cuts) => {
        const lines = drawn.map(({ code, day, ...properties }, index) =>
          JSON.stringify({
            transaction_id: `t${index}`,
            external_subscription_id: 'sub',
            code,
            timestamp: `2026-10-${String(day).padStart(2, '0')}T12:00:00Z`,
            properties,
          }),
        );
        const ends = [...new Set(cuts.filter((cut) => cut > 0 && cut < lines.length))].sort((a, b) => a - b);
        const parts = [...ends, lines.length].map((end, i) => lines.slice(ends[i - 1] ?? 0, end));
        const whole = await billed([lines]);
        expect(await billed(parts)).toEqual(whole);
        expect(await billed(lines.map((line) => [line]))).toEqual(whole);
      },
    ),
    { numRuns: 40 },
  );
});
