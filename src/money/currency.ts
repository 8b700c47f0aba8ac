/**
 * Currencies: how many decimals each has, and the step from a decimal amount to integer minor units.
 *
 * "Cents" means minor units whatever the currency: 1 JPY is 1 "cent", 1 KWD is 1000.
 * Source: usage-and-pricing §8, invoicing §0.
 */
import { assert, BillingError } from '../errors.js';
import { Decimal, round } from './decimal.js';

const EXPONENT_0 = 'BIF CLP DJF GNF HUF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF'.split(' ');
const EXPONENT_3 = 'BHD JOD KWD'.split(' ');
const EXPONENT_4 = 'CLF'.split(' ');
const EXPONENT_2 = (
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP ' +
  'CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG IDR ILS INR IRR JMD KES ' +
  'KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MRO MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD ' +
  'PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLL SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS ' +
  'UAH USD UYU UZS WST XCD YER ZAR ZMW'
).split(' ');

const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...EXPONENT_0.map((code) => [code, 0] as const),
  ...EXPONENT_2.map((code) => [code, 2] as const),
  ...EXPONENT_3.map((code) => [code, 3] as const),
  ...EXPONENT_4.map((code) => [code, 4] as const),
]);

/** An ISO 4217 code that plans, customers and wallets may use. */
export function isCurrency(code: unknown): code is string {
  return typeof code === 'string' && EXPONENTS.has(code);
}

/** Decimals of the currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export function exponent(currency: string): number {
  const known = EXPONENTS.get(currency);
  assert(known !== undefined, `unknown currency ${currency}`);
  return known;
}

/** Minor units per major unit: 100 for EUR, 1 for JPY. */
export function subunit(currency: string): number {
  return 10 ** exponent(currency);
}

/** A decimal amount in major units, rounded once to integer minor units: 0.525 EUR → 53. Error: `amount_out_of_range`. */
export function toCents(amount: Decimal, currency: string): number {
  return wholeCents(toPreciseCents(amount, currency), currency);
}

/** The same of an amount in minor units already. */
export function wholeCents(preciseCents: Decimal, currency: string): number {
  const cents = round(preciseCents).toNumber();
  if (!Number.isSafeInteger(cents)) throw outOfRange(preciseCents.div(subunit(currency)), currency);
  return cents === 0 ? 0 : cents;
}

/** Usage and prices are the user's: a figure with a dozen digits too many is no bug. */
function outOfRange(amount: Decimal, currency: string): BillingError {
  const shown = amount.isFinite() ? amount.toSignificantDigits(5).toString() : amount.toString();
  return new BillingError('amount_out_of_range', {
    message: `an amount of about ${shown} ${currency} is more than a ledger can hold`,
    suggestion: 'Look for an event or a price with far too many digits.',
  });
}

/** Unrounded minor units of a decimal amount in major units. */
export function toPreciseCents(amount: Decimal, currency: string): Decimal {
  return amount.times(subunit(currency));
}

/** Major units of an amount in minor units. */
export function fromCents(cents: number | Decimal, currency: string): Decimal {
  return new Decimal(cents).div(subunit(currency));
}
