import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate, step, sumOf } from '../../src/experiments/arithmetic.js';
import { Decimal } from '../../src/money/decimal.js';

describe('printed arithmetic', () => {
  test.each([
    ['2 + 3 × 4', '14'],
    ['(2 + 3) × 4', '20'],
    ['10 − 2 − 3', '5'],
    ['−2 + 5', '3'],
    ['(−2) × 3', '-6'],
    ['0.1 + 0.2', '0.3'],
    ['10000 × 0.012 + 5', '125'],
    ['200 × 0.5 %', '1'],
    ['round(0.525 × 100)', '53'],
    ['round(714.285714, 5)', '714.28571'],
    ['round(123.456, −2)', '100'],
    ['ceil(9.6451612903, 5)', '9.64517'],
    ['trunc(2.9)', '2'],
    ['max(12500 − 10000, 0)', '2500'],
    ['min(3, 2, 5)', '2'],
    ['ratio(21, 31)', '0.67741935483870967742'],
    // 122 cents over 28 days, 7 days: doubles come to just under the half.
    ['double(122 ÷ 28 × 7)', '30.499999999999996'],
    ['round(double(122 ÷ 28 × 7))', '30'],
    ['ceil(double(2500 ÷ 1000))', '3'],
  ])('%s = %s', (expression, result) => {
    expect(step('', expression).result).toBe(result);
  });

  test('what is no expression is a bug', () => {
    for (const text of ['', '2 +', '2 3', 'f(2)', '(2', '2 × a']) expect(() => evaluate(text)).toThrow();
  });

  test('a printed sum comes to the sum of its terms', () => {
    const cents = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 20 }), (terms) => {
        const total = terms.reduce((sum, each) => sum + each, 0);
        expect(evaluate(sumOf(terms)).toNumber()).toBe(total);
        expect(
          evaluate(sumOf(terms.map((each) => new Decimal(each).div(100))))
            .times(100)
            .toNumber(),
        ).toBe(total);
      }),
    );
  });
});
