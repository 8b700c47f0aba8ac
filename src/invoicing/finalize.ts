/**
 * The end of an invoice's making: draft, final or closed.
 *
 * A subscription invoice waits as a draft for the customer's grace period; it shows taxes, but no coupon, credit note
 * or prepaid credit. Final invoices get their number, once. An invoice of zero fees may be closed unseen instead, if
 * the settings say so. (invoicing §6.2–§6.5)
 */
import { finalizeDraftCreditNotes } from '../credits/creditNotes.js';
import { assert, BillingError } from '../errors.js';
import type { Invoice, InvoicingReason } from '../model.js';
import { formatInstant, type Instant } from '../time/instant.js';
import { addDays } from '../time/localDate.js';
import { applyAdjustments } from './adjustedFee.js';
import { finalIssuingDate, gracePeriodDays, isDraftable, netPaymentTerm } from './issuingDate.js';
import { numbered } from './numbering.js';
import { computeInvoice, type Stages, stagesOf } from './pipeline.js';
import type { BillingWork } from './work.js';

/** Computes a new invoice from its fees and leaves it as a draft, final or closed. */
export function issueInvoice(work: BillingWork, invoiceId: string, reason: InvoicingReason | null): Invoice {
  const { invoiceType } = invoiceOf(work, invoiceId);
  if (work.preview) return previewed(work, invoiceId, stagesOf(invoiceType, reason, false));
  if (isDraftable(invoiceType, reason) && gracePeriodDays(work) > 0) return computeDraft(work, invoiceId, reason);
  return put(work, finished(work, computeInvoice(work, invoiceId, stagesOf(invoiceType, reason, false))));
}

/** All that reduces the invoice, whatever the grace period; but for what was billed progressively. */
function previewed(work: BillingWork, invoiceId: string, stages: Stages): Invoice {
  const invoice = computeInvoice(work, invoiceId, { ...stages, progressiveBillingCredit: false });
  return put(work, { ...invoice, status: 'finalized' });
}

/** Computes a draft anew, after its fees were rebuilt, and leaves it a draft. */
export function refreshDraft(
  work: BillingWork,
  invoiceId: string,
  rebuildFees: (work: BillingWork, invoice: Invoice) => void,
): Invoice {
  rebuildFees(work, draftOf(work, invoiceId));
  applyAdjustments(work, invoiceId);
  return computeDraft(work, invoiceId, reasonOf(work, invoiceId));
}

/** The end of the grace period: fees rebuilt by the caller, every stage, the final dates, the number. */
export function finalizeDraft(
  work: BillingWork,
  invoiceId: string,
  rebuildFees: (work: BillingWork, invoice: Invoice) => void,
): Invoice {
  const draft = draftOf(work, invoiceId);
  const reason = reasonOf(work, invoiceId);
  rebuildFees(work, draft);
  applyAdjustments(work, invoiceId);
  const computed = computeInvoice(work, invoiceId, stagesOf(draft.invoiceType, reason, false));
  const issuingDate = finalIssuingDate(work, reason, computed.issuingDate);
  const term = netPaymentTerm(work);
  const invoice = put(
    work,
    finished(work, { ...computed, issuingDate, netPaymentTerm: term, paymentDueDate: addDays(issuingDate, term) }),
  );
  finalizeDraftCreditNotes(work, invoice);
  return invoiceOf(work, invoiceId);
}

/** Drafts become final on the UTC day that they expect. */
export function isDueForFinalization(invoice: Invoice, at: Instant): boolean {
  return invoice.status === 'draft' && invoice.expectedFinalizationDate <= formatInstant(at).slice(0, 10);
}

/** The invoice as final, or closed when it has no fees and the settings skip such invoices. */
export function finished(work: BillingWork, invoice: Invoice): Invoice {
  if (isSkipped(work, invoice)) return { ...invoice, status: 'closed' };
  return { ...numbered(work, invoice), status: 'finalized', finalizedAt: work.at, updatedAt: work.at };
}

/** Why the invoice was made, by the first of its billing periods. */
export function reasonOf(work: Pick<BillingWork, 'account'>, invoiceId: string): InvoicingReason | null {
  const period = work.account.ofInvoice('billing_period', invoiceId)[0];
  return period?.invoicingReason ?? null;
}

export function invoiceOf(work: Pick<BillingWork, 'account'>, invoiceId: string): Invoice {
  const invoice = work.account.get('invoice', invoiceId);
  assert(invoice !== undefined, `no invoice ${invoiceId}`);
  return invoice;
}

function computeDraft(work: BillingWork, invoiceId: string, reason: InvoicingReason | null): Invoice {
  const { invoiceType } = invoiceOf(work, invoiceId);
  const invoice = computeInvoice(work, invoiceId, stagesOf(invoiceType, reason, true));
  return put(work, { ...invoice, status: 'draft' });
}

function draftOf(work: BillingWork, invoiceId: string): Invoice {
  const invoice = invoiceOf(work, invoiceId);
  if (invoice.status === 'draft') return invoice;
  throw new BillingError('invalid_status', {
    message: `invoice ${invoice.number} is ${invoice.status}, not a draft`,
  });
}

/** By the fees, not by the total: a coupon of 100 % still leaves an invoice (§6.2). */
function isSkipped(work: BillingWork, invoice: Invoice): boolean {
  if (invoice.feesAmountCents !== 0) return false;
  if (invoice.invoiceType === 'progressive_billing' || invoice.invoiceType === 'credit') return false;
  const { finalizeZeroAmountInvoice } = work.account.customer;
  if (finalizeZeroAmountInvoice === 'inherit') return !work.catalog.organization.finalizeZeroAmountInvoice;
  return finalizeZeroAmountInvoice === 'skip';
}

function put(work: BillingWork, invoice: Invoice): Invoice {
  work.account.put('invoice', invoice);
  return invoice;
}
