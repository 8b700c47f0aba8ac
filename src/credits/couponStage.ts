/**
 * Stage 2 of an invoice: the customer's coupons.
 *
 * Order: coupons limited to metrics, then those limited to plans, then the unlimited, each by date of application. A
 * coupon's credit is spread over the fees it may touch in proportion to what is left of them; the residue of rounding
 * at five decimals is not redistributed. Fees 5000 + 2000 and a coupon of 1000: shares 714.28571 and 285.71429.
 * A percentage without limitation goes through doubles as Lago's does: 90 × 0.35 = 31.499999999999996 → 31, where the
 * same coupon limited to a plan gives 31.5 → 32. Previews differ: coupons on
 * metrics never apply, those on plans look at the first subscription. (invoicing §0, §1.3, §3.3, §3.4)
 */
import type { Coupon } from '../catalog/types.js';
import type { BillingWork } from '../invoicing/work.js';
import type { AppliedCoupon, Fee } from '../model.js';
import { Decimal, round, toText, truncate, ZERO } from '../money/decimal.js';
import { feeSubTotal } from './feeAmounts.js';
import { creditRow, type InvoiceInProgress } from './inProgress.js';

/** Applies, and consumes, the customer's active coupons. */
export function applyCoupons(work: BillingWork, state: InvoiceInProgress): InvoiceInProgress {
  let current = state;
  for (const { applied, coupon } of candidates(work)) {
    if (subTotal(current) <= 0) break;
    if (applied.amountCents !== null && applied.amountCurrency !== current.invoice.currency) continue;
    const eligible = eligibleFees(work, coupon, current.fees);
    if (eligible.length === 0) continue;
    current = applyOne(work, current, applied, coupon, eligible);
  }
  return current;
}

/** Cents of a fixed, once-only coupon that no standing invoice has used. */
function remainingCouponAmount(work: Pick<BillingWork, 'account'>, applied: AppliedCoupon): number {
  const used = work.account
    .all('invoice')
    .filter((invoice) => invoice.status !== 'voided' && invoice.status !== 'closed')
    .flatMap((invoice) => invoice.credits)
    .filter((credit) => credit.appliedCouponId === applied.id)
    .reduce((sum, credit) => sum + credit.amountCents, 0);
  return (applied.amountCents ?? 0) - used;
}

interface Candidate {
  readonly applied: AppliedCoupon;
  readonly coupon: Coupon;
}

function candidates(work: BillingWork): Candidate[] {
  return work.account
    .all('applied_coupon')
    .filter((applied) => applied.status === 'active')
    .flatMap((applied) => {
      // A coupon that the definitions no longer hold was deleted: its applications end with it (§3.4).
      const coupon = work.catalog.coupons.get(applied.couponCode);
      if (coupon === undefined || (work.preview && coupon.billableMetricCodes.length > 0)) return [];
      return [{ applied, coupon }];
    })
    .sort((a, b) => limitationRank(a.coupon) - limitationRank(b.coupon) || a.applied.createdAt - b.applied.createdAt);
}

function limitationRank(coupon: Coupon): number {
  if (coupon.billableMetricCodes.length > 0) return 0;
  return coupon.planCodes.length > 0 ? 1 : 2;
}

function eligibleFees(work: BillingWork, coupon: Coupon, fees: readonly Fee[]): readonly Fee[] {
  switch (limitationRank(coupon)) {
    case 0:
      return fees.filter((fee) => fee.feeType === 'charge' && coupon.billableMetricCodes.includes(fee.item.code));
    case 1:
      if (work.preview) return coupon.planCodes.includes(firstPlanCode(work, fees) ?? '') ? fees : [];
      return fees.filter((fee) => coupon.planCodes.includes(planCodeOf(work, fee) ?? ''));
    default:
      return fees;
  }
}

/** A preview looks at the plan of its first subscription alone. */
function firstPlanCode(work: BillingWork, fees: readonly Fee[]): string | undefined {
  const first = fees.find((fee) => fee.subscriptionId !== null);
  return first === undefined ? undefined : planCodeOf(work, first);
}

function planCodeOf(work: BillingWork, fee: Fee): string | undefined {
  return fee.subscriptionId === null ? undefined : work.account.get('subscription', fee.subscriptionId)?.planCode;
}

function applyOne(
  work: BillingWork,
  state: InvoiceInProgress,
  applied: AppliedCoupon,
  coupon: Coupon,
  eligible: readonly Fee[],
): InvoiceInProgress {
  const limited = limitationRank(coupon) < 2;
  const base = limited ? baseOf(work, eligible) : new Decimal(subTotal(state));
  const remaining = remainingCouponAmount(work, applied);
  const amountCents = truncate(creditAmount(applied, base, remaining, limited)).toNumber();
  work.account.put('applied_coupon', consumed(work, applied, amountCents, remaining));

  const { invoice } = state;
  const credit = creditRow(invoice, {
    amountCents,
    beforeTaxes: true,
    item: { id: coupon.id, type: 'coupon', code: coupon.code, name: coupon.name, description: coupon.description },
    appliedCouponId: applied.id,
  });
  return {
    invoice: {
      ...invoice,
      couponsAmountCents: invoice.couponsAmountCents + amountCents,
      credits: [...invoice.credits, credit],
    },
    fees: spread(state.fees, new Set(eligible.map((fee) => fee.id)), amountCents, base),
  };
}

function creditAmount(applied: AppliedCoupon, base: Decimal, remaining: number, limited: boolean): Decimal {
  if (applied.percentageRate !== null && applied.amountCents === null) {
    const rate = new Decimal(applied.percentageRate);
    const share = limited ? base.times(rate).div(100) : new Decimal(String(base.toNumber() * (rate.toNumber() / 100)));
    return Decimal.min(round(share), base);
  }
  const available = applied.frequency === 'once' ? remaining : (applied.amountCents ?? 0);
  return Decimal.min(available, base);
}

/** A recurring coupon spends one of its invoices whatever the amount; its unused value is lost. */
function consumed(work: BillingWork, applied: AppliedCoupon, amountCents: number, remaining: number): AppliedCoupon {
  switch (applied.frequency) {
    case 'forever':
      return applied;
    case 'recurring': {
      const left = Math.max(0, (applied.frequencyDurationRemaining ?? 0) - 1);
      return ended({ ...applied, frequencyDurationRemaining: left }, left === 0, work);
    }
    case 'once':
      return ended(applied, applied.amountCents === null || amountCents >= remaining, work);
  }
}

function ended(applied: AppliedCoupon, isEnded: boolean, work: BillingWork): AppliedCoupon {
  return isEnded ? { ...applied, status: 'terminated', terminatedAt: work.at } : applied;
}

function spread(fees: readonly Fee[], eligible: ReadonlySet<string>, amountCents: number, base: Decimal): Fee[] {
  return fees.map((fee) => {
    if (!eligible.has(fee.id) || base.isZero()) return fee;
    const share = feeSubTotal(fee).times(amountCents).div(base);
    const total = round(new Decimal(fee.preciseCouponsAmountCents).plus(share), 5);
    return { ...fee, preciseCouponsAmountCents: toText(Decimal.min(total, fee.amountCents)) };
  });
}

function subTotal({ invoice }: InvoiceInProgress): number {
  return invoice.feesAmountCents - invoice.progressiveBillingCreditAmountCents - invoice.couponsAmountCents;
}

/** What earlier coupons left of the fees; a preview forgets the earlier coupons. */
function baseOf(work: BillingWork, fees: readonly Fee[]): Decimal {
  return fees.reduce((sum, fee) => sum.plus(work.preview ? fee.amountCents : feeSubTotal(fee)), ZERO);
}
