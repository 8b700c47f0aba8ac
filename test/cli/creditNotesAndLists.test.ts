import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

it('a credit note is worth its items unless the split is given, and its estimate says so before', () => {
  const run = commandLine(project());
  const at = (day: string) => ['--at', day, '--json'];
  run(['customers', 'create', 'acme', ...at('2026-09-30')]);
  run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', ...at('2026-10-01')]);
  const [invoice] = JSON.parse(run(['bill', ...at('2026-11-01')]).stdout).invoices;
  const item = ['--item', '0=500'];

  // 5.00 of the base fee of 10.00, and its tax of 20 %
  const estimate = JSON.parse(run(['credit-notes', 'estimate', invoice.number, ...item, ...at('2026-11-02')]).stdout);
  expect(estimate.estimated_credit_note).toMatchObject({
    invoice_number: invoice.number,
    currency: 'USD',
    taxes_amount_cents: 100,
    max_creditable_amount_cents: 600,
    max_refundable_amount_cents: 0,
    items: [{ lago_fee_id: invoice.fees[0].lago_id, amount_cents: 500 }],
  });
  const note = JSON.parse(run(['credit-notes', 'create', invoice.number, ...item, ...at('2026-11-02')]).stdout);
  expect(note.credit_note).toMatchObject({ total_amount_cents: 600, credit_amount_cents: 600 });

  // 5.00 of the fee are left
  const more = run(['credit-notes', 'estimate', invoice.number, '--item', '0=501', ...at('2026-11-02')]);
  expect(more.code).toBe(5);
  expect(more.stderr).toContain('higher_than_remaining_fee_amount');
});

it('credit notes are written as JSON and PDF, the same bytes each time, or none when one is not there', () => {
  const folder = project();
  const run = commandLine(folder);
  run(['customers', 'create', 'acme', '--at', '2026-09-30']);
  run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
  const [invoice] = JSON.parse(run(['bill', '--at', '2026-11-01', '--json']).stdout).invoices;
  run(['credit-notes', 'create', invoice.number, '--item', '0=500', '--at', '2026-11-02']);
  const number = `${invoice.number}-CN001`;

  const missing = run(['credit-notes', 'download', number, 'nothing', '--out', 'notes']);
  expect([missing.code, existsSync(join(folder, 'notes'))]).toEqual([4, false]);

  const written = (out: string) => {
    const { code, stdout, stderr } = run(['credit-notes', 'download', number, '--out', out]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: `wrote 1 credit note to ${out}, as JSON and PDF\n`,
    });
    return [
      readFileSync(join(folder, out, `${number}.json`)),
      readFileSync(join(folder, out, `${number}.pdf`)),
    ] as const;
  };
  const [json, pdf] = written('notes');
  expect(JSON.parse(json.toString()).credit_note).toMatchObject({ number, total_amount_cents: 600 });
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(written('again').map((bytes) => bytes.toString('base64'))).toEqual(
    [json, pdf].map((b) => b.toString('base64')),
  );
});

it('a list of invoices is Lago’s short form; one invoice is in full', () => {
  const run = commandLine(project());
  run(['customers', 'create', 'acme', '--at', '2026-09-30']);
  run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'pro', '--at', '2026-10-01']);
  run(['bill', '--at', '2026-11-01']);
  const [listed] = JSON.parse(run(['invoices', 'list', '--json']).stdout).invoices;
  const { invoice } = JSON.parse(run(['invoices', 'get', listed.number, '--json']).stdout);
  const inFull = ['subscriptions', 'billing_periods', 'fees', 'credits', 'error_details'];
  for (const key of inFull) expect([key in listed, key in invoice]).toEqual([false, true]);
  expect(invoice).toMatchObject(listed);
});
