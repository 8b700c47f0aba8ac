/**
 * Definitions as written: their shape checked, and one set merged over another by code, as if the user edited the files.
 * Source: the scenario format (`define`).
 */
import type { Problem } from '../errors.js';
import type { CustomerAttributes } from './customerSchema.js';
import { organizationSchema, type WrittenOrganization } from './organizationSchema.js';
import type { WrittenPlan } from './planSchema.js';
import { isMapping, type Locate, ProblemList, shown } from './problems.js';
import {
  itemSchemas,
  nouns,
  type Section,
  sections,
  type WrittenAddOn,
  type WrittenBillableMetric,
  type WrittenCoupon,
  type WrittenPricingUnit,
  type WrittenTax,
} from './schema.js';
import { parseShape, unknownField } from './shape.js';
import { withoutWithdrawnValues } from './withdrawnValues.js';

/** The written form with every value of the right type; whether the values make sense is for the rules. */
export interface Definitions {
  readonly organization: WrittenOrganization;
  readonly taxes: readonly WrittenTax[];
  readonly billable_metrics: readonly WrittenBillableMetric[];
  readonly pricing_units: readonly WrittenPricingUnit[];
  readonly add_ons: readonly WrittenAddOn[];
  readonly plans: readonly WrittenPlan[];
  readonly coupons: readonly WrittenCoupon[];
  readonly customers: readonly CustomerAttributes[];
}

export interface ParsedDefinitions {
  readonly definitions: Definitions;
  readonly problems: readonly Problem[];
  /** What was refused and taken out, by path: the rules say nothing more about it. */
  readonly rejected: ReadonlySet<string>;
}

export function parseDefinitions(input: unknown, locate?: Locate): ParsedDefinitions {
  const list = new ProblemList(input, locate);
  const written = isMapping(input) ? input : {};
  if (input !== null && input !== undefined && !isMapping(input)) {
    list.report([], { code: 'value_is_invalid', message: `definitions are a mapping, not ${shown(input)}` });
  }
  const known = ['organization', ...sections];
  for (const key of Object.keys(written)) if (!known.includes(key)) list.report([key], unknownField(key, known));
  const definitions = {
    organization: parseShape(organizationSchema, written.organization ?? {}, ['organization'], list),
    ...Object.fromEntries(sections.map((section) => [section, parseSection(section, written[section], list)])),
  } as Definitions;
  return { definitions, problems: list.problems, rejected: list.rejected };
}

function parseSection(section: Section, written: unknown, list: ProblemList): unknown[] {
  if (written === null || written === undefined) return [];
  if (!Array.isArray(written)) {
    list.reject([section], {
      code: 'value_is_invalid',
      message: `${section} is a list, not ${shown(written)}`,
      suggestion: `Start each ${nouns[section]} with "- ".`,
    });
    return [];
  }
  return written.map((item, index) => parseShape(itemSchemas[section], item, [section, index], list));
}

/**
 * `over` laid over `base`: an item replaces the item of the same code where it stands, or is added at the end; the
 * organization is merged field by field. Neither is checked here, so that what is refused is refused with its code.
 */
export function mergeDefinitions(base: unknown, over: unknown): Record<string, unknown> {
  const merged: Record<string, unknown> = isMapping(base) ? { ...base } : {};
  if (!isMapping(over)) return merged;
  for (const [key, value] of Object.entries(over)) {
    if (key === 'organization') merged[key] = mergeOrganization(merged[key], value);
    else if (sections.includes(key as Section)) merged[key] = mergeItems(key as Section, merged[key], value);
    else merged[key] = value;
  }
  return withoutWithdrawnValues(base, over, merged);
}

function mergeOrganization(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const { billing_configuration: before } = base;
  const { billing_configuration: after } = over;
  const nested = isMapping(before) && isMapping(after) ? { billing_configuration: { ...before, ...after } } : {};
  return { ...base, ...over, ...nested };
}

function mergeItems(section: Section, base: unknown, over: unknown): unknown {
  if (!Array.isArray(base) || !Array.isArray(over)) return over ?? base;
  const key = section === 'customers' ? 'external_id' : 'code';
  const codeOf = (item: unknown): unknown => (isMapping(item) ? (item[key] ?? undefined) : undefined);
  const merged = [...base];
  const replaced = new Set<unknown>();
  for (const item of over) {
    const code = codeOf(item);
    const index =
      code === undefined || replaced.has(code) ? -1 : base.findIndex((standing) => codeOf(standing) === code);
    if (index === -1) merged.push(item);
    else merged[index] = item;
    // A second item of the same code in one edit stays, to be refused as a duplicate.
    replaced.add(code);
  }
  return merged;
}
