/** The unit amount of most models: amount ÷ units, 0 when there are none (usage-and-pricing §4.0). */
import { type Decimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage } from '../types.js';

/** Prorated charges divide by the units before proration: 198.6 of 300 units for 149.30 → 0.4976… each. */
export function perUnit(amount: Decimal, usage: MeteredUsage): Decimal {
  return share(amount, usage.prorated ? usage.fullUnits : usage.units);
}

export function share(amount: Decimal, units: Decimal): Decimal {
  return units.isZero() || amount.isZero() ? ZERO : amount.div(units);
}
