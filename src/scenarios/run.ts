/**
 * Runs one scenario on a fresh in-memory ledger: each step at its own instant, through the same operations and views as
 * the command line. Stops at the first step that is not as written, and says what differs there.
 * Source: the scenario format, "Rules".
 */
import { BillingError, type SourceLocation } from '../errors.js';
import { openLedger } from '../ledger/open.js';
import type { Ledger } from '../ledger/types.js';
import { type DefinitionState, defineInitially, defineMore } from '../operations/define.js';
import { perform, query } from '../operations/perform.js';
import { formatInstantMs, type Instant } from '../time/instant.js';
import { expect } from './expect.js';
import type { Difference } from './match.js';
import type { Scenario, Step } from './parse.js';

export interface Failure {
  readonly location: SourceLocation;
  /** From 1; null when the scenario could not start. */
  readonly step: number | null;
  readonly at: string | null;
  readonly verb: string | null;
  /** One sentence. */
  readonly message: string;
  /** The error's code, when an error is why it failed. */
  readonly code: string | null;
  readonly differences: readonly Difference[];
}

export interface ScenarioResult {
  readonly name: string;
  readonly location: SourceLocation;
  readonly failures: readonly Failure[];
}

export function runScenario(scenario: Scenario): ScenarioResult {
  const { name, location } = scenario;
  if (scenario.problems.length > 0) {
    const failures = scenario.problems.map((problem) => beforeSteps(problem.location, problem.message, null));
    return { name, location, failures };
  }
  const ledger = openLedger(':memory:');
  try {
    const failure = runSteps(scenario, ledger);
    return { name, location, failures: failure === null ? [] : [failure] };
  } finally {
    ledger.close();
  }
}

/** What a scenario carries from step to step, besides its ledger. */
interface Standing {
  definitions: DefinitionState;
}

function runSteps(scenario: Scenario, ledger: Ledger): Failure | null {
  const start = scenario.steps[0]?.at ?? (0 as Instant);
  let standing: Standing;
  try {
    standing = { definitions: defineInitially(ledger, scenario.definitions, start) };
  } catch (error) {
    return beforeSteps(scenario.location, `the definitions are refused: ${describe(error)}`, codeOf(error));
  }
  for (const [index, step] of scenario.steps.entries()) {
    const failure = runStep(step, ledger, standing);
    if (failure !== null) {
      const { location, verb } = step;
      return { differences: [], code: null, ...failure, location, step: index + 1, at: formatInstantMs(step.at), verb };
    }
  }
  return null;
}

type StepFailure = Pick<Failure, 'message'> & Partial<Pick<Failure, 'differences' | 'code'>>;

function runStep(step: Step, ledger: Ledger, standing: Standing): StepFailure | null {
  let found: readonly Difference[];
  try {
    found = takeStep(step, ledger, standing);
  } catch (error) {
    const message = describe(error);
    if (step.fails === null) return { message, code: codeOf(error) };
    if (error instanceof BillingError && error.codes().includes(step.fails)) return null;
    return { message: `should be refused with ${step.fails}, but: ${message}`, code: codeOf(error) };
  }
  if (step.fails !== null) return { message: `should be refused with ${step.fails}, but was accepted` };
  return found.length === 0 ? null : { message: 'is not as expected', differences: found };
}

/** Differences of an expecting step; an acting one has none, or throws. */
function takeStep(step: Step, ledger: Ledger, standing: Standing): readonly Difference[] {
  if (step.verb === 'define') {
    standing.definitions = defineMore(ledger, standing.definitions, step.input, step.at);
    return [];
  }
  const context = { ledger, catalog: standing.definitions.catalog, at: step.at };
  if (step.acts) {
    perform(context, step.verb, step.input);
    return [];
  }
  return query(context, (current) => expect(current, step.verb, step.input as Record<string, unknown>));
}

function beforeSteps(location: SourceLocation, message: string, code: string | null): Failure {
  return { location, step: null, at: null, verb: null, message, code, differences: [] };
}

function codeOf(error: unknown): string | null {
  return error instanceof BillingError ? error.code : 'internal_error';
}

function describe(error: unknown): string {
  if (error instanceof BillingError) return `${error.code}: ${error.message}`;
  const { stack, message } = error as Error;
  return `internal error: ${stack ?? message}`;
}
