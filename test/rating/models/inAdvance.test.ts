import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCents } from '../../../src/money/currency.js';
import { Decimal } from '../../../src/money/decimal.js';
import { inAdvanceAmountDetails, inAdvancePrice } from '../../../src/rating/inAdvancePrice.js';
import { decidingValues } from '../../../src/rating/models/percentagePerTransaction.js';
import { percentageTerms } from '../../../src/rating/models/percentageTerms.js';
import { price } from '../../../src/rating/price.js';
import type { PricesOf } from '../../../src/rating/types.js';
import { summed, text, used } from './meteredUsage.js';
import { percentageRanges, ranges } from './tiers.js';

/** Fees of the events of a sum, one after the other. */
function fees(prices: Parameters<typeof inAdvancePrice>[0], events: number[]): string[] {
  return events.map((_, index) => {
    const all = summed(...events.slice(0, index + 1));
    return text(inAdvancePrice(prices, all, summed(...events.slice(0, index)), 'EUR').amount);
  });
}

describe('the price of one event in advance', () => {
  it('is the package that the event opens', () => {
    const prices = { model: 'package', amount: '100', packageSize: 2, freeUnits: 3 } as const;
    expect(fees(prices, [3, 1, 2])).toEqual(['0', '100', '100']);
  });

  it('includes the flat fee of the first tier once', () => {
    const tiers = ranges([0, 5, '0.02', '0.01'], [6, null, '0.01', '0.01']);
    expect(fees({ model: 'graduated', ranges: tiers }, [3, 1, 2])).toEqual(['0.07', '0.02', '0.04']);
  });

  it('bills the first flat fee again when the sum comes back to exactly 0', () => {
    const tiers = ranges([0, 5, '0.02', '0.01'], [6, null, '0.01', '0.01']);
    // nothing is added by −3, so all and previous are both 0 units
    const amount = inAdvancePrice(
      { model: 'graduated', ranges: tiers },
      used(0),
      used(0, { eventsCount: 0 }),
      'EUR',
    ).amount;
    expect(toCents(amount, 'EUR')).toBe(1);
  });

  const percentage: PricesOf<'percentage'> = {
    model: 'percentage',
    rate: '5',
    fixedAmount: '1',
    freeUnitsPerEvents: null,
    freeUnitsPerTotalAggregation: '250',
    perTransactionMinAmount: null,
    perTransactionMaxAmount: null,
  };

  it('counts the running totals with the event in both terms', () => {
    // third event: 300 units less 250 free are 50, and without it 200 units are below the same 250
    expect(fees(percentage, [100, 100, 100])).toEqual(['0', '0', '3.5']);
  });

  it('bounds the event by its own value alone', () => {
    const bounded = { ...percentage, freeUnitsPerTotalAggregation: null, perTransactionMinAmount: '3' };
    expect(fees(bounded, [10, 100])).toEqual(['3', '6']);
  });

  it('is the same without the values that decide nothing about it', () => {
    const amounts = fc.array(fc.integer({ min: -50, max: 200 }), { minLength: 1, maxLength: 12 });
    const allowance = fc.record({
      freeUnitsPerEvents: fc.constantFrom(null, 1, 3),
      freeUnitsPerTotalAggregation: fc.constantFrom(null, '100', '250'),
    });
    fc.assert(
      fc.property(amounts, allowance, (values, free) => {
        const prices = { ...percentage, ...free, perTransactionMinAmount: '3', perTransactionMaxAmount: '6' };
        const earlier = values.slice(0, -1);
        const own = new Decimal(values.at(-1) as number);
        const [all, previous] = [summed(...values), summed(...earlier)];
        const deciding = [...decidingValues(percentageTerms(prices), previous.eventValues)];
        const shortAll = { ...all, eventValues: () => [...deciding, own] };
        const shortPrevious = { ...previous, eventValues: () => deciding };
        const running = { runningValues: all.runningValues ?? all.eventValues };
        expect(inAdvancePrice(prices, { ...shortAll, ...running }, shortPrevious, 'EUR')).toEqual(
          inAdvancePrice(prices, all, previous, 'EUR'),
        );
      }),
    );
  });

  it('reads no value where nothing is free, and as many as are free by their number', () => {
    const read = (free: Partial<typeof percentage>) => [
      ...decidingValues(percentageTerms({ ...percentage, ...free }), summed(10, 20, 30, 40).eventValues),
    ];
    expect(read({ freeUnitsPerTotalAggregation: null })).toEqual([]);
    expect(read({ freeUnitsPerTotalAggregation: null, freeUnitsPerEvents: 2 }).map(text)).toEqual(['10', '20']);
    expect(read({ freeUnitsPerTotalAggregation: '55' }).map(text)).toEqual(['10', '20', '30']);
  });

  it('details the difference of a percentage field by field', () => {
    const all = summed(100, 100, 100);
    expect(inAdvancePrice(percentage, all, summed(100, 100), 'EUR').amountDetails).toEqual({
      units: '100.0',
      free_units: '50.0',
      free_events: 0,
      paid_units: '50.0',
      rate: '5.0',
      per_unit_total_amount: '2.5',
      paid_events: 1,
      fixed_fee_unit_amount: '1.0',
      fixed_fee_total_amount: '1.0',
      min_max_adjustment_total_amount: '0.0',
    });
  });

  it('details the tiers of a graduated percentage by their differences', () => {
    const tiers = percentageRanges([0, 10, '10', '2'], [11, null, '20', '5']);
    const prices = { model: 'graduated_percentage', ranges: tiers } as const;
    // 8 → 14 units: 2 more in the first tier, 4 and the flat fee in the second (0.8 + 5) ÷ 4 = 1.45
    expect(inAdvancePrice(prices, used(14), used(8), 'EUR').amountDetails).toEqual({
      graduated_percentage_ranges: [
        {
          from_value: 0,
          to_value: 10,
          flat_unit_amount: '0.0',
          rate: '10.0',
          units: '2.0',
          per_unit_total_amount: '0.1',
          total_with_flat_amount: '0.2',
        },
        {
          from_value: 11,
          to_value: null,
          flat_unit_amount: '5.0',
          rate: '20.0',
          units: '4.0',
          per_unit_total_amount: '1.45',
          total_with_flat_amount: '5.8',
        },
      ],
    });
  });

  it('gives 0.0 per unit where a tier got no units, and no details for other models', () => {
    const tiers = percentageRanges([0, 10, '10', '2'], [11, null, '20', '5']);
    const same = price({ model: 'graduated_percentage', ranges: tiers }, used(4), 'EUR');
    expect(inAdvanceAmountDetails('graduated_percentage', same, same)).toMatchObject({
      graduated_percentage_ranges: [{ units: '0.0', per_unit_total_amount: '0.0', total_with_flat_amount: '0.0' }],
    });
    expect(inAdvanceAmountDetails('standard', same, same)).toEqual({});
  });
});
