/** Derived amounts of a fee that several stages share (invoicing §0). */
import type { Fee } from '../model.js';
import { Decimal } from '../money/decimal.js';

/** `amount_cents − precise_coupons_amount_cents`: what coupons leave to tax. */
export function feeSubTotal(fee: Pick<Fee, 'amountCents' | 'preciseCouponsAmountCents'>): Decimal {
  return new Decimal(fee.amountCents).minus(fee.preciseCouponsAmountCents);
}
