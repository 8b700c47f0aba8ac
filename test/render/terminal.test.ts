import { describe, expect, it } from 'vitest';
import { renderInvoiceTable } from '../../src/render/invoiceTable.js';
import type { CustomerUsageJson } from '../../src/render/json/usage.js';
import { tierPosition } from '../../src/render/tierPosition.js';
import { renderUsageTable } from '../../src/render/usageTable.js';
import type { LocalDate } from '../../src/time/localDate.js';
import { breakdownFees, fee, invoiceDocument } from './samples.js';

describe('invoice on a terminal', () => {
  it('shows fees, breakdown and totals with their figures', () => {
    const text = renderInvoiceTable(invoiceDocument(breakdownFees()), { colour: false });
    const line = (start: string) =>
      text
        .split('\n')
        .find((candidate) => candidate.startsWith(start))
        ?.replace(/ +/g, ' ');
    expect(line('  First 100,000')).toBe(' First 100,000 100,000 €0.0005 20% €50.00');
    expect(line('Seats - True-up')).toBe('Seats - True-up 1 €55.00 20% €55.00');
    expect(line('Subtotal (excl. tax)')).toBe('Subtotal (excl. tax) €835.20');
    expect(line('Total')).toBe('Total €1,002.24');
  });

  it('never lets a name drive the terminal', () => {
    const text = renderInvoiceTable(invoiceDocument([fee('x', { name: 'a\u001b[2Jb' })]), { colour: false });
    expect(text).not.toContain('\u001b');
  });
});

describe('place among tiers', () => {
  const ranges = [
    { from_value: 0, to_value: 1000 },
    { from_value: 1001, to_value: 5000 },
    { from_value: 5001, to_value: 10000 },
    { from_value: 10001, to_value: null },
  ];
  it.each([
    ['0', 'tier 1 of 4: 1,000 units to the next price'],
    ['999', 'tier 1 of 4: 1 unit to the next price'],
    ['1000', 'tier 1 of 4: the next unit has the next price'],
    ['4000.5', 'tier 2 of 4: 999.5 units to the next price'],
    ['20000', 'tier 4 of 4'],
  ])('%s units: %s', (units, text) => {
    expect(tierPosition({ graduated_ranges: ranges }, units)).toBe(text);
    expect(tierPosition({ volume_ranges: ranges }, units)).toBe(text);
  });

  it('counts packages', () => {
    const properties = { package_size: 100, free_units: 100, amount: '5' };
    expect(tierPosition(properties, '40')).toBe('60 units free left');
    expect(tierPosition(properties, '250')).toBe('2 packages: 50 units left in the last');
    expect(tierPosition(properties, '200')).toBe('1 package: the next unit starts another');
  });

  it('has nothing to say of a flat price', () => {
    expect(tierPosition({ amount: '1' }, '5')).toBeNull();
  });
});

describe('usage on a terminal', () => {
  it('shows charges, groups and totals', () => {
    const figures = { units: '1200.0', total_aggregated_units: '1200.0', events_count: 3, amount_cents: 1200 };
    const none = { pricing_unit_details: null, presentation_breakdowns: [] };
    const usage: CustomerUsageJson = {
      from_datetime: '2025-01-01T00:00:00Z',
      to_datetime: '2025-01-31T23:59:59Z',
      issuing_date: '2025-01-31' as LocalDate,
      lago_invoice_id: null,
      currency: 'EUR',
      amount_cents: 1200,
      taxes_amount_cents: 240,
      total_amount_cents: 1440,
      charges_usage: [
        {
          ...figures,
          ...none,
          amount_currency: 'EUR',
          charge: { lago_id: 'charge', code: 'api', charge_model: 'standard', invoice_display_name: null },
          billable_metric: { lago_id: 'metric', name: 'API calls', code: 'api', aggregation_type: 'sum_agg' },
          filters: [],
          grouped_usage: [{ ...figures, ...none, grouped_by: { region: 'eu' }, filters: [] }],
        },
      ],
    };
    const lines = renderUsageTable(usage, { colour: false }).split('\n');
    expect(lines[0]).toBe('From 2025-01-01T00:00:00Z to 2025-01-31T23:59:59Z');
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual(
      expect.arrayContaining([
        'API calls standard 1,200 3 €12.00',
        ' region: eu 1,200 3 €12.00',
        'Taxes €2.40',
        'Total €14.40',
      ]),
    );
  });
});
