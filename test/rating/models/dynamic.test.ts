import { describe, expect, it } from 'vitest';
import { toCents } from '../../../src/money/currency.js';
import { Decimal } from '../../../src/money/decimal.js';
import { price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';

describe('the dynamic charge model', () => {
  it.each([
    ['6', '1236.66', 'EUR', '12.3666', 1237],
    ['0', '50', 'EUR', '0', 0],
    ['2', '3.5', 'JPY', '3.5', 4],
    ['1', '1500.4', 'KWD', '1.5004', 1500],
  ])('charges %s units for %s minor units of %s as %s', (units, cents, currency, amount, rounded) => {
    const usage = used(units, { preciseTotalAmountCents: new Decimal(cents) });
    const priced = price({ model: 'dynamic' }, usage, currency);
    expect(text(priced.amount)).toBe(amount);
    expect(toCents(priced.amount, currency)).toBe(rounded);
    expect(priced.amountDetails).toEqual({});
  });

  it('spreads the amount over the units', () => {
    const usage = used(6, { preciseTotalAmountCents: new Decimal('1236.66') });
    expect(text(price({ model: 'dynamic' }, usage, 'EUR').unitAmount)).toBe('2.0611');
  });
});
