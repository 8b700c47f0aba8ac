import { describe, expect, it } from 'vitest';
import type { BillingTime } from '../../src/model.js';
import { baseFeeAmount, prorate } from '../../src/subscriptions/baseFee.js';
import { boundaries } from '../../src/subscriptions/boundaries.js';
import { classifyPlanChange } from '../../src/subscriptions/planChange.js';
import { trialOf } from '../../src/subscriptions/trial.js';
import { unusedAdvance } from '../../src/subscriptions/unusedAdvance.js';
import { at, plan, subscription, terms } from '../support/terms.js';

describe('a base fee in arrears, to the day of the termination', () => {
  it.each([
    ['a day of October', 1000, 'calendar', '2023-09-01', '2023-10-01T10:00Z', 'UTC', 'terminated', 32],
    ['12 of 29 days', 2900, 'calendar', '2024-01-01', '2024-02-12T06:00Z', 'UTC', 'terminated', 1200],
    [
      'exactly at midnight the day counts',
      3100,
      'calendar',
      '2024-01-01',
      '2024-03-16T00:00Z',
      'UTC',
      'terminated',
      1600,
    ],
    [
      'an upgrade gives its day to the new plan',
      3100,
      'calendar',
      '2024-01-01',
      '2024-03-16T00:00Z',
      'UTC',
      'upgraded',
      1500,
    ],
    [
      'local day of New York',
      3100,
      'calendar',
      '2024-01-01',
      '2024-03-16T02:00Z',
      'America/New_York',
      'terminated',
      1500,
    ],
    ['five hours are a day', 1000, 'anniversary', '2023-09-05', '2023-09-05T05:00Z', 'Europe/Paris', 'terminated', 33],
    [
      'the next day makes two',
      1000,
      'anniversary',
      '2023-09-05',
      '2023-09-06T05:00Z',
      'Europe/Paris',
      'terminated',
      67,
    ],
  ] as const)('%s: %i cents', (_name, amountCents, billingTime, started, ended, zone, situation, cents) => {
    const subject = terms(
      plan({ amountCents }),
      subscription(started, { billingTime: billingTime as BillingTime, status: 'terminated', terminatedAt: at(ended) }),
      zone,
    );
    const bounds = boundaries(subject, situation, at(ended));
    expect(baseFeeAmount(subject, bounds, situation, null).amountCents).toBe(cents);
  });

  it('prorates in doubles, as Lago does: 7 of 28 days of 122 is 30, not 31', () => {
    expect(prorate(122, 7, 28).amountCents).toBe(30);
  });
});

describe('a trial', () => {
  it.each([
    ['17 of 31 days are left', 5_000_000, 10, '2024-03-05T12:12Z', '2024-03-15T12:12Z', 'UTC', 2_741_935],
    ['over into April, 12 of 30', 5_000_000, 45, '2024-03-05T12:12Z', '2024-04-19T12:12Z', 'UTC', 2_000_000],
    ['local days of Tokyo, 29 of 30', 5_000_000, 10, '2024-03-22T18:12Z', '2024-04-01T18:12Z', 'Asia/Tokyo', 4_833_333],
    ['a week, 21 of 31', 3500, 7, '2024-03-04T21:00Z', '2024-03-11T21:00Z', 'UTC', 2371],
  ] as const)('%s: %i cents', (_name, amountCents, trialPeriod, started, trialEnd, zone, cents) => {
    const trialPlan = plan({ amountCents, trialPeriod, payInAdvance: true });
    const subject = terms(trialPlan, subscription(started), zone);
    const trial = trialOf(trialPlan, subject.subscription, [subject.subscription]);
    expect(trial?.endsAt).toBe(at(trialEnd));
    const bounds = boundaries(subject, 'trial_end', at(trialEnd));
    expect(baseFeeAmount(subject, bounds, 'trial_end', trial).amountCents).toBe(cents);
  });

  it('is measured from the first start of the lineage', () => {
    const first = subscription('2024-03-05T12:12Z', { status: 'terminated' });
    const second = subscription('2024-03-10T12:12Z');
    expect(trialOf(plan({ trialPeriod: 13 }), second, [first, second])?.endsAt).toBe(at('2024-03-18T12:12Z'));
  });
});

describe('unused days of a base fee paid in advance', () => {
  it.each([
    ['16 of 31 after a termination on the 15th', 3100, '2024-10-01', '2024-10-15T10:00Z', false, '1600', '1500'],
    ['an upgrade gives its own day back too', 3100, '2024-10-01', '2024-10-15T10:00Z', true, '1700', '1500'],
    ['cut after the fifth decimal', 999, '2024-11-01', '2024-11-15T10:00Z', false, '499.49999', '499.49999'],
  ] as const)('%s', (_name, amountCents, started, ended, byUpgrade, unused, used) => {
    const advance = plan({ amountCents, payInAdvance: true });
    const subject = terms(advance, subscription(started, { status: 'terminated', terminatedAt: at(ended) }));
    const fee = { amountCents, planAmountCents: amountCents, fromAt: at(started) };
    const result = unusedAdvance(subject, fee, at(ended), byUpgrade, null);
    expect([result.unusedCents.toFixed(), result.usedCents.toFixed()]).toEqual([unused, used]);
  });

  it('never gives back the free days of a trial: 21 of 31 when it ended that very day', () => {
    const advance = plan({ amountCents: 3500, payInAdvance: true, trialPeriod: 7 });
    const ended = subscription('2024-03-04T21:00Z', { status: 'terminated', terminatedAt: at('2024-03-11T23:00Z') });
    const fee = { amountCents: 2371, planAmountCents: 3500, fromAt: at('2024-03-04') };
    const result = unusedAdvance(
      terms(advance, ended),
      fee,
      at('2024-03-11T23:00Z'),
      false,
      trialOf(advance, ended, [ended]),
    );
    expect(result.unusedCents.toFixed(2)).toBe('2370.97');
  });
});

describe('a change of plan', () => {
  it.each([
    ['dearer by the month', 'monthly', 1000, 'monthly', 1001, 'upgrade'],
    ['equal', 'monthly', 1000, 'monthly', 1000, 'upgrade'],
    ['cheaper by the year', 'monthly', 12_900, 'yearly', 118_800, 'downgrade'],
    ['weeks count 52 times', 'weekly', 100, 'monthly', 433, 'downgrade'],
  ] as const)('%s is an upgrade or a downgrade: %s %i → %s %i: %s', (_name, from, amount, to, next, kind) => {
    expect(
      classifyPlanChange(plan({ interval: from, amountCents: amount }), plan({ interval: to, amountCents: next })),
    ).toBe(kind);
  });
});
