/**
 * What organizations and customers have in common: addresses, e-mails, zones, languages, terms of payment. A party is
 * either side of an invoice. Source: invoicing §8, §10.
 */
import { isZone } from '../time/zone.js';
import { isCountry } from './countries.js';
import { documentLocales } from './organizationSchema.js';
import { isBlank, type Path, type ProblemList, shown } from './problems.js';
import { checkDays } from './ruleContext.js';

type Written = Readonly<Record<string, unknown>>;

export function checkCountry(country: unknown, path: Path, list: ProblemList): void {
  if (isBlank(country) || isCountry(country)) return;
  const upper = String(country).toUpperCase();
  list.report(path, {
    code: 'not_a_valid_country_code',
    message: `${shown(country)} is not a country code`,
    suggestion: isCountry(upper) ? `Write it in capitals: ${upper}.` : 'Use the two letters of ISO 3166-1: FR, US, DE.',
  });
}

export function checkTimezone(timezone: unknown, path: Path, list: ProblemList): void {
  if (isBlank(timezone)) return;
  if (typeof timezone === 'string' && /^[A-Za-z]/.test(timezone) && isZone(timezone)) return;
  list.report(path, {
    code: 'invalid_timezone',
    message: `${shown(timezone)} is not a time zone`,
    suggestion: 'Use an IANA name such as UTC, Europe/Paris or America/New_York.',
  });
}

/** The characters that the HTML standard allows in an address; each address of a comma-separated list. */
const EMAIL =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;

export function checkEmail(email: unknown, path: Path, list: ProblemList): void {
  if (isBlank(email)) return;
  const addresses = String(email)
    .replace(/[,\s]+$/, '')
    .split(',')
    .map((address) => address.trim());
  const wrong = addresses.find((address) => !EMAIL.test(address));
  if (wrong === undefined) return;
  list.report(path, {
    code: 'invalid_email_format',
    message: `${shown(wrong)} is not an e-mail address`,
    suggestion: 'Separate several addresses with commas.',
  });
}

/** Language, payment term and grace period, wherever they are written. */
export function checkInvoiceSettings(settings: Written, path: Path, list: ProblemList): void {
  const { document_locale: locale } = settings;
  if (!isBlank(locale) && !documentLocales.some((known) => known === locale)) {
    list.report([...path, 'document_locale'], {
      code: 'not_a_valid_language_code',
      message: `documents cannot be written in ${shown(locale)}`,
      suggestion: `Use one of ${documentLocales.join(', ')}.`,
    });
  }
  for (const key of ['net_payment_term', 'invoice_grace_period']) {
    checkDays(settings[key], [...path, key], list);
  }
}
