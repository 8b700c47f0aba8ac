/**
 * What usage shows: the current usage of a subscription, or what an invoiced period came to. Computed, never stored.
 *
 * Figures stand on four levels: the period, each charge, and within it each filter and each group.
 * Source: usage-and-pricing §7.1.
 */
import type { AggregationType, ChargeModel } from '../catalog/types.js';
import type { Decimal, DecimalText } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import type { LocalDate } from '../time/localDate.js';
import type { GroupedBy } from './usageReader.js';

export interface UnitsBreakdown {
  readonly presentationBy: GroupedBy;
  readonly units: Decimal;
}

export interface UsageFigures {
  readonly units: Decimal;
  readonly totalAggregatedUnits: Decimal;
  readonly eventsCount: number;
  readonly amountCents: number;
  readonly pricingUnit: {
    readonly amountCents: number;
    readonly shortName: string;
    readonly conversionRate: DecimalText;
  } | null;
  readonly presentationBreakdowns: readonly UnitsBreakdown[];
  /** Null where no projection was asked for. */
  readonly projected: {
    readonly units: Decimal;
    readonly amountCents: number;
    readonly presentationBreakdowns: readonly UnitsBreakdown[];
  } | null;
}

export interface FilterUsage extends UsageFigures {
  readonly invoiceDisplayName: string | null;
  /** As defined, the ALL marker unexpanded; null for the default bucket. */
  readonly values: Readonly<Record<string, readonly string[]>> | null;
}

export interface GroupUsage extends UsageFigures {
  readonly groupedBy: GroupedBy;
  readonly filters: readonly FilterUsage[];
}

export interface ChargeUsage extends UsageFigures {
  readonly charge: {
    readonly id: string;
    readonly code: string | null;
    readonly chargeModel: ChargeModel | string | null;
    readonly invoiceDisplayName: string | null;
  };
  readonly billableMetric: {
    readonly id: string;
    readonly name: string;
    readonly code: string;
    /** Null where the metric is no longer defined. */
    readonly aggregationType: AggregationType | null;
  };
  readonly currency: string;
  /** Empty for a charge without filters. */
  readonly filters: readonly FilterUsage[];
  /** Empty when nothing is grouped. */
  readonly groupedUsage: readonly GroupUsage[];
}

export interface UsageView {
  /** Ends inclusive. */
  readonly fromDatetime: Instant;
  readonly toDatetime: Instant;
  readonly issuingDate: LocalDate;
  /** Null for current usage. */
  readonly invoiceId: string | null;
  readonly currency: string;
  readonly amountCents: number;
  readonly taxesAmountCents: number;
  readonly totalAmountCents: number;
  /** Null where no projection was asked for. */
  readonly projectedAmountCents: number | null;
  readonly chargesUsage: readonly ChargeUsage[];
}
