/**
 * The units of a fixed charge as the charge models price usage: held without events, weighed by days where the charge is
 * prorated. Source: periods §7.2.
 */
import { type Decimal, ZERO } from '../money/decimal.js';
import type { MeteredUsage } from './types.js';

/** `units` is what prices multiply; left out, the units are held for the whole period. */
export function fixedUnits(fullUnits: Decimal, units: Decimal = fullUnits, prorated = false): MeteredUsage {
  return {
    aggregationType: 'sum_agg',
    units,
    fullUnits,
    prorated,
    eventsCount: 0,
    eventValues: () => [],
    proratedEntries: () => (fullUnits.isZero() ? [] : [{ full: fullUnits, prorated: units }]),
    preciseTotalAmountCents: ZERO,
  };
}
