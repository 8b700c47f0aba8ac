/**
 * The price of metered usage under a charge's model: exact, in major units. Rounding to cents happens once per fee, later;
 * so does the guard against negative figures, `guardNegative`.
 * Source: usage-and-pricing §4.
 */
import type { ChargePrices } from '../catalog/types.js';
import { unreachable } from '../errors.js';
import { type Decimal, ZERO } from '../money/decimal.js';
import { dynamic } from './models/dynamic.js';
import { graduated } from './models/graduated.js';
import { graduatedPercentage } from './models/graduatedPercentage.js';
import { packaged } from './models/package.js';
import { percentage } from './models/percentage.js';
import { proratedGraduated } from './models/proratedGraduated.js';
import { standard } from './models/standard.js';
import { volume } from './models/volume.js';
import type { MeteredUsage, Priced } from './types.js';

/** How the usage before an event is priced, to be taken off the usage with it (usage-and-pricing §6.2). */
export interface PriceOptions {
  /** Graduated models: no flat fee on 0 units, so that the first event pays it. */
  readonly suppressFlatAtZero?: boolean;
  /** Percentage: the usage whose running totals decide what is free; the event's own is in both terms. */
  readonly runningTotalsOf?: MeteredUsage;
}

export function price(
  prices: ChargePrices,
  usage: MeteredUsage,
  currency: string,
  { suppressFlatAtZero = false, runningTotalsOf = usage }: PriceOptions = {},
): Priced {
  switch (prices.model) {
    case 'standard':
      return standard(prices, usage);
    case 'graduated':
      return usage.prorated ? proratedGraduated(prices, usage) : graduated(prices, usage, suppressFlatAtZero);
    case 'graduated_percentage':
      return graduatedPercentage(prices, usage, suppressFlatAtZero);
    case 'package':
      return packaged(prices, usage);
    case 'percentage':
      return percentage(prices, usage, runningTotalsOf);
    case 'volume':
      return volume(prices, usage);
    case 'dynamic':
      return dynamic(usage, currency);
    default:
      return unreachable(prices);
  }
}

/** Negative units or a negative amount: the fee's figures become 0; its details stay (usage-and-pricing §4.0). */
export function guardNegative(units: Decimal, priced: Priced): { readonly units: Decimal; readonly priced: Priced } {
  if (!units.lt(ZERO) && !priced.amount.lt(ZERO)) return { units, priced };
  return { units: ZERO, priced: { ...priced, amount: ZERO, unitAmount: ZERO } };
}
