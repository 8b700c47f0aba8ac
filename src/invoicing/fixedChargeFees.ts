/**
 * Fixed charges on an invoice: which are billed when, over which window, for how many units (periods §5.5, §7.2).
 */
import type { FixedCharge } from '../catalog/types.js';
import { assert } from '../errors.js';
import type { BillingSituation, Fee, FixedChargeUnits } from '../model.js';
import { fromCents, toCents, toPreciseCents } from '../money/currency.js';
import { Decimal, round, toText, truncate, ZERO } from '../money/decimal.js';
import { fixedUnits } from '../rating/fixedUnits.js';
import { price } from '../rating/price.js';
import type { Priced } from '../rating/types.js';
import { currentBoundaries } from '../subscriptions/boundaries.js';
import { type UnitsInWindow, type UnitsWindow, unitsInWindow } from '../subscriptions/fixedChargeUnits.js';
import { addMicroseconds, DAY, type Instant, SECOND } from '../time/instant.js';
import { daysBetween } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import { earlierFees, type FeeScope, putFee, standingFees } from './feeScope.js';
import { addOnItem } from './newFee.js';

export function addFixedChargeFees(scope: FeeScope): void {
  for (const fixedCharge of scope.terms.plan.fixedCharges) {
    if (fixedCharge.payInAdvance) addAdvance(scope, fixedCharge);
    else addArrears(scope, fixedCharge);
  }
}

const ARREARS_SITUATIONS: ReadonlySet<BillingSituation> = new Set<BillingSituation>([
  'periodic',
  'terminated',
  'upgraded',
  'downgraded',
]);

function addArrears(scope: FeeScope, fixedCharge: FixedCharge): void {
  const { period, terms } = scope;
  if (!ARREARS_SITUATIONS.has(period.situation)) return;
  const { fixedChargesFromDatetime: from, fixedChargesToDatetime: to } = period;
  if (from === null || to === null || from > to) return;
  addWindowFee(scope, fixedCharge, { from, to, durationDays: period.fixedChargesDurationDays, zone: terms.zone });
}

function addAdvance(scope: FeeScope, fixedCharge: FixedCharge): void {
  switch (scope.period.situation) {
    case 'periodic':
      // In a month that opens no period of a fixed charge billed by the year, nothing starts.
      if (scope.period.fixedChargesFromDatetime === null) return;
      addOnce(scope, fixedCharge);
      return;
    case 'starting':
    case 'trial_end':
      addOnce(scope, fixedCharge);
      return;
    case 'fixed_charges_starting':
    case 'fixed_charges_changed':
      addDelta(scope, fixedCharge);
      return;
    default:
      return;
  }
}

/** The window that is running at the invoice's instant: what a fixed charge in advance pays for. */
export function advanceWindow({ work, terms }: Pick<FeeScope, 'work' | 'terms'>): UnitsWindow {
  const current = currentBoundaries(terms, work.at);
  assert(
    current.fixedChargesFromDatetime !== null && current.fixedChargesToDatetime !== null,
    'the running windows are never empty',
  );
  return {
    from: current.fixedChargesFromDatetime,
    to: current.fixedChargesToDatetime,
    durationDays: current.fixedChargesDurationDays,
    zone: terms.zone,
  };
}

/** Bills the running window unless a fee that is not zero already did. */
function addOnce(scope: FeeScope, fixedCharge: FixedCharge): void {
  const window = advanceWindow(scope);
  const billed = feesOfFixedCharge(scope, fixedCharge).some(
    (fee) => fee.fromAt === window.from && fee.toAt === window.to && fee.amountCents !== 0,
  );
  if (!billed) addWindowFee(scope, fixedCharge, window);
}

function addWindowFee(scope: FeeScope, fixedCharge: FixedCharge, window: UnitsWindow): void {
  const units = unitsInWindow(fixedCharge, unitsLog(scope), window);
  const priced = priceUnits(scope, fixedCharge, units);
  const amountCents = toCents(priced.amount, scope.terms.plan.amountCurrency);
  const deducted = Math.max(0, amountCents - alreadyPaidByOldPlan(scope, fixedCharge, window));
  if (units.full.isZero() && amountCents === 0) return;
  putFixedChargeFee(scope, fixedCharge, window, units.full, priced, deducted === amountCents ? null : deducted);
}

/**
 * At the start on an arrears plan, and at each immediate change: only the units above those already billed for exactly
 * this window, the model seeing nothing but them. 10 → 5 → 15 units bills 10, 0, then 5. Nothing is given back.
 */
function addDelta(scope: FeeScope, fixedCharge: FixedCharge): void {
  const { work, terms } = scope;
  const window = advanceWindow(scope);
  const entry = unitsLog(scope).findLast(
    (each) =>
      (each.fixedChargeId === fixedCharge.id || each.fixedChargeId === fixedCharge.parentId) &&
      each.timestamp === deltaEntryAt(scope),
  );
  // Units that are the same as before, or that wait for the next period.
  if (entry === undefined) return;
  const already = feesOfFixedCharge(scope, fixedCharge)
    .filter((fee) => fee.fromAt === window.from && fee.toAt === window.to)
    .reduce((sum, fee) => sum.plus(fee.units), ZERO);
  const delta = Decimal.max(new Decimal(entry.units).minus(already), 0);
  const share = fixedCharge.prorated
    ? new Decimal(daysBetween(localDateOf(work.at, terms.zone), localDateOf(window.to, terms.zone)) + 1).div(
        window.durationDays,
      )
    : new Decimal(1);
  const priced = delta.isZero()
    ? { amount: ZERO, unitAmount: ZERO, amountDetails: {} }
    : priceUnits(scope, fixedCharge, { full: delta, billed: delta.times(share) });
  putFixedChargeFee(scope, fixedCharge, window, delta, priced, null);
}

/** The instant of the entries that a delta invoice bills: the start's own, or those of the change. */
function deltaEntryAt({ period, terms }: FeeScope): Instant {
  return period.situation === 'fixed_charges_changed' ? period.billedAt : entryAtStart(terms);
}

/** The instant of the entries that opened the log (periods §7.2). */
function entryAtStart({ subscription }: FeeScope['terms']): Instant {
  assert(subscription.startedAt !== null, 'what is billed has started');
  return addMicroseconds(subscription.startedAt, SECOND);
}

function priceUnits({ terms }: FeeScope, fixedCharge: FixedCharge, units: UnitsInWindow): Priced {
  const usage = fixedUnits(units.full, units.billed, fixedCharge.prorated);
  return price(fixedCharge.prices, usage, terms.plan.amountCurrency);
}

function putFixedChargeFee(
  scope: FeeScope,
  fixedCharge: FixedCharge,
  window: UnitsWindow,
  units: Decimal,
  priced: Priced,
  deductedCents: number | null,
): void {
  const { work, terms } = scope;
  const currency = terms.plan.amountCurrency;
  const addOn = work.catalog.addOns.get(fixedCharge.addOnCode);
  assert(addOn !== undefined, `fixed charge ${fixedCharge.code} names add-on ${fixedCharge.addOnCode}`);
  const amountCents = deductedCents ?? toCents(priced.amount, currency);
  const unitAmount =
    deductedCents === null || units.isZero() ? priced.unitAmount : fromCents(amountCents, currency).div(units);
  putFee(scope, {
    feeType: 'fixed_charge',
    item: addOnItem(addOn, fixedCharge.invoiceDisplayName),
    fixedChargeId: fixedCharge.id,
    addOnCode: addOn.code,
    chargeModel: fixedCharge.chargeModel,
    prorated: fixedCharge.prorated,
    payInAdvance: fixedCharge.payInAdvance,
    amountCents,
    preciseAmountCents: toText(
      deductedCents === null ? toPreciseCents(priced.amount, currency) : new Decimal(deductedCents),
    ),
    unitAmountCents: truncate(toPreciseCents(unitAmount, currency)).toNumber(),
    preciseUnitAmount: toText(unitAmount),
    units: toText(units),
    eventsCount: 0,
    amountDetails: priced.amountDetails,
    fromAt: window.from,
    toAt: window.to,
  });
}

/** The subscription's entries, but for those that came after the invoice: a draft computed anew bills as of its own time. */
function unitsLog({ work, period, terms }: FeeScope): FixedChargeUnits[] {
  const startEntryAt = entryAtStart(terms);
  return work.account
    .all('fixed_charge_units')
    .filter((each) => each.subscriptionId === terms.subscription.id)
    .filter(
      ({ timestamp, createdAt }) =>
        timestamp === startEntryAt || timestamp <= period.billedAt || createdAt <= period.billedAt,
    );
}

/** Fees of earlier invoices for the charge, or for the one that it was cloned from. */
function feesOfFixedCharge(scope: FeeScope, fixedCharge: FixedCharge): Fee[] {
  return earlierFees(scope, ['fixed_charge']).filter(
    (fee) => fee.fixedChargeId === fixedCharge.id || fee.fixedChargeId === fixedCharge.parentId,
  );
}

/**
 * After an upgrade, a prorated fixed charge in advance is not paid twice for the same days: what the old plan's fee for
 * the add-on covered of the new window is deducted. 1,500 for August, upgrade on the 21st: 1,500 × 11/31 → 532.
 */
function alreadyPaidByOldPlan(scope: FeeScope, fixedCharge: FixedCharge, window: UnitsWindow): number {
  const { work, terms, period } = scope;
  if (period.situation !== 'starting' || !fixedCharge.prorated || !fixedCharge.payInAdvance) return 0;
  const previousId = terms.subscription.previousSubscriptionId;
  const previous = previousId === null ? undefined : work.account.get('subscription', previousId);
  if (previous?.endedBy !== 'upgrade') return 0;
  const paid = standingFees(work, previous.id, ['fixed_charge']).findLast(
    (fee) =>
      fee.addOnCode === fixedCharge.addOnCode &&
      fee.payInAdvance &&
      fee.fromAt !== null &&
      fee.toAt !== null &&
      fee.fromAt <= window.from &&
      fee.toAt >= window.to,
  );
  if (paid?.toAt == null) return 0;
  const newDays = Math.ceil((window.to - window.from) / DAY);
  const oldDays = Math.ceil((paid.toAt - paid.createdAt) / DAY);
  return round(new Decimal(paid.amountCents).times(newDays).div(oldDays)).toNumber();
}
