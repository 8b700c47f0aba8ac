import { describe, expect, it } from 'vitest';
import { documentLocale, formatDate, type Locale, locales } from '../../src/render/locale.js';
import {
  formatAmount,
  formatMajor,
  formatPricingUnits,
  formatRate,
  formatUnitPrice,
  formatUnits,
} from '../../src/render/money.js';
import { labelsOf } from '../../src/render/pdf/labels.js';
import type { LocalDate } from '../../src/time/localDate.js';

const cases: readonly (readonly [Locale, string, string, string])[] = [
  ['en', 'Feb 01, 2025', '€1,234.50', 'CHF 1,234.50'],
  ['de', '01. Feb. 2025', '€1.234,50', 'CHF 1.234,50'],
  ['fr', '1 févr. 2025', '1 234,50 €', '1 234,50 CHF'],
  ['es', '1 de feb. de 2025', '€1,234.50', 'CHF 1,234.50'],
  ['it', '01 feb 2025', '1.234,50 €', '1.234,50 CHF'],
  ['nb', '01. feb. 2025', '€1 234,50', 'CHF 1 234,50'],
  ['pt-BR', '01/02/2025', '€ 1.234,50', 'CHF 1.234,50'],
  ['sv', '01 feb. 2025', '1 234,50 €', '1 234,50 CHF'],
  ['zh-TW', '2025年2月1日', '€1,234.50', 'CHF 1,234.50'],
];

describe('locales', () => {
  it.each(cases)('%s writes dates and amounts its way', (locale, date, withSymbol, withCode) => {
    expect(formatDate('2025-02-01' as LocalDate, locale)).toBe(date);
    expect(formatAmount(123450, 'EUR', locale)).toBe(withSymbol);
    expect(formatAmount(123450, 'CHF', locale)).toBe(withCode);
  });

  it('covers all nine', () => {
    expect(cases.map(([locale]) => locale)).toEqual([...locales]);
  });

  it('has words for everything, with the same figures to fill in', () => {
    const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
    const english = labelsOf('en');
    for (const locale of locales) {
      const labels = labelsOf(locale);
      for (const key of Object.keys(english) as (keyof typeof english)[]) {
        expect(labels[key], `${locale} ${key}`).not.toBe('');
        expect(blanks(labels[key]), `${locale} ${key}`).toEqual(blanks(english[key]));
      }
    }
  });

  it('takes the customer’s locale, then the issuer’s, then English', () => {
    expect(documentLocale('fr', 'de')).toBe('fr');
    expect(documentLocale(null, 'de')).toBe('de');
    expect(documentLocale('tlh', undefined)).toBe('en');
  });
});

describe('amounts', () => {
  it.each([
    [0, 'USD', '$0.00'],
    [-5, 'USD', '-$0.05'],
    [123456789, 'USD', '$1,234,567.89'],
    [1234, 'JPY', '¥1,234'],
    [1234567, 'KWD', 'KWD 1,234.567'],
    [99999999999999, 'GBP', '£999,999,999,999.99'],
  ])('%i %s → %s', (cents, currency, text) => {
    expect(formatAmount(cents, currency, 'en')).toBe(text);
  });

  it('rounds the amounts of a breakdown to the currency', () => {
    expect(formatMajor('0.525', 'USD', 'en')).toBe('$0.53');
    expect(formatMajor('1234.4', 'JPY', 'en')).toBe('¥1,234');
  });

  it.each([
    ['0.02', '$0.02'],
    ['1', '$1.00'],
    ['0.0000012345678', '$0.00000123457'],
    ['0.1234567', '$0.123457'],
    ['12.3456789', '$12.345679'],
    ['1000', '$1,000.00'],
  ])('unit price %s → %s', (price, text) => {
    expect(formatUnitPrice(price, 'USD', 'en')).toBe(text);
  });

  it.each([
    ['1250000', '1,250,000'],
    ['1234.5', '1,234.5'],
    ['0.1234567', '0.123457'],
    ['100.0000001', '100'],
    ['-3.5', '-3.5'],
  ])('units %s → %s', (units, text) => {
    expect(formatUnits(units, 'en')).toBe(text);
  });

  it('writes rates and pricing units', () => {
    expect(formatRate(20, 'en')).toBe('20%');
    expect(formatRate('12.5', 'fr')).toBe('12,5%');
    expect(formatRate('10', 'en', 2)).toBe('10.00%');
    expect(formatPricingUnits('1500', 'CR', 'en')).toBe('1,500.00 CR');
  });
});
