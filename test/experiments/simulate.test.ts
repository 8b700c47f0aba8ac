import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import { planNamed } from '../../src/experiments/planPrice.js';
import { type Simulation, simulate } from '../../src/experiments/simulate.js';
import { renderSimulation } from '../../src/experiments/simulationText.js';
import { parseUnits } from '../../src/experiments/unitsInput.js';
import { monthsOfCsv, monthsOfFlags, parseGrowth } from '../../src/experiments/usagePlan.js';
import type { LocalDate } from '../../src/time/localDate.js';

const catalog = catalogFrom({
  taxes: [{ code: 'vat', name: 'VAT', rate: 20, applied_to_organization: true }],
  billable_metrics: [
    { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
    { code: 'gb', name: 'GB', aggregation_type: 'sum_agg', field_name: 'gb' },
    { code: 'peak', name: 'Peak', aggregation_type: 'max_agg', field_name: 'n' },
    { code: 'users', name: 'Users', aggregation_type: 'unique_count_agg', field_name: 'id' },
    { code: 'seats', name: 'Seats', aggregation_type: 'unique_count_agg', field_name: 'id', recurring: true },
  ],
  coupons: [
    {
      code: 'half',
      name: 'Half',
      coupon_type: 'percentage',
      percentage_rate: '50',
      frequency: 'recurring',
      frequency_duration: 1,
    },
  ],
  plans: [
    {
      code: 'pro',
      name: 'Pro',
      interval: 'monthly',
      amount_cents: 3100,
      amount_currency: 'USD',
      pay_in_advance: true,
      trial_period: 14,
      charges: ['calls', 'gb', 'peak', 'users'].map((code) => ({
        billable_metric_code: code,
        charge_model: 'standard',
        properties: { amount: '1' },
      })),
    },
    {
      code: 'team',
      name: 'Team',
      interval: 'monthly',
      amount_cents: 0,
      amount_currency: 'USD',
      charges: [
        { billable_metric_code: 'seats', charge_model: 'standard', prorated: true, properties: { amount: '31' } },
      ],
    },
  ],
});

function simulation(given: Partial<Simulation> & { readonly planCode: string }): Simulation {
  const { planCode, ...rest } = given;
  return {
    plan: planNamed(catalog, planCode),
    from: '2027-01-01' as LocalDate,
    months: 2,
    usage: [],
    eventCounts: new Map(),
    couponCodes: [],
    billingTime: 'calendar',
    timezone: 'UTC',
    country: null,
    ...rest,
  };
}

const totals = (given: Simulation) =>
  simulate(catalog, given).invoices.map(({ invoice }) => [
    invoice.issuingDate,
    invoice.feesAmountCents,
    invoice.totalAmountCents,
  ]);

describe('a plan lived through with imagined usage', () => {
  test('trial, base fee in advance, usage at the end of each month, taxes', () => {
    const usage = monthsOfFlags(['calls=10', 'gb=7', 'peak=3', 'users=5'].map(parseUnits), [], 2);
    expect(totals(simulation({ planCode: 'pro', usage }))).toEqual([
      // The trial ends on the 15th: 31.00 × 17 ÷ 31.
      ['2027-01-15', 1700, 2040],
      // 31.00 of February and 10 + 7 + 3 + 5 of January.
      ['2027-02-01', 5600, 6720],
      ['2027-03-01', 5600, 6720],
    ]);
  });

  test('a coupon of one invoice takes half of the first', () => {
    const given = simulation({ planCode: 'pro', months: 1, couponCodes: ['half'] });
    expect(totals(given)).toEqual([
      ['2027-01-15', 1700, 1020],
      ['2027-02-01', 3100, 3720],
    ]);
  });

  test('seats are held, added and given back, and weigh their days', () => {
    const usage = monthsOfFlags(['seats=2,4,1'].map(parseUnits), [], 3);
    const invoices = simulate(catalog, simulation({ planCode: 'team', months: 3, usage })).invoices;
    expect(invoices.map(({ fees }) => fees[1]?.units)).toEqual(['2', '4', '1']);
    // March: three seats leave on its first day, which counts for each of them: 1 + 3 × 1/31, up to 1.09678.
    expect(invoices.map(({ fees }) => fees[1]?.amountCents)).toEqual([6200, 12400, 3400]);
  });

  test('a start inside a month is billed by the day', () => {
    const given = simulation({
      planCode: 'team',
      from: '2027-01-22' as LocalDate,
      months: 1,
      usage: monthsOfFlags([parseUnits('seats=1')], [], 1),
    });
    // 10 of 31 days: 31.00 × 10/31.
    expect(totals(given)[0]).toEqual(['2027-02-01', 1000, 1200]);
  });

  test('more counted units than there can be events are refused', () => {
    const usage = monthsOfFlags([parseUnits('calls=9M')], [], 2);
    expect(() => simulate(catalog, simulation({ planCode: 'pro', usage }))).toThrow(/18000000 counted units/);
  });

  test('prints an invoice a line and the total', () => {
    const given = simulation({ planCode: 'pro', usage: monthsOfFlags([parseUnits('calls=10')], [], 2) });
    const text = renderSimulation(given, simulate(catalog, given), { colour: false });
    expect(text).toMatch(/2027-02-01 +10 +31\.00 +10\.00 +8\.20 +49\.20 +69\.60/);
    expect(text).toMatch(/total +79\.00 +20\.00 +19\.80 +118\.80/);
  });
});

describe('months of usage', () => {
  const months = (units: string, ...growth: readonly string[]) =>
    monthsOfFlags([parseUnits(units)], growth.map(parseGrowth), 4)[0]?.months.map(Number);

  test.each([
    [['a=100'], [100, 100, 100, 100]],
    [
      ['a=100', '10%'],
      [100, 110, 121, 133],
    ],
    [
      ['a=100', 'a=-50%'],
      [100, 50, 25, 13],
    ],
    [
      ['a=5', 'a=+2', '10%'],
      [5, 7, 9, 11],
    ],
    [
      ['a=2', '-1'],
      [2, 1, 0, 0],
    ],
    [['a=5,6'], [5, 6, 6, 6]],
  ])('%j', ([units, ...growth], expected) => {
    expect(months(units as string, ...growth)).toEqual(expected);
  });

  test('of a CSV file, a column for each metric', () => {
    const read = monthsOfCsv('month,calls,"gb[region=eu]"\n2027-01,1k,0.5\n2027-02,,2\n', 'units.csv');
    expect(read.map((each) => [each.code, each.properties, each.months.map(Number)])).toEqual([
      ['calls', {}, [1000, 0]],
      ['gb', { region: 'eu' }, [0.5, 2]],
    ]);
    expect(() => monthsOfCsv('month,calls\n2027-01,many\n', 'units.csv')).toThrow(/"many" is not a number of calls/);
  });
});
