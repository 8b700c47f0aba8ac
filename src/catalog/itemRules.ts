/** Rules of taxes, coupons, add-ons and pricing units. Source: invoicing §2.1, §3.1, §10; usage-and-pricing §6.5. */
import { Decimal } from '../money/decimal.js';
import { instantForms, parseInstant } from '../time/instant.js';
import { isDecimal } from './chargeRules.js';
import { isBlank, type Path, type ProblemList, shown } from './problems.js';
import { checkCurrency, checkMandatory, checkTaxCodes, type RuleContext } from './ruleContext.js';
import type { WrittenAddOn, WrittenCoupon, WrittenPricingUnit, WrittenTax } from './schema.js';
import { suggestCode } from './suggest.js';

export function checkTax(tax: WrittenTax, path: Path, context: RuleContext): void {
  checkMandatory(tax, ['code', 'name', 'rate'], path, context);
  checkPercent(tax.rate, [...path, 'rate'], context.list);
}

export function checkPricingUnit(unit: WrittenPricingUnit, path: Path, context: RuleContext): void {
  checkMandatory(unit, ['code', 'name', 'short_name'], path, context);
}

export function checkAddOn(addOn: WrittenAddOn, path: Path, context: RuleContext): void {
  checkMandatory(addOn, ['code', 'name', 'amount_cents'], path, context);
  if ((addOn.amount_cents ?? 0) < 0) {
    context.list.report([...path, 'amount_cents'], {
      code: 'value_is_out_of_range',
      message: `amount_cents ${addOn.amount_cents} is below 0`,
    });
  }
  checkCurrency(addOn.amount_currency, 'value_is_invalid', [...path, 'amount_currency'], context);
  checkTaxCodes(addOn.tax_codes, path, context);
}

export function checkCoupon(coupon: WrittenCoupon, path: Path, context: RuleContext): void {
  const { list } = context;
  checkMandatory(coupon, ['code', 'name'], path, context);
  for (const key of ['coupon_type', 'frequency'] as const) {
    if (!isBlank(coupon[key])) continue;
    list.report([...path, key], { code: 'value_is_invalid', message: `${key} is missing` });
  }
  if (coupon.coupon_type === 'fixed_amount') {
    checkPositive(coupon, 'amount_cents', path, context);
    checkCurrency(coupon.amount_currency, 'value_is_mandatory', [...path, 'amount_currency'], context);
  }
  if (coupon.coupon_type === 'percentage') {
    checkMandatory(coupon, ['percentage_rate'], path, context);
    checkPercent(coupon.percentage_rate, [...path, 'percentage_rate'], list);
  }
  if (coupon.frequency === 'recurring') checkPositive(coupon, 'frequency_duration', path, context);
  checkExpiration(coupon, path, list);
  checkLimits(coupon, path, context);
}

function checkPositive(
  coupon: WrittenCoupon,
  key: 'amount_cents' | 'frequency_duration',
  path: Path,
  context: RuleContext,
): void {
  const value = coupon[key];
  checkMandatory(coupon, [key], path, context);
  if (typeof value !== 'number' || value > 0) return;
  context.list.report([...path, key], { code: 'value_is_out_of_range', message: `${key} ${value} is not above 0` });
}

/** Nothing says when a file was written, so that a date in the past is a coupon that has expired. */
function checkExpiration(coupon: WrittenCoupon, path: Path, list: ProblemList): void {
  const { expiration, expiration_at: at } = coupon;
  if (expiration === 'no_expiration') {
    if (isBlank(at)) return;
    list.warn([...path, 'expiration_at'], {
      code: 'has_no_effect',
      message: 'expiration_at is not used with expiration: no_expiration',
      suggestion: 'Remove one of them.',
    });
    return;
  }
  const isMissing = isBlank(at);
  if (isMissing && expiration !== 'time_limit') return;
  if (!isMissing && parseInstant(at as string) !== null) return;
  list.report([...path, 'expiration_at'], {
    code: 'invalid_date',
    message: isMissing ? 'a time limit needs its expiration_at' : `${shown(at)} is not an ISO 8601 instant`,
    suggestion: instantForms,
  });
}

function checkLimits(coupon: WrittenCoupon, path: Path, { list, planCodes, metrics }: RuleContext): void {
  const plans = coupon.applies_to?.plan_codes ?? [];
  const limitedMetrics = coupon.applies_to?.billable_metric_codes ?? [];
  const at = [...path, 'applies_to'];
  if (plans.length > 0 && limitedMetrics.length > 0) {
    list.report(at, {
      code: 'only_one_limitation_type_per_coupon_allowed',
      message: 'is limited to plans and to metrics at once',
      suggestion: 'Make two coupons.',
    });
  }
  for (const [index, code] of plans.entries()) {
    if (planCodes.has(code)) continue;
    list.report([...at, 'plan_codes', index], {
      code: 'plans_not_found',
      message: `no plan ${shown(code)}`,
      suggestion: suggestCode(code, planCodes, 'a plan'),
    });
  }
  for (const [index, code] of limitedMetrics.entries()) {
    if (metrics.has(code)) continue;
    list.report([...at, 'billable_metric_codes', index], {
      code: 'billable_metrics_not_found',
      message: `no billable metric ${shown(code)}`,
      suggestion: suggestCode(code, metrics.keys(), 'a billable metric'),
    });
  }
}

function checkPercent(rate: unknown, path: Path, list: ProblemList): void {
  if (isBlank(rate)) return;
  if (!isDecimal(rate)) {
    list.report(path, {
      code: 'value_is_invalid',
      message: `${shown(rate)} is not a percentage`,
      suggestion: 'Write 20.',
    });
  } else if (new Decimal(rate).lt(0)) {
    list.report(path, { code: 'value_is_out_of_range', message: `${rate} % is below 0` });
  }
}
