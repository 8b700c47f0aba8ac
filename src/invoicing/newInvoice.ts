/**
 * An invoice at its birth: dated, addressed, not numbered, all amounts zero.
 *
 * It stands in the account at once, so that fees can name it; `issueInvoice` computes and finishes it.
 * Sources: invoicing §6.1 (statuses), §6.4 (dates), §6.5 (the number of a draft).
 */
import { recordId } from '../ids.js';
import type { Invoice, InvoiceType, InvoicingReason } from '../model.js';
import type { Instant } from '../time/instant.js';
import { initialDates, netPaymentTerm } from './issuingDate.js';
import { draftNumber } from './numbering.js';
import type { BillingWork } from './work.js';

export interface NewInvoice {
  readonly invoiceType: InvoiceType;
  readonly currency: string;
  /** The instant that it bills as of; dates come from its local day. */
  readonly billedAt: Instant;
  /** Null for invoices of no subscription. */
  readonly invoicingReason?: InvoicingReason | null;
  readonly purchaseOrderNumber?: string | null;
}

/** Puts a draft into the account and answers it. */
export function newInvoice(work: BillingWork, given: NewInvoice): Invoice {
  const { customer } = work.account;
  const ordinal = 1 + work.account.all('invoice').reduce((max, invoice) => Math.max(max, invoice.ordinal), 0);
  const dates = initialDates(work, given.invoiceType, given.invoicingReason ?? null, given.billedAt);
  const invoice: Invoice = {
    id: recordId('invoice', customer.id, ordinal),
    customerId: customer.id,
    ordinal,
    number: draftNumber(work),
    invoiceType: given.invoiceType,
    currency: given.currency,
    billedAt: given.billedAt,
    issuingDate: dates.issuingDate,
    expectedFinalizationDate: dates.expectedFinalizationDate,
    paymentDueDate: dates.paymentDueDate,
    netPaymentTerm: netPaymentTerm(work),
    purchaseOrderNumber: given.purchaseOrderNumber ?? null,
    createdAt: work.at,
    updatedAt: work.at,
    catalogHash: work.catalog.hash,
    sequentialId: null,
    billingEntitySequentialId: null,
    status: 'draft',
    paymentStatus: 'pending',
    paymentOverdue: false,
    paymentDisputeLostAt: null,
    feesAmountCents: 0,
    progressiveBillingCreditAmountCents: 0,
    couponsAmountCents: 0,
    subTotalExcludingTaxesAmountCents: 0,
    taxesAmountCents: 0,
    taxesRate: 0,
    subTotalIncludingTaxesAmountCents: 0,
    creditNotesAmountCents: 0,
    prepaidCreditAmountCents: 0,
    prepaidGrantedCreditAmountCents: null,
    prepaidPurchasedCreditAmountCents: null,
    totalAmountCents: 0,
    totalPaidAmountCents: 0,
    appliedTaxes: [],
    credits: [],
    metadata: [],
    appliedUsageThresholds: [],
    feeAdjustments: [],
    voidedInvoiceId: null,
    finalizedAt: null,
    voidedAt: null,
    issuer: work.catalog.organization,
    billTo: customer,
  };
  work.account.put('invoice', invoice);
  return invoice;
}
