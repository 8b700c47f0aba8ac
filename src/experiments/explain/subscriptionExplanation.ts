/** A subscription explained: its terms, what it was billed so far, and its next invoice from the events up. */
import type { Account } from '../../accounts/account.js';
import { BillingError } from '../../errors.js';
import { trialOfTerms } from '../../invoicing/feeScope.js';
import { termsOf } from '../../invoicing/subscriptionInvoice.js';
import type { Subscription } from '../../model.js';
import { billingWork } from '../../operations/billingWork.js';
import type { OperationContext } from '../../operations/context.js';
import { nextBillingDate, previewInvoice } from '../../operations/preview.js';
import { amount, INTERVAL_NOUN } from '../figures.js';
import { type Explanation, type Fact, NOTHING } from './explanation.js';
import type { ExplainOptions } from './feeExplanation.js';
import { explainInvoice } from './invoiceExplanation.js';
import { localTime } from './localTime.js';

export function explainSubscription(
  context: OperationContext,
  account: Account,
  externalId: string,
  options: ExplainOptions,
): Explanation {
  const lineage = account.all('subscription').filter((each) => each.externalId === externalId);
  const subscription = (lineage.find((each) => each.status === 'active') ?? lineage.at(-1)) as Subscription;
  const work = billingWork(context, account);
  const terms = termsOf(work, subscription);
  const { plan, zone } = terms;
  const when = (at: Subscription['startedAt']) => (at === null ? 'not yet' : `${localTime(at, zone)}, ${zone}`);
  const base = `${amount(plan.amountCents, plan.amountCurrency)} a ${INTERVAL_NOUN[plan.interval]}`;
  const overridden = subscription.childPlan === null ? '' : ', with prices of its own';
  const facts: Fact[] = [
    { label: 'customer', text: account.customer.externalId },
    {
      label: 'plan',
      text: `${plan.name} (${plan.code}): ${base} ${plan.payInAdvance ? 'in advance' : 'in arrears'}${overridden}`,
    },
    { label: 'billing time', text: subscription.billingTime },
    { label: 'started', text: when(subscription.startedAt) },
  ];
  const trial = trialOfTerms(work, terms);
  if (trial !== null) facts.push({ label: 'trial', text: `until ${when(trial.endsAt)}` });
  if (subscription.terminatedAt !== null) facts.push({ label: 'ended', text: when(subscription.terminatedAt) });
  facts.push(...billedFacts(account, lineage));
  if (subscription.status === 'active')
    facts.push({ label: 'next billing', text: nextBillingDate(work, subscription) });
  return {
    ...NOTHING,
    title: `Subscription ${externalId}`,
    subtitle: subscription.status,
    facts,
    parts: subscription.status === 'active' ? nextInvoice(context, externalId, options) : [],
  };
}

function billedFacts(account: Account, lineage: readonly Subscription[]): Fact[] {
  const own = new Set(lineage.map((each) => each.id));
  return account.all('invoice').flatMap((invoice) => {
    const fees = account.all('fee').filter((fee) => fee.invoiceId === invoice.id && own.has(fee.subscriptionId ?? ''));
    if (fees.length === 0) return [];
    const cents = fees.reduce((sum, fee) => sum + fee.amountCents, 0);
    const text = `${invoice.issuingDate}  ${amount(cents, invoice.currency)} of fees, ${invoice.status}`;
    return [{ label: `invoice ${invoice.number}`, text }];
  });
}

function nextInvoice(context: OperationContext, externalId: string, options: ExplainOptions): Explanation[] {
  try {
    const { account, invoice } = previewInvoice(context, { external_subscription_ids: [externalId] });
    const explained = explainInvoice(
      { ...context, at: invoice.billedAt },
      account,
      { ...invoice, number: '' },
      { ...options, fee: null },
    );
    return [{ ...explained, title: 'Next invoice', subtitle: `with the usage so far, of ${invoice.issuingDate}` }];
  } catch (error) {
    if (error instanceof BillingError) return [];
    throw error;
  }
}
