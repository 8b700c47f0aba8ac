import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LevelSeconds } from '../../src/metering/levelSeconds.js';
import { Decimal, ratio, toText, ZERO } from '../../src/money/decimal.js';

const amount = fc.oneof(
  fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }).map((millionths) => new Decimal(millionths).div(1e6)),
  fc.integer({ min: -40, max: 40 }).map((n) => new Decimal(n)),
  fc
    .constantFrom('0.00000000000000000003', '123456789012345678901234567890', '-0.1234567', '9999', '10000', '0.0001')
    .map((text) => new Decimal(text)),
);

const step = fc.record({
  value: amount,
  known: fc.boolean(),
  microseconds: fc.oneof(fc.integer({ min: 1, max: 5_000_000_000_000 }), fc.constantFrom(1, 1_000_000, 86_400_000_000)),
});

describe('a level held for some time', () => {
  test('is divided as each of its ratios is', () => {
    fc.assert(
      fc.property(amount, fc.array(step, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (start, steps, days) => {
        const held = new LevelSeconds(days * 86_400, start);
        let [level, units] = [start, ZERO];
        for (const { value, known, microseconds } of steps) {
          const millionths = value.times(1e6);
          const isKnown = known && millionths.isInteger() && millionths.abs().lte(Number.MAX_SAFE_INTEGER);
          held.hold(microseconds);
          units = units.plus(ratio(level.times(microseconds).div(1e6), days * 86_400));
          held.raise({ value, millionths: isKnown ? millionths.toNumber() : null });
          level = level.plus(value);
        }
        expect(toText(held.level.plus(0))).toBe(toText(level.plus(0)));
        expect(toText(held.sum.plus(0))).toBe(toText(units.plus(0)));
      }),
      { numRuns: 2_000 },
    );
  });

  test('2,500 for 27 of 31 days, and nothing while there is none', () => {
    const held = new LevelSeconds(31 * 86_400, ZERO);
    held.hold(4 * 86_400_000_000);
    held.raise({ value: new Decimal(2500), millionths: 2_500_000_000 });
    held.hold(27 * 86_400_000_000);
    expect(toText(held.sum)).toBe('2177.4193548387096774');
  });
});
