/** Figures of experiments as people read them: amounts with their currency's code, changes with their sign. */
import { exponent, fromCents } from '../money/currency.js';
import { Decimal } from '../money/decimal.js';
import { formatUnits } from '../render/money.js';

/** 123456 USD → `1,234.56` */
export function bareAmount(cents: number | Decimal, currency: string): string {
  const text = fromCents(cents, currency).toFixed(exponent(currency));
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** `1,234.56 USD` */
export function amount(cents: number | Decimal, currency: string): string {
  return `${bareAmount(cents, currency)} ${currency}`;
}

/** `+12.00`, `−3.50`, `0.00` */
export function signedAmount(cents: number, currency: string): string {
  if (cents === 0) return bareAmount(0, currency);
  return `${cents > 0 ? '+' : '−'}${bareAmount(Math.abs(cents), currency)}`;
}

/** `+12.5 %`; `new` where there was nothing before. */
export function changePercent(before: number, after: number): string {
  if (before === after) return '0 %';
  if (before === 0) return 'new';
  const percent = new Decimal(after - before).div(Math.abs(before)).times(100);
  return `${percent.isNegative() ? '−' : '+'}${percent.abs().toDecimalPlaces(1).toFixed()} %`;
}

/** An amount of each unit, in major units: at least the currency's decimals, four where there are more. */
export function unitPrice(cents: number, units: Decimal, currency: string): string {
  if (units.isZero()) return '–';
  const price = fromCents(cents, currency).div(units);
  const places = exponent(currency);
  const short = price.abs().lessThan(1) ? price.toSignificantDigits(4) : price.toDecimalPlaces(4);
  return short.toFixed(Math.max(short.decimalPlaces(), places));
}

export function units(value: Decimal | string | number): string {
  return formatUnits(new Decimal(value), 'en');
}

/** `region: eu, us; tier: gold` */
export function filterText(values: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(values)
    .map(([key, accepted]) => `${key}: ${accepted.join(', ')}`)
    .join('; ');
}

export const INTERVAL_NOUN: Readonly<Record<string, string>> = {
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  semiannual: 'half-year',
  yearly: 'year',
};
