/**
 * The usage charges of one subscription on one invoice: which charges are billed in which situation, and their fees
 * (periods §3.7, §5.4; usage-and-pricing §2.5, §5.6).
 */
import type { BillableMetric, Charge } from '../catalog/types.js';
import { assert } from '../errors.js';
import { recordId } from '../ids.js';
import type { UsageWindow } from '../metering/window.js';
import type { BillingPeriod, Fee } from '../model.js';
import { toText } from '../money/decimal.js';
import { chargeFees } from '../rating/chargeFees.js';
import type { ChargeFeeAmounts } from '../rating/feeAmounts.js';
import { planOf } from '../subscriptions/terms.js';
import { instant } from '../time/instant.js';
import { chargeAdjuster } from './adjustedFee.js';
import { type FeeOwner, type FeeScope, putFee } from './feeScope.js';
import type { NewFee } from './newFee.js';
import { targetWalletOf } from './targetWallet.js';
import { applyFeeTaxes, taxesOfFee } from './taxes.js';

export function addChargeFees(scope: FeeScope): void {
  const window = usageWindow(scope);
  if (window === null) return;
  for (const charge of scope.terms.plan.charges) {
    const metric = metricOf(scope, charge);
    if (isBilled(scope, charge, metric)) addFeesOfCharge(scope, charge, metric, window);
  }
}

/** Null when there is no usage to bill: no window on this date, or the empty one of a start. */
function usageWindow({ period, terms }: FeeScope): UsageWindow | null {
  const { chargesFromDatetime: from, chargesToDatetime: to } = period;
  if (!USAGE_SITUATIONS.has(period.situation) || from === null || to === null || from >= to) return null;
  const endedByUpgrade = period.situation === 'upgraded';
  return {
    from,
    to,
    durationDays: period.chargesDurationDays,
    zone: terms.zone,
    endedByUpgrade,
    ...(endedByUpgrade ? { eventsTo: instant(to - 1) } : {}),
  };
}

const USAGE_SITUATIONS: ReadonlySet<string> = new Set(['periodic', 'terminated', 'upgraded', 'downgraded']);

/** Recurring charges have their own rules at an end: the successor goes on with the units, or nobody does. */
function isBilled(scope: FeeScope, charge: Charge, metric: BillableMetric): boolean {
  const { situation } = scope.period;
  if (charge.payInAdvance) return metric.recurring && situation !== 'terminated' && situation !== 'upgraded';
  if (situation !== 'upgraded' || !metric.recurring || charge.prorated) return true;
  return !successorCharges(scope, metric);
}

/** The new plan has a charge on the same metric, and will bill the full value at its own boundary. */
function successorCharges({ work, terms }: FeeScope, metric: BillableMetric): boolean {
  const { nextSubscriptionId } = terms.subscription;
  const next = nextSubscriptionId === null ? undefined : work.account.get('subscription', nextSubscriptionId);
  if (next === undefined) return false;
  return planOf(work.catalog, next).charges.some((charge) => charge.billableMetricCode === metric.code);
}

function addFeesOfCharge(scope: FeeScope, charge: Charge, metric: BillableMetric, window: UsageWindow): void {
  const { work, invoice, terms } = scope;
  const amounts = chargeFees({
    charge,
    metric,
    currency: terms.plan.amountCurrency,
    externalSubscriptionId: terms.subscription.externalId,
    previousSubscriptionExists: terms.subscription.previousSubscriptionId !== null,
    window,
    usage: work.usage,
    inAdvanceUsages: charge.payInAdvance ? work.account.all('in_advance_usage') : [],
    weightedLevels: metric.aggregationType === 'weighted_sum_agg' ? work.account.all('weighted_level') : [],
    mode: 'invoice',
    adjust: chargeAdjuster(invoice, terms.subscription.id, { charge, currency: terms.plan.amountCurrency }),
  });
  if (!charge.invoiceable) {
    for (const [index, amount] of amounts.entries()) putStandaloneRenewal(scope, charge, metric, amount, window, index);
    return;
  }
  let parentId: string | null = null;
  for (const amount of amounts) {
    const fee = putChargeFee(scope, charge, metric, amount, {
      fromAt: window.from,
      toAt: window.to,
      // Lago reserves the flag for the fees of events; a renewal is an ordinary line of its invoice.
      payInAdvance: false,
      trueUpParentFeeId: amount.isTrueUp ? parentId : null,
    });
    if (amount.hasTrueUp) parentId = fee.id;
    if (amount.weightedLevel !== null) putLevel(scope, amount.weightedLevel);
  }
}

/** The renewal of a charge that is not invoiced stands alone, made once: a draft computed anew leaves it as it is. */
function putStandaloneRenewal(
  scope: FeeScope,
  charge: Charge,
  metric: BillableMetric,
  amount: ChargeFeeAmounts,
  window: UsageWindow,
  index: number,
): void {
  const { work, period } = scope;
  const id = recordId('fee', period.id, charge.id, index);
  if (work.account.get('fee', id) !== undefined) return;
  putChargeFee(scope, charge, metric, amount, {
    id,
    invoiceId: null,
    fromAt: window.from,
    toAt: window.to,
    ...shownWindow(period),
  });
}

/** A usage fee paid in advance prints the subscription's own window, not the one that it was metered over. */
export function shownWindow(period: BillingPeriod): Pick<NewFee, 'shownFromAt' | 'shownToAt'> {
  return { shownFromAt: period.fromDatetime, shownToAt: period.toDatetime };
}

function putLevel({ work }: FeeScope, level: NonNullable<ChargeFeeAmounts['weightedLevel']>): void {
  if (work.account.get('weighted_level', level.id) === undefined) work.account.put('weighted_level', level);
}

/** Puts the fee of a charge, with the parts that an event's or a period's fee share. */
export function putChargeFee(
  scope: FeeOwner,
  charge: Charge,
  metric: BillableMetric,
  amounts: ChargeFeeAmounts,
  given: Partial<NewFee>,
): Fee {
  const filter = amounts.chargeFilter;
  const fee = putFee(scope, {
    feeType: 'charge',
    item: {
      id: metric.id,
      type: 'BillableMetric',
      code: metric.code,
      name: metric.name,
      description: metric.description,
      invoiceDisplayName: charge.invoiceDisplayName ?? metric.name,
      filters: filter === null ? null : filter.values,
      filterInvoiceDisplayName: filter === null ? null : filterName(filter),
      groupedBy: amounts.groupedBy,
    },
    chargeId: charge.id,
    chargeCode: charge.code,
    chargeFilterId: filter?.id ?? null,
    chargeModel: charge.chargeModel,
    prorated: charge.prorated,
    recurring: metric.recurring,
    payInAdvance: charge.payInAdvance,
    invoiceable: charge.invoiceable,
    amountCents: amounts.amountCents,
    preciseAmountCents: toText(amounts.preciseAmountCents),
    unitAmountCents: amounts.unitAmountCents,
    preciseUnitAmount: toText(amounts.preciseUnitAmount),
    units: toText(amounts.units),
    totalAggregatedUnits: amounts.totalAggregatedUnits === null ? null : toText(amounts.totalAggregatedUnits),
    eventsCount: amounts.eventsCount,
    amountDetails: amounts.amountDetails,
    pricingUnit: amounts.pricingUnit,
    targetWalletCode: targetWalletOf(charge, amounts),
    presentationBreakdowns: amounts.presentationBreakdowns.map((each) => ({
      presentationBy: each.presentationBy,
      units: toText(each.units),
    })),
    ...given,
  });
  if (fee.invoiceId !== null) return fee;
  const taxed = applyFeeTaxes(fee, taxesOfFee(scope.work, fee));
  scope.work.account.put('fee', taxed);
  return taxed;
}

function filterName(filter: NonNullable<ChargeFeeAmounts['chargeFilter']>): string {
  if (filter.invoiceDisplayName !== null) return filter.invoiceDisplayName;
  return Object.entries(filter.values)
    .map(([key, values]) => (values.includes('__ALL_FILTER_VALUES__') ? key : values.join(', ')))
    .join(', ');
}

function metricOf({ work }: FeeScope, charge: Charge): BillableMetric {
  const metric = work.catalog.billableMetrics.get(charge.billableMetricCode);
  assert(metric !== undefined, `charge ${charge.code} names billable metric ${charge.billableMetricCode}`);
  return metric;
}
