/**
 * How an expectation is compared with what is: the scenario format's matching rules, and the difference as data.
 *
 * - a mapping matches when every key it names does; `null` matches null and absent;
 * - a list matches when both have the same length and the items can be paired in some order (a bipartite matching, so
 *   that a vague item never steals the partner of a precise one); under `ordered` they are paired by position;
 * - figures compare as decimals (40, "40.0" and 40.00 are equal), instants as instants, dates as dates.
 */
import { Decimal } from 'decimal.js';
import { parseInstant } from '../time/instant.js';

export interface Difference {
  /** `last.fees[0].amount_cents` */
  readonly path: string;
  readonly expected: unknown;
  /** Undefined when absent. */
  readonly actual: unknown;
}

/** Every difference between what is expected and what is; none when it matches. */
export function differences(expected: unknown, actual: unknown, path = '', ordered = false): Difference[] {
  if (expected === null || expected === undefined) {
    return actual === null || actual === undefined ? [] : [{ path, expected: null, actual }];
  }
  if (Array.isArray(expected)) return listDifferences(expected, actual, path, ordered);
  if (typeof expected === 'object') return mappingDifferences(expected, actual, path);
  return sameScalar(expected, actual) ? [] : [{ path, expected, actual }];
}

export function matches(expected: unknown, actual: unknown, ordered = false): boolean {
  return differences(expected, actual, '', ordered).length === 0;
}

function mappingDifferences(expected: object, actual: unknown, path: string): Difference[] {
  if (actual === null || typeof actual !== 'object' || Array.isArray(actual)) return [{ path, expected, actual }];
  return Object.entries(expected).flatMap(([key, value]) =>
    differences(value, (actual as Record<string, unknown>)[key], path === '' ? key : `${path}.${key}`),
  );
}

function listDifferences(expected: readonly unknown[], actual: unknown, path: string, ordered: boolean): Difference[] {
  if (!Array.isArray(actual)) return [{ path, expected, actual }];
  const found: Difference[] = [];
  if (expected.length !== actual.length) {
    found.push({ path: `${path}.length`, expected: expected.length, actual: actual.length });
  }
  const partners = ordered ? expected.map((_, index) => index) : pair(expected, actual);
  for (const [index, item] of expected.entries()) {
    const partner = partners[index] as number;
    if (partner < actual.length) found.push(...differences(item, actual[partner], `${path}[${index}]`));
    else found.push({ path: `${path}[${index}]`, expected: item, actual: undefined });
  }
  return found;
}

/**
 * The actual index of each expected item: a maximum matching by augmenting paths, and for the items that match nothing
 * the free actual item that differs least, so that the difference shown is the one meant.
 */
function pair(expected: readonly unknown[], actual: readonly unknown[]): number[] {
  const costs = expected.map((item) => actual.map((candidate) => differences(item, candidate).length));
  const ownerOf = new Map<number, number>();
  const augment = (item: number, seen: Set<number>): boolean => {
    for (const [candidate, cost] of (costs[item] as number[]).entries()) {
      if (cost > 0 || seen.has(candidate)) continue;
      seen.add(candidate);
      const owner = ownerOf.get(candidate);
      if (owner === undefined || augment(owner, seen)) {
        ownerOf.set(candidate, item);
        return true;
      }
    }
    return false;
  };
  for (const item of expected.keys()) augment(item, new Set());
  const partners: number[] = expected.map(() => actual.length);
  for (const [candidate, item] of ownerOf) partners[item] = candidate;
  for (const item of expected.keys()) {
    if (partners[item] !== actual.length) continue;
    const free = [...actual.keys()].filter((candidate) => !ownerOf.has(candidate));
    const row = costs[item] as number[];
    const best = free.sort((a, b) => (row[a] as number) - (row[b] as number) || a - b)[0];
    if (best === undefined) continue;
    partners[item] = best;
    ownerOf.set(best, item);
  }
  return partners;
}

const FIGURE = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

function sameScalar(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  if (isFigure(expected) && isFigure(actual)) return new Decimal(expected).eq(new Decimal(actual));
  if (typeof expected !== 'string' || typeof actual !== 'string') return false;
  // A day against an instant names the day that the text itself shows: from_date: 2024-03-05.
  if (DATE.test(expected)) return actual === expected || (parseInstant(actual) !== null && actual.startsWith(expected));
  const instant = parseInstant(expected);
  return instant !== null && instant === parseInstant(actual);
}

function isFigure(value: unknown): value is number | string {
  return typeof value === 'number' || (typeof value === 'string' && FIGURE.test(value.trim()));
}
