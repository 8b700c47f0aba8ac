/** A coupon applied to a customer, as Lago prints it (invoicing §7.6). */
import type { Coupon } from '../../catalog/types.js';
import type { AppliedCoupon } from '../../model.js';
import { decimal, timestamp } from './encoding.js';
import type { CreditJson } from './invoice.js';

export interface AppliedCouponParts {
  /** Null when the definitions name it no more. */
  readonly coupon: Coupon | null;
  readonly externalCustomerId: string;
  /** What invoices have taken of it so far (voided ones excluded). */
  readonly usedAmountCents: number;
  /** List endpoint only. */
  readonly credits?: readonly CreditJson[];
}

export type AppliedCouponJson = ReturnType<typeof appliedCouponJson>;

export function appliedCouponJson(applied: AppliedCoupon, parts: AppliedCouponParts) {
  const { coupon } = parts;
  return {
    lago_id: applied.id,
    lago_coupon_id: applied.couponId,
    coupon_code: applied.couponCode,
    coupon_name: coupon?.name ?? applied.couponCode,
    coupon_description: coupon?.description ?? null,
    coupon_status: coupon?.status ?? 'terminated',
    coupon_deleted_at: null,
    lago_customer_id: applied.customerId,
    external_customer_id: parts.externalCustomerId,
    status: applied.status,
    amount_cents: applied.amountCents,
    amount_cents_remaining: remainingCents(applied, parts.usedAmountCents),
    amount_currency: applied.amountCurrency,
    percentage_rate: decimal(applied.percentageRate),
    frequency: applied.frequency,
    frequency_duration: applied.frequencyDuration,
    frequency_duration_remaining: applied.frequencyDurationRemaining,
    expiration_at: timestamp(coupon?.expirationAt ?? null),
    created_at: timestamp(applied.createdAt),
    terminated_at: timestamp(applied.terminatedAt),
    ...(parts.credits === undefined ? {} : { credits: parts.credits }),
  };
}

/** Only a fixed amount given once has a remainder: 20.00 given, 15.00 used → 500. */
function remainingCents(applied: AppliedCoupon, usedAmountCents: number): number | null {
  if (applied.frequency !== 'once' || applied.amountCents === null) return null;
  return applied.amountCents - usedAmountCents;
}
