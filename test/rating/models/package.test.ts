import { describe, expect, it } from 'vitest';
import { price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';

const prices = { model: 'package', amount: '5', packageSize: 100, freeUnits: 100 } as const;

describe('the package charge model', () => {
  it.each([
    ['-3', '0', '0'],
    ['0', '0', '0'],
    ['100', '0', '0'],
    ['101', '5', '5'],
    ['200', '5', '0.05'],
    ['200.5', '10', '0.0995024875621890547263681592'],
    ['201', '10', '0.0990099009900990099009900990'],
  ])('prices %s units as %s, %s a paid unit', (units, amount, unitAmount) => {
    const priced = price(prices, used(units), 'EUR');
    expect(text(priced.amount)).toBe(amount);
    expect(priced.unitAmount.toDecimalPlaces(28).equals(unitAmount)).toBe(true);
  });

  it('ignores an excess that a double cannot hold', () => {
    expect(text(price(prices, used('200.0000000000000000001'), 'EUR').amount)).toBe('5');
    expect(text(price(prices, used('200.0000001'), 'EUR').amount)).toBe('10');
  });

  it.each([
    ['0', '0.0', '0.0', 0, '0.0'],
    ['60', '100.0', '0.0', 100, '5.0'],
    ['250.5', '100.0', '150.5', 100, '5.0'],
  ])('shows for %s units: free %s, paid %s, in packages of %i for %s', (units, free, paid, size, amount) => {
    expect(price(prices, used(units), 'EUR').amountDetails).toEqual({
      free_units: free,
      paid_units: paid,
      per_package_size: size,
      per_package_unit_amount: amount,
    });
  });
});
