/** RATIO, the database's division (usage-and-pricing §0.3), against an exact one on whole numbers. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal, ratio } from '../../src/money/decimal.js';

describe('the scale that the database picks', () => {
  test.each([
    // a ≤ b < 10000: 20 decimals; a > b: 16
    ['21', '31', '0.67741935483870967742'],
    ['1', '31', '0.03225806451612903226'],
    ['17', '31', '0.54838709677419354839'],
    ['31', '31', '1'],
    ['32', '31', '1.0322580645161290'],
    ['-21', '31', '-0.67741935483870967742'],
    ['0', '31', '0'],
    // 2500 × 27 days of March in seconds: 5832000000 / 2678400, leading digits 58 and 267, weights 2 and 1: 16 decimals
    ['5832000000', '2678400', '2177.4193548387096774'],
    // half a day's level of 1 in April: 43200 / 2592000, 4 against 259 of equal weight: 20 decimals
    ['43200', '2592000', '0.01666666666666666667'],
    // more decimals than the rule gives: those of the operand
    ['0.0000000000000000000001', '3', '0.0000000000000000000000333333333333333333333'],
  ])('%s / %s = %s', (a, b, expected) => {
    const places = new Decimal(expected).decimalPlaces();
    expect(ratio(new Decimal(a), new Decimal(b)).toFixed(Math.min(places, 22))).toBe(
      new Decimal(expected).toFixed(Math.min(places, 22)),
    );
  });
});

test('rounded once, half away from zero, whatever the operands', () => {
  const operand = fc.tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }));
  fc.assert(
    fc.property(operand, fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 10n }), fc.integer({ min: 0, max: 4 })), (x, y) => {
      const [a, b] = [decimal(x), decimal(y)];
      const quotient = ratio(a, b);
      const places = scaleOf(a, b);
      expect(quotient.toFixed(places)).toBe(exactly(x, y, places));
    }),
    { numRuns: 2000 },
  );
});

test('exactly halfway goes away from zero', () => {
  // 0.500000000000000000005 at 20 decimals
  const half = ratio(new Decimal('1.00000000000000000001'), new Decimal(2));
  expect(half.toFixed()).toBe('0.50000000000000000001');
});

function decimal([digits, places]: readonly [bigint, number]): Decimal {
  return new Decimal(digits.toString()).div(new Decimal(10).pow(places));
}

/** The rule as it is written: base-10000 weights and leading digits. */
function scaleOf(a: Decimal, b: Decimal): number {
  const [weightA, leadA] = lead(a);
  const [weightB, leadB] = lead(b);
  const weight = weightA - weightB - (leadA <= leadB ? 1 : 0);
  return Math.max(16 - 4 * weight, a.decimalPlaces(), b.decimalPlaces());
}

function lead(value: Decimal): [weight: number, lead: number] {
  if (value.isZero()) return [0, 0];
  let weight = 0;
  let rest = value.abs();
  while (rest.gte(10_000)) {
    rest = rest.div(10_000);
    weight += 1;
  }
  while (rest.lt(1)) {
    rest = rest.times(10_000);
    weight -= 1;
  }
  return [weight, rest.floor().toNumber()];
}

function exactly(a: readonly [bigint, number], b: readonly [bigint, number], places: number): string {
  const numerator = a[0] * 10n ** BigInt(b[1] + places);
  const denominator = b[0] * 10n ** BigInt(a[1]);
  const magnitude = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * magnitude + denominator) / (2n * denominator);
  const text = rounded.toString().padStart(places + 1, '0');
  const shown = places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
  return numerator < 0n && rounded !== 0n ? `-${shown}` : shown;
}
