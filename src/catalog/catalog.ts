/**
 * Definitions → catalog: the whole way from what is written to what billing reads.
 *
 * shape (types, unknown fields) → rules (Lago's codes, every problem collected) → normal form. A set with a problem
 * gives no catalog to bill with: `checkedCatalog` leaves the broken items out of what it answers, `catalogFrom` refuses it.
 */
import { BillingError, type Problem } from '../errors.js';
import { type Definitions, parseDefinitions } from './definitions.js';
import { normalize } from './normalize.js';
import { type Locate, ProblemList } from './problems.js';
import { checkDefinitions } from './rules.js';
import { sections } from './schema.js';
import type { Catalog } from './types.js';

export interface BuiltCatalog {
  /** Without the items that have problems; what refers to them dangles. To look at, not to bill with. */
  readonly catalog: Catalog;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Every problem of the input in one list. */
export function checkedCatalog(input: unknown, locate?: Locate): BuiltCatalog {
  const { definitions, problems, rejected } = parseDefinitions(input, locate);
  const list = new ProblemList(definitions, locate, new Set(rejected));
  checkDefinitions(definitions, list);
  const { broken } = list;
  const sound = broken.size === 0 ? definitions : withoutBroken(definitions, broken);
  return { catalog: normalize(sound), problems: [...problems, ...list.problems], warnings: list.warnings };
}

/** Refuses with every problem at once. */
export function catalogFrom(input: unknown): Catalog {
  const { catalog, problems } = checkedCatalog(input);
  if (problems.length > 0) throw definitionsRefused(problems);
  return catalog;
}

export function definitionsRefused(problems: readonly Problem[]): BillingError {
  return new BillingError('validation_errors', {
    message: problems.map(({ field, message, code }) => `${field}: ${message} (${code})`).join('; '),
    problems,
    suggestion: problems[0]?.suggestion ?? 'lago-cli validate shows each problem with its line.',
    ...(problems[0]?.location === undefined ? {} : { location: problems[0].location }),
  });
}

/** Everything but the items that hold a problem; without the organization's fields when one of them is wrong. */
function withoutBroken(definitions: Definitions, broken: ReadonlySet<string>): Definitions {
  const organization = broken.has('organization') ? {} : definitions.organization;
  const parts = sections.map((section) => {
    const items: readonly unknown[] = definitions[section];
    return [section, items.filter((_item, index) => !broken.has(`${section} ${index}`))] as const;
  });
  return { organization, ...Object.fromEntries(parts) } as Definitions;
}
