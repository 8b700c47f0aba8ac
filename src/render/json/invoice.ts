/**
 * An invoice as Lago prints it (invoicing §7.1): in full for one invoice, shorter in lists, without identity in previews.
 *
 * `taxes_rate` is kept in the record and, as in Lago, not printed. The amount due is the total less what was paid and
 * what credit notes settled on the invoice itself; a voided invoice owes nothing.
 */

import { recordId } from '../../ids.js';
import type { BillingPeriod, Credit, Fee, Invoice, InvoiceAppliedTax } from '../../model.js';
import { customerJson } from './customer.js';
import { timestamp, timestampMs } from './encoding.js';
import { feesJson } from './fee.js';
import type { SubscriptionJson } from './subscription.js';
import { appliedTaxFigures } from './tax.js';

export interface InvoiceSummaryParts {
  /** Σ offset amounts of the invoice's finalized credit notes. */
  readonly offsettedAmountCents?: number;
}

export interface InvoiceParts extends InvoiceSummaryParts {
  /** In order of creation. */
  readonly fees: readonly Fee[];
  readonly billingPeriods: readonly BillingPeriod[];
  readonly subscriptions: readonly SubscriptionJson[];
}

export type InvoiceJson = ReturnType<typeof invoiceJson>;
export type InvoiceSummaryJson = ReturnType<typeof invoiceSummaryJson>;
export type InvoicePreviewJson = ReturnType<typeof previewInvoiceJson>;
export type CreditJson = ReturnType<typeof creditJson>;

/** One invoice with everything on it. */
export function invoiceJson(invoice: Invoice, parts: InvoiceParts) {
  const periods = [...parts.billingPeriods].sort((a, b) => compareText(periodName(a), periodName(b)));
  return {
    ...headJson(invoice, parts),
    customer: customerJson(invoice.billTo, invoice.issuer),
    subscriptions: inOrderOf(periods, parts.subscriptions),
    billing_periods: periods.map(billingPeriodJson),
    fees: feesJson(parts.fees, feeParts(invoice)),
    credits: invoice.credits.map((credit) => creditJson(credit, invoice)),
    metadata: metadataJson(invoice),
    applied_taxes: invoice.appliedTaxes.map((tax) => appliedTaxJson(tax, invoice)),
    error_details: [] as const,
    applied_invoice_custom_sections: [] as const,
    ...thresholdsJson(invoice),
  };
}

/** The form of lists: the same figures, without fees, credits and periods. */
export function invoiceSummaryJson(invoice: Invoice, parts: InvoiceSummaryParts = {}) {
  return {
    ...headJson(invoice, parts),
    customer: customerJson(invoice.billTo, invoice.issuer),
    metadata: metadataJson(invoice),
    applied_taxes: invoice.appliedTaxes.map((tax) => appliedTaxJson(tax, invoice)),
    ...thresholdsJson(invoice),
  };
}

/** What would be issued: nothing of it exists yet, so it has neither ids nor a number. */
export function previewInvoiceJson(invoice: Invoice, parts: InvoiceParts) {
  return {
    ...headJson(invoice, parts),
    lago_id: null as string | null,
    sequential_id: null as number | null,
    number: '',
    customer: customerJson(invoice.billTo, invoice.issuer),
    credits: invoice.credits.map((credit) => ({
      ...creditJson(credit, invoice),
      lago_id: null,
      invoice: { lago_id: null, payment_status: invoice.paymentStatus },
    })),
    applied_taxes: invoice.appliedTaxes.map((tax) => ({
      ...appliedTaxJson(tax, invoice),
      lago_id: null,
      lago_invoice_id: null,
    })),
    subscriptions: parts.subscriptions,
    fees: feesJson(parts.fees, feeParts(invoice)).map((fee) => ({ ...fee, lago_id: null, lago_invoice_id: null })),
  };
}

function feeParts(invoice: Invoice) {
  return { externalCustomerId: invoice.billTo.externalId, selfBilled: isSelfBilled(invoice) };
}

function isSelfBilled(invoice: Invoice): boolean {
  return invoice.billTo.accountType === 'partner';
}

function headJson(invoice: Invoice, parts: InvoiceSummaryParts) {
  const offsetted = parts.offsettedAmountCents ?? 0;
  const voided = invoice.status === 'voided';
  return {
    lago_id: invoice.id as string | null,
    billing_entity_code: invoice.issuer.code,
    sequential_id: invoice.sequentialId,
    number: invoice.number,
    purchase_order_number: invoice.purchaseOrderNumber,
    issuing_date: invoice.issuingDate,
    payment_due_date: invoice.paymentDueDate,
    net_payment_term: invoice.netPaymentTerm,
    invoice_type: invoice.invoiceType,
    status: invoice.status,
    payment_status: invoice.paymentStatus,
    payment_dispute_lost_at: timestampMs(invoice.paymentDisputeLostAt),
    payment_overdue: invoice.paymentOverdue,
    currency: invoice.currency,
    fees_amount_cents: invoice.feesAmountCents,
    taxes_amount_cents: invoice.taxesAmountCents,
    progressive_billing_credit_amount_cents: invoice.progressiveBillingCreditAmountCents,
    coupons_amount_cents: invoice.couponsAmountCents,
    credit_notes_amount_cents: invoice.creditNotesAmountCents,
    sub_total_excluding_taxes_amount_cents: invoice.subTotalExcludingTaxesAmountCents,
    sub_total_including_taxes_amount_cents: invoice.subTotalIncludingTaxesAmountCents,
    total_amount_cents: invoice.totalAmountCents,
    total_due_amount_cents: voided ? 0 : invoice.totalAmountCents - invoice.totalPaidAmountCents - offsetted,
    total_paid_amount_cents: invoice.totalPaidAmountCents,
    total_offsetted_credit_note_amount_cents: offsetted,
    prepaid_credit_amount_cents: invoice.prepaidCreditAmountCents,
    prepaid_granted_credit_amount_cents: invoice.prepaidGrantedCreditAmountCents,
    prepaid_purchased_credit_amount_cents: invoice.prepaidPurchasedCreditAmountCents,
    file_url: null,
    xml_url: null,
    web_url: null,
    version_number: 4,
    self_billed: isSelfBilled(invoice),
    created_at: timestamp(invoice.createdAt),
    updated_at: timestamp(invoice.updatedAt),
    voided_at: timestamp(invoice.voidedAt),
  };
}

function billingPeriodJson(period: BillingPeriod) {
  return {
    lago_subscription_id: period.subscriptionId,
    external_subscription_id: period.externalSubscriptionId,
    lago_plan_id: period.planId,
    subscription_from_datetime: timestamp(period.fromDatetime),
    subscription_to_datetime: timestamp(period.toDatetime),
    charges_from_datetime: timestamp(period.chargesFromDatetime),
    charges_to_datetime: timestamp(period.chargesToDatetime),
    fixed_charges_from_datetime: timestamp(period.fixedChargesFromDatetime),
    fixed_charges_to_datetime: timestamp(period.fixedChargesToDatetime),
    invoicing_reason: period.invoicingReason,
  };
}

/** `invoice` is the one that the credit reduces. A progressive billing invoice is credited without a description. */
export function creditJson(credit: Credit, invoice: Pick<Invoice, 'id' | 'paymentStatus'>) {
  return {
    lago_id: credit.id as string | null,
    amount_cents: credit.amountCents,
    amount_currency: credit.currency,
    before_taxes: credit.beforeTaxes,
    item: {
      lago_item_id: credit.item.id,
      type: credit.item.type,
      code: credit.item.code,
      name: credit.item.name,
      description: credit.item.description,
    },
    invoice: { lago_id: invoice.id as string | null, payment_status: invoice.paymentStatus },
  };
}

function metadataJson(invoice: Invoice) {
  return invoice.metadata.map((entry) => ({
    lago_id: recordId('invoice_metadata', invoice.id, entry.key),
    key: entry.key,
    value: entry.value,
    created_at: timestamp(entry.createdAt),
  }));
}

function appliedTaxJson(tax: InvoiceAppliedTax, invoice: Invoice) {
  return {
    lago_id: recordId('invoice_applied_tax', invoice.id, tax.taxCode) as string | null,
    lago_invoice_id: invoice.id as string | null,
    ...appliedTaxFigures(tax, invoice.currency),
    fees_amount_cents: tax.feesAmountCents,
    created_at: timestamp(invoice.createdAt),
  };
}

function thresholdsJson(invoice: Invoice) {
  if (invoice.invoiceType !== 'progressive_billing') return {};
  return {
    applied_usage_thresholds: invoice.appliedUsageThresholds.map((applied) => ({
      lifetime_usage_amount_cents: applied.lifetimeUsageAmountCents,
      created_at: timestamp(applied.createdAt),
      usage_threshold: {
        lago_id: applied.thresholdId,
        threshold_display_name: applied.thresholdDisplayName,
        amount_cents: applied.amountCents,
        recurring: applied.recurring,
        created_at: timestamp(applied.createdAt),
        updated_at: timestamp(applied.createdAt),
      },
    })),
  };
}

function periodName(period: BillingPeriod): string {
  return period.subscriptionName ?? period.planName;
}

function inOrderOf(periods: readonly BillingPeriod[], subscriptions: readonly SubscriptionJson[]): SubscriptionJson[] {
  const place = new Map<string, number>();
  for (const [index, period] of periods.entries()) {
    if (!place.has(period.subscriptionId)) place.set(period.subscriptionId, index);
  }
  const rank = (subscription: SubscriptionJson) => place.get(subscription.lago_id) ?? periods.length;
  return [...subscriptions].sort((a, b) => rank(a) - rank(b));
}

/** By code units: the same order on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
