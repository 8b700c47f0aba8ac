/** Ledgers with a history: the steps of scenario files carried out, for experiments to look at. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BillingError } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import type { OperationContext } from '../../src/operations/context.js';
import { defineInitially, defineMore } from '../../src/operations/define.js';
import { perform } from '../../src/operations/perform.js';
import { parseScenarios, type Scenario } from '../../src/scenarios/parse.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Scenarios of a folder of `test/`, nested ones too. */
export function scenariosOf(folder: string): Scenario[] {
  return filesOf(join(root, folder)).flatMap((file) => parseScenarios(readFileSync(file, 'utf8'), file));
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) return filesOf(join(folder, entry.name));
    return /\.ya?ml$/.test(entry.name) ? [join(folder, entry.name)] : [];
  });
}

/** Carries out the acting steps, refusals included; null when the definitions are refused. */
export function withHistory(scenario: Scenario, look: (context: OperationContext) => void): void {
  const ledger = openLedger(':memory:');
  try {
    const context = live(ledger, scenario);
    if (context !== null) look(context);
  } finally {
    ledger.close();
  }
}

function live(ledger: Ledger, scenario: Scenario): OperationContext | null {
  const [first] = scenario.steps;
  if (first === undefined || scenario.problems.length > 0) return null;
  let { at } = first;
  let standing: ReturnType<typeof defineInitially> | null = null;
  refusable(() => {
    standing = defineInitially(ledger, scenario.definitions, at);
  });
  for (const step of scenario.steps) {
    if (standing === null) return null;
    at = step.at;
    const { catalog } = standing as ReturnType<typeof defineInitially>;
    refusable(() => {
      if (step.verb === 'define') standing = defineMore(ledger, standing as never, step.input, at);
      else if (step.acts) perform({ ledger, catalog, at }, step.verb, step.input);
    });
  }
  return standing === null ? null : { ledger, catalog: (standing as ReturnType<typeof defineInitially>).catalog, at };
}

function refusable(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
  }
}

/** One scenario from YAML text. */
export function scenario(text: string): Scenario {
  return parseScenarios(text, 'history.yaml')[0] as Scenario;
}
