/**
 * Taxes: which apply to a fee, what they amount to, and what they add up to on an invoice.
 *
 * Lists are never merged: the first non-empty one of line, charge, plan, customer, billing entity wins. The invoice's
 * tax is computed from the fees' sub-totals, not from the fees' rounded taxes, so the two may differ by cents:
 * 17 and 446 at 20 % are 3 + 89 on the fees, and round(92.6) = 93 on the invoice. (invoicing §2)
 */
import type { AddOn, Charge, FixedCharge, MinimumCommitment, Plan, Tax } from '../catalog/types.js';
import { feeSubTotal } from '../credits/feeAmounts.js';
import type { AppliedTax, Fee, FeeType, InvoiceAppliedTax } from '../model.js';
import { Decimal, round, toText, truncate, ZERO } from '../money/decimal.js';
import type { BillingWork } from './work.js';

export interface TaxedItem {
  readonly feeType: FeeType;
  readonly charge?: Pick<Charge, 'taxCodes'> | null | undefined;
  readonly fixedCharge?: Pick<FixedCharge, 'taxCodes'> | null | undefined;
  readonly commitment?: Pick<MinimumCommitment, 'taxCodes'> | null | undefined;
  readonly addOn?: Pick<AddOn, 'taxCodes'> | null | undefined;
  /** Codes on a one-off line; unknown ones are dropped in silence, an empty list counts as none given. */
  readonly lineTaxCodes?: readonly string[] | null | undefined;
  readonly plan?: Pick<Plan, 'taxCodes'> | null | undefined;
}

type TaxWork = Pick<BillingWork, 'account' | 'catalog'>;

/** The taxes of a fee, by the chain of §2.2. */
export function selectTaxes(work: TaxWork, item: TaxedItem): Tax[] {
  if (item.feeType === 'credit') return [];
  // A tax that was deleted since is none of the customer's.
  const ofCustomer = work.account.customer.taxCodes.filter((code) => work.catalog.taxes.has(code));
  const lists = [...ownTaxCodes(item), ofCustomer];
  const codes = lists.find((list) => list !== undefined && list !== null && list.length > 0);
  if (codes === undefined) return billingEntityTaxes(work);
  return [...new Set(codes)].flatMap((code) => work.catalog.taxes.get(code) ?? []);
}

/** The taxes of a fee that stands in the account: its plan and charge are found through its subscription. */
export function taxesOfFee(work: TaxWork, fee: Fee): Tax[] {
  const subscription = fee.subscriptionId === null ? undefined : work.account.get('subscription', fee.subscriptionId);
  const plan =
    subscription === undefined ? undefined : (subscription.childPlan ?? work.catalog.plans.get(subscription.planCode));
  return selectTaxes(work, {
    feeType: fee.feeType,
    plan,
    charge: plan?.charges.find((charge) => charge.id === fee.chargeId),
    fixedCharge: plan?.fixedCharges.find((fixedCharge) => fixedCharge.id === fee.fixedChargeId),
    commitment: plan?.minimumCommitment,
    addOn: fee.addOnCode === null ? null : work.catalog.addOns.get(fee.addOnCode),
    lineTaxCodes: fee.taxCodes,
  });
}

/** The fee with its taxes: each line rounded, the fee's tax rounded once from the unrounded sum. */
export function applyFeeTaxes(fee: Fee, taxes: readonly Tax[]): Fee {
  if (taxes.length === 0) {
    if (fee.taxesAmountCents === 0 && fee.taxesRate === 0 && fee.appliedTaxes.length === 0) return fee;
    return { ...fee, taxesAmountCents: 0, taxesPreciseAmountCents: '0', taxesRate: 0, appliedTaxes: [] };
  }
  const base = feeSubTotal(fee);
  const preciseBase = new Decimal(fee.preciseAmountCents).minus(fee.preciseCouponsAmountCents);
  let amount = ZERO;
  let preciseAmount = ZERO;
  let rate = ZERO;
  const appliedTaxes: AppliedTax[] = [];
  for (const tax of taxes) {
    const line = percentOf(base, tax.rate);
    amount = amount.plus(line);
    preciseAmount = preciseAmount.plus(percentOf(preciseBase, tax.rate));
    rate = rate.plus(tax.rate);
    appliedTaxes.push(appliedTax(tax, round(line).toNumber()));
  }
  return {
    ...fee,
    taxesAmountCents: round(amount).toNumber(),
    taxesPreciseAmountCents: toText(round(preciseAmount, 15)),
    taxesRate: rate.toNumber(),
    appliedTaxes,
  };
}

export interface InvoiceTaxes {
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  readonly taxesAmountCents: number;
  readonly taxesRate: number;
}

/**
 * The invoice's tax lines, tax and rate (§2.3), from fees that carry their taxes. Rates weigh by their share of the
 * invoice's sub-total, or by the number of fees when that is 0.
 */
export function invoiceTaxes(fees: readonly Fee[], subTotalExcludingTaxesAmountCents: number): InvoiceTaxes {
  const subTotal = subTotalExcludingTaxesAmountCents;
  let amount = ZERO;
  let rate = ZERO;
  const appliedTaxes: InvoiceAppliedTax[] = [];
  for (const [tax, taxed] of feesByTax(fees)) {
    const base = taxed.reduce((sum, fee) => sum.plus(feeSubTotal(fee)), ZERO);
    const line = percentOf(base, tax.taxRate);
    const weight = subTotal === 0 ? new Decimal(taxed.length).div(fees.length) : base.div(subTotal);
    amount = amount.plus(line);
    rate = rate.plus(weight.times(tax.taxRate));
    appliedTaxes.push({
      ...tax,
      amountCents: round(line).toNumber(),
      feesAmountCents: truncate(base).toNumber(),
    });
  }
  return {
    appliedTaxes,
    taxesAmountCents: round(amount).toNumber(),
    taxesRate: round(rate, 5).toNumber(),
  };
}

/** A statement of fees paid before: their rounded taxes are summed, nothing is computed anew (§1.5). */
export function sumOfFeeTaxes(fees: readonly Fee[]): InvoiceTaxes {
  const feesAmount = fees.reduce((sum, fee) => sum + fee.amountCents, 0);
  const taxesAmountCents = fees.reduce((sum, fee) => sum + fee.taxesAmountCents, 0);
  const appliedTaxes = [...feesByTax(fees)].map(([tax, taxed]) => ({
    ...tax,
    amountCents: taxed.reduce((sum, fee) => sum + lineOf(fee, tax.taxCode), 0),
    feesAmountCents: truncate(taxed.reduce((sum, fee) => sum.plus(feeSubTotal(fee)), ZERO)).toNumber(),
  }));
  const taxesRate =
    feesAmount === 0 ? 0 : round(new Decimal(taxesAmountCents).times(100).div(feesAmount), 2).toNumber();
  return { appliedTaxes, taxesAmountCents, taxesRate };
}

function ownTaxCodes(item: TaxedItem): (readonly string[] | null | undefined)[] {
  const plan = item.plan?.taxCodes;
  switch (item.feeType) {
    case 'charge':
      return [item.charge?.taxCodes, plan];
    case 'fixed_charge':
      return [item.fixedCharge?.taxCodes, plan];
    case 'commitment':
      return [item.commitment?.taxCodes, plan];
    case 'subscription':
      return [plan];
    case 'add_on':
      return [item.lineTaxCodes, item.addOn?.taxCodes];
    case 'credit':
      return [];
  }
}

function billingEntityTaxes(work: TaxWork): Tax[] {
  const named = work.catalog.organization.taxCodes;
  return [...work.catalog.taxes.values()].filter((tax) => tax.appliedToOrganization || named.includes(tax.code));
}

function percentOf(base: Decimal, rate: number): Decimal {
  return base.times(rate).div(100);
}

function appliedTax(tax: Tax, amountCents: number): AppliedTax {
  return {
    taxId: tax.id,
    taxName: tax.name,
    taxCode: tax.code,
    taxRate: tax.rate,
    taxDescription: tax.description,
    amountCents,
  };
}

function feesByTax(fees: readonly Fee[]): Map<AppliedTax, Fee[]> {
  const taxes = new Map<string, AppliedTax>();
  const groups = new Map<AppliedTax, Fee[]>();
  for (const fee of fees) {
    for (const applied of fee.appliedTaxes) {
      const tax = taxes.get(applied.taxCode) ?? applied;
      taxes.set(applied.taxCode, tax);
      groups.set(tax, [...(groups.get(tax) ?? []), fee]);
    }
  }
  return groups;
}

function lineOf(fee: Fee, taxCode: string): number {
  return fee.appliedTaxes.find((applied) => applied.taxCode === taxCode)?.amountCents ?? 0;
}
