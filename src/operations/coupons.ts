/** apply_coupon and remove_coupon (scenarios.md; invoicing §3.2). */
import { z } from 'zod';
import { definitionNamed } from '../catalog/named.js';
import { isActiveCoupon, applyCoupon as putAppliedCoupon, removeAppliedCoupon } from '../credits/coupons.js';
import { notFound } from '../errors.js';
import type { AppliedCoupon } from '../model.js';
import { isCurrency } from '../money/currency.js';
import { workOfCustomer } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { saveWork } from './saveWork.js';

const applySchema = z.strictObject({
  external_customer_id: z.string(),
  coupon_code: z.string(),
  amount_cents: z.number().int().nullish(),
  amount_currency: z.string().refine(isCurrency, { message: 'is not a currency' }).nullish(),
  percentage_rate: z.union([z.string().regex(/^\d+(\.\d+)?$/), z.number().nonnegative()]).nullish(),
  frequency: z.enum(['once', 'recurring', 'forever']).nullish(),
  frequency_duration: z.number().int().nullish(),
});

const removeSchema = z.strictObject({ external_customer_id: z.string(), coupon_code: z.string() });

export function applyCoupon(context: OperationContext, raw: unknown): AppliedCoupon {
  const input = parseInput(applySchema, raw);
  const work = workOfCustomer(context, input.external_customer_id);
  const coupon = definitionNamed(context.catalog.coupons, 'coupon', input.coupon_code);
  if (!isActiveCoupon(coupon, context.at)) {
    throw notFound('coupon', coupon.code, 'It is defined, but terminated or expired at this instant.');
  }
  const applied = putAppliedCoupon(work, coupon, {
    amountCents: input.amount_cents ?? null,
    amountCurrency: input.amount_currency ?? null,
    percentageRate: input.percentage_rate == null ? null : String(input.percentage_rate),
    frequency: input.frequency ?? null,
    frequencyDuration: input.frequency_duration ?? null,
  });
  saveWork(context, work);
  return applied;
}

export function removeCoupon(context: OperationContext, raw: unknown): AppliedCoupon {
  const input = parseInput(removeSchema, raw);
  const work = workOfCustomer(context, input.external_customer_id);
  const applied = work.account
    .all('applied_coupon')
    .find((candidate) => candidate.couponCode === input.coupon_code && candidate.status === 'active');
  if (applied === undefined) throw notFound('applied_coupon', input.coupon_code);
  const removed = removeAppliedCoupon(work, applied);
  saveWork(context, work);
  return removed;
}
