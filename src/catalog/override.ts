/**
 * Plan overrides of a subscription: the child plan that they make, or the units that they set.
 *
 * Overrides that set units of fixed charges and nothing else make no child: the units are the subscription's. Anything
 * else makes a child plan. Source: periods §1.3.
 */
import { invalid } from '../errors.js';
import type { DecimalText } from '../money/decimal.js';
import { childPlan } from './childPlan.js';
import { normalizeUsageThresholds, plainDecimal } from './normalizePlan.js';
import {
  checkChargeOverride,
  checkFixedChargeOverride,
  checkOverrides,
  matched,
  type OverrideContext,
} from './overrideRules.js';
import { overridesSchema } from './overrideSchema.js';
import { checkUnits, checkUsageThresholds } from './planRules.js';
import { usageThresholdSchema } from './planSchema.js';
import { isMapping, ProblemList } from './problems.js';
import { parseShape } from './shape.js';
import type { Catalog, Plan, UsageThreshold } from './types.js';

/** `seed` names the child for ever: the subscription's id. A child's own overrides answer the same child, edited. */
export function overridePlan(plan: Plan, overrides: unknown, seed: string, catalog: Catalog): Plan {
  const problems = new ProblemList(overrides, undefined);
  const given = parseShape(overridesSchema, overrides, [], problems);
  const context: OverrideContext = { list: problems, catalog, taxCodes: new Set(catalog.taxes.keys()) };
  checkOverrides(plan, given, context);
  const charges = matched(plan.charges, given.charges ?? [], 'charge', (charge) => charge.billableMetricCode);
  const fixedCharges = matched(plan.fixedCharges, given.fixed_charges ?? [], 'fixed_charge', (item) => item.addOnCode);
  for (const [charge, override] of charges) {
    const index = (given.charges ?? []).indexOf(override);
    checkChargeOverride(charge, override, ['charges', index], context);
  }
  for (const [charge, override] of fixedCharges) {
    const index = (given.fixed_charges ?? []).indexOf(override);
    checkFixedChargeOverride(charge, override, ['fixed_charges', index], context);
  }
  if (problems.problems.length > 0) throw invalid(...problems.problems);
  return childPlan(plan, given, charges, fixedCharges, seed);
}

/** Whether the overrides set units of fixed charges and nothing else. */
export function isUnitsOnlyOverride(overrides: unknown): boolean {
  if (!isMapping(overrides)) return false;
  const given = Object.keys(overrides).filter((key) => overrides[key] !== null && overrides[key] !== undefined);
  const { fixed_charges: items } = overrides;
  if (given.length !== 1 || !Array.isArray(items) || items.length === 0) return false;
  return items.every(
    (item) =>
      isMapping(item) &&
      item.units !== null &&
      item.units !== undefined &&
      Object.keys(item).every((key) => UNITS_ONLY_KEYS.includes(key)),
  );
}

const UNITS_ONLY_KEYS = ['code', 'id', 'add_on_code', 'units', 'apply_units_immediately'];

/** Units by fixed charge id, of overrides that set nothing else. */
export function fixedChargeUnitOverrides(plan: Plan, overrides: unknown): Record<string, DecimalText> {
  const problems = new ProblemList(overrides, undefined);
  const given = parseShape(overridesSchema, overrides, [], problems);
  for (const [index, item] of (given.fixed_charges ?? []).entries()) {
    checkUnits(item.units, ['fixed_charges', index, 'units'], problems);
  }
  if (problems.problems.length > 0) throw invalid(...problems.problems);
  const items = matched(plan.fixedCharges, given.fixed_charges ?? [], 'fixed_charge', (item) => item.addOnCode);
  return Object.fromEntries([...items].map(([charge, override]) => [charge.id, plainDecimal(override.units)]));
}

/** Thresholds given on a subscription itself. */
export function usageThresholdsFrom(written: readonly unknown[], seed: string): UsageThreshold[] {
  const problems = new ProblemList({ usage_thresholds: written }, undefined);
  const thresholds = written.map((item, index) =>
    parseShape(usageThresholdSchema, item, ['usage_thresholds', index], problems),
  );
  checkUsageThresholds(thresholds, ['usage_thresholds'], problems);
  if (problems.problems.length > 0) throw invalid(...problems.problems);
  return normalizeUsageThresholds(thresholds, seed);
}
