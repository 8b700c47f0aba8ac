import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src/money/decimal.js';
import { price } from '../../../src/rating/price.js';
import type { PricesOf } from '../../../src/rating/types.js';
import { counted, summed, text, used } from './meteredUsage.js';

type Percentage = PricesOf<'percentage'>;

function percentage(rate: string, more: Partial<Percentage> = {}): Percentage {
  return {
    model: 'percentage',
    rate,
    fixedAmount: null,
    freeUnitsPerEvents: null,
    freeUnitsPerTotalAggregation: null,
    perTransactionMinAmount: null,
    perTransactionMaxAmount: null,
    ...more,
  };
}

/** Short for the optional prices: fixed amount, N, T, minimum, maximum. */
function terms(rate: string, fixed?: string, n?: number, t?: string, min?: string, max?: string): Percentage {
  return percentage(rate, {
    fixedAmount: fixed ?? null,
    freeUnitsPerEvents: n ?? null,
    freeUnitsPerTotalAggregation: t ?? null,
    perTransactionMinAmount: min ?? null,
    perTransactionMaxAmount: max ?? null,
  });
}

function details(prices: Percentage, usage: ReturnType<typeof used>): Readonly<Record<string, unknown>> {
  return price(prices, usage, 'EUR').amountDetails;
}

describe('the percentage charge model', () => {
  it.each([
    // events, prices, free units, free events, amount
    [[200, 100, 100, 50], terms('1.2', '0.1', 3, '500'), '400.0', 3, '0.7'],
    [[100, 100, 100], terms('5', '1', undefined, '250'), '250.0', 2, '3.5'],
    [[100, 150, 50], terms('5', '1', undefined, '250'), '250.0', 1, '4.5'],
    [[300, 100], terms('5', '1', undefined, '250'), '250.0', 0, '9.5'],
    [[300, 100, 100, 100], terms('5', '1', 3, '250'), '250.0', 3, '18.5'],
    [[8, 5, 3], terms('5', '1', 2), '13.0', 2, '1.15'],
    [[50, 100, 250, 400], terms('1.3', '2', 3, '250'), '250.0', 2, '11.15'],
    [[50, 100, 250, 400], terms('1.3', '2', 3, '0'), '400.0', 3, '7.2'],
    [[50, 100, 250, 400], terms('1.3', '2'), '0.0', 0, '18.4'],
    [[50, 100, 250], terms('1.3', '2', 5), '400.0', 5, '0'],
    [[50, 100], terms('1.3', '2', undefined, '1000'), '150.0', 2, '0'],
    [[50, 100, 250, 400], terms('0', '2'), '0.0', 0, '8'],
    [[1, 1, 1, 1], terms('2.9'), '0.0', 0, '0.116'],
  ])('on the events %j (%o) frees %s units and %i events: %s', (events, prices, freeUnits, freeEvents, amount) => {
    const priced = price(prices, summed(...events), 'EUR');
    expect(text(priced.amount)).toBe(amount);
    expect(priced.amountDetails).toMatchObject({ free_units: freeUnits, free_events: freeEvents });
  });

  it.each([
    // 2.299 + 4.392 + 12, where 10090 × 2.99 % + 3 × 2 would be 307.691
    [[10, 80, 10000], terms('2.99', '2', undefined, undefined, '1.75', '12'), '18.691', '-289.0'],
    // the free total leaves 90 units of the last event
    [[10, 80, 10000], terms('2.99', undefined, 3, '10000', '1.75', '12'), '2.691', '0.0'],
    // the second event uses up T exactly, and pays fixed amount and minimum; the third pays 5 + 1
    [[100, 100, 100], terms('5', '1', undefined, '200', '3'), '9', '2.0'],
    // without T, N events are free: 12 for the third
    [[10, 80, 10000], terms('2.99', undefined, 2, '0', '1.75', '12'), '12', '-287.0'],
    // 30 free units: the rest of the second event is 60 × 2.99 % = 1.794
    [[10, 80, 10000], terms('2.99', undefined, undefined, '30', '1.75', '12'), '13.794', '-287.0'],
    [[10, 20], terms('10', undefined, undefined, undefined, undefined, '1.5'), '2.5', '-0.5'],
  ])('bounds each of the events %j (%o): %s', (events, prices, amount, adjustment) => {
    const priced = price(prices, summed(...events), 'EUR');
    expect(text(priced.amount)).toBe(amount);
    expect(priced.amountDetails.min_max_adjustment_total_amount).toBe(adjustment);
  });

  it('runs totals of a count 1, 2, …: 10 %, fixed 1, N 3, T 2 on five events', () => {
    const priced = price(terms('10', '1', 3, '2'), counted(5), 'EUR');
    expect(text(priced.amount)).toBe('4.2');
    expect(priced.amountDetails).toMatchObject({
      free_units: '3.0',
      free_events: 1,
      paid_units: '2.0',
      paid_events: 4,
    });
  });

  it('frees by T alone on a unique count', () => {
    const priced = price(terms('10', '1', undefined, '2.5'), counted(5, 'unique_count_agg'), 'EUR');
    expect(text(priced.amount)).toBe('3.25');
    expect(priced.amountDetails).toMatchObject({ free_units: '2.5', free_events: 2 });
  });

  it('has no running total on a maximum: T frees nothing, N waives fixed amounts only', () => {
    const usage = used(100, { aggregationType: 'max_agg', eventsCount: 3 });
    expect(text(price(terms('10', '1', undefined, '50'), usage, 'EUR').amount)).toBe('13');
    expect(text(price(terms('10', '1', 2, '50'), usage, 'EUR').amount)).toBe('11');
  });

  it('shows what was free and what was paid', () => {
    expect(details(terms('1.3', '2.0', 3, '250.0'), summed(50, 100, 250, 400))).toEqual({
      units: '800.0',
      free_units: '250.0',
      free_events: 2,
      paid_units: '550.0',
      rate: '1.3',
      per_unit_total_amount: '7.15',
      paid_events: 2,
      fixed_fee_unit_amount: '2.0',
      fixed_fee_total_amount: '4.0',
      min_max_adjustment_total_amount: '0.0',
    });
  });

  it('charges no fixed amount when the events cancel out, yet counts them', () => {
    const priced = price(terms('1.3', '2.0', 3, '250.0'), summed(50, 100, 250, -400), 'EUR');
    expect(text(priced.amount)).toBe('0');
    expect(text(priced.unitAmount)).toBe('0');
    expect(priced.amountDetails).toMatchObject({
      free_units: '250.0',
      paid_units: '0.0',
      paid_events: 2,
      fixed_fee_unit_amount: '2.0',
      fixed_fee_total_amount: '0.0',
    });
  });

  it('divides the amount by all units', () => {
    expect(text(price(terms('0', '2'), summed(50, 100, 250, 400), 'EUR').unitAmount)).toBe('0.01');
  });

  it('adds up the running total of a recurring sum over its history, and bounds the events of the period', () => {
    const history = [100, 100, 40].map((value) => new Decimal(value));
    const period = history.slice(2);
    const usage = used(240, { eventsCount: 3, eventValues: () => period, runningValues: () => history });
    expect(details(terms('10', undefined, undefined, '150'), usage).free_units).toBe('150.0');
    expect(text(price(terms('10', undefined, undefined, undefined, '5'), usage, 'EUR').amount)).toBe('5');
  });

  const amounts = fc.integer({ min: 1, max: 1_000_000 }).map((cents) => new Decimal(cents).div(100));
  const events = fc.array(amounts, { minLength: 1, maxLength: 30 });
  const rate = fc.integer({ min: 0, max: 10_000 }).map((value) => new Decimal(value).div(100).toFixed());

  it('is rate × units + fixed × events where nothing is free, in any order', () => {
    fc.assert(
      fc.property(events, rate, rate, (values, percent, fixed) => {
        const usage = summed(...values);
        const expected = usage.units.times(percent).div(100).plus(new Decimal(fixed).times(values.length));
        expect(text(price(terms(percent, fixed), usage, 'EUR').amount)).toBe(text(expected));
        expect(text(price(terms(percent, fixed), summed(...[...values].reverse()), 'EUR').amount)).toBe(text(expected));
      }),
    );
  });

  it('comes to the same by transaction when the bounds bind nothing', () => {
    fc.assert(
      fc.property(events, rate, rate, (values, percent, fixed) => {
        const plain = price(terms(percent, fixed), summed(...values), 'EUR').amount;
        const bounded = price(terms(percent, fixed, undefined, undefined, '0', '1e9'), summed(...values), 'EUR').amount;
        expect(text(bounded)).toBe(text(plain));
      }),
    );
  });

  it('lies between minimum and maximum for every event, and details always add up', () => {
    fc.assert(
      fc.property(events, rate, rate, (values, percent, fixed) => {
        const prices = terms(percent, fixed, undefined, undefined, '3', '7');
        const { amount, amountDetails } = price(prices, summed(...values), 'EUR');
        expect(amount.gte(3 * values.length) && amount.lte(7 * values.length)).toBe(true);
        const parts = ['per_unit_total_amount', 'fixed_fee_total_amount', 'min_max_adjustment_total_amount'];
        const sum = parts.reduce((total, key) => total.plus(amountDetails[key] as string), new Decimal(0));
        expect(text(sum)).toBe(text(amount));
      }),
    );
  });
});
