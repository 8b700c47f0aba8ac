/** A ledger with a few metrics and subscriptions, a folder for input files, and short ways to write events. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BillableMetric, Catalog } from '../../src/catalog/types.js';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { StoredEvent } from '../../src/ledger/types.js';
import type { OperationContext } from '../../src/operations/context.js';
import type { Instant } from '../../src/time/instant.js';
import { newCustomer } from '../ledger/newEvent.js';
import { at, subscription } from '../support/terms.js';

export const noon = at('2026-10-09T12:00:00Z');

export function metric(code: string, given: Partial<BillableMetric>): BillableMetric {
  return {
    id: code,
    code,
    name: code,
    description: null,
    aggregationType: 'count_agg',
    fieldName: null,
    recurring: false,
    weightedInterval: null,
    roundingFunction: null,
    roundingPrecision: null,
    expression: null,
    filters: [],
    ...given,
  };
}

const metrics = [
  metric('calls', {}),
  metric('bytes', { aggregationType: 'sum_agg', fieldName: 'bytes' }),
  metric('users', { aggregationType: 'unique_count_agg', fieldName: 'user_id' }),
  metric('area', {
    aggregationType: 'sum_agg',
    fieldName: 'area',
    expression: 'event.properties.width * event.properties.height',
  }),
];

export interface World {
  readonly ledger: SqliteLedger;
  readonly context: OperationContext;
  /** Writes a file into the world's folder and returns its path. */
  file(name: string, content: string | Buffer): string;
  /** Every stored event without what depends on the order of arrival, by transaction id. */
  stored(): Omit<StoredEvent, 'sequence' | 'receivedAt'>[];
  close(): void;
}

/** `acme` has `sub_acme`; `globex` has `sub_1` and `sub_2`; `initech` none. */
export function world(clock: Instant = noon): World {
  const ledger = openLedger(':memory:');
  const folder = mkdtempSync(join(tmpdir(), 'lago-cli-test-'));
  const customers = { acme: ['sub_acme'], globex: ['sub_1', 'sub_2'], initech: [] };
  for (const [externalId, subscriptions] of Object.entries(customers)) {
    const customer = newCustomer(externalId, ledger.nextCustomerSequentialId());
    ledger.addCustomer(customer);
    const account = ledger.accountOf(customer);
    for (const id of subscriptions) {
      account.put('subscription', subscription('2026-01-01', { id, externalId: id, customerId: customer.id }));
    }
    ledger.saveAccount(account);
  }
  const catalog = { billableMetrics: new Map(metrics.map((each) => [each.code, each])) } as unknown as Catalog;
  return {
    ledger,
    context: { ledger, catalog, at: clock },
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    stored() {
      return [...ledger.events({})]
        .map(({ sequence: _sequence, receivedAt: _receivedAt, ...event }) => event)
        .sort((a, b) => (a.transactionId < b.transactionId ? -1 : 1));
    },
    close() {
      ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One NDJSON line. */
export function line(transactionId: string, changes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    transaction_id: transactionId,
    code: 'bytes',
    external_subscription_id: 'sub_acme',
    timestamp: '2026-10-09T12:00:00Z',
    properties: { bytes: '12.5' },
    ...changes,
  });
}
