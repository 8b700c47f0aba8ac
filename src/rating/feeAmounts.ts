/**
 * The figures of one charge fee, and the step from a model's exact price to them.
 *
 * A fee is rounded once: 0.525 EUR → 53 cents. In a pricing unit it is rounded twice: first to the unit's own two decimals,
 * then, converted, to the currency's: 1.005 at 0.5 → 101 → 0.505 → 51 cents, where one step would give 50.
 * Source: usage-and-pricing §6.5, §8.
 */
import type { AppliedPricingUnit, ChargeFilter } from '../catalog/types.js';
import type { GroupedBy } from '../metering/usageReader.js';
import type { Fee, WeightedLevel } from '../model.js';
import { toCents, toPreciseCents, wholeCents } from '../money/currency.js';
import { Decimal, round, toText, truncate } from '../money/decimal.js';

/** Amounts in minor units of the currency; what the charge's own pricing unit says beside them. */
export interface FeeMoney {
  readonly amountCents: number;
  readonly preciseAmountCents: Decimal;
  /** Truncated: display only. */
  readonly unitAmountCents: number;
  /** Major units. */
  readonly preciseUnitAmount: Decimal;
  readonly pricingUnit: Fee['pricingUnit'];
}

export interface ChargeFeeAmounts extends FeeMoney {
  /** Null: the default bucket, or a charge without filters. */
  readonly chargeFilter: ChargeFilter | null;
  readonly hasFilters: boolean;
  readonly groupedBy: GroupedBy;
  /** As shown. */
  readonly units: Decimal;
  readonly totalAggregatedUnits: Decimal | null;
  readonly eventsCount: number;
  readonly amountDetails: Readonly<Record<string, unknown>>;
  readonly isTrueUp: boolean;
  /** The fee that a true-up of the same list belongs to: the first of the default bucket. */
  readonly hasTrueUp: boolean;
  readonly adjusted: boolean;
  readonly presentationBreakdowns: readonly PresentationBreakdown[];
  /** What a recurring weighted sum ended with; the caller stores it when it invoices the fee. */
  readonly weightedLevel: WeightedLevel | null;
}

export interface PresentationBreakdown {
  readonly presentationBy: GroupedBy;
  readonly units: Decimal;
}

/** Decimals of every pricing unit. */
const PRICING_UNIT_DECIMALS = 2;
const PRICING_UNIT_SUBUNIT = 100;

/** `amount` and `unitAmount` are exact, in major units of the currency or of the pricing unit. */
export function feeMoney(
  amount: Decimal,
  unitAmount: Decimal,
  currency: string,
  pricingUnit: AppliedPricingUnit | null,
): FeeMoney {
  if (pricingUnit === null) {
    const preciseAmountCents = toPreciseCents(amount, currency);
    return {
      amountCents: wholeCents(preciseAmountCents, currency),
      preciseAmountCents,
      unitAmountCents: toInteger(toPreciseCents(unitAmount, currency)),
      preciseUnitAmount: unitAmount,
      pricingUnit: null,
    };
  }
  const cents = round(amount, PRICING_UNIT_DECIMALS).times(PRICING_UNIT_SUBUNIT).toNumber();
  return converted(cents, amount.times(PRICING_UNIT_SUBUNIT), unitAmount, currency, pricingUnit);
}

/** The second rounding: pricing-unit cents, already whole, into the currency. */
export function converted(
  pricingUnitCents: number,
  precisePricingUnitCents: Decimal,
  unitAmount: Decimal,
  currency: string,
  pricingUnit: AppliedPricingUnit,
): FeeMoney {
  const rate = new Decimal(pricingUnit.conversionRate);
  const unitAmountCents = toInteger(unitAmount.times(PRICING_UNIT_SUBUNIT));
  const fiat = rate.times(pricingUnitCents).div(PRICING_UNIT_SUBUNIT);
  const fiatUnit = rate.times(unitAmountCents).div(PRICING_UNIT_SUBUNIT);
  return {
    amountCents: toCents(fiat, currency),
    preciseAmountCents: toPreciseCents(fiat, currency),
    unitAmountCents: toInteger(toPreciseCents(fiatUnit, currency)),
    preciseUnitAmount: fiatUnit,
    pricingUnit: {
      code: pricingUnit.code,
      shortName: pricingUnit.shortName,
      amountCents: pricingUnitCents,
      preciseAmountCents: toText(round(precisePricingUnitCents, 15)),
      unitAmountCents,
      preciseUnitAmount: toText(round(unitAmount, 15)),
      conversionRate: pricingUnit.conversionRate,
    },
  };
}

function toInteger(value: Decimal): number {
  return truncate(value).toNumber() || 0;
}
