import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/money/decimal.js';
import { price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';
import { ranges } from './tiers.js';

const tiers = ranges([0, 100, '2', '10'], [101, 200, '1', '0'], [201, null, '0.5', '50']);
const prices = { model: 'volume', ranges: tiers } as const;

describe('the volume charge model', () => {
  it.each([
    ['0', '10'],
    ['1', '12'],
    ['100', '210'],
    ['100.5', '100.5'],
    ['101', '101'],
    ['200', '200'],
    ['200.1', '150.05'],
    ['300', '200'],
  ])('prices %s units as %s', (units, amount) => {
    expect(text(price(prices, used(units), 'EUR').amount)).toBe(amount);
  });

  it('reads tiers in the order of their bounds, however they were written', () => {
    const backwards = { model: 'volume', ranges: [...tiers].reverse() } as const;
    expect(text(price(backwards, used(300), 'EUR').amount)).toBe('200');
    expect(text(price(backwards, used(50), 'EUR').amount)).toBe('110');
  });

  it('charges nothing for −1 units and less, which match no tier', () => {
    expect(text(price(prices, used(-1), 'EUR').amount)).toBe('0');
    expect(text(price(prices, used('-7.5'), 'EUR').amount)).toBe('0');
  });

  it('finds the tier by full units and multiplies prorated ones', () => {
    const usage = { ...used('198.6'), prorated: true, fullUnits: new Decimal(300) };
    const priced = price(prices, usage, 'EUR');
    expect(text(priced.amount)).toBe('149.3');
    expect(priced.amountDetails).toEqual({
      flat_unit_amount: '50.0',
      per_unit_amount: '0.331',
      per_unit_total_amount: '99.3',
    });
    expect(text(priced.unitAmount.times(300).toDecimalPlaces(50))).toBe('149.3');
  });

  it('shows the flat fee alone without units', () => {
    expect(price(prices, used(0), 'EUR').amountDetails).toEqual({
      flat_unit_amount: '10.0',
      per_unit_amount: '0.0',
      per_unit_total_amount: '0.0',
    });
  });
});
