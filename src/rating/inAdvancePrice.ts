/**
 * What one event costs in advance: the price of the usage with it, less the price of the usage without it.
 * Source: usage-and-pricing §6.2.
 */
import type { ChargeModel, ChargePrices } from '../catalog/types.js';
import { assert } from '../errors.js';
import { Decimal, round, toJsonDecimal, ZERO } from '../money/decimal.js';
import { price } from './price.js';
import type { MeteredUsage, Priced } from './types.js';

type AmountDetails = Readonly<Record<string, unknown>>;

export interface InAdvancePrice {
  /** Major units, exact. */
  readonly amount: Decimal;
  readonly amountDetails: AmountDetails;
}

/**
 * `all` is the usage up to and with the event. `previous` is the same less the event's increment, with one event less, its
 * `eventValues` without the event's own, and for the dynamic model without its precise cents.
 */
export function inAdvancePrice(
  prices: ChargePrices,
  all: MeteredUsage,
  previous: MeteredUsage,
  currency: string,
): InAdvancePrice {
  const withEvent = price(prices, all, currency);
  const before = price(prices, previous, currency, { suppressFlatAtZero: true, runningTotalsOf: all });
  return {
    amount: withEvent.amount.minus(before.amount),
    amountDetails: inAdvanceAmountDetails(prices.model, withEvent, before),
  };
}

/** The details of an event's fee: the difference, field by field, for the two percentage models; none for the others. */
export function inAdvanceAmountDetails(model: ChargeModel, all: Priced, previous: Priced): AmountDetails {
  if (model === 'percentage') return percentageDetails(all.amountDetails, previous.amountDetails);
  if (model === 'graduated_percentage') {
    const before = tiersOf(previous);
    return {
      graduated_percentage_ranges: tiersOf(all).map((tier, index) => tierDetails(tier, before[index] ?? {})),
    };
  }
  return {};
}

function percentageDetails(all: AmountDetails, previous: AmountDetails): AmountDetails {
  const units = difference(all, previous, 'units');
  const paidUnits = difference(all, previous, 'paid_units');
  const { rate, fixed_fee_unit_amount } = all;
  return {
    units: toJsonDecimal(units),
    free_units: toJsonDecimal(units.minus(paidUnits)),
    free_events: difference(all, previous, 'free_events').toNumber(),
    paid_units: toJsonDecimal(paidUnits),
    rate,
    per_unit_total_amount: toJsonDecimal(difference(all, previous, 'per_unit_total_amount')),
    paid_events: difference(all, previous, 'paid_events').toNumber(),
    fixed_fee_unit_amount,
    fixed_fee_total_amount: toJsonDecimal(difference(all, previous, 'fixed_fee_total_amount')),
    min_max_adjustment_total_amount: toJsonDecimal(difference(all, previous, 'min_max_adjustment_total_amount')),
  };
}

/** A tier that the usage without the event did not reach counts as 0 there. */
function tierDetails(all: AmountDetails, previous: AmountDetails): AmountDetails {
  const units = difference(all, previous, 'units');
  const total = difference(all, previous, 'total_with_flat_amount');
  return {
    from_value: all.from_value,
    to_value: all.to_value,
    flat_unit_amount: toJsonDecimal(difference(all, previous, 'flat_unit_amount')),
    rate: all.rate,
    units: toJsonDecimal(units),
    per_unit_total_amount: toJsonDecimal(units.isZero() ? ZERO : round(total.div(units), 2)),
    total_with_flat_amount: toJsonDecimal(total),
  };
}

function tiersOf({ amountDetails }: Priced): readonly AmountDetails[] {
  const tiers = amountDetails.graduated_percentage_ranges;
  assert(Array.isArray(tiers), 'a graduated percentage price lists its tiers');
  return tiers;
}

function difference(all: AmountDetails, previous: AmountDetails, key: string): Decimal {
  return figure(all, key).minus(figure(previous, key));
}

function figure(details: AmountDetails, key: string): Decimal {
  const value = details[key] ?? 0;
  assert(typeof value === 'number' || typeof value === 'string', `amount_details.${key} is a figure`);
  return new Decimal(value);
}
