import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/money/decimal.js';
import { guardNegative, price } from '../../../src/rating/price.js';
import { text, used } from './meteredUsage.js';
import { ranges } from './tiers.js';

const withGaps = ranges([0, 10, '10', '2'], [11, 20, '5', '3'], [21, null, '5', '3']);
const adjacent = ranges([0, 0.1, '10', '0'], [0.1, 1, '5', '0'], [1, null, '2', '0']);
const mixed = ranges([0, 10, '1', '0'], [10, 20, '1', '0'], [21, null, '1', '0']);

function amountOf(tiers: typeof withGaps, units: number | string): string {
  return text(price({ model: 'graduated', ranges: tiers }, used(units), 'EUR').amount);
}

describe('the graduated charge model', () => {
  it.each([
    ['0', '2'],
    ['1', '12'],
    ['10', '102'],
    ['10.5', '107.5'],
    ['11', '110'],
    ['12', '115'],
    ['20', '155'],
    ['21', '163'],
    ['-5', '-48'],
  ])('prices %s units in tiers 0–10, 11–20, 21–∞ as %s', (units, amount) => {
    expect(amountOf(withGaps, units)).toBe(amount);
  });

  it.each([
    ['0.05', '0.5'],
    ['0.1', '1'],
    ['0.5', '3'],
    ['2', '7.5'],
  ])('prices %s units in the adjacent tiers 0–0.1, 0.1–1, 1–∞ as %s', (units, amount) => {
    expect(amountOf(adjacent, units)).toBe(amount);
  });

  it('bills one unit more for each shared bound when only some tiers share one', () => {
    expect(amountOf(mixed, 15)).toBe('16');
    expect(amountOf(mixed, 25)).toBe('26');
  });

  it('lists the tiers that were reached', () => {
    const { amountDetails, unitAmount } = price({ model: 'graduated', ranges: withGaps }, used(12), 'EUR');
    expect(text(unitAmount.toDecimalPlaces(6))).toBe('9.583333');
    expect(amountDetails).toEqual({
      graduated_ranges: [
        {
          from_value: 0,
          to_value: 10,
          flat_unit_amount: '2.0',
          per_unit_amount: '10.0',
          units: '10.0',
          per_unit_total_amount: '100.0',
          total_with_flat_amount: '102.0',
        },
        {
          from_value: 11,
          to_value: 20,
          flat_unit_amount: '3.0',
          per_unit_amount: '5.0',
          units: '2.0',
          per_unit_total_amount: '10.0',
          total_with_flat_amount: '13.0',
        },
      ],
    });
  });

  it('shows no per unit amount and no unit amount without units', () => {
    const { amountDetails, unitAmount } = price({ model: 'graduated', ranges: withGaps }, used(0), 'EUR');
    expect(text(unitAmount)).toBe('0');
    expect(amountDetails).toMatchObject({
      graduated_ranges: [{ per_unit_amount: '0.0', units: '0.0', total_with_flat_amount: '2.0' }],
    });
  });

  it('charges no flat fee on 0 units when asked so, and every flat fee otherwise', () => {
    const prices = { model: 'graduated', ranges: withGaps } as const;
    expect(text(price(prices, used(0), 'EUR', { suppressFlatAtZero: true }).amount)).toBe('0');
    expect(text(price(prices, used(11), 'EUR', { suppressFlatAtZero: true }).amount)).toBe('110');
  });

  it('keeps the details when the guard sets a negative amount to 0', () => {
    const priced = price({ model: 'graduated', ranges: withGaps }, used(-5), 'EUR');
    const guarded = guardNegative(used(-5).units, priced).priced;
    expect(text(guarded.amount)).toBe('0');
    expect(guarded.amountDetails).toBe(priced.amountDetails);
  });

  const cents = fc.integer({ min: 0, max: 10_000 }).map((value) => new Decimal(value).div(100).toFixed());
  const someTiers = fc
    .array(fc.record({ width: fc.integer({ min: 1, max: 50 }), price: cents, flat: cents }), {
      minLength: 1,
      maxLength: 5,
    })
    .map((tiers) => {
      let reached = 0;
      return ranges(
        ...tiers.map(({ width, price, flat }, index) => {
          const from = index === 0 ? 0 : reached + 1;
          reached += width;
          return [from, index === tiers.length - 1 ? null : reached, price, flat] as const;
        }),
      );
    });
  const someUnits = fc.integer({ min: 0, max: 300_000 }).map((thousandths) => new Decimal(thousandths).div(1000));

  it('never charges less for more units, and its tiers sum up to the amount', () => {
    fc.assert(
      fc.property(someTiers, someUnits, someUnits, (tiers, a, b) => {
        const [fewer, more] = a.lte(b) ? [a, b] : [b, a];
        const prices = { model: 'graduated', ranges: tiers } as const;
        const priced = price(prices, used(more), 'EUR');
        expect(price(prices, used(fewer), 'EUR').amount.lte(priced.amount)).toBe(true);
        const details = priced.amountDetails.graduated_ranges as {
          total_with_flat_amount: string;
          units: string;
        }[];
        const sum = (key: 'total_with_flat_amount' | 'units') =>
          details.reduce((total, tier) => total.plus(tier[key]), new Decimal(0));
        expect(text(sum('total_with_flat_amount'))).toBe(text(priced.amount));
        expect(text(sum('units'))).toBe(text(more));
      }),
    );
  });
});
