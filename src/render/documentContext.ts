/** What every part of an invoice's printed form needs to know: language, money, zone, and the definitions where at hand. */

import { parseInstant } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';
import type { BillableMetricJson } from './json/billableMetric.js';
import type { CouponJson } from './json/coupon.js';
import type { InvoiceJson } from './json/invoice.js';
import type { ChargeJson, PlanJson } from './json/plan.js';
import { formatDate, type Locale } from './locale.js';
import { type Labels, labelsOf } from './pdf/labels.js';

/**
 * The definitions that the invoice was computed with. An invoice prints without them; with them it also says how often
 * the plan bills, which charges are prorated, what a true-up tops up to, and what a coupon is worth.
 */
export interface Definitions {
  readonly plans?: readonly PlanJson[];
  readonly billableMetrics?: readonly BillableMetricJson[];
  readonly coupons?: readonly CouponJson[];
}

/** The parts of an invoice's JSON that its printed forms read: an issued invoice or a preview. */
export type InvoiceDocument = Omit<
  InvoiceJson,
  'billing_periods' | 'metadata' | 'error_details' | 'applied_invoice_custom_sections' | 'applied_usage_thresholds'
> &
  Partial<Pick<InvoiceJson, 'billing_periods' | 'metadata' | 'applied_usage_thresholds'>> & {
    readonly applied_invoice_custom_sections?: readonly { readonly display_name: string; readonly details: string }[];
  };

export interface DocumentContext {
  readonly locale: Locale;
  readonly labels: Labels;
  readonly currency: string;
  readonly zone: string;
  readonly plans: readonly PlanJson[];
  readonly charges: ReadonlyMap<string, ChargeJson>;
  readonly metrics: ReadonlyMap<string, BillableMetricJson>;
  readonly coupons: ReadonlyMap<string, CouponJson>;
}

export function documentContext(
  document: { readonly currency: string; readonly customer: { readonly applicable_timezone: string } },
  locale: Locale,
  definitions: Definitions = {},
): DocumentContext {
  const plans = definitions.plans ?? [];
  return {
    locale,
    labels: labelsOf(locale),
    currency: document.currency,
    zone: document.customer.applicable_timezone,
    plans,
    charges: new Map(plans.flatMap((plan) => plan.charges.map((charge) => [charge.lago_id, charge] as const))),
    metrics: new Map((definitions.billableMetrics ?? []).map((metric) => [metric.code, metric])),
    coupons: new Map((definitions.coupons ?? []).map((coupon) => [coupon.code, coupon])),
  };
}

/** A timestamp of the JSON as a date on the customer's wall. */
export function formatTimestamp(text: string, context: Pick<DocumentContext, 'locale' | 'zone'>): string {
  const at = parseInstant(text);
  return at === null ? text : formatDate(localDateOf(at, context.zone), context.locale);
}
