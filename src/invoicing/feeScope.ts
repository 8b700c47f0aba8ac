/** What the fees of one subscription on one invoice are made from. */
import type { BillingPeriod, Fee, FeeType, Invoice, Subscription } from '../model.js';
import type { SubscriptionTerms } from '../subscriptions/terms.js';
import { type Trial, trialOf } from '../subscriptions/trial.js';
import { type NewFee, newFee } from './newFee.js';
import type { BillingWork } from './work.js';

export interface FeeScope {
  readonly work: BillingWork;
  readonly invoice: Invoice;
  readonly period: BillingPeriod;
  readonly terms: SubscriptionTerms;
}

/** Whose fee it is: a subscription's, on an invoice or on none. */
export type FeeOwner = Pick<FeeScope, 'work' | 'terms'> & { readonly invoice: Pick<Invoice, 'id'> | null };

/** Puts a fee of the subscription on the invoice; without one it stands alone and needs an id. */
export function putFee(
  scope: FeeOwner,
  given: Omit<
    NewFee,
    'customerId' | 'invoiceId' | 'subscriptionId' | 'externalSubscriptionId' | 'currency' | 'createdAt'
  > & {
    readonly invoiceId?: string | null;
  },
): Fee {
  const { work, invoice, terms } = scope;
  const fee = newFee({
    invoiceId: invoice?.id ?? null,
    index: invoice === null ? 0 : feesOfInvoice(work, invoice.id).length,
    customerId: work.account.customer.id,
    subscriptionId: terms.subscription.id,
    externalSubscriptionId: terms.subscription.externalId,
    currency: terms.plan.amountCurrency,
    createdAt: work.at,
    ...given,
  } as NewFee);
  work.account.put('fee', fee);
  return fee;
}

export function feesOfInvoice(work: Pick<BillingWork, 'account'>, invoiceId: string): Fee[] {
  return work.account.ofInvoice('fee', invoiceId);
}

/** Fees of the subscription of these types that stand: not on a void invoice. */
export function standingFees(
  work: Pick<BillingWork, 'account'>,
  subscriptionId: string,
  types: readonly FeeType[],
): Fee[] {
  return work.account.all('fee').filter((fee) => {
    if (fee.subscriptionId !== subscriptionId || !types.includes(fee.feeType)) return false;
    return fee.invoiceId === null || work.account.get('invoice', fee.invoiceId)?.status !== 'voided';
  });
}

/**
 * Those of them that came before the invoice: a draft computed anew does not look at what was billed after it. Fees outside
 * any invoice count.
 */
export function earlierFees({ work, invoice, terms }: FeeScope, types: readonly FeeType[]): Fee[] {
  return standingFees(work, terms.subscription.id, types).filter((fee) => {
    if (fee.invoiceId === null) return true;
    return (work.account.get('invoice', fee.invoiceId)?.ordinal ?? 0) < invoice.ordinal;
  });
}

/** The customer's subscriptions that share an external id, in any state: a trial and recurring usage run along them. */
export function lineageOf(work: Pick<BillingWork, 'account'>, externalId: string): Subscription[] {
  return work.account.all('subscription').filter((each) => each.externalId === externalId);
}

export function trialOfTerms(work: Pick<BillingWork, 'account'>, terms: SubscriptionTerms): Trial | null {
  return trialOf(terms.plan, terms.subscription, lineageOf(work, terms.subscription.externalId));
}
