/**
 * Coupons in a customer's account: applied, removed, given back. (invoicing §3.2, §3.4)
 */
import type { Catalog, Coupon } from '../catalog/types.js';
import { BillingError, invalid, type Problem } from '../errors.js';
import { recordId } from '../ids.js';
import type { BillingWork } from '../invoicing/work.js';
import type { AppliedCoupon, Invoice } from '../model.js';
import { Decimal, round, toText } from '../money/decimal.js';

/** What may be given otherwise for this customer; null takes the coupon's own. */
export interface CouponOverrides {
  readonly amountCents: number | null;
  readonly amountCurrency: string | null;
  readonly percentageRate: string | null;
  readonly frequency: Coupon['frequency'] | null;
  readonly frequencyDuration: number | null;
}

export function isActiveCoupon(coupon: Coupon, at: number): boolean {
  return coupon.status === 'active' && (coupon.expirationAt === null || coupon.expirationAt >= at);
}

export function applyCoupon(work: BillingWork, coupon: Coupon, overrides: CouponOverrides): AppliedCoupon {
  const { account } = work;
  refuseOverlap(work, coupon);
  const earlier = account.all('applied_coupon').filter((applied) => applied.couponCode === coupon.code);
  if (!coupon.reusable && earlier.length > 0) {
    throw invalid({
      field: 'coupon',
      code: 'coupon_is_not_reusable',
      message: `${coupon.code} was applied to this customer before`,
    });
  }
  const applied = appliedCoupon(work, coupon, overrides, earlier.length);
  const problems = problemsOf(coupon, applied);
  if (problems.length > 0) throw invalid(...problems);
  account.put('applied_coupon', applied);
  if (account.customer.currency === null && applied.amountCurrency !== null) {
    account.putCustomer({ ...account.customer, currency: applied.amountCurrency, updatedAt: work.at });
  }
  return applied;
}

export function removeAppliedCoupon(work: BillingWork, applied: AppliedCoupon): AppliedCoupon {
  const removed: AppliedCoupon = { ...applied, status: 'terminated', terminatedAt: work.at };
  work.account.put('applied_coupon', removed);
  return removed;
}

/** A voided invoice gives its coupons back: active again, with one invoice more for recurring ones. */
export function restoreCoupons(work: BillingWork, invoice: Invoice): void {
  for (const { appliedCouponId } of invoice.credits) {
    const applied = appliedCouponId === null ? undefined : work.account.get('applied_coupon', appliedCouponId);
    const coupon = applied === undefined ? undefined : work.catalog.coupons.get(applied.couponCode);
    if (applied === undefined || applied.frequency === 'forever') continue;
    if (coupon === undefined || !isActiveCoupon(coupon, work.at)) continue;
    work.account.put('applied_coupon', {
      ...applied,
      status: 'active',
      terminatedAt: null,
      frequencyDurationRemaining:
        applied.frequency === 'recurring'
          ? (applied.frequencyDurationRemaining ?? 0) + 1
          : applied.frequencyDurationRemaining,
    });
  }
}

function appliedCoupon(
  work: BillingWork,
  coupon: Coupon,
  overrides: CouponOverrides,
  earlierCount: number,
): AppliedCoupon {
  const { customer } = work.account;
  const frequency = overrides.frequency ?? coupon.frequency;
  const frequencyDuration =
    frequency === 'recurring' ? (overrides.frequencyDuration ?? coupon.frequencyDuration) : null;
  const isFixed = coupon.couponType === 'fixed_amount';
  const rate = overrides.percentageRate ?? coupon.percentageRate;
  return {
    id: recordId('applied_coupon', customer.id, coupon.code, earlierCount + 1),
    couponId: coupon.id,
    couponCode: coupon.code,
    customerId: customer.id,
    status: 'active',
    amountCents: isFixed ? (overrides.amountCents ?? coupon.amountCents) : null,
    amountCurrency: isFixed ? (overrides.amountCurrency ?? coupon.amountCurrency) : null,
    percentageRate: isFixed || rate === null ? null : toText(round(new Decimal(rate), 5)),
    frequency,
    frequencyDuration,
    frequencyDurationRemaining: frequencyDuration,
    createdAt: work.at,
    terminatedAt: null,
  };
}

function problemsOf(coupon: Coupon, applied: AppliedCoupon): Problem[] {
  const problems: Problem[] = [];
  if (coupon.couponType === 'fixed_amount') {
    if (applied.amountCents === null) problems.push(mandatory('amount_cents'));
    else if (applied.amountCents <= 0) problems.push(outOfRange('amount_cents'));
    if (applied.amountCurrency === null) problems.push(mandatory('amount_currency'));
  } else if (applied.percentageRate === null) {
    problems.push(mandatory('percentage_rate'));
  }
  if (applied.frequency === 'recurring') {
    if (applied.frequencyDuration === null) problems.push(mandatory('frequency_duration'));
    else if (applied.frequencyDuration <= 0) problems.push(outOfRange('frequency_duration'));
  }
  return problems;
}

function mandatory(field: string): Problem {
  return { field, code: 'value_is_mandatory', message: 'is missing' };
}

function outOfRange(field: string): Problem {
  return { field, code: 'value_is_out_of_range', message: 'must be above 0' };
}

/** Two limited coupons may not meet on a plan, a metric, or a plan that charges for a metric. */
function refuseOverlap(work: BillingWork, coupon: Coupon): void {
  const plans = new Set(coupon.planCodes);
  const metrics = new Set(coupon.billableMetricCodes);
  if (plans.size + metrics.size === 0) return;
  const metricsOfPlans = metricsCharged(work.catalog, coupon.planCodes);
  for (const applied of work.account.all('applied_coupon')) {
    if (applied.status !== 'active') continue;
    const other = work.catalog.coupons.get(applied.couponCode);
    if (other === undefined) continue;
    const metricsOfOther = metricsCharged(work.catalog, other.planCodes);
    const overlaps =
      other.planCodes.some((code) => plans.has(code)) ||
      other.billableMetricCodes.some((code) => metrics.has(code) || metricsOfPlans.has(code)) ||
      coupon.billableMetricCodes.some((code) => metricsOfOther.has(code));
    if (overlaps) {
      throw new BillingError('plan_overlapping', {
        message: `${coupon.code} and ${other.code}, which the customer has, reduce the same plan or metric`,
      });
    }
  }
}

function metricsCharged(catalog: Catalog, planCodes: readonly string[]): ReadonlySet<string> {
  const charges = planCodes.flatMap((code) => catalog.plans.get(code)?.charges ?? []);
  return new Set(charges.map((charge) => charge.billableMetricCode));
}
