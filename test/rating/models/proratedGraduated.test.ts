import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal, ratio } from '../../../src/money/decimal.js';
import { price } from '../../../src/rating/price.js';
import type { MeteredUsage, ProratedEntry } from '../../../src/rating/types.js';
import { text, used } from './meteredUsage.js';
import { ranges } from './tiers.js';

const tiers = ranges([0, 5, '10', '100'], [6, 15, '5', '50'], [16, null, '2', '0']);
const prices = { model: 'graduated', ranges: tiers } as const;

/** A change of units on a day of September, held to its end: +2 on the 10th is 2 × 21/30. */
function on(day: number, full: number): ProratedEntry {
  return { full: new Decimal(full), prorated: new Decimal(full).times(ratio(31 - day, 30)) };
}

function held(entries: readonly ProratedEntry[]): MeteredUsage {
  const sum = (key: keyof ProratedEntry) => entries.reduce((total, entry) => total.plus(entry[key]), new Decimal(0));
  return used(sum('prorated'), { prorated: true, fullUnits: sum('full'), proratedEntries: () => entries });
}

describe('the prorated graduated charge model', () => {
  it('follows a September of increases and one decrease', () => {
    const changes = [on(10, 2), on(16, 5), on(20, -6), on(25, 10), on(26, 4)];
    const amounts = changes.map((_, index) =>
      price(prices, held(changes.slice(0, index + 1)), 'EUR').amount.toFixed(2),
    );
    expect(price(prices, held([]), 'EUR').amount.toFixed(2)).toBe('100.00');
    expect(amounts).toEqual(['114.00', '184.00', '165.67', '179.67', '183.00']);
  });

  it('has no details, and divides by the full units', () => {
    const priced = price(prices, held([on(1, 4)]), 'EUR');
    expect([text(priced.amount), text(priced.unitAmount), priced.amountDetails]).toEqual(['140', '35', {}]);
    expect(text(price(prices, held([]), 'EUR').unitAmount)).toBe('0');
  });

  it('charges nothing while more was taken away than ever came', () => {
    expect(text(price(prices, held([on(1, 2), on(11, -5)]), 'EUR').amount)).toBe('0');
  });

  it('splits one entry over every tier that it crosses', () => {
    // half a month: 5 × 0.5 × 10 + 10 × 0.5 × 5 + 5 × 0.5 × 2 = 55, flat fees 150
    expect(text(price(prices, held([on(16, 20)]), 'EUR').amount)).toBe('205');
  });

  it('skips the removal of units that were never held, and additions without weight', () => {
    const nothing = { full: new Decimal(1), prorated: new Decimal(0) };
    const removal = { full: new Decimal(-1), prorated: new Decimal(0) };
    const kept = price(prices, held([removal, nothing, on(1, 4)]), 'EUR').amount;
    expect(text(kept)).toBe(text(price(prices, held([on(1, 4)]), 'EUR').amount));
  });

  it('ends when an overflow falls between tiers that only partly share bounds', () => {
    const partly = {
      model: 'graduated',
      ranges: ranges([0, 1, '1', '0'], [1, 1.5, '1', '0'], [2.5, null, '1', '0']),
    } as const;
    expect(price(partly, held([on(1, 40)]), 'EUR').amount.isFinite()).toBe(true);
  });

  const increases = fc.array(
    fc.record({ day: fc.integer({ min: 1, max: 30 }), units: fc.integer({ min: 1, max: 12 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  it('prices each unit in the tier where it lands, when units only increase', () => {
    fc.assert(
      fc.property(increases, (changes) => {
        const ordered = [...changes].sort((a, b) => a.day - b.day);
        let level = 0;
        let expected = new Decimal(0);
        for (const { day, units } of ordered) {
          for (let unit = 0; unit < units; unit++) {
            level += 1;
            expected = expected.plus(ratio(31 - day, 30).times(level <= 5 ? 10 : level <= 15 ? 5 : 2));
          }
        }
        expected = expected.plus(level <= 5 ? 100 : 150);
        const actual = price(prices, held(ordered.map(({ day, units }) => on(day, units))), 'EUR').amount;
        expect(actual.toFixed(10)).toBe(expected.toFixed(10));
      }),
    );
  });

  it('ends, with an amount of 0 or more, whatever comes and goes', () => {
    const anything = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: -40, max: 40 })), {
      maxLength: 15,
    });
    fc.assert(
      fc.property(anything, (changes) => {
        const entries = changes.map(([day, full]) => on(day, full));
        expect(price(prices, held(entries), 'EUR').amount.gte(0)).toBe(true);
      }),
    );
  });
});
