/**
 * What a plan costs for a period of imagined usage, before any customer exists: its base fee, every charge priced by the
 * code that bills it, minimums, fixed charges and the commitment, without taxes.
 *
 * It is a whole period: nothing is prorated, and no trial is running. A period is the plan's period of usage: a month of a
 * yearly plan whose charges are billed monthly bears a twelfth of what is billed by the year, 900.00 ÷ 12 = 75.00.
 */
import { definitionNamed } from '../catalog/named.js';
import type { BillableMetric, Catalog, Charge, FixedCharge, Plan, PlanInterval } from '../catalog/types.js';
import { assert, invalid, notFound } from '../errors.js';
import type { UsageWindow } from '../metering/window.js';
import { subunit, toCents } from '../money/currency.js';
import { Decimal } from '../money/decimal.js';
import { type ChargeFeesInput, type RatedGroup, ratedGroups } from '../rating/chargeFees.js';
import { fixedUnits } from '../rating/fixedUnits.js';
import { price } from '../rating/price.js';
import { withTrueUp } from '../rating/trueUp.js';
import { DAY, instant } from '../time/instant.js';
import { type Step, step } from './arithmetic.js';
import { filterText } from './figures.js';
import { eventsOf, type ImaginedLot, imaginedUsage } from './imaginedUsage.js';
import { plain, priceSteps, signed } from './priceSteps.js';

/** Units of one metric (or of one charge, by its code) in the period. */
export interface PricedUnits {
  readonly code: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly units: Decimal;
  /** Null: as many as units where events are counted, else one. */
  readonly eventsCount: number | null;
}

export interface PriceLine {
  readonly kind: 'base' | 'charge' | 'true_up' | 'fixed_charge' | 'commitment';
  readonly code: string;
  readonly label: string;
  readonly model: string | null;
  readonly units: Decimal | null;
  /** The last one's result is the amount in major (or pricing) units. */
  readonly steps: readonly Step[];
  readonly amountCents: number;
}

export interface PlanPrice {
  readonly plan: Plan;
  readonly interval: PlanInterval;
  readonly lines: readonly PriceLine[];
  /** Of charges and their minimums. */
  readonly usageCents: number;
  readonly totalCents: number;
}

export const MONTHS: Readonly<Record<PlanInterval, number>> = {
  weekly: 12 / 52,
  monthly: 1,
  quarterly: 3,
  semiannual: 6,
  yearly: 12,
};

/** The period that usage is billed by. */
export function usageInterval(plan: Plan): PlanInterval {
  return plan.billChargesMonthly === true ? 'monthly' : plan.interval;
}

export function planNamed(catalog: Catalog, code: string): Plan {
  return definitionNamed(catalog.plans, 'plan', code);
}

/** Errors: `billable_metric_not_found` for units that no charge of the plan prices, when `strict`. */
export function planPrice(catalog: Catalog, plan: Plan, units: readonly PricedUnits[], strict = true): PlanPrice {
  if (strict) refuseUnpriced(plan, units);
  return priceOfUsage(catalog, plan, (charge, metric) => imaginedBasis(plan, charge, metric, units));
}

/** What a charge of the plan is metered on. */
export type UsageBasis = (charge: Charge, metric: BillableMetric) => ChargeFeesInput;

/** The same for any usage: a real customer's, in a whole period. */
export function priceOfUsage(catalog: Catalog, plan: Plan, basis: UsageBasis): PlanPrice {
  const base = baseLine(plan);
  const charges = plan.charges.flatMap((charge) => chargeLines(catalog, plan, charge, basis));
  const fixed = plan.fixedCharges.map((charge) => fixedChargeLine(catalog, plan, charge));
  const lines = [base, ...charges, ...fixed];
  const sum = lines.reduce((total, line) => total + line.amountCents, 0);
  const commitment = commitmentLine(plan, sum);
  const all = commitment === null ? lines : [...lines, commitment];
  return {
    plan,
    interval: usageInterval(plan),
    lines: all,
    usageCents: charges.reduce((total, line) => total + line.amountCents, 0),
    totalCents: sum + (commitment?.amountCents ?? 0),
  };
}

function refuseUnpriced(plan: Plan, units: readonly PricedUnits[]): void {
  const known = plan.charges.flatMap((charge) => [charge.code, charge.billableMetricCode]);
  for (const { code } of units) {
    if (known.includes(code)) continue;
    const priced = [...new Set(plan.charges.map((charge) => charge.billableMetricCode))];
    const suggestion = priced.length === 0 ? 'It has no charges.' : `It charges for ${priced.join(', ')}.`;
    throw notFound('billable_metric', code, `Plan ${plan.code} does not charge for it. ${suggestion}`);
  }
}

/** The part of an amount of the plan's own period that one period of usage bears. */
function shareOf(plan: Plan, amountCents: number, isMonthly: boolean): { cents: number; step: Step } {
  const parts = isMonthly || usageInterval(plan) === plan.interval ? 1 : MONTHS[plan.interval];
  const unit = subunit(plan.amountCurrency);
  const amount = new Decimal(amountCents).div(unit).toFixed();
  if (parts === 1) return { cents: amountCents, step: step('amount', amount) };
  const places = Math.log10(unit);
  const share = step(`a month of the ${plan.interval} amount`, `round(${amount} ÷ ${parts}, ${places})`);
  return { cents: toCents(new Decimal(share.result), plan.amountCurrency), step: share };
}

function baseLine(plan: Plan): PriceLine {
  const share = shareOf(plan, plan.amountCents, false);
  return {
    kind: 'base',
    code: plan.code,
    label: 'Base fee',
    model: null,
    units: null,
    steps: [share.step],
    amountCents: share.cents,
  };
}

/** A whole period of thirty days; nothing depends on its length, for nothing is prorated. */
const PERIOD: UsageWindow = {
  from: instant(0),
  to: instant(30 * DAY - 1),
  durationDays: 30,
  zone: 'UTC',
  endedByUpgrade: false,
};

function imaginedBasis(
  plan: Plan,
  charge: Charge,
  metric: BillableMetric,
  units: readonly PricedUnits[],
): ChargeFeesInput {
  const own = units.filter(({ code }) => code === charge.code || code === charge.billableMetricCode);
  return {
    // A whole period is the same in advance and in arrears, prorated or not.
    charge: { ...charge, payInAdvance: false, prorated: false },
    metric: { ...metric, recurring: false },
    currency: plan.amountCurrency,
    externalSubscriptionId: '',
    previousSubscriptionExists: false,
    window: PERIOD,
    usage: imaginedUsage(own.map((each) => lotOf(metric, each))),
    inAdvanceUsages: [],
    weightedLevels: [],
    mode: 'invoice',
  };
}

function chargeLines(catalog: Catalog, plan: Plan, charge: Charge, basis: UsageBasis): PriceLine[] {
  const metric = catalog.billableMetrics.get(charge.billableMetricCode);
  assert(metric !== undefined, `charge ${charge.code} names billable metric ${charge.billableMetricCode}`);
  const input = basis(charge, metric);
  const rated = ratedGroups(input).filter(
    (group) => charge.filters.length === 0 || !group.fee.units.isZero() || group.fee.chargeFilter === null,
  );
  const fees = withTrueUp(
    charge,
    plan.amountCurrency,
    PERIOD,
    rated.map(({ fee }) => fee),
  );
  const lines = rated.map((group) => chargeLine(plan, charge, metric, group));
  const trueUp = fees[rated.length];
  if (trueUp === undefined) return lines;
  const used = rated.reduce((sum, { fee }) => sum + fee.amountCents, 0);
  const minimum = step('minimum less used', `(${charge.minAmountCents} − ${used}) ÷ ${subunit(plan.amountCurrency)}`);
  const label = `${chargeLabel(charge, metric)}, minimum`;
  const steps = charge.appliedPricingUnit === null ? [minimum] : [];
  const { amountCents } = trueUp;
  return [...lines, { kind: 'true_up', code: charge.code, label, model: null, units: null, steps, amountCents }];
}

function lotOf(metric: BillableMetric, { units, properties, eventsCount }: PricedUnits): ImaginedLot {
  const count = eventsCount ?? eventsOf(metric.aggregationType, units);
  if (!Number.isSafeInteger(count)) {
    throw invalid({
      field: '--units',
      code: 'value_is_invalid',
      message: `${metric.code} counts events, and ${units.toFixed()} is not a whole number of them`,
    });
  }
  return {
    code: metric.code,
    properties,
    units,
    eventsCount: Math.max(count, units.isZero() ? 0 : 1),
    at: PERIOD.from,
  };
}

function chargeLine(plan: Plan, charge: Charge, metric: BillableMetric, group: RatedGroup): PriceLine {
  const { fee, usage, prices } = group;
  const steps = priceSteps(prices, usage, price(prices, usage, plan.amountCurrency), plan.amountCurrency);
  const unit = charge.appliedPricingUnit;
  if (unit !== null) {
    const amount = steps.at(-1) as Step;
    steps.push(
      step(
        `in ${plan.amountCurrency}, 1 ${unit.shortName} = ${plain(unit.conversionRate)}`,
        `round(${signed(amount.result)}, 2) × ${plain(unit.conversionRate)}`,
      ),
    );
  }
  return {
    kind: 'charge',
    code: charge.code,
    label: chargeLabel(charge, metric) + bucketLabel(group),
    model: charge.chargeModel,
    units: fee.units,
    steps,
    amountCents: fee.amountCents,
  };
}

function chargeLabel(charge: Charge, metric: BillableMetric): string {
  return charge.invoiceDisplayName ?? metric.name;
}

function bucketLabel({ fee }: RatedGroup): string {
  const filter = fee.chargeFilter;
  const values = filter === null ? [] : [filter.invoiceDisplayName ?? filterText(filter.values)];
  const groups = Object.entries(fee.groupedBy).flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}`]));
  const parts = [...values, ...groups];
  if (parts.length > 0) return ` (${parts.join('; ')})`;
  return fee.hasFilters ? ' (everything else)' : '';
}

function fixedChargeLine(catalog: Catalog, plan: Plan, charge: FixedCharge): PriceLine {
  const units = new Decimal(charge.units);
  const usage = fixedUnits(units);
  const priced = price(charge.prices, usage, plan.amountCurrency);
  const steps = priceSteps(charge.prices, usage, priced, plan.amountCurrency);
  const share = shareOf(plan, toCents(priced.amount, plan.amountCurrency), plan.billFixedChargesMonthly === true);
  const name = charge.invoiceDisplayName ?? catalog.addOns.get(charge.addOnCode)?.name ?? charge.addOnCode;
  return {
    kind: 'fixed_charge',
    code: charge.code,
    label: name,
    model: charge.chargeModel,
    units,
    steps: share.step.label === 'amount' ? steps : [...steps, share.step],
    amountCents: share.cents,
  };
}

function commitmentLine(plan: Plan, sumCents: number): PriceLine | null {
  if (plan.minimumCommitment === null) return null;
  const share = shareOf(plan, plan.minimumCommitment.amountCents, false);
  const missing = share.cents - sumCents;
  if (missing <= 0) return null;
  const unit = subunit(plan.amountCurrency);
  return {
    kind: 'commitment',
    code: plan.code,
    label: plan.minimumCommitment.invoiceDisplayName ?? 'Minimum commitment',
    model: null,
    units: null,
    steps: [step('commitment less the above', `(${share.cents} − ${sumCents}) ÷ ${unit}`)],
    amountCents: missing,
  };
}
