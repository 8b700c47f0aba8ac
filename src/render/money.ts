/**
 * Figures as people read them: amounts, unit prices, units and rates, per locale and currency (invoicing §8).
 *
 * All of it is text surgery on exact decimals. An amount has its currency's decimals; a unit price at least those and
 * at most six, or six significant digits below 1: 0.0000012345678 → `$0.00000123457`.
 */
import { exponent, fromCents } from '../money/currency.js';
import { Decimal } from '../money/decimal.js';
import { type Locale, numberFormat } from './locale.js';

/** Currencies that print their symbol. All others print their code. */
const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ...'ARS AUD BBD BMD BND BSD BZD CAD CLP COP CVE DOP FJD GYD HKD JMD KYD LRD MXN NAD NZD SBD SGD SRD TTD TWD USD XCD'
    .split(' ')
    .map((code) => [code, '$'] as const),
  ['EUR', '€'],
  ...['GBP', 'FKP', 'GIP', 'SHP'].map((code) => [code, '£'] as const),
  ...['JPY', 'CNY'].map((code) => [code, '¥'] as const),
]);

/** 123450 EUR → `€1,234.50`, `1 234,50 €`, …; negative amounts lead with the sign. */
export function formatAmount(cents: number, currency: string, locale: Locale): string {
  return withCurrency(fromCents(cents, currency).toFixed(exponent(currency)), currency, locale);
}

/** A price of one unit, in major units. */
export function formatUnitPrice(amount: Decimal | string, currency: string, locale: Locale): string {
  return withCurrency(shortened(new Decimal(amount), exponent(currency)), currency, locale);
}

/** Major units rounded to the currency's decimals: the amounts inside a tier breakdown. */
export function formatMajor(amount: Decimal | string, currency: string, locale: Locale): string {
  const places = exponent(currency);
  return withCurrency(new Decimal(amount).toDecimalPlaces(places).toFixed(places), currency, locale);
}

/** An amount of pricing units (credits, tokens): the unit's short name in the place of a currency code. */
export function formatPricingUnits(amount: Decimal | string, shortName: string, locale: Locale): string {
  return `${localized(shortened(new Decimal(amount), 2), locale)} ${shortName}`;
}

/** Units of usage: up to six decimals, or six significant digits below 1. */
export function formatUnits(units: Decimal | string, locale: Locale): string {
  return localized(shortened(new Decimal(units), 0), locale);
}

/** A percentage; `places` fixes the decimals, else as many as it has up to six. */
export function formatRate(rate: Decimal | string | number, locale: Locale, places?: number): string {
  const value = new Decimal(rate);
  return `${localized(places === undefined ? shortened(value, 0) : value.toFixed(places), locale)}%`;
}

function shortened(value: Decimal, minimumPlaces: number): string {
  const short = value.abs().lessThan(1) ? value.toSignificantDigits(6) : value.toDecimalPlaces(6);
  return short.toFixed(Math.max(short.decimalPlaces(), minimumPlaces));
}

function withCurrency(plain: string, currency: string, locale: Locale): string {
  const negative = plain.startsWith('-') && /[1-9]/.test(plain);
  const figure = localized(plain.replace('-', ''), locale);
  const symbol = SYMBOLS.get(currency);
  const format = numberFormat(locale);
  const text =
    symbol === undefined
      ? format.withCode.replace('#', figure).replace('@', currency)
      : format.withSymbol.replace('#', figure).replace('@', () => symbol);
  return negative ? `-${text}` : text;
}

function localized(plain: string, locale: Locale): string {
  const { decimal, thousands } = numberFormat(locale);
  const [whole = '', fraction] = plain.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, thousands);
  return fraction === undefined ? grouped : `${grouped}${decimal}${fraction}`;
}
