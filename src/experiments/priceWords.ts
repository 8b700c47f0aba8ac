/** The prices of a charge in words, part by part, so that two versions can be laid side by side. */
import type {
  Charge,
  ChargePrices,
  ChargeProperties,
  FixedCharge,
  PercentageRange,
  Plan,
  PriceRange,
} from '../catalog/types.js';
import { unreachable } from '../errors.js';
import { Decimal } from '../money/decimal.js';
import { amount, INTERVAL_NOUN, units } from './figures.js';

/** A named part of a definition. Figures that are one number compare by percent. */
export interface Part {
  readonly name: string;
  readonly text: string;
  readonly figure: Decimal | null;
}

export function planParts(plan: Plan): Part[] {
  const currency = plan.amountCurrency;
  const words = (name: string, text: string): Part => ({ name, text, figure: null });
  return [
    money('base fee', plan.amountCents, currency, ` a ${INTERVAL_NOUN[plan.interval]}`),
    words('base fee is billed', plan.payInAdvance ? 'in advance' : 'in arrears'),
    words('trial', plan.trialPeriod === null || plan.trialPeriod <= 0 ? 'none' : `${plan.trialPeriod} days`),
    words(
      'usage is billed',
      plan.billChargesMonthly === true ? 'by the month' : `by the ${INTERVAL_NOUN[plan.interval]}`,
    ),
    words('taxes', plan.taxCodes.length === 0 ? "the customer's or the organization's" : plan.taxCodes.join(', ')),
    plan.minimumCommitment === null
      ? words('minimum commitment', 'none')
      : money('minimum commitment', plan.minimumCommitment.amountCents, currency, ` a ${INTERVAL_NOUN[plan.interval]}`),
    words(
      'progressive billing',
      plan.usageThresholds.length === 0
        ? 'none'
        : plan.usageThresholds
            .map((each) => `${each.recurring ? 'every ' : ''}${amount(each.amountCents, currency)}`)
            .join(', '),
    ),
  ];
}

export function chargeParts(charge: Charge, currency: string): Part[] {
  const words = (name: string, text: string): Part => ({ name, text, figure: null });
  return [
    words('metric', charge.billableMetricCode),
    words('model', charge.chargeModel),
    words('is billed', charge.payInAdvance ? 'when each event arrives' : 'at the end of the period'),
    words('prorated', charge.prorated ? 'by the days held' : 'no'),
    charge.minAmountCents === 0 ? words('minimum', 'none') : money('minimum', charge.minAmountCents, currency, ''),
    words(
      'prices are in',
      charge.appliedPricingUnit === null
        ? currency
        : `${charge.appliedPricingUnit.shortName} at ${charge.appliedPricingUnit.conversionRate} ${currency}`,
    ),
    words('taxes', charge.taxCodes.length === 0 ? "the plan's" : charge.taxCodes.join(', ')),
    ...propertyParts(charge.properties, ''),
    ...charge.filters.flatMap((filter) => propertyParts(filter.properties, `${filterWords(filter.values)}: `)),
  ];
}

export function fixedChargeParts(charge: FixedCharge): Part[] {
  const words = (name: string, text: string): Part => ({ name, text, figure: null });
  return [
    words('add-on', charge.addOnCode),
    words('model', charge.chargeModel),
    { name: 'units', text: units(charge.units), figure: new Decimal(charge.units) },
    words('is billed', charge.payInAdvance ? 'in advance' : 'in arrears'),
    words('prorated', charge.prorated ? 'by the days held' : 'no'),
    ...priceParts(charge.prices, ''),
  ];
}

function propertyParts({ prices, pricingGroupKeys }: ChargeProperties, prefix: string): Part[] {
  const groups =
    pricingGroupKeys.length === 0
      ? []
      : [{ name: `${prefix}priced apart by`, text: pricingGroupKeys.join(', '), figure: null }];
  return [...priceParts(prices, prefix), ...groups];
}

function priceParts(prices: ChargePrices, prefix: string): Part[] {
  const price = (name: string, value: string | number | null, suffix = ''): Part[] =>
    value === null
      ? []
      : [{ name: prefix + name, text: `${new Decimal(value).toFixed()}${suffix}`, figure: new Decimal(value) }];
  switch (prices.model) {
    case 'standard':
      return price('each unit', prices.amount);
    case 'graduated':
      return prices.ranges.flatMap((range) => [
        ...price(`units ${bounds(range)}, each`, range.perUnitAmount),
        ...flat(price, range),
      ]);
    case 'volume':
      return prices.ranges.flatMap((range) => [
        ...price(`all units when ${bounds(range)}, each`, range.perUnitAmount),
        ...flat(price, range),
      ]);
    case 'graduated_percentage':
      return prices.ranges.flatMap((range) => [
        ...price(`units ${bounds(range)}`, range.rate, ' %'),
        ...flat(price, range),
      ]);
    case 'package':
      return [
        ...price('a package', prices.amount),
        ...price('units in a package', prices.packageSize),
        ...price('free units', prices.freeUnits),
      ];
    case 'percentage':
      return [
        ...price('rate', prices.rate, ' %'),
        ...price('each event', prices.fixedAmount),
        ...price('free events', prices.freeUnitsPerEvents),
        ...price('free units', prices.freeUnitsPerTotalAggregation),
        ...price('least of an event', prices.perTransactionMinAmount),
        ...price('most of an event', prices.perTransactionMaxAmount),
      ];
    case 'dynamic':
      return [{ name: `${prefix}price`, text: 'brought by each event', figure: null }];
    default:
      return unreachable(prices);
  }
}

function flat(price: (name: string, value: string | null) => Part[], range: PriceRange | PercentageRange): Part[] {
  return new Decimal(range.flatAmount).isZero()
    ? []
    : price(`units ${bounds(range)}, for reaching them`, range.flatAmount);
}

function bounds({ fromValue, toValue }: PriceRange | PercentageRange): string {
  return toValue === null ? `from ${units(fromValue)} on` : `${units(fromValue)} to ${units(toValue)}`;
}

function filterWords(values: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(values)
    .map(([key, of]) => `${key} ${of.includes('__ALL_FILTER_VALUES__') ? 'any' : of.join(' or ')}`)
    .join(', ');
}

function money(name: string, cents: number, currency: string, suffix: string): Part {
  return { name, text: `${amount(cents, currency)}${suffix}`, figure: new Decimal(cents) };
}
