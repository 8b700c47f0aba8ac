/**
 * The records of a customer's account: what the ledger keeps about subscriptions, invoices and money.
 *
 * All are readonly; a change makes a new record with the same id. Units: `…Cents` integer minor units of the record's
 * currency, `DecimalText` exact plain decimals, `…At` instants (microseconds), `…Date` local dates in the customer's
 * zone, `…Rate` percent. Definitions (plans, metrics) are not here but in `catalog/types.ts`.
 */
import type { Organization, Plan } from './catalog/types.js';
import type { DecimalText } from './money/decimal.js';
import type { Instant } from './time/instant.js';
import type { LocalDate } from './time/localDate.js';

export interface Address {
  readonly addressLine1: string | null;
  readonly addressLine2: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly zipcode: string | null;
  /** ISO 3166-1 alpha-2. */
  readonly country: string | null;
}

export interface Customer {
  readonly id: string;
  readonly externalId: string;
  readonly sequentialId: number;
  readonly slug: string;
  readonly name: string | null;
  readonly firstname: string | null;
  readonly lastname: string | null;
  readonly customerType: 'company' | 'individual' | null;
  /** A partner's invoices are self-billed: always numbered per customer (invoicing §6.5). */
  readonly accountType: 'customer' | 'partner';
  readonly email: string | null;
  readonly phone: string | null;
  readonly url: string | null;
  readonly logoUrl: string | null;
  readonly legalName: string | null;
  readonly legalNumber: string | null;
  readonly taxIdentificationNumber: string | null;
  readonly address: Address;
  readonly shippingAddress: Address;
  readonly externalSalesforceId: string | null;
  /** Null until set or taken from the first plan, fixed coupon or wallet. */
  readonly currency: string | null;
  /** IANA zone; null is the organization's. */
  readonly timezone: string | null;
  /** Days; null is the organization's. */
  readonly netPaymentTerm: number | null;
  readonly invoiceGracePeriod: number | null;
  readonly documentLocale: string | null;
  readonly issuingDateAnchor: Organization['issuingDateAnchor'] | null;
  readonly issuingDateAdjustment: Organization['issuingDateAdjustment'] | null;
  readonly finalizeZeroAmountInvoice: 'inherit' | 'skip' | 'finalize';
  readonly taxCodes: readonly string[];
  readonly metadata: readonly { readonly key: string; readonly value: string; readonly displayInInvoice: boolean }[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly deletedAt: Instant | null;
}

export type SubscriptionStatus = 'pending' | 'active' | 'terminated' | 'canceled';
export type BillingTime = 'calendar' | 'anniversary';
export type TerminationCreditNote = 'credit' | 'refund' | 'offset' | 'skip';
export type TerminationInvoice = 'generate' | 'skip';

export interface Subscription {
  readonly id: string;
  readonly externalId: string;
  readonly customerId: string;
  readonly name: string | null;
  readonly planCode: string;
  /** The child plan, when the subscription carries overrides; else null and the catalog's plan holds. */
  readonly childPlan: Plan | null;
  readonly status: SubscriptionStatus;
  readonly billingTime: BillingTime;
  /** Requested start; its local date is the anchor. Inherited along upgrades and downgrades. */
  readonly subscriptionAt: Instant;
  readonly startedAt: Instant | null;
  readonly endingAt: Instant | null;
  readonly trialEndedAt: Instant | null;
  readonly terminatedAt: Instant | null;
  readonly canceledAt: Instant | null;
  readonly createdAt: Instant;
  /** The subscription that this one replaced (upgrade, downgrade), and the one that replaces it. */
  readonly previousSubscriptionId: string | null;
  readonly nextSubscriptionId: string | null;
  /** How this one ended in favour of `nextSubscriptionId`, stored when decided (A17). */
  readonly endedBy: 'upgrade' | 'downgrade' | 'termination' | null;
  readonly onTerminationCreditNote: TerminationCreditNote | null;
  readonly onTerminationInvoice: TerminationInvoice;
  readonly progressiveBillingDisabled: boolean;
  readonly consolidateInvoice: boolean;
  readonly purchaseOrderNumber: string | null;
  /** Subscription-level thresholds replace the plan's; null when none were given. */
  readonly usageThresholds: Plan['usageThresholds'] | null;
  /** Units-only overrides of fixed charges, by fixed charge id, without a child plan. */
  readonly fixedChargeUnits: Readonly<Record<string, DecimalText>>;
}

export type InvoiceType = 'subscription' | 'credit' | 'one_off' | 'advance_charges' | 'progressive_billing';
export type InvoiceStatus = 'draft' | 'open' | 'finalized' | 'closed' | 'voided';
export type PaymentStatus = 'pending' | 'succeeded' | 'failed';

export interface AppliedTax {
  readonly taxId: string;
  readonly taxName: string;
  readonly taxCode: string;
  readonly taxRate: number;
  readonly taxDescription: string | null;
  readonly amountCents: number;
}

export interface InvoiceAppliedTax extends AppliedTax {
  readonly feesAmountCents: number;
}

/** A reduction of an invoice: progressive billing and coupons before taxes, credit notes after. */
export interface Credit {
  readonly id: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly beforeTaxes: boolean;
  readonly item: {
    readonly id: string;
    readonly type: 'coupon' | 'credit_note' | 'invoice';
    readonly code: string;
    readonly name: string;
    readonly description: string | null;
  };
  /** The applied coupon, credit note or progressive billing invoice that it draws on. */
  readonly appliedCouponId: string | null;
  readonly creditNoteId: string | null;
  readonly progressiveBillingInvoiceId: string | null;
}

export interface InvoiceMetadata {
  readonly key: string;
  readonly value: string;
  readonly createdAt: Instant;
}

export interface Invoice {
  readonly id: string;
  readonly customerId: string;
  /** Order of creation among the customer's invoices, from 1; never shown, never reused. */
  readonly ordinal: number;
  /** Per customer, given at finalization. */
  readonly sequentialId: number | null;
  /** Per billing entity, given at finalization under `per_billing_entity` numbering. */
  readonly billingEntitySequentialId: number | null;
  readonly number: string;
  readonly invoiceType: InvoiceType;
  readonly status: InvoiceStatus;
  readonly paymentStatus: PaymentStatus;
  readonly paymentOverdue: boolean;
  readonly paymentDisputeLostAt: Instant | null;
  readonly currency: string;
  readonly issuingDate: LocalDate;
  readonly paymentDueDate: LocalDate;
  readonly expectedFinalizationDate: LocalDate;
  readonly netPaymentTerm: number;
  /** The instant that it bills as of: the pass, or the day it catches up. */
  readonly billedAt: Instant;
  readonly feesAmountCents: number;
  readonly progressiveBillingCreditAmountCents: number;
  readonly couponsAmountCents: number;
  readonly subTotalExcludingTaxesAmountCents: number;
  readonly taxesAmountCents: number;
  readonly taxesRate: number;
  readonly subTotalIncludingTaxesAmountCents: number;
  readonly creditNotesAmountCents: number;
  readonly prepaidCreditAmountCents: number;
  readonly prepaidGrantedCreditAmountCents: number | null;
  readonly prepaidPurchasedCreditAmountCents: number | null;
  readonly totalAmountCents: number;
  readonly totalPaidAmountCents: number;
  readonly appliedTaxes: readonly InvoiceAppliedTax[];
  readonly credits: readonly Credit[];
  readonly metadata: readonly InvoiceMetadata[];
  readonly appliedUsageThresholds: readonly {
    readonly thresholdId: string;
    readonly amountCents: number;
    readonly thresholdDisplayName: string | null;
    readonly recurring: boolean;
    readonly lifetimeUsageAmountCents: number;
    readonly createdAt: Instant;
  }[];
  readonly feeAdjustments: readonly FeeAdjustment[];
  readonly purchaseOrderNumber: string | null;
  readonly voidedInvoiceId: string | null;
  /** Who issued it and to whom, as they were when it was computed last; a finalized invoice keeps them for ever. */
  readonly issuer: Organization;
  readonly billTo: Customer;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly finalizedAt: Instant | null;
  readonly voidedAt: Instant | null;
  /** Catalog version (hash) that it was computed with. */
  readonly catalogHash: string;
}

export type InvoicingReason =
  | 'subscription_starting'
  | 'subscription_periodic'
  | 'subscription_terminating'
  | 'in_advance_charge'
  | 'in_advance_charge_periodic'
  | 'progressive_billing';

/**
 * What was set by hand on a fee of a draft. It outlives the fee, which is made anew at each refresh; the fee it means is
 * found by what it bills.
 */
export interface FeeAdjustment {
  readonly feeType: FeeType;
  readonly subscriptionId: string | null;
  readonly chargeId: string | null;
  readonly chargeFilterId: string | null;
  readonly fixedChargeId: string | null;
  readonly groupedBy: Readonly<Record<string, string | null>>;
  /** Null: as computed. */
  readonly units: DecimalText | null;
  /** Major units; null: priced by the charge model, or at the unit price that the fee has. */
  readonly unitPreciseAmount: DecimalText | null;
  readonly invoiceDisplayName: string | null;
}

/** The windows of one subscription on one invoice (Lago's invoice_subscription). Ends are inclusive. */
export interface BillingPeriod {
  readonly id: string;
  readonly invoiceId: string;
  readonly subscriptionId: string;
  readonly externalSubscriptionId: string;
  readonly subscriptionName: string | null;
  readonly planId: string;
  readonly planCode: string;
  readonly planName: string;
  readonly planInterval: Plan['interval'];
  readonly invoicingReason: InvoicingReason;
  /** The local day that it bills (D). */
  readonly billingDate: LocalDate;
  readonly billedAt: Instant;
  readonly fromDatetime: Instant;
  readonly toDatetime: Instant;
  readonly chargesFromDatetime: Instant | null;
  readonly chargesToDatetime: Instant | null;
  readonly fixedChargesFromDatetime: Instant | null;
  readonly fixedChargesToDatetime: Instant | null;
  /** Days of the whole grid period that holds the base window; what a day of the base fee is priced by. */
  readonly basePeriodDays: number;
  /** The same for the usage and fixed-charge windows. */
  readonly chargesDurationDays: number;
  readonly fixedChargesDurationDays: number;
  /** What was true of the subscription when it was billed: which windows and fees it gets (periods §3.3, §3.7). */
  readonly situation: BillingSituation;
  /** The customer zone at that time, for the timezone-change rule (periods §3.4). */
  readonly timezone: string;
}

/**
 * `starting`: start, pending activation, or trial end. `fixed_charges_starting`: the start invoice of an arrears plan or a
 * trial, for fixed charges paid in advance alone. `trial_end`: the base fee for the rest of the period. `periodic`: a
 * boundary. `terminated`: ended without successor. `upgraded`, `downgraded`: replaced by another plan.
 * `fixed_charges_changed`: units changed at once, for the deltas alone.
 */
export type BillingSituation =
  | 'starting'
  | 'fixed_charges_starting'
  | 'trial_end'
  | 'periodic'
  | 'terminated'
  | 'upgraded'
  | 'downgraded'
  | 'fixed_charges_changed'
  | 'in_advance_charge'
  | 'advance_charges'
  | 'progressive_billing';

export type FeeType = 'charge' | 'add_on' | 'subscription' | 'credit' | 'commitment' | 'fixed_charge';
export type FeePaymentStatus = 'pending' | 'succeeded' | 'failed' | 'refunded';

export interface Fee {
  readonly id: string;
  readonly customerId: string;
  /** Null for a standalone fee (charge paid in advance, not invoiceable, not regrouped yet). */
  readonly invoiceId: string | null;
  readonly subscriptionId: string | null;
  readonly externalSubscriptionId: string | null;
  readonly feeType: FeeType;
  readonly item: {
    readonly id: string;
    readonly type: 'BillableMetric' | 'AddOn' | 'WalletTransaction' | 'Subscription';
    readonly code: string;
    readonly name: string;
    readonly description: string | null;
    readonly invoiceDisplayName: string | null;
    readonly filters: Readonly<Record<string, readonly string[]>> | null;
    readonly filterInvoiceDisplayName: string | null;
    readonly groupedBy: Readonly<Record<string, string | null>>;
  };
  readonly chargeId: string | null;
  readonly chargeCode: string | null;
  readonly chargeFilterId: string | null;
  readonly chargeModel: string | null;
  readonly prorated: boolean;
  readonly recurring: boolean;
  readonly fixedChargeId: string | null;
  readonly addOnCode: string | null;
  readonly trueUpParentFeeId: string | null;
  readonly originalFeeId: string | null;
  readonly payInAdvance: boolean;
  readonly invoiceable: boolean;
  readonly currency: string;
  readonly amountCents: number;
  /** 15 decimals. */
  readonly preciseAmountCents: DecimalText;
  /** Minor units, truncated: display only. */
  readonly unitAmountCents: number;
  /** Major units, 15 decimals. */
  readonly preciseUnitAmount: DecimalText;
  readonly units: DecimalText;
  readonly totalAggregatedUnits: DecimalText | null;
  readonly eventsCount: number | null;
  /** 5 decimals; coupons and progressive billing credit. */
  readonly preciseCouponsAmountCents: DecimalText;
  readonly preciseCreditNotesAmountCents: DecimalText;
  readonly taxesAmountCents: number;
  readonly taxesPreciseAmountCents: DecimalText;
  readonly taxesRate: number;
  readonly appliedTaxes: readonly AppliedTax[];
  readonly amountDetails: Readonly<Record<string, unknown>>;
  readonly pricingUnit: {
    readonly code: string;
    readonly shortName: string;
    readonly amountCents: number;
    readonly preciseAmountCents: DecimalText;
    readonly unitAmountCents: number;
    readonly preciseUnitAmount: DecimalText;
    readonly conversionRate: DecimalText;
  } | null;
  readonly presentationBreakdowns: readonly {
    readonly presentationBy: Readonly<Record<string, string | null>>;
    readonly units: DecimalText;
  }[];
  readonly description: string | null;
  /** The window that the fee was made over. Ends inclusive. */
  readonly fromAt: Instant | null;
  readonly toAt: Instant | null;
  /** The subscription's base window, where from_date and to_date print it instead: usage fees paid in advance. */
  readonly shownFromAt: Instant | null;
  readonly shownToAt: Instant | null;
  readonly eventTransactionId: string | null;
  readonly eventTimestamp: Instant | null;
  readonly paymentStatus: FeePaymentStatus;
  readonly succeededAt: Instant | null;
  readonly failedAt: Instant | null;
  readonly refundedAt: Instant | null;
  /** Adjusted by hand on a draft (`adjust_fee`): kept through refreshes. */
  readonly adjusted: boolean;
  readonly targetWalletCode: string | null;
  /** Tax codes named on the line itself (one-off lines); null where the definitions decide (invoicing §2.2). */
  readonly taxCodes: readonly string[] | null;
  readonly createdAt: Instant;
}

export interface AppliedCoupon {
  readonly id: string;
  readonly couponId: string;
  readonly couponCode: string;
  readonly customerId: string;
  readonly status: 'active' | 'terminated';
  readonly amountCents: number | null;
  readonly amountCurrency: string | null;
  readonly percentageRate: DecimalText | null;
  readonly frequency: 'once' | 'recurring' | 'forever';
  readonly frequencyDuration: number | null;
  readonly frequencyDurationRemaining: number | null;
  readonly createdAt: Instant;
  readonly terminatedAt: Instant | null;
}

export interface CreditNoteItem {
  readonly id: string;
  readonly feeId: string;
  readonly amountCents: number;
  readonly preciseAmountCents: DecimalText;
}

export interface CreditNote {
  readonly id: string;
  readonly customerId: string;
  readonly invoiceId: string;
  readonly sequentialId: number;
  readonly number: string;
  readonly status: 'draft' | 'finalized';
  readonly creditStatus: 'available' | 'consumed' | 'voided' | null;
  readonly refundStatus: 'pending' | 'succeeded' | 'failed' | null;
  readonly reason: string;
  readonly description: string | null;
  readonly currency: string;
  readonly issuingDate: LocalDate;
  readonly totalAmountCents: number;
  readonly preciseTotalAmountCents: DecimalText;
  readonly creditAmountCents: number;
  readonly refundAmountCents: number;
  readonly offsetAmountCents: number;
  readonly balanceAmountCents: number;
  readonly taxesAmountCents: number;
  readonly preciseTaxesAmountCents: DecimalText;
  readonly taxesRate: number;
  readonly subTotalExcludingTaxesAmountCents: number;
  readonly couponsAdjustmentAmountCents: number;
  readonly preciseCouponsAdjustmentAmountCents: DecimalText;
  readonly items: readonly CreditNoteItem[];
  readonly appliedTaxes: readonly (AppliedTax & { readonly baseAmountCents: number })[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly voidedAt: Instant | null;
  readonly refundedAt: Instant | null;
}

export interface RecurringTransactionRule {
  readonly id: string;
  readonly trigger: 'interval' | 'threshold';
  readonly method: 'fixed' | 'target';
  readonly interval: Plan['interval'] | null;
  readonly thresholdCredits: DecimalText | null;
  readonly targetOngoingBalance: DecimalText | null;
  readonly grantsTargetTopUp: boolean;
  readonly paidCredits: DecimalText;
  readonly grantedCredits: DecimalText;
  readonly startedAt: Instant | null;
  readonly expirationAt: Instant | null;
  readonly transactionName: string | null;
  readonly transactionMetadata: readonly { readonly key: string; readonly value: string }[];
  readonly invoiceRequiresSuccessfulPayment: boolean;
  readonly ignorePaidTopUpLimits: boolean;
  readonly status: 'active' | 'terminated';
  /** The last day of an interval rule on which it ran, whether or not it had something to add. */
  readonly lastRunOn: LocalDate | null;
  readonly createdAt: Instant;
}

export interface Wallet {
  readonly id: string;
  readonly customerId: string;
  readonly code: string;
  readonly name: string | null;
  readonly status: 'active' | 'terminated';
  readonly currency: string;
  readonly rateAmount: DecimalText;
  readonly priority: number;
  readonly traceable: boolean;
  readonly creditsBalance: DecimalText;
  readonly balanceCents: number;
  readonly consumedCredits: DecimalText;
  readonly consumedAmountCents: number;
  readonly ongoingUsageBalanceCents: number;
  readonly creditsOngoingUsageBalance: DecimalText;
  readonly ongoingBalanceCents: number;
  readonly creditsOngoingBalance: DecimalText;
  readonly depletedOngoingBalance: boolean;
  readonly invoiceRequiresSuccessfulPayment: boolean;
  readonly paidTopUpMinAmountCents: number | null;
  readonly paidTopUpMaxAmountCents: number | null;
  readonly appliesTo: { readonly feeTypes: readonly string[]; readonly billableMetricCodes: readonly string[] };
  readonly recurringTransactionRules: readonly RecurringTransactionRule[];
  readonly metadata: Readonly<Record<string, string | null>> | null;
  readonly expirationAt: Instant | null;
  readonly terminatedAt: Instant | null;
  readonly lastBalanceSyncAt: Instant | null;
  readonly lastConsumedCreditAt: Instant | null;
  readonly createdAt: Instant;
}

export interface WalletTransaction {
  readonly id: string;
  readonly customerId: string;
  readonly walletId: string;
  readonly invoiceId: string | null;
  readonly creditNoteId: string | null;
  readonly voidedInvoiceId: string | null;
  readonly transactionType: 'inbound' | 'outbound';
  readonly transactionStatus: 'purchased' | 'granted' | 'invoiced' | 'voided';
  readonly status: 'pending' | 'settled' | 'failed';
  readonly source: 'manual' | 'interval' | 'threshold';
  readonly amount: DecimalText;
  readonly creditAmount: DecimalText;
  readonly amountCents: number;
  readonly remainingAmountCents: number | null;
  /** Which inbound transactions an outbound one drew on (traceable wallets). */
  readonly consumptions: readonly { readonly inboundId: string; readonly consumedAmountCents: number }[];
  readonly priority: number;
  readonly name: string | null;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  readonly invoiceRequiresSuccessfulPayment: boolean;
  readonly settledAt: Instant | null;
  readonly failedAt: Instant | null;
  readonly createdAt: Instant;
}

export interface Payment {
  readonly id: string;
  readonly customerId: string;
  readonly invoiceId: string;
  readonly amountCents: number;
  readonly currency: string;
  readonly reference: string;
  readonly paidAt: Instant | null;
  readonly createdAt: Instant;
}

/** One entry of the per-subscription log of fixed-charge units (periods §7.2). */
export interface FixedChargeUnits {
  readonly id: string;
  readonly subscriptionId: string;
  readonly fixedChargeId: string;
  readonly units: DecimalText;
  /** When the units take effect. */
  readonly timestamp: Instant;
  /** Order of creation; later entries win. */
  readonly createdAt: Instant;
}

/** The high-water mark of a charge paid in advance: one per event, bucket and group (usage-and-pricing §6.2). */
export interface InAdvanceUsage {
  readonly id: string;
  readonly externalSubscriptionId: string;
  readonly subscriptionId: string;
  readonly chargeId: string;
  readonly chargeFilterId: string | null;
  readonly groupedBy: Readonly<Record<string, string | null>>;
  readonly eventTransactionId: string;
  readonly eventTimestamp: Instant;
  readonly current: DecimalText;
  readonly max: DecimalText;
  /** Prorated amount of units billed so far in the period, for prorated charges. */
  readonly maxProrated: DecimalText | null;
  readonly createdAt: Instant;
}

/** The level that a recurring weighted sum ended a period with (usage-and-pricing §2.5). */
export interface WeightedLevel {
  readonly id: string;
  readonly externalSubscriptionId: string;
  readonly chargeId: string;
  readonly chargeFilterId: string | null;
  readonly groupedBy: Readonly<Record<string, string | null>>;
  readonly at: Instant;
  readonly level: DecimalText;
}

/** Every kind of record that belongs to one customer, by the name that the ledger knows it by. */
export interface AccountRecords {
  subscription: Subscription;
  invoice: Invoice;
  billing_period: BillingPeriod;
  fee: Fee;
  applied_coupon: AppliedCoupon;
  credit_note: CreditNote;
  wallet: Wallet;
  wallet_transaction: WalletTransaction;
  payment: Payment;
  fixed_charge_units: FixedChargeUnits;
  in_advance_usage: InAdvanceUsage;
  weighted_level: WeightedLevel;
}
export type RecordKind = keyof AccountRecords;
