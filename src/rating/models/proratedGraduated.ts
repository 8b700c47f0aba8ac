/**
 * Prorated graduated: tiers are chosen by full units, in the order in which units came and went, and every unit is priced
 * at its prorated part.
 *
 * Tiers 0–5 @10 flat 100, 6–15 @5 flat 50, a month of 30 days: +2 on the 10th is 2 × 21/30 × 10 + 100 = 114; +5 on the 16th
 * is split 3 and 2 over the tiers: 14 + 3 × 15/30 × 10 + 2 × 15/30 × 5 + 100 + 50 = 184. Flat fees follow the highest level
 * reached, so a decrease keeps them.
 *
 * The walk keeps units waiting until the tier is left, then prices them together. After a decrease the waiting units may
 * meet a lower tier than the one they were added in (P-3); this is what Lago bills.
 * Source: usage-and-pricing §3.5.
 */
import { assert } from '../../errors.js';
import { Decimal, ZERO } from '../../money/decimal.js';
import type { MeteredUsage, Priced, PricesOf, ProratedEntry } from '../types.js';
import { share } from './perUnit.js';
import { priceTiers, type Tier } from './tiers.js';

export function proratedGraduated(prices: PricesOf<'graduated'>, usage: MeteredUsage): Priced {
  const tiers = priceTiers(prices.ranges);
  let fullUnits = ZERO;
  const entries = function* () {
    for (const entry of usage.proratedEntries()) {
      fullUnits = fullUnits.plus(entry.full);
      yield entry;
    }
  };
  const walked = walk(tiers, entries());
  const amount = usage.units.isZero() ? (tiers[0]?.flat ?? ZERO) : walked;
  return { amount, unitAmount: share(amount, fullUnits), amountDetails: {} };
}

/** There may be a million entries: they pass by, and only the last is kept. */
function walk(tiers: readonly Tier[], entries: Iterator<ProratedEntry>): Decimal {
  let level = ZERO;
  let highest = ZERO;
  /** Prorated units not priced yet. */
  let waiting = ZERO;
  /** Full units of the last entry beyond the tier just priced; negative after a fall below that tier. */
  let overflow = ZERO;
  let last: ProratedEntry = { full: ZERO, prorated: ZERO };
  let amount = ZERO;
  let tier = tiers[0];
  let next = entries.next();

  const isOverflowing = () => !overflow.isZero();
  /** The overflow's part in the proration of the last entry. */
  const proratedOverflow = () => (isOverflowing() ? overflow.times(share(last.prorated, last.full)) : ZERO);
  const priceUpTo = (beyond: Decimal, { price }: Tier) => {
    overflow = beyond;
    amount = amount.plus(waiting.minus(proratedOverflow()).times(price));
    waiting = ZERO;
  };

  while (!next.done || isOverflowing()) {
    const entry = next.done ? undefined : next.value;
    tier = tierAt(tiers, level, overflow, entry?.full ?? ZERO);
    if (isOverflowing()) {
      waiting = waiting.plus(proratedOverflow());
      if (tier.to !== null && level.gte(tier.to)) {
        priceUpTo(level.minus(tier.to), tier);
        continue;
      }
      overflow = ZERO;
    }
    if (entry === undefined) break;
    next = entries.next();
    if (hasNoEffect(entry, level)) continue;
    level = level.plus(entry.full);
    highest = Decimal.max(highest, level);
    waiting = waiting.plus(entry.prorated);
    last = entry;
    if (!holds(tier, level)) priceUpTo(beyond(tier, level), tier);
  }
  if (level.lt(ZERO)) return ZERO;
  const total = amount.plus(waiting.times(tier?.price ?? ZERO));
  return Decimal.max(total, ZERO).plus(flatFees(tiers, highest));
}

/** The tier that the next units meet: at a tier's end, the following one for an increase, this one for a decrease. */
function tierAt(tiers: readonly Tier[], level: Decimal, overflow: Decimal, nextFull: Decimal): Tier {
  const [first] = tiers;
  assert(first !== undefined, 'a graduated charge has a tier');
  if (level.lte(ZERO)) return first;
  const at = overflow.gt(ZERO) ? level.minus(overflow).plus(1) : level.plus(overflow);
  for (const [index, tier] of tiers.entries()) {
    if (tier.to?.equals(at)) return nextFull.gt(ZERO) ? (tiers[index + 1] ?? tier) : tier;
    if (tier.from.lte(at) && (tier.to === null || at.lt(tier.to))) return tier;
  }
  // Between the bounds of two tiers (5.5 of 0–5, 6–15) Lago goes back to the first. While units still overflow it would
  // go round for ever; they belong to the next tier.
  return (overflow.gt(ZERO) ? tiers.find((tier) => tier.from.gt(at)) : undefined) ?? first;
}

function hasNoEffect({ full, prorated }: ProratedEntry, level: Decimal): boolean {
  return prorated.isZero() && (full.gt(ZERO) || (full.lt(ZERO) && level.plus(full).lt(ZERO)));
}

function holds({ from, to }: Tier, level: Decimal): boolean {
  return to === null ? level.gte(from.minus(1)) : from.lte(level) && level.lt(to);
}

/** How far the level lies past the tier's end, or (negative) before its start. */
function beyond({ from, to }: Tier, level: Decimal): Decimal {
  return to !== null && level.gte(to) ? level.minus(to) : level.minus(from).plus(1);
}

/** Flat fees of every tier up to the highest level reached. */
function flatFees(tiers: readonly Tier[], highest: Decimal): Decimal {
  const last = tiers.findIndex(({ to }) => to === null || highest.lte(to));
  return tiers.slice(0, last + 1).reduce((sum, tier) => sum.plus(tier.flat), ZERO);
}
