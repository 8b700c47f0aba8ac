/**
 * Drafts follow what changes after they were made: definitions make their figures anew, settings move their dates.
 * Late usage alone does neither. (invoicing §2.1, §6.3, §6.4)
 */
import type { Organization } from '../catalog/types.js';
import { finalizeDraft, isDueForFinalization, reasonOf, refreshDraft } from '../invoicing/finalize.js';
import { initialDates, netPaymentTerm } from '../invoicing/issuingDate.js';
import { rebuildFees } from '../invoicing/rebuildFees.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Customer, Invoice } from '../model.js';
import { addDays, daysBetween } from '../time/localDate.js';

/** The settings that a draft's dates came from. */
export interface DateSettings {
  readonly customer: Customer;
  readonly organization: Organization;
}

/** Computes every draft anew, with the definitions and the usage of now. */
export function refreshDrafts(work: BillingWork): void {
  for (const draft of draftsOf(work)) refreshDraft(work, draft.id, rebuildFees);
}

/**
 * Moves the dates of drafts by what the new grace period, payment term or issuing settings make of them, and finalizes
 * those whose day has come. Another zone moves no date.
 */
export function redateDrafts(work: BillingWork, before: DateSettings): void {
  const { customer } = work.account;
  const { organization } = work.catalog;
  const then = {
    account: { customer: { ...before.customer, timezone: customer.timezone } },
    catalog: { organization: { ...before.organization, timezone: organization.timezone } },
  };
  for (const draft of draftsOf(work)) {
    const reason = reasonOf(work, draft.id);
    const was = initialDates(then, draft.invoiceType, reason, draft.billedAt);
    const is = initialDates(work, draft.invoiceType, reason, draft.billedAt);
    const issuingDate = addDays(draft.issuingDate, daysBetween(was.issuingDate, is.issuingDate));
    const term = netPaymentTerm(work);
    const redated: Invoice = {
      ...draft,
      issuingDate,
      netPaymentTerm: term,
      paymentDueDate: addDays(issuingDate, term),
      expectedFinalizationDate: addDays(
        draft.expectedFinalizationDate,
        daysBetween(was.expectedFinalizationDate, is.expectedFinalizationDate),
      ),
      billTo: customer,
    };
    work.account.put('invoice', redated);
    if (isDueForFinalization(redated, work.at)) finalizeDraft(work, redated.id, rebuildFees);
  }
}

function draftsOf(work: BillingWork): Invoice[] {
  return work.account.all('invoice').filter((invoice) => invoice.status === 'draft');
}
