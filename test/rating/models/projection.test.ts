import { describe, expect, it } from 'vitest';
import type { ChargePrices } from '../../../src/catalog/types.js';
import { type Decimal, ZERO } from '../../../src/money/decimal.js';
import { price } from '../../../src/rating/price.js';
import { projectionRatio, projectUsage } from '../../../src/rating/projection.js';
import type { MeteredUsage } from '../../../src/rating/types.js';
import { summed, text, used } from './meteredUsage.js';
import { percentageRanges, ranges } from './tiers.js';

const third = projectionRatio(10, 30);

function project(prices: ChargePrices, usage: MeteredUsage, ratio: Decimal = third, recurring = false) {
  const { amount } = price(prices, usage, 'EUR');
  const projected = projectUsage({ prices, usage, units: usage.units, amount, currency: 'EUR', recurring }, ratio);
  return [text(projected.units), projected.amountCents];
}

describe('projected usage', () => {
  const standard = { model: 'standard', amount: '0.5' } as const;
  const tiers = ranges([0, 100, '2', '10'], [101, 200, '1', '5'], [201, null, '0.5', '50']);
  const freeFor100 = {
    model: 'percentage',
    rate: '10',
    fixedAmount: '1',
    freeUnitsPerEvents: null,
    freeUnitsPerTotalAggregation: '100',
    perTransactionMinAmount: null,
    perTransactionMaxAmount: null,
  } as const;

  it.each<[string, ChargePrices, MeteredUsage, string, number]>([
    ['standard', standard, used('33.335'), '100.01', 5001],
    // 100 × 2 + 10 + 100 × 1 + 5 + 100 × 0.5 + 50
    ['graduated', { model: 'graduated', ranges: tiers }, used(100), '300', 41500],
    ['graduated, no units', { model: 'graduated', ranges: tiers }, used(0), '0', 0],
    ['package', { model: 'package', amount: '5', packageSize: 100, freeUnits: 100 }, used(67), '201', 1000],
    ['package, all free', { model: 'package', amount: '5', packageSize: 100, freeUnits: 100 }, used(30), '90', 0],
    ['volume', { model: 'volume', ranges: tiers }, used(100), '300', 20000],
    ['volume, no units', { model: 'volume', ranges: tiers }, used(0), '0', 0],
    // free units do not repeat: (60 × 10 % + 2) × 3
    ['percentage', freeFor100, summed(20, 40), '180', 2400],
    [
      'graduated percentage',
      { model: 'graduated_percentage', ranges: percentageRanges([0, null, '10', '1']) },
      used(20),
      '60',
      900,
    ],
    ['dynamic', { model: 'dynamic' }, used(2, { preciseTotalAmountCents: used('70').units }), '6', 210],
  ])('after a third of the period: %s', (_, prices, usage, units, cents) => {
    expect(project(prices, usage)).toEqual([units, cents]);
  });

  it('leaves a recurring metric as it is', () => {
    expect(project(standard, used(40), third, true)).toEqual(['40', 2000]);
  });

  it('projects nothing before the period has begun, and the same once it is over', () => {
    expect(project(standard, used(40), ZERO)).toEqual(['0', 0]);
    expect(project(standard, used(40), projectionRatio(31, 30))).toEqual(['40', 2000]);
    expect(text(projectionRatio(-1, 30))).toBe('0');
  });
});
