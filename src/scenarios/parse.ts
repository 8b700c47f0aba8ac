/**
 * Scenario files: YAML documents to checked scenarios, each problem with its place in the file.
 *
 * YAML is read with the core schema, so timestamps stay text; a number that a double cannot hold as written (more than
 * its 15 to 17 digits) stays text too, which every reader of figures takes as the exact decimal.
 * A document that does not parse becomes a scenario with a problem: it fails by name and the others still run.
 * Source: the scenario format, "Rules".
 */
import { type Document, isMap, isNode, isPair, LineCounter, type Pair, parseAllDocuments, Scalar, visit } from 'yaml';
import { keepExactNumbers } from '../catalog/source.js';
import { nearest } from '../catalog/suggest.js';
import type { SourceLocation } from '../errors.js';
import { formatInstantMs, type Instant, parseInstant } from '../time/instant.js';
import { actingVerbs, expectingVerbs } from './format.js';

export interface Step {
  readonly at: Instant;
  readonly verb: string;
  readonly acts: boolean;
  readonly input: unknown;
  /** The code that the refusal must carry; null when the step must succeed. */
  readonly fails: string | null;
  readonly location: SourceLocation;
}

export interface Scenario {
  readonly name: string;
  readonly definitions: unknown;
  readonly steps: readonly Step[];
  readonly location: SourceLocation;
  /** Why it cannot run at all; empty when it can. */
  readonly problems: readonly ScenarioProblem[];
}

export interface ScenarioProblem {
  readonly message: string;
  readonly location: SourceLocation;
}

const SCENARIO_KEYS = new Set(['scenario', 'source', 'note', 'definitions', 'steps']);
const STEP_KEYS = new Set(['at', 'fails', 'note']);

export function parseScenarios(text: string, file: string): Scenario[] {
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, { schema: 'core', merge: true, lineCounter, prettyErrors: false });
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lineCounter.linePos(offset);
    return { file, line, column: col };
  };
  const names = new Set<string>();
  const scenarios: Scenario[] = [];
  for (const document of [...documents]) {
    if (document.contents === null && document.errors.length === 0) continue;
    const scenario = parseDocument(document, locate);
    if (names.has(scenario.name)) {
      const message = `the scenario name ${JSON.stringify(scenario.name)} is used twice in this file`;
      scenarios.push({ ...scenario, problems: [...scenario.problems, { message, location: scenario.location }] });
    } else scenarios.push(scenario);
    names.add(scenario.name);
  }
  return scenarios;
}

type Locate = (offset: number) => SourceLocation;

function parseDocument(document: Document.Parsed, locate: Locate): Scenario {
  const problems: ScenarioProblem[] = [];
  const report = (message: string, location: SourceLocation): void => {
    problems.push({ message, location });
  };
  for (const error of document.errors) report(error.message, locate(error.pos[0]));
  const start = locate(document.contents?.range?.[0] ?? document.range[0]);
  const nothing = { name: `document at line ${start.line}`, definitions: {}, steps: [], location: start, problems };
  if (problems.length > 0) return nothing;
  if (!isMap(document.contents)) {
    report('a scenario is a mapping with `scenario`, `definitions` and `steps`', start);
    return nothing;
  }
  keepExactNumbers(document);
  keepDecimalProperties(document);
  for (const pair of document.contents.items) {
    const key = keyOf(pair);
    if (!SCENARIO_KEYS.has(key)) report(`unknown field ${key}`, locationOf(pair.key, locate, start));
  }
  const name = document.get('scenario');
  if (typeof name !== 'string' || name === '') report('a scenario needs a name (`scenario: …`)', start);
  const plain = document.toJS() as { definitions?: unknown; steps?: unknown };
  return {
    name: typeof name === 'string' && name !== '' ? name : nothing.name,
    definitions: plain.definitions ?? {},
    steps: parseSteps(document, plain.steps, locate, report),
    location: start,
    problems,
  };
}

function parseSteps(
  document: Document.Parsed,
  steps: unknown,
  locate: Locate,
  report: (message: string, location: SourceLocation) => void,
): Step[] {
  const start = locate(document.range[0]);
  if (!Array.isArray(steps)) {
    report('a scenario needs a list of `steps`', locationOf(document.get('steps', true), locate, start));
    return [];
  }
  const parsed: Step[] = [];
  let previous: Instant | null = null;
  for (const [index, written] of steps.entries()) {
    const node = document.getIn(['steps', index], true);
    const location = locationOf(node, locate, start);
    if (written === null || typeof written !== 'object' || Array.isArray(written)) {
      report('a step is a mapping with `at` and one verb', location);
      continue;
    }
    const fields = written as Record<string, unknown>;
    const at = typeof fields.at === 'string' ? parseInstant(fields.at) : null;
    if (at === null) report(`\`at\` must be an ISO 8601 instant, not ${JSON.stringify(fields.at ?? null)}`, location);
    if (at !== null && previous !== null && at < previous) {
      report(`\`at\` goes back, from ${formatInstantMs(previous)} to ${formatInstantMs(at)}`, location);
    }
    previous = at ?? previous;
    const step = parseVerb(fields, location, report, (key) => {
      const pair = isMap(node) ? node.items.find((item) => keyOf(item) === key) : undefined;
      return locationOf(pair?.key, locate, location);
    });
    if (step !== null && at !== null) parsed.push({ ...step, at, location });
  }
  return parsed;
}

function parseVerb(
  fields: Record<string, unknown>,
  location: SourceLocation,
  report: (message: string, location: SourceLocation) => void,
  locateKey: (key: string) => SourceLocation,
): Omit<Step, 'at' | 'location'> | null {
  const verbs = Object.keys(fields).filter((key) => !STEP_KEYS.has(key));
  const [verb] = verbs;
  if (verb === undefined || verbs.length > 1) {
    report(`a step has exactly one verb besides at, fails and note; this has ${verbs.join(', ') || 'none'}`, location);
    return null;
  }
  const acts = Object.hasOwn(actingVerbs, verb);
  const known = acts ? actingVerbs[verb] : Object.hasOwn(expectingVerbs, verb) ? expectingVerbs[verb] : undefined;
  if (known === undefined) {
    const near = nearest(verb, [...Object.keys(actingVerbs), ...Object.keys(expectingVerbs)]);
    report(`unknown verb ${verb}${near === undefined ? '' : `; did you mean ${near}?`}`, locateKey(verb));
    return null;
  }
  const input = fields[verb] ?? {};
  for (const item of verb === 'ingest' && Array.isArray(input) ? input : [input]) {
    if (item === null || typeof item !== 'object') {
      report(`${verb} takes ${verb === 'ingest' ? 'a list of events' : 'a mapping'}`, locateKey(verb));
      return null;
    }
    for (const key of known === 'any' ? [] : Object.keys(item)) {
      if (!known.includes(key)) report(`${verb} has no field ${key}`, locateKey(verb));
    }
  }
  const fails = fields.fails ?? null;
  if (fails !== null && typeof fails !== 'string') {
    report('`fails` is an error code', locateKey('fails'));
    return null;
  }
  return { verb, acts, input, fails };
}

/** Among an event's properties 2.0 is another value than 2 (usage-and-pricing §1.5); as a number it would become one. */
function keepDecimalProperties(document: Document.Parsed): void {
  visit(document, {
    Scalar(_key, node, path) {
      const { value, source } = node;
      if (typeof value !== 'number' || source === undefined || !/^-?\d+\.0+$/.test(source)) return;
      if (isEventProperty(path)) node.value = source.replace(/\.0+$/, '.0');
    },
  });
}

function isEventProperty(path: readonly unknown[]): boolean {
  const keys = path.flatMap((node) => (isPair(node) ? [keyOf(node)] : []));
  return keys.includes('properties') && (keys.includes('ingest') || keys.includes('event'));
}

function keyOf(pair: Pair): string {
  return String(pair.key instanceof Scalar ? pair.key.value : pair.key);
}

function locationOf(node: unknown, locate: Locate, otherwise: SourceLocation): SourceLocation {
  return isNode(node) && node.range ? locate(node.range[0]) : otherwise;
}
