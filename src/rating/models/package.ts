/**
 * Package: units beyond the free ones are sold in whole packages. Size 100, free 100, amount 5: 201 units → 2 packages → 10.
 *
 * The number of packages goes through a double before it is rounded up, as in Lago, so an excess too small for a double
 * starts no new package.
 * Source: usage-and-pricing §4.4.
 */
import { Decimal, toJsonDecimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf } from '../types.js';
import { once } from './once.js';
import { share } from './perUnit.js';

const parsed = once((prices: PricesOf<'package'>) => new Decimal(prices.amount));

export function packaged(prices: PricesOf<'package'>, usage: MeteredUsage): Priced {
  const paidUnits = Decimal.max(usage.units.minus(prices.freeUnits), ZERO);
  const amount = packages(paidUnits, prices.packageSize).times(parsed(prices));
  return { amount, unitAmount: share(amount, paidUnits), amountDetails: amountDetails(prices, usage, paidUnits) };
}

/** Whole packages that hold these units; none for no units. */
export function packages(paidUnits: Decimal, packageSize: number): Decimal {
  return new Decimal(Math.ceil(paidUnits.toNumber() / packageSize));
}

function amountDetails(
  prices: PricesOf<'package'>,
  usage: MeteredUsage,
  paidUnits: Decimal,
): Readonly<Record<string, unknown>> {
  if (usage.units.isZero()) {
    return { free_units: '0.0', paid_units: '0.0', per_package_size: 0, per_package_unit_amount: '0.0' };
  }
  return {
    free_units: toJsonDecimal(new Decimal(prices.freeUnits)),
    paid_units: toJsonDecimal(paidUnits),
    per_package_size: prices.packageSize,
    per_package_unit_amount: toJsonDecimal(parsed(prices)),
  };
}
