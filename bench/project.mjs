// A project for the benchmark: five metrics, one monthly plan with a charge for each, and its subscriptions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricCodes, subscriptionId } from './events.mjs';

const metrics = [
  { code: 'requests', name: 'Requests', aggregation_type: 'count_agg' },
  { code: 'traffic', name: 'Traffic', aggregation_type: 'sum_agg', field_name: 'amount' },
  { code: 'memory', name: 'Memory', aggregation_type: 'max_agg', field_name: 'amount' },
  { code: 'users', name: 'Users', aggregation_type: 'unique_count_agg', field_name: 'user' },
  { code: 'storage', name: 'Storage', aggregation_type: 'latest_agg', field_name: 'amount' },
];

const plan = {
  code: 'bench',
  name: 'Bench',
  interval: 'monthly',
  amount_cents: 4900,
  amount_currency: 'USD',
  pay_in_advance: false,
  charges: metricCodes.map((code) => ({
    billable_metric_code: code,
    charge_model: 'standard',
    properties: { amount: '0.002' },
  })),
};

/** Writes the definitions; JSON is YAML too. */
export function writeDefinitions(folder) {
  mkdirSync(join(folder, 'plans'), { recursive: true });
  writeFileSync(join(folder, 'lago.yaml'), 'name: Bench\ntimezone: UTC\ndefault_currency: USD\n');
  const definitions = { billable_metrics: metrics, plans: [plan] };
  writeFileSync(join(folder, 'plans', 'bench.yaml'), JSON.stringify(definitions, null, 2));
}

/** Each customer has one subscription from 2026-10-01; all of them in one transaction. */
export async function subscribe(root, folder, count) {
  const load = (module) => import(join(root, 'dist', module));
  const [{ loadCatalog }, { openLedger }, { perform }, { parseInstant }] = await Promise.all(
    ['catalog/load.js', 'ledger/open.js', 'operations/perform.js', 'time/instant.js'].map(load),
  );
  const { catalog } = loadCatalog({
    root: folder,
    settings: join(folder, 'lago.yaml'),
    plans: join(folder, 'plans'),
    ledger: join(folder, 'lago.db'),
  });
  const ledger = openLedger(join(folder, 'lago.db'));
  const context = { ledger, catalog, at: parseInstant('2026-10-01T00:00:00Z') };
  ledger.transaction(() => {
    for (let i = 0; i < count; i += 1) {
      const external_customer_id = `customer_${i}`;
      perform(context, 'create_customer', { external_id: external_customer_id, currency: 'USD' });
      perform(context, 'create_subscription', {
        external_customer_id,
        external_id: subscriptionId(i),
        plan_code: 'bench',
        billing_time: 'calendar',
      });
    }
  });
  ledger.close();
}
