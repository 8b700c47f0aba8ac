/**
 * The statement of usage fees that were paid one by one: an invoice of type `advance_charges`, paid already.
 *
 * Charges paid in advance that are not invoiced leave fees standing alone. Where the charge says
 * `regroup_paid_fees: invoice`, those that were paid by now are gathered at each boundary, at a change of plan and at the
 * end. A plain renewal takes only fees whose period is over: a card added and paid minutes after midnight waits for the
 * next one. Totals and taxes are the sums of what the fees carry; no coupon or credit applies.
 * Source: usage-and-pricing §6.3, invoicing §1.5.
 */
import { lineageOf } from '../invoicing/feeScope.js';
import { issueInvoice } from '../invoicing/finalize.js';
import { newInvoice } from '../invoicing/newInvoice.js';
import { putPayment } from '../invoicing/payments.js';
import { putBillingPeriod, termsOf } from '../invoicing/subscriptionInvoice.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Fee, Invoice, Subscription } from '../model.js';
import { type Boundaries, boundaries } from '../subscriptions/boundaries.js';

const REASON = 'in_advance_charge_periodic';
const PAYMENT_REFERENCE = 'Charges paid in advance';

/** `renewal`: the subscriptions go on; `change`: they ended, by themselves or for another plan. */
type RegroupingOccasion = 'renewal' | 'change';

/**
 * Regroups what was paid of these subscriptions, and of earlier ones of the same external ids, on one invoice for each
 * currency. Nothing happens without such a fee.
 */
export function regroupPaidFees(
  work: BillingWork,
  subscriptions: readonly Subscription[],
  occasion: RegroupingOccasion,
): Invoice[] {
  const externalIds = [...new Set(subscriptions.map((subscription) => subscription.externalId))];
  const byCurrency = new Map<string, { subscription: Subscription; fees: Fee[] }[]>();
  for (const subscription of externalIds.flatMap((id) => lineageOf(work, id))) {
    const fees = paidFees(work, subscription, occasion);
    const [first] = fees;
    if (first === undefined) continue;
    byCurrency.set(first.currency, [...(byCurrency.get(first.currency) ?? []), { subscription, fees }]);
  }
  return [...byCurrency].map(([currency, paid]) => putStatement(work, currency, paid));
}

function paidFees(work: BillingWork, subscription: Subscription, occasion: RegroupingOccasion): Fee[] {
  const regrouped = regroupedCharges(work, subscription);
  if (regrouped.size === 0) return [];
  return work.account
    .all('fee')
    .filter(
      (fee) =>
        fee.invoiceId === null &&
        fee.subscriptionId === subscription.id &&
        regrouped.has(fee.chargeId) &&
        fee.paymentStatus === 'succeeded' &&
        fee.succeededAt !== null &&
        fee.succeededAt <= work.at &&
        (occasion === 'change' || fee.toAt === null || fee.toAt < work.at),
    );
}

/** An earlier subscription may be on a plan that is no longer defined: what it left stays as it is. */
function regroupedCharges({ catalog }: BillingWork, subscription: Subscription): Set<string | null> {
  const plan = subscription.childPlan ?? catalog.plans.get(subscription.planCode);
  const charges = plan?.charges.filter((charge) => charge.regroupPaidFees === 'invoice') ?? [];
  return new Set(charges.map((charge) => charge.id));
}

function putStatement(
  work: BillingWork,
  currency: string,
  paid: readonly { readonly subscription: Subscription; readonly fees: readonly Fee[] }[],
): Invoice {
  const statement = newInvoice(work, {
    invoiceType: 'advance_charges',
    currency,
    billedAt: work.at,
    invoicingReason: REASON,
    purchaseOrderNumber: paid[0]?.subscription.purchaseOrderNumber ?? null,
  });
  for (const { subscription, fees } of paid) {
    putBillingPeriod(work, statement, {
      subscription,
      situation: 'advance_charges',
      boundaries: statementBoundaries(work, subscription),
    });
    for (const fee of fees) work.account.put('fee', { ...fee, invoiceId: statement.id });
  }
  const issued = issueInvoice(work, statement.id, REASON);
  if (issued.totalAmountCents > 0) {
    putPayment(work, issued, {
      amountCents: issued.totalAmountCents,
      reference: PAYMENT_REFERENCE,
      paidAt: null,
    });
  }
  return work.account.get('invoice', issued.id) ?? issued;
}

/** The period that is over, or the one in which the subscription ended. */
function statementBoundaries(work: BillingWork, subscription: Subscription): Boundaries {
  const terms = termsOf(work, subscription);
  const { terminatedAt, endedBy } = subscription;
  if (terminatedAt === null) return boundaries(terms, 'periodic', work.at);
  return boundaries(terms, endedBy === 'downgrade' ? 'downgraded' : 'terminated', terminatedAt);
}
