import { describe, expect, it } from 'vitest';
import type { PlanInterval } from '../../src/catalog/types.js';
import type { BillingSituation, BillingTime } from '../../src/model.js';
import { baseFeeAmount } from '../../src/subscriptions/baseFee.js';
import { boundaries } from '../../src/subscriptions/boundaries.js';
import { formatInstant, type Instant } from '../../src/time/instant.js';
import { at, plan, subscription, terms } from '../support/terms.js';

/** `02-15 … 02-18` for whole days, `02-15h` for the 10:00 of the start. */
function shown(instant: Instant | null): string {
  if (instant === null) return 'null';
  const text = formatInstant(instant);
  const day = text.startsWith('2024-') ? text.slice(5, 10) : text.slice(0, 10);
  return text.endsWith('T10:00:00Z') ? `${day}h` : day;
}

function windows(
  interval: PlanInterval,
  billingTime: BillingTime,
  payInAdvance: boolean,
  situation: BillingSituation,
  on: string,
): string {
  const subject = terms(plan({ interval, payInAdvance }), subscription('2024-02-15T10:00Z', { billingTime }));
  const bounds = boundaries(subject, situation, at(on));
  const fee = baseFeeAmount(subject, bounds, situation, null);
  const base = `${shown(bounds.fromDatetime)}…${shown(bounds.toDatetime)} ${fee.amountCents}`;
  return `${base} | ${shown(bounds.chargesFromDatetime)}…${shown(bounds.chargesToDatetime)}`;
}

describe('a subscription of 2024-02-15T10:00Z at 100.00, in arrears', () => {
  const cases: [PlanInterval, BillingTime, string, string][] = [
    ['weekly', 'calendar', '2024-02-19', '02-15…02-18 5714 | 02-15h…02-18'],
    ['weekly', 'calendar', '2024-02-26', '02-19…02-25 10000 | 02-19…02-25'],
    ['weekly', 'anniversary', '2024-02-22', '02-15…02-21 10000 | 02-15h…02-21'],
    ['weekly', 'anniversary', '2024-02-29', '02-22…02-28 10000 | 02-22…02-28'],
    ['monthly', 'calendar', '2024-03-01', '02-15…02-29 5172 | 02-15h…02-29'],
    ['monthly', 'calendar', '2024-04-01', '03-01…03-31 10000 | 03-01…03-31'],
    ['monthly', 'anniversary', '2024-03-15', '02-15…03-14 10000 | 02-15h…03-14'],
    ['monthly', 'anniversary', '2024-04-15', '03-15…04-14 10000 | 03-15…04-14'],
    ['quarterly', 'calendar', '2024-04-01', '02-15…03-31 5055 | 02-15h…03-31'],
    ['quarterly', 'anniversary', '2024-05-15', '02-15…05-14 10000 | 02-15h…05-14'],
    ['semiannual', 'calendar', '2024-07-01', '02-15…06-30 7527 | 02-15h…06-30'],
    ['semiannual', 'anniversary', '2024-08-15', '02-15…08-14 10000 | 02-15h…08-14'],
    ['yearly', 'calendar', '2025-01-01', '02-15…12-31 8770 | 02-15h…12-31'],
    ['yearly', 'anniversary', '2025-02-15', '02-15…2025-02-14 10000 | 02-15h…2025-02-14'],
    ['yearly', 'calendar', '2026-01-01', '2025-01-01…2025-12-31 10000 | 2025-01-01…2025-12-31'],
  ];
  it.each(cases)('%s %s, billed %s: %s', (interval, billingTime, on, expected) => {
    expect(windows(interval, billingTime, false, 'periodic', on)).toBe(expected);
  });
});

describe('the same, in advance', () => {
  const cases: [PlanInterval, BillingTime, BillingSituation, string, string][] = [
    ['weekly', 'calendar', 'starting', '2024-02-15T10:00Z', '02-15…02-18 5714 | 02-15h…02-15h'],
    ['weekly', 'calendar', 'periodic', '2024-02-19', '02-19…02-25 10000 | 02-15h…02-18'],
    ['weekly', 'anniversary', 'starting', '2024-02-15T10:00Z', '02-15…02-21 10000 | 02-15h…02-15h'],
    ['monthly', 'calendar', 'starting', '2024-02-15T10:00Z', '02-15…02-29 5172 | 02-15h…02-15h'],
    ['monthly', 'calendar', 'periodic', '2024-03-01', '03-01…03-31 10000 | 02-15h…02-29'],
    ['monthly', 'anniversary', 'periodic', '2024-03-15', '03-15…04-14 10000 | 02-15h…03-14'],
    ['quarterly', 'calendar', 'starting', '2024-02-15T10:00Z', '02-15…03-31 5055 | 02-15h…02-15h'],
    ['quarterly', 'anniversary', 'periodic', '2024-05-15', '05-15…08-14 10000 | 02-15h…05-14'],
    ['semiannual', 'calendar', 'periodic', '2024-07-01', '07-01…12-31 10000 | 02-15h…06-30'],
    ['yearly', 'calendar', 'starting', '2024-02-15T10:00Z', '02-15…12-31 8770 | 02-15h…02-15h'],
    ['yearly', 'anniversary', 'periodic', '2025-02-15', '2025-02-15…2026-02-14 10000 | 02-15h…2025-02-14'],
  ];
  it.each(cases)('%s %s, %s on %s: %s', (interval, billingTime, situation, on, expected) => {
    expect(windows(interval, billingTime, true, situation, on)).toBe(expected);
  });
});

describe('month ends, monthly anniversary in arrears, from 2024-01-31T01:00Z', () => {
  it.each([
    ['2024-02-29', '2024-01-31T00:00:00Z 2024-02-28T23:59:59Z 2024-01-31T01:00:00Z'],
    ['2024-03-31', '2024-02-29T00:00:00Z 2024-03-30T23:59:59Z 2024-02-29T00:00:00Z'],
    ['2024-04-30', '2024-03-31T00:00:00Z 2024-04-29T23:59:59Z 2024-03-31T00:00:00Z'],
  ])('billed %s: %s', (on, expected) => {
    const subject = terms(plan(), subscription('2024-01-31T01:00Z', { billingTime: 'anniversary' }));
    const bounds = boundaries(subject, 'periodic', at(on));
    const shown = [bounds.fromDatetime, bounds.toDatetime, bounds.chargesFromDatetime as Instant];
    expect(shown.map(formatInstant).join(' ')).toBe(expected);
  });
});

describe('customer zones decide the local day, in advance at 310.00 from the start', () => {
  it.each([
    ['America/New_York', '2024-03-01T03:00Z', '2024-02-29T05:00:00Z 2024-03-01T04:59:59Z', 1069],
    ['America/New_York', '2024-03-10T15:00Z', '2024-03-10T05:00:00Z 2024-04-01T03:59:59Z', 22_000],
    ['Asia/Tokyo', '2024-02-29T20:00Z', '2024-02-29T15:00:00Z 2024-03-31T14:59:59Z', 31_000],
    ['Europe/Paris', '2024-03-20T23:30Z', '2024-03-20T23:00:00Z 2024-03-31T21:59:59Z', 11_000],
    ['UTC', '2024-03-20T23:30Z', '2024-03-20T00:00:00Z 2024-03-31T23:59:59Z', 12_000],
  ])('%s, created %s: %s, %i cents', (zone, created, expected, cents) => {
    const subject = terms(plan({ amountCents: 31_000, payInAdvance: true }), subscription(created), zone);
    const bounds = boundaries(subject, 'starting', at(created));
    expect(`${formatInstant(bounds.fromDatetime)} ${formatInstant(bounds.toDatetime)}`).toBe(expected);
    expect(baseFeeAmount(subject, bounds, 'starting', null).amountCents).toBe(cents);
  });
});

describe('a yearly plan with monthly charges', () => {
  const split = plan({ interval: 'yearly', billChargesMonthly: true });
  it.each([
    ['2024-03-01', '02-15h…02-29', 'null…null'],
    ['2024-04-01', '03-01…03-31', 'null…null'],
    ['2025-01-01', '12-01…12-31', '02-15h…12-31'],
    ['2025-02-01', '2025-01-01…2025-01-31', 'null…null'],
  ])('billed %s: usage %s, fixed charges %s', (on, usage, fixed) => {
    const bounds = boundaries(terms(split, subscription('2024-02-15T10:00Z')), 'periodic', at(on));
    expect(`${shown(bounds.chargesFromDatetime)}…${shown(bounds.chargesToDatetime)}`).toBe(usage);
    expect(`${shown(bounds.fixedChargesFromDatetime)}…${shown(bounds.fixedChargesToDatetime)}`).toBe(fixed);
  });
});
