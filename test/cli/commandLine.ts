/** Runs the built binary in a folder, as a user would, with no terminal. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const binary = fileURLToPath(new URL('../../bin/lago-cli.js', import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function commandLine(folder: string, environment: Readonly<Record<string, string>> = {}) {
  return (args: readonly string[], stdin = ''): Run => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [binary, ...args], {
      cwd: folder,
      input: stdin,
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', TZ: 'Pacific/Auckland', ...environment },
    });
    return { code: status, stdout, stderr };
  };
}

export const definitions = `
billable_metrics:
  - {code: calls, name: Calls, aggregation_type: count_agg}
taxes:
  - {code: vat, name: VAT, rate: 20, applied_to_organization: true}
plans:
  - code: pro
    name: Pro
    interval: monthly
    amount_cents: 1000
    amount_currency: USD
    pay_in_advance: false
    charges:
      - {billable_metric_code: calls, charge_model: standard, properties: {amount: "2"}}
`;

/** A project folder with one plan. */
export function project(settings = 'name: Acme\ndocument_number_prefix: ACME\n'): string {
  const folder = mkdtempSync(join(tmpdir(), 'lago-cli-'));
  const run = commandLine(folder)(['init', '.', '--template', 'blank']);
  if (run.code !== 0) throw new Error(`init failed: ${run.stderr}`);
  writeFileSync(join(folder, 'lago.yaml'), settings);
  writeFileSync(join(folder, 'plans', 'pro.yaml'), definitions);
  return folder;
}
