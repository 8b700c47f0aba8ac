/**
 * What one event adds to the units that its period was billed for.
 *
 * Units count only above the highest level reached so far. With +10, −5, +3, +4: the third event leaves the level at 8 and
 * adds nothing, the fourth takes it to 12 and adds 2. A period that begins below zero is billed for each rise from its own
 * bottom: −5, +3, +4, +2 add 0, 3, 0, 1, for the mark moves with the rise (max = cur − old max).
 * Source: usage-and-pricing §6.2.
 */
import { Decimal, ZERO } from '../money/decimal.js';
import type { HighWaterMark } from './inAdvanceRecords.js';

export interface EventIncrement {
  /** Billed. */
  readonly units: Decimal;
  /** On the fee: also what the event brought without being billed again. */
  readonly shownUnits: Decimal;
  /** By how much the event changes the aggregate. */
  readonly change: Decimal;
  /** The mark after the event; null for counts. */
  readonly mark: Pick<HighWaterMark, 'current' | 'max'> | null;
  readonly previousMark: HighWaterMark | null;
}

const ONE = new Decimal(1);

export function sumIncrement(value: Decimal, previousMark: HighWaterMark | null): EventIncrement {
  const positive = Decimal.max(value, ZERO);
  const event = { change: value, previousMark };
  if (previousMark === null) {
    return { ...event, units: positive, shownUnits: positive, mark: { current: value, max: value } };
  }
  const current = previousMark.current.plus(value);
  const beyond = current.minus(previousMark.max);
  if (beyond.lte(ZERO)) {
    return { ...event, units: ZERO, shownUnits: positive, mark: { current, max: previousMark.max } };
  }
  return { ...event, units: beyond, shownUnits: beyond, mark: { current, max: Decimal.max(current, beyond) } };
}

export function uniqueCountIncrement(
  operation: 'add' | 'remove',
  wasActive: boolean,
  previousMark: HighWaterMark | null,
): EventIncrement {
  const activates = operation === 'add' && !wasActive;
  const change = activates ? ONE : operation === 'remove' && wasActive ? ONE.negated() : ZERO;
  const shownUnits = activates ? ONE : ZERO;
  if (previousMark === null) {
    return { units: shownUnits, shownUnits, change, mark: { current: shownUnits, max: shownUnits }, previousMark };
  }
  const current = previousMark.current.plus(change);
  const units = current.gt(previousMark.max) ? ONE : ZERO;
  return { units, shownUnits, change, mark: { current, max: Decimal.max(previousMark.max, current) }, previousMark };
}
