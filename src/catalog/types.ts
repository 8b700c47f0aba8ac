/**
 * The catalog's working types: definitions after validation and normalization, with every default filled in.
 *
 * The written form (snake_case YAML, as in Lago's API) is `schema.ts`; the step from one to the other is `normalize.ts`.
 * Nothing here is optional: what a definition leaves out is null, empty, or its default.
 */
import type { DecimalText } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';

export type AggregationType =
  | 'count_agg'
  | 'sum_agg'
  | 'max_agg'
  | 'latest_agg'
  | 'unique_count_agg'
  | 'weighted_sum_agg';

export type RoundingFunction = 'round' | 'ceil' | 'floor';

export interface MetricFilter {
  readonly key: string;
  readonly values: readonly string[];
}

export interface BillableMetric {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
  readonly aggregationType: AggregationType;
  /** Null for count_agg only. */
  readonly fieldName: string | null;
  readonly recurring: boolean;
  readonly weightedInterval: 'seconds' | null;
  readonly roundingFunction: RoundingFunction | null;
  /** Decimals kept by the rounding function; may be negative. Null is 0. */
  readonly roundingPrecision: number | null;
  /** Evaluated once per event at ingestion; its result replaces `properties[fieldName]`. */
  readonly expression: string | null;
  readonly filters: readonly MetricFilter[];
}

export type ChargeModel =
  | 'standard'
  | 'graduated'
  | 'graduated_percentage'
  | 'package'
  | 'percentage'
  | 'volume'
  | 'dynamic';

/** A tier of graduated and volume charges. Bounds are units, prices are major currency units. `toValue` null is ∞. */
export interface PriceRange {
  readonly fromValue: DecimalText;
  readonly toValue: DecimalText | null;
  readonly perUnitAmount: DecimalText;
  readonly flatAmount: DecimalText;
}

export interface PercentageRange {
  readonly fromValue: DecimalText;
  readonly toValue: DecimalText | null;
  /** Percent: "20" is 20 %. */
  readonly rate: DecimalText;
  readonly flatAmount: DecimalText;
}

/** Prices of one charge model, in major currency units (or pricing units). */
export type ChargePrices =
  | { readonly model: 'standard'; readonly amount: DecimalText }
  | { readonly model: 'graduated'; readonly ranges: readonly PriceRange[] }
  | { readonly model: 'graduated_percentage'; readonly ranges: readonly PercentageRange[] }
  | {
      readonly model: 'package';
      readonly amount: DecimalText;
      readonly packageSize: number;
      readonly freeUnits: number;
    }
  | {
      readonly model: 'percentage';
      readonly rate: DecimalText;
      readonly fixedAmount: DecimalText | null;
      readonly freeUnitsPerEvents: number | null;
      readonly freeUnitsPerTotalAggregation: DecimalText | null;
      readonly perTransactionMinAmount: DecimalText | null;
      readonly perTransactionMaxAmount: DecimalText | null;
    }
  | { readonly model: 'volume'; readonly ranges: readonly PriceRange[] }
  | { readonly model: 'dynamic' };

/** What Lago calls `properties`: prices, and the keys that split them. */
export interface ChargeProperties {
  readonly prices: ChargePrices;
  /** Event properties whose value tuples are aggregated, priced and rounded apart. Empty: no grouping. */
  readonly pricingGroupKeys: readonly string[];
  /** Display only; charge level only; at most two. */
  readonly presentationGroupKeys: readonly { readonly value: string; readonly displayInInvoice: boolean }[];
}

export interface ChargeFilter {
  readonly id: string;
  /** As written; `["__ALL_FILTER_VALUES__"]` means every value that the metric declares. */
  readonly values: Readonly<Record<string, readonly string[]>>;
  readonly properties: ChargeProperties;
  readonly invoiceDisplayName: string | null;
}

export const ALL_FILTER_VALUES = '__ALL_FILTER_VALUES__';

export interface AppliedPricingUnit {
  readonly code: string;
  readonly shortName: string;
  /** Fiat per pricing unit. */
  readonly conversionRate: DecimalText;
}

export interface Charge {
  readonly id: string;
  /** Unique in the plan. */
  readonly code: string;
  readonly billableMetricCode: string;
  readonly invoiceDisplayName: string | null;
  readonly chargeModel: ChargeModel;
  readonly payInAdvance: boolean;
  readonly invoiceable: boolean;
  readonly regroupPaidFees: 'invoice' | null;
  readonly prorated: boolean;
  /** Minor units; 0 is no minimum. */
  readonly minAmountCents: number;
  readonly properties: ChargeProperties;
  readonly filters: readonly ChargeFilter[];
  readonly taxCodes: readonly string[];
  readonly appliedPricingUnit: AppliedPricingUnit | null;
  readonly acceptsTargetWallet: boolean;
  /** The parent plan's charge that a child plan's charge was cloned from. */
  readonly parentId: string | null;
}

export type FixedChargeModel = 'standard' | 'graduated' | 'volume';

export interface FixedCharge {
  readonly id: string;
  readonly code: string;
  readonly addOnCode: string;
  readonly invoiceDisplayName: string | null;
  readonly chargeModel: FixedChargeModel;
  readonly prices: ChargePrices;
  readonly units: DecimalText;
  readonly payInAdvance: boolean;
  readonly prorated: boolean;
  readonly taxCodes: readonly string[];
  readonly parentId: string | null;
  /** Said by an edit of units: effective now instead of at the next fixed-charge period. Not a property of the charge. */
  readonly applyUnitsImmediately: boolean;
}

export interface MinimumCommitment {
  readonly id: string;
  readonly amountCents: number;
  readonly invoiceDisplayName: string | null;
  readonly taxCodes: readonly string[];
}

export interface UsageThreshold {
  readonly id: string;
  readonly amountCents: number;
  readonly thresholdDisplayName: string | null;
  readonly recurring: boolean;
}

export type PlanInterval = 'weekly' | 'monthly' | 'quarterly' | 'semiannual' | 'yearly';

export interface Plan {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly invoiceDisplayName: string | null;
  readonly description: string | null;
  readonly interval: PlanInterval;
  readonly amountCents: number;
  readonly amountCurrency: string;
  readonly payInAdvance: boolean;
  /** Days, fractions allowed. Null or ≤ 0: no trial. */
  readonly trialPeriod: number | null;
  /** Null unless the interval is yearly or semiannual. */
  readonly billChargesMonthly: boolean | null;
  readonly billFixedChargesMonthly: boolean | null;
  readonly charges: readonly Charge[];
  readonly fixedCharges: readonly FixedCharge[];
  readonly minimumCommitment: MinimumCommitment | null;
  readonly usageThresholds: readonly UsageThreshold[];
  readonly taxCodes: readonly string[];
  /** The plan that this child plan (subscription override) was made from. */
  readonly parentId: string | null;
  /** Said by an edit: push it to the child plans too. Not a property of the plan. */
  readonly cascadeUpdates?: boolean;
}

export interface Tax {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** Percent. */
  readonly rate: number;
  readonly description: string | null;
  readonly appliedToOrganization: boolean;
}

export interface Coupon {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly description: string | null;
  readonly couponType: 'fixed_amount' | 'percentage';
  readonly amountCents: number | null;
  readonly amountCurrency: string | null;
  readonly percentageRate: DecimalText | null;
  readonly frequency: 'once' | 'recurring' | 'forever';
  readonly frequencyDuration: number | null;
  readonly reusable: boolean;
  readonly expirationAt: Instant | null;
  readonly planCodes: readonly string[];
  readonly billableMetricCodes: readonly string[];
  readonly status: 'active' | 'terminated';
}

export interface AddOn {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly invoiceDisplayName: string | null;
  readonly description: string | null;
  readonly amountCents: number;
  readonly amountCurrency: string;
  readonly taxCodes: readonly string[];
}

export interface PricingUnit {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly shortName: string;
  readonly description: string | null;
}

export type IssuingDateAnchor = 'current_period_end' | 'next_period_start';
export type IssuingDateAdjustment = 'keep_anchor' | 'align_with_finalization_date';

/** Lago's billing entity and organization in one: who issues the invoices. From `lago.yaml`. */
export interface Organization {
  readonly code: string;
  readonly name: string;
  readonly legalName: string | null;
  readonly legalNumber: string | null;
  readonly taxIdentificationNumber: string | null;
  readonly email: string | null;
  readonly addressLine1: string | null;
  readonly addressLine2: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly zipcode: string | null;
  readonly country: string | null;
  readonly timezone: string;
  readonly defaultCurrency: string;
  readonly documentNumbering: 'per_customer' | 'per_billing_entity';
  readonly documentNumberPrefix: string;
  readonly documentLocale: string;
  /** Days. */
  readonly netPaymentTerm: number;
  /** Days. */
  readonly invoiceGracePeriod: number;
  readonly invoiceFooter: string | null;
  /** Path of a PNG or JPEG, absolute or relative to the file that names it (made absolute on load). */
  readonly logo: string | null;
  readonly finalizeZeroAmountInvoice: boolean;
  readonly issuingDateAnchor: IssuingDateAnchor;
  readonly issuingDateAdjustment: IssuingDateAdjustment;
  /** Codes of the taxes that apply where nothing closer names one. */
  readonly taxCodes: readonly string[];
  readonly euTaxManagement: boolean;
}

/** A customer written in definitions: created at the first command that meets it. */
export interface CustomerDefinition {
  readonly externalId: string;
  /** The attributes as written, snake_case, validated by the same schema as `customers create`. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Everything that the definition files say. Keys of the maps are codes. */
export interface Catalog {
  readonly organization: Organization;
  readonly billableMetrics: ReadonlyMap<string, BillableMetric>;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly taxes: ReadonlyMap<string, Tax>;
  readonly coupons: ReadonlyMap<string, Coupon>;
  readonly addOns: ReadonlyMap<string, AddOn>;
  readonly pricingUnits: ReadonlyMap<string, PricingUnit>;
  readonly customers: readonly CustomerDefinition[];
  /** SHA-256 of the normalized content: names this version in the ledger. */
  readonly hash: string;
}
