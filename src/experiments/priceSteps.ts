/**
 * The price of metered usage as arithmetic: one step for each tier, package or part, and `amount` at the end, whose
 * result is the model's exact price in major units (usage-and-pricing §4).
 *
 * Tiers are read from the `amount_details` that the model itself gave, so that what is shown is what was billed. A
 * prorated graduated charge gives none: its price is shown as what each entry added to it.
 */
import type { ChargePrices, PriceRange } from '../catalog/types.js';
import { unreachable } from '../errors.js';
import { exponent } from '../money/currency.js';
import { Decimal, ZERO } from '../money/decimal.js';
import { volumeTier } from '../rating/models/volume.js';
import { price } from '../rating/price.js';
import type { MeteredUsage, Priced } from '../rating/types.js';
import { type Step, step, sumOf } from './arithmetic.js';

/** A prorated graduated price of more entries than this is shown by its first and last ones. */
const MOST_ENTRIES = 40;

type Details = Readonly<Record<string, unknown>>;

export function priceSteps(prices: ChargePrices, usage: MeteredUsage, priced: Priced, currency: string): Step[] {
  const steps = modelSteps(prices, usage, priced, currency);
  if (!usage.units.lt(ZERO) && !priced.amount.lt(ZERO)) return steps;
  return [...steps, step('never negative', `max(${sumOf([priced.amount])}, 0) × 0`)];
}

function modelSteps(prices: ChargePrices, usage: MeteredUsage, priced: Priced, currency: string): Step[] {
  const details = priced.amountDetails;
  switch (prices.model) {
    case 'standard':
      return [step('amount', `${signed(usage.units)} × ${plain(prices.amount)}`)];
    case 'graduated':
      if (usage.prorated) return entrySteps(prices, usage, currency);
      return tierSteps(details.graduated_ranges, (tier) => plain(tier.per_unit_amount));
    case 'graduated_percentage':
      return tierSteps(details.graduated_percentage_ranges, (tier) => `${plain(tier.rate)} %`);
    case 'package':
      return packageSteps(prices.amount, prices.packageSize, prices.freeUnits, usage.units);
    case 'percentage':
      return percentageSteps(details, priced);
    case 'volume':
      return volumeSteps(prices.ranges, usage);
    case 'dynamic': {
      const cents = signed(usage.preciseTotalAmountCents);
      const units = usage.units.isZero() ? ' × 0' : '';
      return [step('amount', `${cents} ÷ ${10 ** exponent(currency)}${units}`)];
    }
    default:
      return unreachable(prices);
  }
}

function tierSteps(tiers: unknown, priceOf: (tier: Details) => string): Step[] {
  const steps = ((tiers ?? []) as readonly Details[]).map((tier) => {
    const flat = new Decimal(String(tier.flat_unit_amount));
    const priced = `${signed(tier.units)} × ${priceOf(tier)}`;
    return step(tierLabel(tier.from_value, tier.to_value), flat.isZero() ? priced : `${priced} + ${flat.toFixed()}`);
  });
  return [...steps, step('amount', sumOf(steps.map((each) => each.result)))];
}

/** `0–10000`, `10001–∞` */
function tierLabel(from: unknown, to: unknown): string {
  return `tier ${String(from)}–${to === null || to === undefined ? '∞' : String(to)}`;
}

function packageSteps(amount: string, size: number, free: number, units: Decimal): Step[] {
  const steps: Step[] = [];
  let paid = step('paid units', `max(${signed(units)} − ${free}, 0)`);
  if (free === 0 && !units.isNegative()) paid = { ...paid, expression: units.toFixed() };
  else steps.push(paid);
  // The number of packages goes through a double, as in Lago.
  const packages = step(`packages of ${size}`, `ceil(double(${paid.result} ÷ ${size}))`);
  return [...steps, packages, step('amount', `${packages.result} × ${plain(amount)}`)];
}

function percentageSteps(details: Details, priced: Priced): Step[] {
  const figure = (key: string) => new Decimal(String(details[key] ?? 0));
  const paid = step('paid units', `max(${signed(figure('units'))} − ${figure('free_units').toFixed()}, 0)`);
  const rate = step('percentage', `${paid.result} × ${figure('rate').toFixed()} %`);
  const steps = figure('free_units').isZero() && !figure('units').isNegative() ? [rate] : [paid, rate];
  const parts = [rate.result];
  if (figure('units').isNegative() && !figure('per_unit_total_amount').isZero()) {
    steps[1] = step('percentage', `${signed(figure('units'))} × ${figure('rate').toFixed()} %`);
    parts[0] = (steps[1] as Step).result;
  }
  const fixed = figure('fixed_fee_total_amount');
  if (!fixed.isZero()) {
    const free = Number(details.free_events ?? 0);
    const events = free === 0 ? String(details.paid_events) : `(${Number(details.paid_events) + free} − ${free})`;
    const each = step('fixed, each event', `${events} × ${figure('fixed_fee_unit_amount').toFixed()}`);
    steps.push(each);
    parts.push(each.result);
  }
  const adjustment = figure('min_max_adjustment_total_amount');
  if (!adjustment.isZero()) parts.push(adjustment.toFixed());
  const amount = step('amount', sumOf(parts));
  const note = adjustment.isZero() ? amount : { ...amount, label: 'amount, each event within its bounds' };
  return [...steps, new Decimal(note.result).equals(priced.amount) ? note : step('amount', signed(priced.amount))];
}

function volumeSteps(ranges: readonly PriceRange[], usage: MeteredUsage): Step[] {
  const total = usage.prorated ? usage.fullUnits : usage.units;
  const tier = volumeTier({ model: 'volume', ranges }, total);
  if (tier === undefined) return [step('amount', '0')];
  const flat = tier.flat.isZero() ? '' : ` + ${tier.flat.toFixed()}`;
  const place = `${tier.from.toFixed()}–${tier.to === null ? '∞' : tier.to.toFixed()}`;
  const chosen = `all in tier ${place}`;
  const amount = `${signed(usage.units)} × ${tier.price.toFixed()}${flat}`;
  return [{ ...step('amount', amount), label: `amount, ${chosen}` }];
}

/** What each entry adds: the price of the entries up to it, less that of those before. */
function entrySteps(prices: ChargePrices, usage: MeteredUsage, currency: string): Step[] {
  const entries = [...usage.proratedEntries()];
  const amountOf = (count: number) =>
    price(prices, { ...usage, proratedEntries: () => entries.slice(0, count) }, currency).amount;
  const total = amountOf(entries.length);
  if (usage.units.isZero() || entries.length === 0) return [step('amount', signed(total))];
  const shown = Math.min(entries.length, MOST_ENTRIES);
  const steps: Step[] = [];
  let before = ZERO;
  for (let count = 1; count <= shown; count += 1) {
    const { full, prorated } = entries[count - 1] as (typeof entries)[number];
    const after = amountOf(count);
    const label = `${full.isNegative() ? '' : '+'}${full.toFixed()} units, weighing ${prorated.toSignificantDigits(8).toFixed()}`;
    steps.push(step(label, sumOf([after, before.negated()])));
    before = after;
  }
  if (shown < entries.length) {
    steps.push(step(`${entries.length - shown} more entries`, sumOf([total, before.negated()])));
  }
  return [...steps, step('amount', sumOf(steps.map((each) => each.result)))];
}

/** Plain text of a decimal, whatever form it comes in. */
export function plain(value: unknown): string {
  return new Decimal(String(value)).toFixed();
}

/** A term that may stand first in an expression: negative figures in parentheses. */
export function signed(value: unknown): string {
  const text = plain(value);
  return text.startsWith('-') ? `(−${text.slice(1)})` : text;
}
