import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { catalogFrom } from '../../src/catalog/catalog.js';
import { resultOf } from '../../src/experiments/arithmetic.js';
import { cheapestRanges, comparison } from '../../src/experiments/costCurve.js';
import { renderPlanChart } from '../../src/experiments/planChart.js';
import { type PricedUnits, planNamed, planPrice } from '../../src/experiments/planPrice.js';
import { renderPrice, renderPrices } from '../../src/experiments/priceTable.js';
import { alignLevels, parseUnits } from '../../src/experiments/unitsInput.js';
import { Decimal } from '../../src/money/decimal.js';

const catalog = catalogFrom({
  billable_metrics: [
    { code: 'calls', name: 'Calls', aggregation_type: 'count_agg' },
    { code: 'gb', name: 'Storage', aggregation_type: 'max_agg', field_name: 'gb' },
    { code: 'mails', name: 'Mails', aggregation_type: 'sum_agg', field_name: 'n' },
    { code: 'cards', name: 'Cards', aggregation_type: 'sum_agg', field_name: 'amount' },
    { code: 'devices', name: 'Devices', aggregation_type: 'unique_count_agg', field_name: 'id' },
    {
      code: 'traffic',
      name: 'Traffic',
      aggregation_type: 'sum_agg',
      field_name: 'gb',
      filters: [{ key: 'region', values: ['eu', 'us'] }],
    },
  ],
  add_ons: [{ code: 'support', name: 'Support', amount_cents: 100, amount_currency: 'USD' }],
  plans: [
    {
      code: 'basic',
      name: 'Basic',
      interval: 'yearly',
      amount_cents: 90000,
      amount_currency: 'USD',
      bill_charges_monthly: true,
      charges: [
        { billable_metric_code: 'calls', charge_model: 'standard', properties: { amount: '0.10' } },
        {
          billable_metric_code: 'gb',
          charge_model: 'graduated',
          properties: { graduated_ranges: tiers([10, '0.001', '0'], [null, '0.0005', '0']) },
        },
        {
          billable_metric_code: 'mails',
          charge_model: 'package',
          properties: { amount: '100', free_units: 10000, package_size: 1000 },
        },
        {
          billable_metric_code: 'cards',
          charge_model: 'percentage',
          properties: { rate: '0.5', fixed_amount: '1', free_units_per_events: 3 },
        },
        {
          billable_metric_code: 'devices',
          charge_model: 'volume',
          properties: { volume_ranges: tiers([10, '0.0001', '0'], [null, '0.0005', '0']) },
        },
      ],
    },
    standard('starter', 0, '0.02'),
    {
      ...standard('growth', 5000, '0'),
      charges: [
        {
          billable_metric_code: 'calls',
          charge_model: 'graduated',
          properties: { graduated_ranges: tiers([5000, '0.005', '0'], [null, '0.009', '0']) },
        },
      ],
    },
    {
      ...standard('scale', 9900, '0'),
      charges: [
        {
          billable_metric_code: 'calls',
          charge_model: 'package',
          properties: { amount: '5', package_size: 2000, free_units: 5000 },
        },
      ],
    },
    {
      code: 'filtered',
      name: 'Filtered',
      interval: 'monthly',
      amount_cents: 1000,
      amount_currency: 'USD',
      charges: [
        {
          billable_metric_code: 'traffic',
          charge_model: 'standard',
          min_amount_cents: 2000,
          properties: { amount: '1' },
          filters: [{ values: { region: ['eu'] }, properties: { amount: '3' } }],
        },
      ],
      fixed_charges: [{ add_on_code: 'support', units: 2, properties: { amount: '4' } }],
      minimum_commitment: { amount_cents: 5000 },
    },
  ],
});

function tiers(...rows: readonly (readonly [number | null, string, string])[]) {
  return rows.map(([to, price, flat], index) => ({
    from_value: index === 0 ? 0 : (rows[index - 1]?.[0] ?? 0) + 1,
    to_value: to,
    per_unit_amount: price,
    flat_amount: flat,
  }));
}

function standard(code: string, amountCents: number, amount: string) {
  return {
    code,
    name: code,
    interval: 'monthly',
    amount_cents: amountCents,
    amount_currency: 'USD',
    charges: [{ billable_metric_code: 'calls', charge_model: 'standard', properties: { amount } }],
  };
}

function units(written: Readonly<Record<string, number | readonly [units: number, events: number]>>): PricedUnits[] {
  return Object.entries(written).map(([name, value]) => {
    const { code, properties } = parseUnits(`${name}=0`);
    const [count, events] = typeof value === 'number' ? [value, null] : value;
    return { code, properties, units: new Decimal(count), eventsCount: events };
  });
}

function priceOf(planCode: string, written: Parameters<typeof units>[0]) {
  return planPrice(catalog, planNamed(catalog, planCode), units(written));
}

describe('a plan priced before any customer exists', () => {
  test('each charge model, line by line, with the month of a yearly base fee', () => {
    const price = priceOf('basic', { calls: 250, gb: 12, mails: 12500, cards: [800, 4], devices: 12 });
    const amounts = price.lines.map((line) => [line.code, line.amountCents]);
    // 900 ÷ 12; 250 × 0.10; 10 × 0.001 + 2 × 0.0005; 3 × 100; (800 − 600) × 0.5 % + 1; 12 × 0.0005.
    expect(amounts).toEqual([
      ['basic', 7500],
      ['calls', 2500],
      ['gb', 1],
      ['mails', 30000],
      ['cards', 200],
      ['devices', 1],
    ]);
    expect(price.totalCents).toBe(40202);
  });

  test('a filter has its own price; minimum, fixed charge and commitment are lines', () => {
    const price = priceOf('filtered', { 'traffic[region=eu]': 2, traffic: 5 });
    expect(price.lines.map((line) => [line.kind, line.label, line.amountCents])).toEqual([
      ['base', 'Base fee', 1000],
      ['charge', 'Traffic (region: eu)', 600],
      ['charge', 'Traffic (everything else)', 500],
      ['true_up', 'Traffic, minimum', 900],
      ['fixed_charge', 'Support', 800],
      ['commitment', 'Minimum commitment', 1200],
    ]);
    expect(price.totalCents).toBe(5000);
  });

  test('units that no charge prices are refused, with what the plan charges for', () => {
    expect(() => priceOf('starter', { mails: 1 })).toThrow(/no billable metric "mails"/);
  });

  test('half a call is no number of events', () => {
    expect(() => priceOf('starter', { calls: 1.5 })).toThrow(/not a whole number/);
  });

  test('the steps of every charge come to its amount, whatever the units', () => {
    const count = fc.integer({ min: 0, max: 200_000 });
    fc.assert(
      fc.property(count, count, count, count, fc.integer({ min: 1, max: 50 }), (calls, gb, mails, cards, events) => {
        const { lines } = priceOf('basic', { calls, gb, mails, cards: [cards, events], devices: calls % 50 });
        for (const line of lines) {
          expect(resultOf(line.steps).times(100).toDecimalPlaces(0).toNumber(), line.label).toBe(line.amountCents);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('shows the tiers with their arithmetic', () => {
    const text = renderPrice({ units: units({ gb: 12 }), price: priceOf('basic', { gb: 12 }) }, { colour: false });
    expect(text).toMatch(/tier 11–∞ +2 × 0\.0005 = 0\.001$/m);
    expect(text).toContain('a month of the yearly amount  round(900 ÷ 12, 2) = 75');
    expect(text).toMatch(/Total of a month, without taxes +75\.01$/);
  });

  test('levels make a table with the price of the next unit', () => {
    const points = [0, 5000, 10000].map((calls) => ({ units: units({ calls }), price: priceOf('growth', { calls }) }));
    const text = renderPrices(points, { colour: false });
    expect(text).toMatch(/ 5,000 +50\.00 +25\.00 +75\.00 +0\.015 +0\.009/);
  });
});

describe('units as they are written', () => {
  test.each([
    ['calls=5', 'calls', [5]],
    ['calls=1,2k,3M', 'calls', [1, 2000, 3_000_000]],
    ['calls=0..10:5', 'calls', [0, 5, 10]],
    ['calls=0..10:4', 'calls', [0, 4, 8, 10]],
    ['calls=0..100', 'calls', [0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95, 100]],
    ['calls=7..7', 'calls', [7]],
    ['gb=0.5', 'gb', [0.5]],
  ])('%s', (text, code, levels) => {
    const parsed = parseUnits(text);
    expect(parsed.code).toBe(code);
    expect(parsed.levels.map(Number)).toEqual(levels);
  });

  test('properties stand in brackets', () => {
    expect(parseUnits('gb[region=eu,tier:hot]=5').properties).toEqual({ region: 'eu', tier: 'hot' });
  });

  test.each(['calls', '=5', 'calls=', 'calls=x', 'calls=9..1', 'calls=0..10:0', 'calls[region]=5', 'calls=-1'])(
    '%s is refused',
    (text) => {
      expect(() => parseUnits(text)).toThrow();
    },
  );

  test('levels of several metrics go side by side, a single one stays', () => {
    const levels = alignLevels([parseUnits('a=1,2'), parseUnits('b=7')]);
    expect(levels.map((each) => each.map(Number))).toEqual([
      [1, 7],
      [2, 7],
    ]);
    expect(() => alignLevels([parseUnits('a=1,2'), parseUnits('b=1,2,3')])).toThrow();
  });
});

describe('plans compared', () => {
  const plans = ['starter', 'growth', 'scale'].map((code) => planNamed(catalog, code));
  const variation = { varying: { code: 'calls', properties: {}, eventsCount: null }, fixed: [] };
  const compared = comparison(catalog, plans, variation);

  test('says from which unit on another is the cheapest', () => {
    const ranges = cheapestRanges(compared, 0, 30000, 'calls');
    // 0.02 × 3334 = 66.68 and 50 + 0.005 × 3334 = 66.67; 50 + 25 + 0.009 × 3778 = 109.002 and 99 + 2 × 5 = 109.00.
    expect(ranges.map((range) => [range.curve.plan.code, range.from, range.to])).toEqual([
      ['starter', 0, 3333],
      ['growth', 3334, 8778],
      ['scale', 8779, 9000],
      ['growth', 9001, 9333],
      ['scale', 9334, null],
    ]);
  });

  test('agrees with asking at every unit', () => {
    const [low, high] = [3000, 9600];
    const ranges = cheapestRanges(compared, low, high, 'calls');
    for (let calls = low; calls <= high; calls += 7) {
      const costs = compared.curves.map((curve) => curve.costAt(new Decimal(calls)));
      const range = ranges.find(({ from, to }) => from <= calls && calls <= (to ?? high));
      expect(costs[compared.curves.indexOf(range?.curve as never)], `${calls} calls`).toBe(Math.min(...costs));
    }
  });

  test('plans of different periods meet on a month', () => {
    const { curves, isConverted } = comparison(catalog, [planNamed(catalog, 'starter'), yearly()], variation);
    expect(isConverted).toBe(true);
    // 100 calls a month: 2.00; 1,200 a year at 0.01 and 120.00: 132 ÷ 12 = 11.00.
    expect(curves.map((curve) => curve.costAt(new Decimal(100)))).toEqual([200, 1100]);
  });

  test('draws each curve with its own mark and names the break-even points', () => {
    const ranges = cheapestRanges(compared, 0, 30000, 'calls');
    const chart = { comparison: compared, metric: 'calls', low: 0, high: 30000, ranges };
    const lines = renderPlanChart(chart, { colour: false, width: 80 }).split('\n');
    expect(lines[0]).toBe('● starter (starter)   ▲ growth (growth)   ■ scale (scale)');
    expect(lines).toContain('growth is the cheapest from 3,334 to 8,778');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    // 600.00 of 30,000 calls at 0.02 is the highest row.
    expect(lines.find((line) => line.startsWith('600.00 ┤'))).toMatch(/●$/);
  });

  function yearly() {
    const plan = planNamed(catalog, 'starter');
    const [charge] = plan.charges;
    return {
      ...plan,
      code: 'yearly',
      interval: 'yearly' as const,
      amountCents: 12000,
      charges: [
        {
          ...(charge as NonNullable<typeof charge>),
          properties: { ...charge?.properties, prices: { model: 'standard' as const, amount: '0.01' } } as never,
        },
      ],
    };
  }
});
