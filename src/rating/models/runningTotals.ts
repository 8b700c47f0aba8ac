/**
 * The running total of a percentage charge: the list R of cumulative units whose entries decide what is free, read
 * without being built.
 *
 * A sum accumulates its first N events or, without N, its events up to the first total above T. Counts go 1, 2, …, units.
 * Other aggregations have none, so T frees nothing there.
 * Source: usage-and-pricing §4.5.
 */
import { Decimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage } from '../types.js';

export interface RunningTotals {
  /** The last entry; 0 of an empty list. */
  readonly last: Decimal;
  /** The N-th entry where the list goes on after it, else null. */
  readonly atFreeEvents: Decimal | null;
  /** How many entries are strictly below T. */
  readonly below: number;
}

const NONE: RunningTotals = { last: ZERO, atFreeEvents: null, below: 0 };

export function readRunningTotals(usage: MeteredUsage, freeEvents: number, freeTotal: Decimal): RunningTotals {
  if (freeEvents === 0 && freeTotal.isZero()) return NONE;
  switch (usage.aggregationType) {
    case 'sum_agg':
      return cumulativeSums(usage, freeEvents, freeTotal);
    case 'count_agg':
    case 'unique_count_agg':
      return counting(usage.eventsCount, freeEvents, freeTotal);
    default:
      return NONE;
  }
}

/** With N the list ends at its N-th entry, so it never goes on after it. */
function cumulativeSums(usage: MeteredUsage, freeEvents: number, freeTotal: Decimal): RunningTotals {
  let total = ZERO;
  let entries = 0;
  let below = 0;
  const values = usage.runningValues ?? usage.eventValues;
  for (const value of values()) {
    if (freeEvents > 0 ? entries === freeEvents : total.gt(freeTotal)) break;
    total = total.plus(value);
    entries += 1;
    if (total.lt(freeTotal)) below += 1;
  }
  return { last: total, atFreeEvents: null, below };
}

/** 1, 2, …, count. Metric rounding does not reach this list, so it follows the count and not the units. */
function counting(count: number, freeEvents: number, freeTotal: Decimal): RunningTotals {
  return {
    last: new Decimal(count),
    atFreeEvents: freeEvents > 0 && freeEvents < count ? new Decimal(freeEvents) : null,
    below: Math.min(count, Math.max(freeTotal.ceil().toNumber() - 1, 0)),
  };
}
