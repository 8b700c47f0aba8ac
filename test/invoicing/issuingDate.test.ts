import { describe, expect, test } from 'vitest';
import { initialDates } from '../../src/invoicing/issuingDate.js';
import { billing } from '../support/billing.js';
import { at } from '../support/terms.js';

const NEXT = 'next_period_start';
const END = 'current_period_end';
const ALIGN = 'align_with_finalization_date';
const KEEP = 'keep_anchor';

describe('January billed on 1 February', () => {
  test.each([
    // anchor, adjustment, grace, reason, issuing date
    [NEXT, ALIGN, 0, 'subscription_periodic', '2024-02-01'],
    [NEXT, ALIGN, 3, 'subscription_periodic', '2024-02-04'],
    [NEXT, KEEP, 3, 'subscription_periodic', '2024-02-01'],
    [END, KEEP, 3, 'subscription_periodic', '2024-01-31'],
    [END, ALIGN, 3, 'subscription_periodic', '2024-02-04'],
    [END, ALIGN, 0, 'subscription_periodic', '2024-01-31'],
    [END, KEEP, 3, 'subscription_terminating', '2024-02-04'],
    [END, KEEP, 3, 'in_advance_charge', '2024-02-01'],
  ] as const)('%s, %s, grace %i, %s: %s', (anchor, adjustment, grace, reason, expected) => {
    const work = billing({
      customer: { invoiceGracePeriod: grace },
      organization: { issuingDateAnchor: anchor, issuingDateAdjustment: adjustment, netPaymentTerm: 10 },
    });
    const dates = initialDates(work, 'subscription', reason, at('2024-02-01T00:00:00Z'));
    expect(dates.issuingDate).toBe(expected);
    const final = reason === 'in_advance_charge' || grace === 0 ? '2024-02-01' : '2024-02-04';
    expect(dates.expectedFinalizationDate).toBe(final);
  });

  test('the day is the local one of the customer', () => {
    const work = billing({ customer: { timezone: 'America/New_York' } });
    expect(initialDates(work, 'one_off', null, at('2024-02-01T03:00:00Z')).issuingDate).toBe('2024-01-31');
  });

  test("the customer's grace period and payment term of 0 override the billing entity's", () => {
    const work = billing({
      customer: { invoiceGracePeriod: 0, netPaymentTerm: 0 },
      organization: { invoiceGracePeriod: 5, netPaymentTerm: 30 },
    });
    expect(initialDates(work, 'subscription', 'subscription_periodic', at('2024-02-01'))).toEqual({
      issuingDate: '2024-02-01',
      paymentDueDate: '2024-02-01',
      expectedFinalizationDate: '2024-02-01',
    });
  });
});
