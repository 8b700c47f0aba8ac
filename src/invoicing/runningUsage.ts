/**
 * The fees that the running period would have by now: what usage thresholds compare, and what wallets expect to pay.
 * Nothing is stored.
 */

import type { BillableMetric, Charge } from '../catalog/types.js';
import type { OngoingUsageFee } from '../credits/ongoingBalance.js';
import { assert } from '../errors.js';
import type { UsageWindow } from '../metering/window.js';
import { Decimal, round, ZERO } from '../money/decimal.js';
import { type ChargeFeesInput, chargeFees } from '../rating/chargeFees.js';
import type { ChargeFeeAmounts } from '../rating/feeAmounts.js';
import { currentBoundaries } from '../subscriptions/boundaries.js';
import type { SubscriptionTerms } from '../subscriptions/terms.js';
import type { Instant } from '../time/instant.js';
import { previousWindows, termsOf } from './subscriptionInvoice.js';
import { targetWalletOf } from './targetWallet.js';
import { selectTaxes } from './taxes.js';
import type { BillingWork } from './work.js';

export interface RunningCharge {
  readonly charge: Charge;
  readonly metric: BillableMetric;
  readonly fees: readonly ChargeFeeAmounts[];
}

/** The charges window of the period that holds the instant. */
export function runningWindow(work: Pick<BillingWork, 'account'>, terms: SubscriptionTerms, at: Instant): UsageWindow {
  const bounds = currentBoundaries(terms, at, previousWindows(work, terms.subscription.id));
  assert(bounds.chargesFromDatetime !== null && bounds.chargesToDatetime !== null, 'running windows are never empty');
  return {
    from: bounds.chargesFromDatetime,
    to: bounds.chargesToDatetime,
    durationDays: bounds.chargesDurationDays,
    zone: terms.zone,
    endedByUpgrade: false,
  };
}

/** The fees of each charge over the running period, to its end. */
export function runningCharges(
  work: BillingWork,
  terms: SubscriptionTerms,
  mode: Extract<ChargeFeesInput['mode'], 'current_usage' | 'progressive_billing'>,
): RunningCharge[] {
  const { subscription, plan } = terms;
  const window = runningWindow(work, terms, work.at);
  if (window.from >= window.to) return [];
  return plan.charges.map((charge) => {
    const metric = work.catalog.billableMetrics.get(charge.billableMetricCode);
    assert(metric !== undefined, `charge ${charge.code} names billable metric ${charge.billableMetricCode}`);
    const fees = chargeFees({
      charge,
      metric,
      currency: plan.amountCurrency,
      externalSubscriptionId: subscription.externalId,
      previousSubscriptionExists: subscription.previousSubscriptionId !== null,
      window,
      usage: work.usage,
      inAdvanceUsages: charge.payInAdvance ? work.account.all('in_advance_usage') : [],
      weightedLevels: metric.aggregationType === 'weighted_sum_agg' ? work.account.all('weighted_level') : [],
      mode,
    });
    return { charge, metric, fees };
  });
}

/**
 * Unbilled usage with taxes of every active subscription, as wallets look at it: charges paid in advance are billed
 * already, and enter a second time below zero (invoicing §4.6).
 */
export function ongoingUsage(work: BillingWork): OngoingUsageFee[] {
  return work.account
    .all('subscription')
    .filter((subscription) => subscription.status === 'active')
    .flatMap((subscription) => {
      const terms = termsOf(work, subscription);
      return runningCharges(work, terms, 'current_usage').flatMap((running) => ongoingFees(work, terms, running));
    });
}

function ongoingFees(work: BillingWork, { plan }: SubscriptionTerms, running: RunningCharge): OngoingUsageFee[] {
  const { charge, metric, fees } = running;
  const taxes = selectTaxes(work, { feeType: 'charge', charge, plan });
  return fees.flatMap((fee) => {
    const tax = taxes.reduce((sum, { rate }) => sum.plus(new Decimal(fee.amountCents).times(rate).div(100)), ZERO);
    const unbilled: OngoingUsageFee = {
      feeType: 'charge',
      billableMetricCode: metric.code,
      targetWalletCode: targetWalletOf(charge, fee),
      currency: plan.amountCurrency,
      amountCents: round(tax).plus(fee.amountCents),
    };
    return charge.payInAdvance ? [unbilled, { ...unbilled, amountCents: unbilled.amountCents.neg() }] : [unbilled];
  });
}
