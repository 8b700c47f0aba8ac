/** Between metering and rating: what a charge model prices, and what it answers. */
import type { AggregationType, ChargeModel, ChargePrices } from '../catalog/types.js';
import type { Decimal } from '../money/decimal.js';

/** Full and prorated units of one entry of a prorated graduated charge (usage-and-pricing §3.5). */
export interface ProratedEntry {
  readonly full: Decimal;
  readonly prorated: Decimal;
}

/** Aggregated usage of one bucket and group, ready to be priced. */
export interface MeteredUsage {
  readonly aggregationType: AggregationType;
  /** What prices multiply: the aggregate after proration and metric rounding. */
  readonly units: Decimal;
  /** The aggregate before proration; equals `units` where nothing is prorated. */
  readonly fullUnits: Decimal;
  readonly prorated: boolean;
  readonly eventsCount: number;
  /**
   * One value per event in the window, in order, read only when a model needs it: the percentage model's free units and
   * per-transaction bounds (§4.5, §4.5.1). Carried-over history of recurring sums is included where Lago includes it.
   */
  readonly eventValues: () => Iterable<Decimal>;
  /**
   * The values whose cumulative sums are the percentage model's running total (§4.5), where they differ from
   * `eventValues`: a recurring sum adds up all its history, yet bounds apply to the period's events alone.
   */
  readonly runningValues?: () => Iterable<Decimal>;
  /** Entries in order, for prorated graduated charges only (§3.5). */
  readonly proratedEntries: () => Iterable<ProratedEntry>;
  /** Σ precise_total_amount_cents of the same events: the dynamic model. */
  readonly preciseTotalAmountCents: Decimal;
}

export interface Priced {
  /** Major currency (or pricing) units, exact, unrounded. */
  readonly amount: Decimal;
  readonly unitAmount: Decimal;
  /** Lago's `amount_details`, snake_case, decimals as text. `{}` where the model has none. */
  readonly amountDetails: Readonly<Record<string, unknown>>;
}

/** The prices of one charge model. */
export type PricesOf<Model extends ChargeModel> = Extract<ChargePrices, { readonly model: Model }>;
