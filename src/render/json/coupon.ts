/** A coupon as Lago prints it (invoicing §7.7). */
import type { Coupon } from '../../catalog/types.js';
import type { Instant } from '../../time/instant.js';
import { decimal, timestamp } from './encoding.js';

export type CouponJson = ReturnType<typeof couponJson>;

export function couponJson(coupon: Coupon, definedAt: Instant | null = null) {
  return {
    lago_id: coupon.id,
    name: coupon.name,
    code: coupon.code,
    description: coupon.description,
    coupon_type: coupon.couponType,
    amount_cents: coupon.amountCents,
    amount_currency: coupon.amountCurrency,
    percentage_rate: decimal(coupon.percentageRate),
    frequency: coupon.frequency,
    frequency_duration: coupon.frequencyDuration,
    reusable: coupon.reusable,
    limited_plans: coupon.planCodes.length > 0,
    limited_billable_metrics: coupon.billableMetricCodes.length > 0,
    plan_codes: coupon.planCodes,
    billable_metric_codes: coupon.billableMetricCodes,
    created_at: timestamp(definedAt),
    expiration: coupon.expirationAt === null ? 'no_expiration' : 'time_limit',
    expiration_at: timestamp(coupon.expirationAt),
    terminated_at: null,
  };
}
