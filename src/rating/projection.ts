/**
 * Projected usage: what the period would come to if usage went on as it did so far. Shown, never billed.
 * 100 units after 10 of 30 days → 300 units, priced anew.
 * Source: usage-and-pricing §7.5.
 */
import type { ChargePrices } from '../catalog/types.js';
import { unreachable } from '../errors.js';
import { toCents } from '../money/currency.js';
import { Decimal, doubleQuotient, round, ZERO } from '../money/decimal.js';
import { packages } from './models/package.js';
import { priceTiers } from './models/tiers.js';
import { volumeTier } from './models/volume.js';
import { price } from './price.js';
import type { MeteredUsage, PricesOf } from './types.js';

export interface CurrentUsage {
  readonly prices: ChargePrices;
  readonly usage: MeteredUsage;
  /** As shown: at least 0. */
  readonly units: Decimal;
  /** Major units, after the guard against negatives. */
  readonly amount: Decimal;
  readonly currency: string;
  /** A recurring metric is not extrapolated: what is held now is held to the end. */
  readonly recurring: boolean;
}

export interface ProjectedUsage {
  readonly units: Decimal;
  readonly amount: Decimal;
  readonly amountCents: number;
}

/** The part of the period that is over, between 0 and 1. */
export function projectionRatio(elapsedDays: number, periodDays: number): Decimal {
  return Decimal.min(Decimal.max(doubleQuotient(elapsedDays, periodDays), ZERO), 1);
}

export function projectUsage(current: CurrentUsage, ratio: Decimal): ProjectedUsage {
  const { prices, currency, recurring } = current;
  if (recurring) return projected(current.units, current.amount, currency);
  if (ratio.isZero()) return projected(ZERO, ZERO, currency);
  const units = round(current.units.div(ratio), 2);
  return projected(units, projectedAmount(prices, units, current, ratio), currency);
}

function projected(units: Decimal, amount: Decimal, currency: string): ProjectedUsage {
  return { units, amount, amountCents: toCents(amount, currency) };
}

function projectedAmount(prices: ChargePrices, units: Decimal, current: CurrentUsage, ratio: Decimal): Decimal {
  switch (prices.model) {
    case 'standard':
      return units.times(prices.amount);
    case 'graduated':
      return byCapacity(prices, units);
    case 'package':
      return packages(Decimal.max(units.minus(prices.freeUnits), ZERO), prices.packageSize).times(prices.amount);
    case 'volume':
      return byVolume(prices, units);
    case 'percentage':
      return withoutFreeUnits(prices, current).div(ratio);
    case 'graduated_percentage':
    case 'dynamic':
      return current.amount.div(ratio);
    default:
      return unreachable(prices);
  }
}

/** Each tier takes what is left, up to its upper bound; its flat fee comes with its first unit. */
function byCapacity(prices: PricesOf<'graduated'>, units: Decimal): Decimal {
  let priced = ZERO;
  let amount = ZERO;
  for (const tier of priceTiers(prices.ranges)) {
    const left = units.minus(priced);
    const taken = tier.to === null ? left : Decimal.min(left, tier.to.minus(priced));
    if (taken.lte(ZERO)) break;
    amount = amount.plus(taken.times(tier.price)).plus(tier.flat);
    priced = priced.plus(taken);
  }
  return amount;
}

function byVolume(prices: PricesOf<'volume'>, units: Decimal): Decimal {
  const tier = units.isZero() ? undefined : volumeTier(prices, units);
  return tier === undefined ? ZERO : units.times(tier.price).plus(tier.flat);
}

/** What is free is free once, so it is not extrapolated. */
function withoutFreeUnits(prices: PricesOf<'percentage'>, { usage, currency }: CurrentUsage): Decimal {
  const allPaid = { ...prices, freeUnitsPerEvents: null, freeUnitsPerTotalAggregation: null };
  return Decimal.max(price(allPaid, usage, currency).amount, ZERO);
}
