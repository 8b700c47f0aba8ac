/**
 * Makes the fees of a draft again, from the same billing periods, with today's definitions and the usage known today.
 * The fees keep their ids, so that what was adjusted by hand can be put back on them.
 */
import { assert } from '../errors.js';
import type { BillingPeriod, Invoice } from '../model.js';
import { boundaries } from '../subscriptions/boundaries.js';
import { localDateOf } from '../time/zone.js';
import { feesOfInvoice } from './feeScope.js';
import { addSubscriptionFees } from './subscriptionFees.js';
import { previousWindows, termsOf } from './subscriptionInvoice.js';
import { applicableZone, type BillingWork } from './work.js';

export function rebuildFees(work: BillingWork, invoice: Invoice): void {
  for (const fee of feesOfInvoice(work, invoice.id)) work.account.remove('fee', fee.id);
  const periods = work.account.ofInvoice('billing_period', invoice.id);
  for (const period of periods) {
    const asOf = { ...work, at: period.billedAt };
    addSubscriptionFees(asOf, invoice, period.timezone === applicableZone(work) ? period : moved(asOf, period));
  }
}

/** The customer moved to another zone since: the draft follows, from where the invoice before it stopped. */
function moved(work: BillingWork, period: BillingPeriod): BillingPeriod {
  const subscription = work.account.get('subscription', period.subscriptionId);
  assert(subscription !== undefined, `no subscription ${period.subscriptionId} in the account`);
  const terms = termsOf(work, subscription);
  const previous = previousWindows(work, subscription.id, period.id);
  const there: BillingPeriod = {
    ...period,
    ...boundaries(terms, period.situation, work.at, previous),
    billingDate: localDateOf(work.at, terms.zone),
    timezone: terms.zone,
  };
  work.account.put('billing_period', there);
  return there;
}
