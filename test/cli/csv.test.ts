import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandLine, project } from './commandLine.js';

const grouped = `
billable_metrics:
  - {code: storage, name: Storage, aggregation_type: sum_agg, field_name: gb, filters: [{key: region, values: [eu, us]}]}
plans:
  - code: grouped
    name: Grouped
    interval: monthly
    amount_cents: 1000
    amount_currency: USD
    charges:
      - billable_metric_code: storage
        charge_model: standard
        properties: {amount: "1", pricing_group_keys: [team]}
        filters:
          - {values: {region: [eu]}, properties: {amount: "2", pricing_group_keys: [team]}}
`;

const usage = [
  ['1', { gb: 3, region: 'eu', team: 'x' }],
  ['2', { gb: 4, region: 'us', team: 'y' }],
  ['3', { gb: 5, region: 'eu', team: 'y' }],
]
  .map(([transaction_id, properties]) =>
    JSON.stringify({ transaction_id, code: 'storage', external_subscription_id: 'sub', properties }),
  )
  .join('\n');

it('usage and invoices as CSV have a row for each figure that is billed by itself', () => {
  const folder = project();
  writeFileSync(join(folder, 'plans', 'grouped.yaml'), grouped);
  const run = commandLine(folder);
  run(['customers', 'create', 'acme', '--at', '2026-09-30']);
  run(['subscriptions', 'create', 'sub', '--customer', 'acme', '--plan', 'grouped', '--at', '2026-10-01']);
  expect(run(['ingest', '--at', '2026-10-02'], usage).stdout).toBe('3 stored\n');

  const period = '2026-10-01T00:00:00Z,2026-10-31T23:59:59Z,storage,storage,standard';
  expect(run(['usage', 'sub', '-o', 'csv', '--at', '2026-10-03']).stdout.split('\n')).toEqual([
    'from_datetime,to_datetime,charge_code,billable_metric_code,charge_model,filters,grouped_by,units,events_count,amount_cents,currency',
    `${period},"{""region"":[""eu""]}","{""team"":""x""}",3.0,1,600,USD`,
    `${period},"{""region"":[""eu""]}","{""team"":""y""}",5.0,1,1000,USD`,
    `${period},,"{""team"":""y""}",4.0,1,400,USD`,
    '',
  ]);

  const [{ number }] = JSON.parse(run(['bill', '--at', '2026-11-01', '--json']).stdout).invoices;
  const rows = run(['invoices', 'get', number, '-o', 'csv']).stdout.trimEnd().split('\n');
  expect(rows[0]).toMatch(/^number,item.type,item.code,item.name,/);
  // The base fee of 10.00, 6.00 + 10.00 + 4.00 of usage, each with 20 % of tax
  expect(rows.slice(1).map((row) => row.split(',').slice(-3))).toEqual([
    ['1000', '200', 'USD'],
    ['600', '120', 'USD'],
    ['1000', '200', 'USD'],
    ['400', '80', 'USD'],
  ]);
});
