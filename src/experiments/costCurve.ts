/**
 * Plans side by side over one metric: what each costs at a number of units, and from which unit on another is the cheapest.
 *
 * Between the bounds of tiers and packages a price is a straight line, so the plan that is cheapest can change once at
 * most; the unit of the change is found by halving. Plans whose usage is billed by different periods are compared by the
 * month: a year's price of twelve months of usage, divided by twelve.
 */
import type { Catalog, ChargePrices, Plan } from '../catalog/types.js';
import { BillingError } from '../errors.js';
import { Decimal } from '../money/decimal.js';
import { MONTHS, type PricedUnits, planPrice, usageInterval } from './planPrice.js';

/** Units of a metric that vary, and others that stay. */
export interface Variation {
  readonly varying: Omit<PricedUnits, 'units'>;
  readonly fixed: readonly PricedUnits[];
}

export interface CostCurve {
  readonly plan: Plan;
  /** Minor units of a period (or month), without taxes. */
  readonly costAt: (units: Decimal) => number;
}

export interface Comparison {
  readonly curves: readonly CostCurve[];
  readonly currency: string;
  /** `month` also where periods differ. */
  readonly interval: string;
  /** Periods differ: prices are those of a month's share. */
  readonly isConverted: boolean;
}

export function comparison(catalog: Catalog, plans: readonly Plan[], variation: Variation): Comparison {
  const [first] = plans;
  const currencies = new Set(plans.map((plan) => plan.amountCurrency));
  if (first === undefined || currencies.size > 1) {
    throw new BillingError('plan_currencies_do_not_match', {
      message: `the plans are in ${[...currencies].join(' and ')}`,
      suggestion: 'Compare plans of one currency.',
    });
  }
  const intervals = new Set(plans.map(usageInterval));
  const isConverted = intervals.size > 1;
  return {
    curves: plans.map((plan) => ({ plan, costAt: (units) => costOf(catalog, plan, variation, units, isConverted) })),
    currency: first.amountCurrency,
    interval: isConverted ? 'monthly' : usageInterval(first),
    isConverted,
  };
}

function costOf(
  catalog: Catalog,
  plan: Plan,
  { varying, fixed }: Variation,
  units: Decimal,
  isConverted: boolean,
): number {
  if (!isConverted) return planPrice(catalog, plan, [...fixed, { ...varying, units }], false).totalCents;
  const months = MONTHS[usageInterval(plan)];
  const scaled = [...fixed, { ...varying, units }].map((each) => ({
    ...each,
    units: each.units.times(months).toDecimalPlaces(0),
  }));
  const { totalCents } = planPrice(catalog, plan, scaled, false);
  return new Decimal(totalCents).div(months).toDecimalPlaces(0).toNumber();
}

/** Where one plan is the cheapest: units from and to, both included; `to` null is the end of what was looked at. */
export interface CheapestRange {
  readonly from: number;
  readonly to: number | null;
  readonly curve: CostCurve;
  /** Others that cost the same at `from`. */
  readonly equals: readonly CostCurve[];
}

/** Over whole units from `low` to `high`. Where plans cost the same, the one that was cheapest before stays. */
export function cheapestRanges({ curves }: Comparison, low: number, high: number, metricCode: string): CheapestRange[] {
  const costs = memo(curves);
  const cheapest = (units: number, standing: number | null): number => {
    const at = costs(units);
    const least = Math.min(...at);
    return standing !== null && at[standing] === least ? standing : at.indexOf(least);
  };
  const ranges: CheapestRange[] = [];
  let standing = cheapest(low, null);
  const open = (from: number) => {
    const at = costs(from);
    const equals = curves.filter((_, index) => index !== standing && at[index] === at[standing]);
    ranges.push({ from, to: null, curve: curves[standing] as CostCurve, equals });
  };
  open(low);
  let from = low;
  for (const point of turningPoints(curves, low, high, metricCode)) {
    while (cheapest(point, standing) !== standing) {
      let [before, after] = [from, point];
      while (after - before > 1) {
        const middle = before + Math.floor((after - before) / 2);
        if (cheapest(middle, standing) === standing) before = middle;
        else after = middle;
      }
      const last = ranges.pop() as CheapestRange;
      ranges.push({ ...last, to: after - 1 });
      standing = cheapest(after, null);
      open(after);
      from = after;
    }
    from = point;
  }
  return ranges;
}

function memo(curves: readonly CostCurve[]): (units: number) => readonly number[] {
  const known = new Map<number, readonly number[]>();
  return (units) => {
    const found = known.get(units) ?? curves.map((curve) => curve.costAt(new Decimal(units)));
    known.set(units, found);
    return found;
  };
}

const EVEN_POINTS = 100;
const MOST_PACKAGES = 400;

/** Ascending units at which some plan's price may bend or jump, and points between. */
function turningPoints(curves: readonly CostCurve[], low: number, high: number, metricCode: string): number[] {
  const points = new Set<number>([high]);
  const add = (value: Decimal | number) => {
    const at = Math.floor(Number(value));
    for (const each of [at, at + 1]) if (each > low && each <= high) points.add(each);
  };
  for (let index = 1; index < EVEN_POINTS; index += 1) add(low + ((high - low) * index) / EVEN_POINTS);
  for (const { plan } of curves) {
    for (const charge of plan.charges.filter((each) => [each.code, each.billableMetricCode].includes(metricCode))) {
      for (const { prices } of [charge.properties, ...charge.filters.map((filter) => filter.properties)]) {
        for (const bend of bendsOf(prices, low, high)) add(bend);
      }
    }
  }
  return [...points].sort((a, b) => a - b);
}

function bendsOf(prices: ChargePrices, low: number, high: number): (Decimal | number)[] {
  if ('ranges' in prices)
    return prices.ranges.flatMap((range) => (range.toValue === null ? [] : [new Decimal(range.toValue)]));
  if (prices.model === 'percentage') return [new Decimal(prices.freeUnitsPerTotalAggregation ?? 0)];
  if (prices.model !== 'package') return [];
  const first = Math.max(0, Math.ceil((low - prices.freeUnits) / prices.packageSize));
  const bends: number[] = [];
  for (let count = first; bends.length < MOST_PACKAGES; count += 1) {
    const at = prices.freeUnits + count * prices.packageSize;
    if (at > high) break;
    bends.push(at);
  }
  return bends;
}
