/** Who sends a document and who receives it, as address lines (invoicing §8, sections 3 and 4). */
import type { Organization } from '../../catalog/types.js';
import type { CustomerJson } from '../json/customer.js';
import { printedText } from '../printable.js';
import { countryName } from './countries.js';
import { fill, type Labels } from './labels.js';

/** What a document says of its issuer. */
export type Issuer = Pick<
  Organization,
  | 'name'
  | 'legalName'
  | 'legalNumber'
  | 'taxIdentificationNumber'
  | 'email'
  | 'addressLine1'
  | 'addressLine2'
  | 'city'
  | 'state'
  | 'zipcode'
  | 'country'
  | 'documentLocale'
  | 'invoiceFooter'
  | 'euTaxManagement'
>;

export interface Party {
  readonly name: string;
  readonly lines: readonly string[];
}

interface PostalAddress {
  readonly line1: string | null;
  readonly line2: string | null;
  readonly zipcode: string | null;
  readonly city: string | null;
  readonly state: string | null;
  readonly country: string | null;
}

export function issuerParty(issuer: Issuer, labels: Labels): Party {
  const address = postalLines({
    line1: issuer.addressLine1,
    line2: issuer.addressLine2,
    zipcode: issuer.zipcode,
    city: issuer.city,
    state: issuer.state,
    country: issuer.country,
  });
  return {
    name: printedText(issuer.legalName ?? issuer.name),
    lines: printedLines([
      numbered(labels.legalNumber, issuer.legalNumber),
      ...address,
      issuer.email,
      numbered(labels.taxId, issuer.taxIdentificationNumber),
    ]),
  };
}

export function customerParty(customer: CustomerJson, labels: Labels): Party {
  const person = joined([customer.firstname, customer.lastname], ' ');
  const company = customer.legal_name ?? customer.name;
  const address = postalLines({
    line1: customer.address_line1,
    line2: customer.address_line2,
    zipcode: customer.zipcode,
    city: customer.city,
    state: customer.state,
    country: customer.country,
  });
  return {
    name: printedText(joined([company, person], ' - ') || customer.external_id),
    lines: printedLines([
      numbered(labels.legalNumber, customer.legal_number),
      ...address,
      ...(customer.email ?? '').split(',').map((email) => email.trim()),
      numbered(labels.taxId, customer.tax_identification_number),
    ]),
  };
}

/** City lines in the order that the country's post wants: `Springfield, IL 62704`, `75001 Paris`, `London` over `SW1A 1AA`. */
function postalLines(address: PostalAddress): (string | null)[] {
  const { line1, line2, zipcode, city, state, country } = address;
  const name = country === null ? null : countryName(country);
  switch (country) {
    case 'US':
    case 'CA':
    case 'AU':
      return [line1, line2, joined([city, joined([state, zipcode], ' ')], ', '), name];
    case 'GB':
    case 'IE':
      return [line1, line2, city, state, zipcode, name];
    case 'JP':
    case 'CN':
    case 'KR':
    case 'TW':
      return [line1, line2, joined([city, state], ', '), zipcode, name];
    case 'BR':
    case 'IN':
    case 'SG':
      return [line1, line2, joined([city, state], ' - '), zipcode, name];
    default:
      return [line1, line2, joined([zipcode, city], ' '), state, name];
  }
}

function joined(parts: readonly (string | null)[], separator: string): string {
  return parts.filter((part) => part !== null && part !== '').join(separator);
}

function numbered(label: string, number: string | null): string | null {
  return number === null || number === '' ? null : fill(label, { number });
}

function printedLines(lines: readonly (string | null)[]): string[] {
  return lines.flatMap((line) => (line === null || line.trim() === '' ? [] : [printedText(line)]));
}
