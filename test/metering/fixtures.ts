/** Metrics, charges, events and windows with everything that a test does not care about filled in. */
import type {
  BillableMetric,
  Charge,
  ChargeFilter,
  ChargePrices,
  ChargeProperties,
  Plan,
} from '../../src/catalog/types.js';
import type { StoredEvent } from '../../src/ledger/types.js';
import type { AggregationInput } from '../../src/metering/metered.js';
import type { UsageReader } from '../../src/metering/usageReader.js';
import type { UsageWindow } from '../../src/metering/window.js';
import { type Instant, parseInstant } from '../../src/time/instant.js';
import { billedDays } from '../../src/time/zone.js';
import { memoryUsageReader } from '../support/memoryUsageReader.js';

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === null) throw new Error(`not an instant: ${text}`);
  return instant;
}

export const SUBSCRIPTION = 'sub';

export function metric(aggregationType: BillableMetric['aggregationType'], given: Partial<BillableMetric> = {}) {
  return {
    id: 'metric',
    code: 'usage',
    name: 'Usage',
    description: null,
    aggregationType,
    fieldName: aggregationType === 'count_agg' ? null : 'value',
    recurring: false,
    weightedInterval: aggregationType === 'weighted_sum_agg' ? ('seconds' as const) : null,
    roundingFunction: null,
    roundingPrecision: null,
    expression: null,
    filters: [],
    ...given,
  } satisfies BillableMetric;
}

export function standard(amount: string): ChargePrices {
  return { model: 'standard', amount };
}

/** Tiers as [from, to, per unit, flat]. */
export function graduated(...tiers: readonly (readonly [number, number | null, string, string])[]): ChargePrices {
  return {
    model: 'graduated',
    ranges: tiers.map(([from, to, perUnitAmount, flatAmount]) => ({
      fromValue: String(from),
      toValue: to === null ? null : String(to),
      perUnitAmount,
      flatAmount,
    })),
  };
}

export function percentage(given: Partial<Extract<ChargePrices, { model: 'percentage' }>>): ChargePrices {
  return {
    model: 'percentage',
    rate: '0',
    fixedAmount: null,
    freeUnitsPerEvents: null,
    freeUnitsPerTotalAggregation: null,
    perTransactionMinAmount: null,
    perTransactionMaxAmount: null,
    ...given,
  };
}

export function properties(prices: ChargePrices, given: Partial<ChargeProperties> = {}): ChargeProperties {
  return { prices, pricingGroupKeys: [], presentationGroupKeys: [], ...given };
}

export function charge(prices: ChargePrices, given: Partial<Charge> = {}): Charge {
  return {
    id: 'charge',
    code: 'usage',
    billableMetricCode: 'usage',
    invoiceDisplayName: null,
    chargeModel: prices.model,
    payInAdvance: false,
    invoiceable: true,
    regroupPaidFees: null,
    prorated: false,
    minAmountCents: 0,
    properties: properties(prices),
    filters: [],
    taxCodes: [],
    appliedPricingUnit: null,
    acceptsTargetWallet: false,
    parentId: null,
    ...given,
  };
}

export function filter(
  values: ChargeFilter['values'],
  prices: ChargePrices = standard('1'),
  given: Partial<ChargeProperties> = {},
): ChargeFilter {
  return { id: JSON.stringify(values), values, properties: properties(prices, given), invoiceDisplayName: null };
}

export function plan(charges: readonly Charge[], given: Partial<Plan> = {}): Plan {
  return {
    id: 'plan',
    code: 'plan',
    name: 'Plan',
    invoiceDisplayName: null,
    description: null,
    interval: 'monthly',
    amountCents: 0,
    amountCurrency: 'EUR',
    payInAdvance: false,
    trialPeriod: null,
    billChargesMonthly: null,
    billFixedChargesMonthly: null,
    charges,
    fixedCharges: [],
    minimumCommitment: null,
    usageThresholds: [],
    taxCodes: [],
    parentId: null,
    ...given,
  };
}

export interface EventSketch {
  readonly at: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly code?: string;
  readonly preciseTotalAmountCents?: string;
}

/** Events in order of arrival. */
export function stored(sketches: readonly EventSketch[]): StoredEvent[] {
  return sketches.map((sketch, index) => ({
    transactionId: sketch.id ?? `t${index + 1}`,
    code: sketch.code ?? 'usage',
    externalSubscriptionId: SUBSCRIPTION,
    timestamp: at(sketch.at),
    properties: JSON.stringify(sketch.properties ?? {}),
    preciseTotalAmountCents: sketch.preciseTotalAmountCents ?? null,
    sequence: index + 1,
    receivedAt: at(sketch.at),
  }));
}

export function reader(...sketches: readonly EventSketch[]): UsageReader {
  return memoryUsageReader(stored(sketches));
}

/** A window of whole days; `durationDays` is its own length unless the grid period is longer. */
export function window(from: string, to: string, given: Partial<UsageWindow> = {}): UsageWindow {
  const ends = { from: at(from), to: at(to) };
  const zone = given.zone ?? 'UTC';
  return { ...ends, zone, durationDays: billedDays(ends.from, ends.to, zone), endedByUpgrade: false, ...given };
}

export const MARCH = window('2024-03-01', '2024-03-31T23:59:59.999999Z');

export function aggregation(
  of: BillableMetric,
  usage: UsageReader,
  given: Partial<AggregationInput> = {},
): AggregationInput {
  return {
    metric: of,
    reader: usage,
    externalSubscriptionId: SUBSCRIPTION,
    window: MARCH,
    bucket: null,
    groupKeys: [],
    group: null,
    upTo: null,
    prorated: false,
    withPreciseAmount: false,
    startLevels: [],
    ...given,
  };
}
