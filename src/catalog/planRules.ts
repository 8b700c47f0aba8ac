/** Rules of plans: base fee, fixed charges, commitment, thresholds. Source: periods §1.1, §7, §9; invoicing §6.9, §10. */
import { Decimal } from '../money/decimal.js';
import { checkCharge, isDecimal } from './chargeRules.js';
import type { WrittenFixedCharge, WrittenMinimumCommitment, WrittenPlan } from './planSchema.js';
import { isBlank, type Path, type ProblemList, shown } from './problems.js';
import { checkProperties } from './propertiesRules.js';
import {
  checkCurrency,
  checkDays,
  checkMandatory,
  checkTaxCodes,
  checkUnique,
  type RuleContext,
} from './ruleContext.js';
import { suggestCode } from './suggest.js';

export function checkPlan(plan: WrittenPlan, path: Path, context: RuleContext): void {
  const { list } = context;
  checkMandatory(plan, ['code', 'name', 'amount_cents'], path, context);
  if (isBlank(plan.interval)) {
    list.report([...path, 'interval'], {
      code: 'value_is_invalid',
      message: 'has no interval',
      suggestion: 'Give weekly, monthly, quarterly, semiannual or yearly.',
    });
  }
  checkCurrency(plan.amount_currency, 'value_is_invalid', [...path, 'amount_currency'], context);
  if ((plan.amount_cents ?? 0) < 0) {
    list.report([...path, 'amount_cents'], {
      code: 'value_is_out_of_range',
      message: `amount_cents ${plan.amount_cents} is below 0`,
    });
  }
  // A trial of less than no days is none (Lago takes it).
  checkDays(plan.trial_period, [...path, 'trial_period'], list, Number.NEGATIVE_INFINITY);
  checkTaxCodes(plan.tax_codes, path, context);
  for (const [index, charge] of (plan.charges ?? []).entries())
    checkCharge(charge, [...path, 'charges', index], context);
  checkUnique(plan.charges ?? [], 'code', [...path, 'charges'], context);
  for (const [index, charge] of (plan.fixed_charges ?? []).entries()) {
    checkFixedCharge(charge, [...path, 'fixed_charges', index], context);
  }
  checkUnique(plan.fixed_charges ?? [], 'code', [...path, 'fixed_charges'], context);
  if (plan.minimum_commitment != null) {
    checkCommitment(plan.minimum_commitment, [...path, 'minimum_commitment'], context);
  }
  checkUsageThresholds(plan.usage_thresholds ?? [], [...path, 'usage_thresholds'], list);
}

function checkFixedCharge(charge: WrittenFixedCharge, path: Path, context: RuleContext): void {
  const { list, addOnCodes } = context;
  const { add_on_code: code } = charge;
  const model = charge.charge_model ?? 'standard';
  if (isBlank(code) || !addOnCodes.has(code as string)) {
    list.report([...path, 'add_on_code'], {
      code: 'add_ons_not_found',
      message: isBlank(code) ? 'names no add-on' : `no add-on ${shown(code)}`,
      suggestion: suggestCode(code ?? '', addOnCodes, 'an add-on'),
    });
  }
  checkUnits(charge.units, [...path, 'units'], list);
  if (model === 'volume' && charge.pay_in_advance === true) {
    list.report([...path, 'pay_in_advance'], {
      code: 'invalid_charge_model',
      message: 'a fixed charge of the volume model cannot be paid in advance',
      suggestion: 'Remove pay_in_advance, or use the graduated model.',
    });
  }
  if (model === 'graduated' && charge.pay_in_advance === true && charge.prorated === true) {
    list.report([...path, 'prorated'], {
      code: 'invalid_charge_model',
      message: 'a graduated fixed charge paid in advance cannot be prorated',
      suggestion: 'Remove prorated, or use the standard model.',
    });
  }
  checkTaxCodes(charge.tax_codes, path, context);
  checkProperties(charge.properties, { model, inFilter: false }, [...path, 'properties'], list);
}

export function checkUnits(units: unknown, path: Path, list: ProblemList): void {
  if (isBlank(units)) return;
  if (!isDecimal(units)) {
    list.report(path, { code: 'value_is_invalid', message: `units ${shown(units)} is not a decimal` });
  } else if (new Decimal(units).lt(0)) {
    list.report(path, { code: 'value_is_out_of_range', message: `units ${units} is below 0` });
  }
}

export function checkCommitment(
  commitment: WrittenMinimumCommitment,
  path: Path,
  context: Pick<RuleContext, 'list' | 'taxCodes'>,
): void {
  if ((commitment.amount_cents ?? 0) <= 0) {
    context.list.report([...path, 'amount_cents'], {
      code: 'value_is_out_of_range',
      message: `a commitment of ${shown(commitment.amount_cents)} is not above 0`,
      suggestion: 'Give its amount in cents, or remove minimum_commitment.',
    });
  }
  checkTaxCodes(commitment.tax_codes, path, context);
}

export function checkUsageThresholds(
  thresholds: NonNullable<WrittenPlan['usage_thresholds']>,
  path: Path,
  list: ProblemList,
): void {
  const field = 'usage_thresholds';
  const seen = new Set<string>();
  for (const [index, threshold] of thresholds.entries()) {
    const at = [...path, index, 'amount_cents'];
    const { amount_cents: amount } = threshold;
    if (amount === null || amount === undefined) {
      list.report(at, { code: 'missing_amount_cents', field, message: 'has no amount_cents' });
      continue;
    }
    if (amount <= 0)
      list.report(at, { code: 'value_is_out_of_range', message: `amount_cents ${amount} is not above 0` });
    const key = `${amount} ${threshold.recurring === true}`;
    if (seen.has(key))
      list.report(at, { code: 'duplicated_values', field, message: `the amount ${amount} stands twice` });
    seen.add(key);
  }
  if (thresholds.filter((threshold) => threshold.recurring === true).length > 1) {
    list.report(path, {
      code: 'multiple_recurring_thresholds',
      field,
      message: 'more than one usage threshold is recurring',
      suggestion: 'Keep recurring: true on one of them.',
    });
  }
}
