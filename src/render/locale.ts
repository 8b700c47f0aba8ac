/**
 * The nine document locales: separators, the place of a currency, and dates (invoicing §8).
 *
 * The tables are spelled out here and not taken from the runtime's Intl data, which differs from machine to machine:
 * the same invoice gives the same bytes everywhere.
 */
import { type LocalDate, parts } from '../time/localDate.js';

export const locales = ['en', 'de', 'fr', 'es', 'it', 'nb', 'pt-BR', 'sv', 'zh-TW'] as const;
export type Locale = (typeof locales)[number];

export interface NumberFormat {
  readonly decimal: string;
  readonly thousands: string;
  /** `#` is the figure, `@` the symbol or code. */
  readonly withSymbol: string;
  readonly withCode: string;
}

const POINT = { decimal: '.', thousands: ',', withSymbol: '@#', withCode: '@ #' };

const NUMBERS: Readonly<Record<Locale, NumberFormat>> = {
  en: POINT,
  de: { decimal: ',', thousands: '.', withSymbol: '@#', withCode: '@ #' },
  fr: { decimal: ',', thousands: ' ', withSymbol: '# @', withCode: '# @' },
  es: POINT,
  it: { decimal: ',', thousands: '.', withSymbol: '# @', withCode: '# @' },
  nb: { decimal: ',', thousands: ' ', withSymbol: '@#', withCode: '@ #' },
  'pt-BR': { decimal: ',', thousands: '.', withSymbol: '@ #', withCode: '@ #' },
  sv: { decimal: ',', thousands: ' ', withSymbol: '# @', withCode: '# @' },
  'zh-TW': POINT,
};

const MONTHS: Readonly<Record<Exclude<Locale, 'pt-BR' | 'zh-TW'>, string>> = {
  en: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec',
  de: 'Jan. Feb. März Apr. Mai Juni Juli Aug. Sep. Okt. Nov. Dez.',
  fr: 'janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.',
  es: 'ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic.',
  it: 'gen feb mar apr mag giu lug ago set ott nov dic',
  nb: 'jan. feb. mars apr. mai juni juli aug. sep. okt. nov. des.',
  sv: 'jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec.',
};

/** The locale of a document: the customer's, else the issuer's, else English. */
export function documentLocale(...preferences: readonly (string | null | undefined)[]): Locale {
  for (const preference of preferences) {
    const locale = locales.find((known) => known === preference);
    if (locale !== undefined) return locale;
  }
  return 'en';
}

export function numberFormat(locale: Locale): NumberFormat {
  return NUMBERS[locale];
}

/** 2025-02-01 → `Feb 01, 2025`, `01. Feb. 2025`, `1 févr. 2025`, … */
export function formatDate(date: LocalDate, locale: Locale): string {
  const [year, month, day] = parts(date);
  const padded = String(day).padStart(2, '0');
  switch (locale) {
    case 'en':
      return `${monthName('en', month)} ${padded}, ${year}`;
    case 'de':
      return `${padded}. ${monthName('de', month)} ${year}`;
    case 'fr':
      return `${day} ${monthName('fr', month)} ${year}`;
    case 'es':
      return `${day} de ${monthName('es', month)} de ${year}`;
    case 'nb':
      return `${padded}. ${monthName('nb', month)} ${year}`;
    case 'it':
    case 'sv':
      return `${padded} ${monthName(locale, month)} ${year}`;
    case 'pt-BR':
      return `${padded}/${String(month).padStart(2, '0')}/${year}`;
    case 'zh-TW':
      return `${year}年${month}月${day}日`;
  }
}

function monthName(locale: keyof typeof MONTHS, month: number): string {
  return MONTHS[locale].split(' ')[month - 1] as string;
}
