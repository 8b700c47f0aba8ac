import { describe, expect, it } from 'vitest';
import { price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';
import { percentageRanges } from './tiers.js';

const tiers = percentageRanges([0, 100, '20', '10'], [101, 200, '30', '7'], [201, null, '40', '5']);

describe('the graduated percentage charge model', () => {
  it.each([
    ['0', '10'],
    ['100', '30'],
    ['100.5', '37.15'],
    ['150', '52'],
    ['450', '172'],
  ])('prices %s units as %s', (units, amount) => {
    const prices = { model: 'graduated_percentage', ranges: tiers } as const;
    expect(text(price(prices, used(units), 'EUR').amount)).toBe(amount);
  });

  it('bills one unit more for each shared bound', () => {
    const shared = percentageRanges([0, 10, '100', '0'], [10, null, '100', '0']);
    const prices = { model: 'graduated_percentage', ranges: shared } as const;
    expect(text(price(prices, used(15), 'EUR').amount)).toBe('16');
  });

  it('lists the tiers that were reached', () => {
    const small = percentageRanges([0, 10, '1', '200'], [11, 20, '2', '300'], [21, null, '3', '400']);
    const priced = price({ model: 'graduated_percentage', ranges: small }, used(21), 'EUR');
    expect(text(priced.amount)).toBe('900.33');
    expect(priced.amountDetails).toEqual({
      graduated_percentage_ranges: [
        tier(0, 10, '200.0', '1.0', '10.0', '0.1', '200.1'),
        tier(11, 20, '300.0', '2.0', '10.0', '0.2', '300.2'),
        tier(21, null, '400.0', '3.0', '1.0', '0.03', '400.03'),
      ],
    });
  });

  it('charges no flat fee on 0 units when asked so', () => {
    const prices = { model: 'graduated_percentage', ranges: tiers } as const;
    expect(text(price(prices, used(0), 'EUR', { suppressFlatAtZero: true }).amount)).toBe('0');
  });
});

function tier(
  from_value: number,
  to_value: number | null,
  flat_unit_amount: string,
  rate: string,
  units: string,
  per_unit_total_amount: string,
  total_with_flat_amount: string,
) {
  return { from_value, to_value, flat_unit_amount, rate, units, per_unit_total_amount, total_with_flat_amount };
}
