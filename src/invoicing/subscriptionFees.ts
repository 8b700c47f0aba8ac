/**
 * The fees of one subscription on one invoice, in Lago's order: base fee, usage charges, fixed charges, minimum
 * commitment (invoicing §1.1, periods §3.7). Everything is read from the billing period's own record.
 */

import { assert } from '../errors.js';
import type { BillingPeriod, Invoice } from '../model.js';
import { planOf } from '../subscriptions/terms.js';
import { addBaseFee } from './baseFee.js';
import { addChargeFees } from './chargeFees.js';
import { addCommitmentFee } from './commitmentFee.js';
import type { FeeScope } from './feeScope.js';
import { addFixedChargeFees } from './fixedChargeFees.js';
import { applicableZone, type BillingWork } from './work.js';

export function addSubscriptionFees(work: BillingWork, invoice: Invoice, period: BillingPeriod): void {
  const subscription = work.account.get('subscription', period.subscriptionId);
  assert(subscription !== undefined, `no subscription ${period.subscriptionId} in the account`);
  const scope: FeeScope = {
    work,
    invoice,
    period,
    terms: { subscription, plan: planOf(work.catalog, subscription), zone: applicableZone(work) },
  };
  addBaseFee(scope);
  addChargeFees(scope);
  addFixedChargeFees(scope);
  addCommitmentFee(scope);
}
