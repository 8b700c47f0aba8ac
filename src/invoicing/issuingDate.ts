/**
 * The dates that an invoice shows: issuing date, due date, and the day on which a draft becomes final.
 *
 * `d` is the local date of the instant that it bills as of, `g` the grace period. January billed on 1 February with
 * g = 3: the defaults show 4 February; `current_period_end` with `keep_anchor` shows 31 January and keeps it, though
 * both become final on 4 February. (invoicing §6.3, §6.4)
 */
import type { Organization } from '../catalog/types.js';
import type { Customer, InvoiceType, InvoicingReason } from '../model.js';
import type { Instant } from '../time/instant.js';
import { addDays, type LocalDate } from '../time/localDate.js';
import { localDateOf } from '../time/zone.js';
import { applicableZone, type BillingParties, type BillingWork } from './work.js';

export interface InvoiceDates {
  readonly issuingDate: LocalDate;
  readonly paymentDueDate: LocalDate;
  readonly expectedFinalizationDate: LocalDate;
}

/** Dates of an invoice that is being made. Only draftable invoices wait for the grace period. */
export function initialDates(
  work: BillingParties,
  invoiceType: InvoiceType,
  reason: InvoicingReason | null,
  billedAt: Instant,
): InvoiceDates {
  const day = localDateOf(billedAt, applicableZone(work));
  const issuingDate = isDraftable(invoiceType, reason) ? draftableIssuingDate(work, reason, day) : day;
  const grace = isDraftable(invoiceType, reason) ? gracePeriodDays(work) : 0;
  return {
    issuingDate,
    paymentDueDate: addDays(issuingDate, netPaymentTerm(work)),
    expectedFinalizationDate: addDays(day, grace),
  };
}

/** The issuing date of a draft that becomes final: today, unless the settings keep the period's own date. */
export function finalIssuingDate(work: BillingWork, reason: InvoicingReason | null, current: LocalDate): LocalDate {
  const kept = reason === 'subscription_periodic' && issuingSettings(work).adjustment === 'keep_anchor';
  return kept ? current : localDateOf(work.at, applicableZone(work));
}

/** Subscription invoices, but for those of a single charge paid in advance. */
export function isDraftable(invoiceType: InvoiceType, reason: InvoicingReason | null): boolean {
  return invoiceType === 'subscription' && reason !== 'in_advance_charge';
}

/** The customer's own grace period, 0 included, else the billing entity's. */
export function gracePeriodDays(work: BillingParties): number {
  return work.account.customer.invoiceGracePeriod ?? work.catalog.organization.invoiceGracePeriod;
}

/** The customer's own payment term, 0 included, else the billing entity's. */
export function netPaymentTerm(work: BillingParties): number {
  return work.account.customer.netPaymentTerm ?? work.catalog.organization.netPaymentTerm;
}

function draftableIssuingDate(work: BillingParties, reason: InvoicingReason | null, day: LocalDate): LocalDate {
  const grace = gracePeriodDays(work);
  if (reason !== 'subscription_periodic') return addDays(day, grace);
  const { anchor, adjustment } = issuingSettings(work);
  if (anchor === 'next_period_start') return adjustment === 'keep_anchor' ? day : addDays(day, grace);
  if (adjustment === 'keep_anchor' || grace <= 0) return addDays(day, -1);
  return addDays(day, grace);
}

function issuingSettings(work: BillingParties): {
  anchor: Organization['issuingDateAnchor'];
  adjustment: Organization['issuingDateAdjustment'];
} {
  const customer: Customer = work.account.customer;
  return {
    anchor: customer.issuingDateAnchor ?? work.catalog.organization.issuingDateAnchor,
    adjustment: customer.issuingDateAdjustment ?? work.catalog.organization.issuingDateAdjustment,
  };
}
