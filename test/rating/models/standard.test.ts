import { describe, expect, it } from 'vitest';
import { toCents } from '../../../src/money/currency.js';
import { guardNegative, price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';

function standard(amount: string) {
  return { model: 'standard', amount } as const;
}

describe('the standard charge model', () => {
  it.each([
    ['12.345', '0.0175', '0.2160375', 'EUR', 22],
    ['3', '0.175', '0.525', 'EUR', 53],
    ['3', '10.5', '31.5', 'JPY', 32],
    ['3', '0.0125', '0.0375', 'KWD', 38],
    ['0', '2', '0', 'EUR', 0],
  ])('prices %s units at %s as %s, and rounds it in %s to %i', (units, amount, exact, currency, cents) => {
    const priced = price(standard(amount), used(units), currency);
    expect(text(priced.amount)).toBe(exact);
    expect(toCents(priced.amount, currency)).toBe(cents);
    expect(priced.amountDetails).toEqual({});
  });

  it('gives back the price as the unit amount, and 0 without units', () => {
    expect(text(price(standard('0.0175'), used('12.345'), 'EUR').unitAmount)).toBe('0.0175');
    expect(text(price(standard('0.0175'), used(0), 'EUR').unitAmount)).toBe('0');
  });

  it('divides a prorated amount by the units before proration', () => {
    const usage = { ...used('1.5'), prorated: true, fullUnits: used(3).units };
    const priced = price(standard('10'), usage, 'EUR');
    expect([text(priced.amount), text(priced.unitAmount)]).toEqual(['15', '5']);
  });

  it('has its figures set to 0 by the guard when units or amount are negative', () => {
    const { units, priced } = guardNegative(used(-4).units, price(standard('2'), used(-4), 'EUR'));
    expect([text(units), text(priced.amount), text(priced.unitAmount)]).toEqual(['0', '0', '0']);
    const kept = guardNegative(used(4).units, price(standard('2'), used(4), 'EUR'));
    expect([text(kept.units), text(kept.priced.amount)]).toEqual(['4', '8']);
  });
});
