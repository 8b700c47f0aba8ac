/** What the rules look things up in: the codes that the definitions hold, and the list that takes what is wrong. */
import { isCurrency } from '../money/currency.js';
import type { Definitions } from './definitions.js';
import { euTaxes } from './euTaxes.js';
import { isBlank, type Path, type ProblemList, shown } from './problems.js';
import type { WrittenBillableMetric } from './schema.js';
import { suggestCode } from './suggest.js';

export interface RuleContext {
  readonly list: ProblemList;
  readonly metrics: ReadonlyMap<string, WrittenBillableMetric>;
  readonly planCodes: ReadonlySet<string>;
  readonly addOnCodes: ReadonlySet<string>;
  readonly pricingUnitCodes: ReadonlySet<string>;
  readonly taxCodes: ReadonlySet<string>;
}

export function ruleContext(definitions: Definitions, list: ProblemList): RuleContext {
  const euCodes = definitions.organization.eu_tax_management === true ? euTaxes().map((tax) => tax.code) : [];
  return {
    list,
    metrics: new Map(definitions.billable_metrics.flatMap((metric) => (metric.code ? [[metric.code, metric]] : []))),
    planCodes: codesOf(definitions.plans),
    addOnCodes: codesOf(definitions.add_ons),
    pricingUnitCodes: codesOf(definitions.pricing_units),
    taxCodes: new Set([...codesOf(definitions.taxes), ...euCodes]),
  };
}

function codesOf(items: readonly { readonly code?: string | null | undefined }[]): Set<string> {
  return new Set(items.flatMap(({ code }) => (code ? [code] : [])));
}

export function checkMandatory(
  item: Readonly<Record<string, unknown>>,
  keys: readonly string[],
  path: Path,
  { list }: RuleContext,
): void {
  for (const key of keys) {
    if (!isBlank(item[key])) continue;
    list.report([...path, key], {
      code: 'value_is_mandatory',
      message: `${key} is missing`,
      suggestion: `Give ${key}.`,
    });
  }
}

export function checkTaxCodes(
  codes: readonly string[] | null | undefined,
  path: Path,
  { list, taxCodes }: Pick<RuleContext, 'list' | 'taxCodes'>,
): void {
  for (const [index, code] of (codes ?? []).entries()) {
    if (taxCodes.has(code)) continue;
    list.report([...path, 'tax_codes', index], {
      code: 'tax_not_found',
      message: `no tax ${shown(code)}`,
      suggestion: suggestCode(code, taxCodes, 'a tax'),
    });
  }
}

/** A known ISO 4217 code; a missing one is refused with `missing`, or accepted where that is null. */
export function checkCurrency(
  value: unknown,
  missing: string | null,
  path: Path,
  { list }: Pick<RuleContext, 'list'>,
): void {
  if (isBlank(value)) {
    if (missing === null) return;
    list.report(path, { code: missing, message: 'has no currency', suggestion: 'Give an ISO 4217 code such as EUR.' });
  } else if (!isCurrency(value)) {
    list.report(path, {
      code: 'value_is_invalid',
      message: `${shown(value)} is not a currency`,
      suggestion: 'Use an ISO 4217 code in capitals, such as EUR or USD.',
    });
  }
}

/** Codes name things in commands and references: each once per section. */
export function checkUnique(
  items: readonly Readonly<Record<string, unknown>>[],
  key: string,
  path: Path,
  { list }: Pick<RuleContext, 'list'>,
): void {
  const seen = new Set<unknown>();
  for (const [index, item] of items.entries()) {
    const code = item[key];
    if (isBlank(code)) continue;
    if (seen.has(code)) {
      list.report([...path, index, key], {
        code: 'value_already_exist',
        message: `the ${key} ${shown(code)} is used twice`,
        suggestion: 'Rename or remove one of them.',
      });
    }
    seen.add(code);
  }
}

/** Fifty years. Longer terms are mistakes, and would lead out of the calendar. */
export const MOST_DAYS = 18_250;

/** A number of days: of a term, a grace period, a trial. */
export function checkDays(days: unknown, path: Path, list: ProblemList, fewest = 0): void {
  if (typeof days !== 'number' || (days >= fewest && days <= MOST_DAYS)) return;
  const what = days < fewest ? `below ${fewest}` : `above ${MOST_DAYS}`;
  list.report(path, { code: 'value_is_out_of_range', message: `${days} days is ${what}` });
}
