/**
 * Takes what a scenario came to as what it expects: the figures that differ are replaced in the file's own text, where they
 * stand, and nothing else is touched. A scenario stops at its first difference, so it is run again after each.
 *
 * What is no figure stays as written: a step that should be refused, a list of another length, an object for a value.
 */
import { Decimal } from 'decimal.js';
import { isAlias, isScalar, parseAllDocuments, type Scalar } from 'yaml';
import type { Difference } from '../scenarios/match.js';
import { parseScenarios } from '../scenarios/parse.js';
import { type Failure, runScenario } from '../scenarios/run.js';

export interface UpdatedScenarios {
  readonly text: string;
  /** Figures replaced. */
  readonly updated: number;
}

export function updateScenarios(text: string, file: string, isWanted: (name: string) => boolean): UpdatedScenarios {
  let current = text;
  let updated = 0;
  for (const { name } of parseScenarios(text, file).filter((scenario) => isWanted(scenario.name))) {
    for (;;) {
      const scenario = parseScenarios(current, file).find((each) => each.name === name);
      if (scenario === undefined || scenario.problems.length > 0) break;
      const [failure] = runScenario(scenario).failures;
      const next = failure === undefined ? null : replaced(current, name, failure);
      if (next === null) break;
      updated += next.updated;
      current = next.text;
    }
  }
  return { text: current, updated };
}

interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Null when none of the failure's differences can be written down. */
function replaced(text: string, name: string, failure: Failure): UpdatedScenarios | null {
  if (failure.step === null || failure.verb === null) return null;
  const document = parseAllDocuments(text, { schema: 'core', merge: true }).find(
    (each) => each.get('scenario') === name,
  );
  if (document === undefined) return null;
  const splices: Splice[] = [];
  for (const difference of failure.differences) {
    const node = document.getIn(['steps', failure.step - 1, failure.verb, ...keysOf(difference.path)], true);
    if (!isScalar(node) || isAlias(node) || !node.range) continue;
    const written = writtenAs(node, difference);
    if (written !== null) splices.push({ from: node.range[0], to: node.range[1], text: written });
  }
  if (splices.length === 0) return null;
  let result = text;
  for (const { from, to, text: written } of splices.sort((a, b) => b.from - a.from)) {
    result = result.slice(0, from) + written + result.slice(to);
  }
  return result === text ? null : { text: result, updated: splices.length };
}

/** `last.fees[0].amount_cents` → last, fees, 0, amount_cents. */
function keysOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map((match) =>
    match[1] === undefined ? (match[2] as string) : Number(match[1]),
  );
}

/** In the notation that stood there: a number stays a number, a quoted text quoted. */
function writtenAs(node: Scalar, { expected, actual }: Difference): string | null {
  if (actual === undefined || actual === null) return 'null';
  if (typeof actual === 'object') return null;
  if (typeof actual !== 'string') return String(actual);
  if (typeof expected === 'number' && /^-?\d+(\.\d+)?$/.test(actual)) return new Decimal(actual).toFixed();
  const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
  return isQuoted || !/^[A-Za-z][\w. -]*$|^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(actual)
    ? JSON.stringify(actual)
    : actual;
}
