import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanInterval } from '../../src/catalog/types.js';
import {
  isPeriodStart,
  nextPeriodStart,
  periodDays,
  periodEnd,
  periodGrid,
  periodStart,
  previousPeriodStart,
} from '../../src/subscriptions/periodGrid.js';
import { addDays, fromEpochDay, type LocalDate } from '../../src/time/localDate.js';

const date = (text: string) => text as LocalDate;

describe('anniversary grids keep the day of the anchor and clamp to short months', () => {
  const cases: [anchor: string, interval: PlanInterval, grid: string][] = [
    ['2024-01-31', 'monthly', '2024-01-31 2024-02-29 2024-03-31 2024-04-30 2024-05-31 2024-06-30 2024-07-31'],
    ['2024-01-30', 'monthly', '2024-01-30 2024-02-29 2024-03-30 2024-04-30 2024-05-30'],
    ['2023-01-29', 'monthly', '2023-01-29 2023-02-28 2023-03-29 2023-04-29'],
    ['2023-11-30', 'quarterly', '2023-11-30 2024-02-29 2024-05-30 2024-08-30 2024-11-30 2025-02-28'],
    ['2024-01-31', 'quarterly', '2024-01-31 2024-04-30 2024-07-31 2024-10-31'],
    ['2023-08-31', 'semiannual', '2023-08-31 2024-02-29 2024-08-31 2025-02-28'],
    ['2020-02-29', 'yearly', '2020-02-29 2021-02-28 2022-02-28 2023-02-28 2024-02-29 2025-02-28'],
    ['2024-02-15', 'weekly', '2024-02-15 2024-02-22 2024-02-29'],
  ];
  it.each(cases)('anchor %s, %s', (anchor, interval, expected) => {
    const grid = periodGrid(interval, 'anniversary', date(anchor));
    const dates = expected.split(' ').map(date);
    dates.slice(1).forEach((next, index) => {
      expect(nextPeriodStart(grid, dates[index] as LocalDate)).toBe(next);
      expect(previousPeriodStart(grid, next)).toBe(dates[index]);
      expect(periodStart(grid, addDays(next, -1))).toBe(dates[index]);
    });
  });
});

describe('calendar grids ignore the anchor', () => {
  const cases: [interval: PlanInterval, day: string, start: string, end: string, days: number][] = [
    ['weekly', '2024-02-15', '2024-02-12', '2024-02-18', 7],
    ['monthly', '2024-02-15', '2024-02-01', '2024-02-29', 29],
    ['quarterly', '2024-02-15', '2024-01-01', '2024-03-31', 91],
    ['semiannual', '2024-07-01', '2024-07-01', '2024-12-31', 184],
    ['yearly', '2024-02-15', '2024-01-01', '2024-12-31', 366],
    ['yearly', '1999-12-31', '1999-01-01', '1999-12-31', 365],
  ];
  it.each(cases)('%s around %s', (interval, day, start, end, days) => {
    const grid = periodGrid(interval, 'calendar', date('2023-05-17'));
    expect([periodStart(grid, date(day)), periodEnd(grid, date(day)), periodDays(grid, date(day))]).toEqual([
      start,
      end,
      days,
    ]);
  });
});

describe('periods', () => {
  const anyDate = fc.integer({ min: -5000, max: 40_000 }).map(fromEpochDay);
  const anyInterval = fc.constantFrom<PlanInterval>('weekly', 'monthly', 'quarterly', 'semiannual', 'yearly');
  const anyTime = fc.constantFrom('calendar' as const, 'anniversary' as const);

  it('tile time: every day lies in exactly one, and the next starts the day after it ends', () => {
    fc.assert(
      fc.property(anyInterval, anyTime, anyDate, anyDate, (interval, billingTime, anchor, day) => {
        const grid = periodGrid(interval, billingTime, anchor);
        const start = periodStart(grid, day);
        expect(start <= day && day <= periodEnd(grid, day)).toBe(true);
        expect(isPeriodStart(grid, start)).toBe(true);
        expect(addDays(periodEnd(grid, day), 1)).toBe(nextPeriodStart(grid, day));
        expect(periodStart(grid, periodEnd(grid, day))).toBe(start);
        expect(periodStart(grid, nextPeriodStart(grid, day))).toBe(nextPeriodStart(grid, day));
        expect(nextPeriodStart(grid, previousPeriodStart(grid, day))).toBe(start);
      }),
      { numRuns: 500 },
    );
  });
});
