/** A project with three customers, a wallet and two months of events, and the commands that bill it. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalog } from '../../src/catalog/load.js';
import { openLedger } from '../../src/ledger/open.js';
import { perform } from '../../src/operations/perform.js';
import { at } from '../support/terms.js';
import { seededChance } from './rounds.js';

export const customers = ['acme', 'globex', 'initech'] as const;

const settings = 'name: Torture\ntimezone: UTC\ndefault_currency: USD\ndocument_number_prefix: TOR\n';

const definitions = `
billable_metrics:
  - {code: calls, name: Calls, aggregation_type: count_agg}
  - {code: traffic, name: Traffic, aggregation_type: sum_agg, field_name: gb}
  - {code: seats, name: Seats, aggregation_type: unique_count_agg, field_name: user}
  - {code: sms, name: SMS, aggregation_type: sum_agg, field_name: parts}
taxes:
  - {code: vat, name: VAT, rate: 20, applied_to_organization: true}
plans:
  - code: pro
    name: Pro
    interval: monthly
    amount_cents: 1900
    amount_currency: USD
    pay_in_advance: false
    charges:
      - {billable_metric_code: calls, charge_model: standard, properties: {amount: "0.0213"}}
      - billable_metric_code: traffic
        charge_model: graduated
        properties:
          graduated_ranges:
            - {from_value: 0, to_value: 100, per_unit_amount: "0.05", flat_amount: "1"}
            - {from_value: 101, to_value: null, per_unit_amount: "0.03", flat_amount: "0"}
      - {billable_metric_code: seats, charge_model: package, properties: {amount: "5", free_units: 2, package_size: 10}}
      - {billable_metric_code: sms, charge_model: standard, pay_in_advance: true, properties: {amount: "0.11"}}
`;

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'lago-cli-torture-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A month of events, nearly in order of time; some wide numbers, some of the charge paid in advance. */
export function eventLines(month: string, count: number, owners: readonly string[] = customers): string[] {
  const chance = seededChance(month.charCodeAt(6) * 1_000 + count);
  return Array.from({ length: count }, (_, index) => {
    const code = index % 97 === 50 ? 'sms' : chance.one(['calls', 'traffic', 'seats']);
    const day = String(1 + Math.floor((index / count) * 19)).padStart(2, '0');
    const properties = {
      gb: index % 50 === 0 ? '0.123456789012345' : String(chance.integer(4_000) / 1_000),
      user: `user_${chance.integer(40)}`,
      parts: String(1 + chance.integer(3)),
    };
    return JSON.stringify({
      transaction_id: `${month}-${index}`,
      code,
      external_subscription_id: `sub_${chance.one(owners)}`,
      timestamp: `${month}-${day}T${String(chance.integer(24)).padStart(2, '0')}:00:00Z`,
      properties,
    });
  });
}

/** A project folder, made in this process: its ledger holds the customers and their subscriptions. */
export function makeProject(folder: string, events = 2_000): void {
  mkdirSync(join(folder, 'plans'), { recursive: true });
  const paths = { settings: join(folder, 'lago.yaml'), plans: join(folder, 'plans') };
  writeFileSync(paths.settings, settings);
  writeFileSync(join(paths.plans, 'pro.yaml'), definitions);
  const october = eventLines('2026-10', events);
  writeFileSync(join(folder, 'october.ndjson'), `${october.join('\n')}\n`);
  // A tenth is sent again.
  const november = [...october.slice(0, events / 10), ...eventLines('2026-11', events)];
  writeFileSync(join(folder, 'november.ndjson'), `${november.join('\n')}\n`);
  const { catalog } = loadCatalog(paths);
  const ledger = openLedger(join(folder, 'lago.db'));
  const on = (day: string) => ({ ledger, catalog, at: at(day) });
  for (const id of customers) {
    perform(on('2026-09-30'), 'create_customer', { external_id: id, name: `${id} Inc.` });
    perform(on('2026-10-01'), 'create_subscription', {
      external_customer_id: id,
      external_id: `sub_${id}`,
      plan_code: 'pro',
    });
  }
  perform(on('2026-10-02'), 'create_wallet', {
    external_customer_id: 'acme',
    rate_amount: '1.0',
    currency: 'USD',
    granted_credits: '25',
  });
  ledger.close();
}

export interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** Its verb where running it again would do it again: the journal tells whether it was done. */
  readonly once?: string;
}

/** Everything that writes, in the order of a billing period and a half. */
export const steps: readonly Step[] = [
  { name: 'ingest', args: ['ingest', 'october.ndjson', '--at', '2026-10-20T00:00:00Z'] },
  {
    name: 'top up',
    args: ['wallets', 'top-up', '--customer', 'acme', '--paid', '50', '--granted', '5', '--at', '2026-10-21T00:00:00Z'],
    once: 'top_up_wallet',
  },
  { name: 'bill', args: ['bill', '--out', 'invoices', '--at', '2026-11-01T00:00:00Z'] },
  {
    name: 'void',
    args: ['invoices', 'void', 'VOIDED', '--at', '2026-11-02T00:00:00Z'],
    once: 'void_invoice',
  },
  { name: 'ingest with duplicates', args: ['ingest', 'november.ndjson', '--at', '2026-11-20T00:00:00Z'] },
  { name: 'bill again', args: ['bill', '--out', 'invoices', '--at', '2026-12-01T00:00:00Z'] },
];

export function copyProject(from: string, to: string): void {
  removeFolder(to);
  cpSync(from, to, { recursive: true });
}

/** The bytes of everything that the project holds: its ledger, compacted, and its documents. */
export function fingerprint(folder: string): string {
  const copy = join(folder, 'fingerprint.db');
  rmSync(copy, { force: true });
  const ledger = openLedger(join(folder, 'lago.db'));
  ledger.backup(copy);
  ledger.close();
  const hash = createHash('sha256').update(readFileSync(copy));
  rmSync(copy);
  const documents = join(folder, 'invoices');
  const names = existsSync(documents)
    ? readdirSync(documents)
        .filter((name) => !name.endsWith('.part'))
        .sort()
    : [];
  for (const name of names) hash.update(name).update(readFileSync(join(documents, name)));
  return `${hash.digest('hex')} with ${names.length} documents`;
}

export function problemsOf(folder: string): string[] {
  const ledger = openLedger(join(folder, 'lago.db'));
  try {
    return ledger.integrityProblems();
  } finally {
    ledger.close();
  }
}

/** How often the journal names the verb. */
export function timesDone(folder: string, verb: string): number {
  const ledger = openLedger(join(folder, 'lago.db'));
  try {
    return [...ledger.journal()].filter((entry) => entry.verb === verb).length;
  } finally {
    ledger.close();
  }
}
