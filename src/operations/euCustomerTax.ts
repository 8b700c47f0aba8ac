/**
 * Which European VAT a customer has, where the organization lets it be picked (`eu_tax_management`).
 *
 * Lago asks VIES whether a VAT number is registered; a tool without a network takes a number of the right form for
 * valid. Evaluated when a customer is created, has no such tax yet, or when country, zip code or number change; the
 * customer's list becomes the given codes and the picked one. Source: invoicing §2.5.
 */
import { euCountries } from '../catalog/euTaxes.js';
import type { Organization } from '../catalog/types.js';
import type { Customer } from '../model.js';

const PREFIX = 'lago_eu_';

/** Zip codes of the special territories, found anywhere in the zip code without spaces. */
const TERRITORIES: Readonly<Record<string, readonly (readonly [territory: string, zipcode: RegExp])[]>> = {
  ES: [
    ['canary_islands', /(35|38)\d{3}/],
    ['ceuta', /51\d{3}/],
    ['melilla', /52\d{3}/],
  ],
  IT: [
    ['campione_d_italia', /22060|22061/],
    ['livigno', /23030|23041/],
  ],
  FI: [['aland_islands', /22\d{3}/]],
  GR: [['mount_athos', /63086|63087/]],
  FR: [
    ['guadeloupe', /971\d{2}/],
    ['martinique', /972\d{2}/],
    ['guyane', /973\d{2}/],
    ['reunion', /974\d{2}/],
    ['mayotte', /976\d{2}/],
  ],
  DE: [
    ['busingen_am_hochrhein', /78266/],
    ['heligoland', /27498/],
  ],
  PT: [
    ['madeira', /9[0-4]\d{2}/],
    ['azores', /9[5-9]\d{2}/],
  ],
  AT: [
    ['jungholz', /6691/],
    ['mittelberg', /699[1-3]/],
  ],
};

/** Forms of VAT numbers behind their country's prefix (Greece writes EL). */
const NUMBERS: Readonly<Record<string, RegExp>> = {
  AT: /^U\d{8}$/,
  BE: /^[01]?\d{9}$/,
  BG: /^\d{9,10}$/,
  CY: /^\d{8}[A-Z]$/,
  CZ: /^\d{8,10}$/,
  DE: /^\d{9}$/,
  DK: /^\d{8}$/,
  EE: /^\d{9}$/,
  ES: /^([A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z])$/,
  FI: /^\d{8}$/,
  FR: /^[A-HJ-NP-Z0-9]{2}\d{9}$/,
  GR: /^\d{9}$/,
  HR: /^\d{11}$/,
  HU: /^\d{8}$/,
  IE: /^(\d{7}[A-W][A-I]?|\d[A-Z+*]\d{5}[A-W])$/,
  IT: /^\d{11}$/,
  LT: /^(\d{9}|\d{12})$/,
  LU: /^\d{8}$/,
  LV: /^\d{11}$/,
  MT: /^\d{8}$/,
  NL: /^[A-Z0-9+*]{10}\d{2}$/,
  PL: /^\d{10}$/,
  PT: /^\d{9}$/,
  RO: /^\d{2,10}$/,
  SE: /^\d{10}01$/,
  SI: /^\d{8}$/,
  SK: /^\d{10}$/,
};

/** The customer's tax codes after a change; `before` is null for a new customer. */
export function taxCodesWithEuTax(
  before: Customer | null,
  customer: Customer,
  organization: Organization,
): readonly string[] {
  if (!organization.euTaxManagement || !isEvaluated(before, customer)) return customer.taxCodes;
  const given = customer.taxCodes.filter((code) => !code.startsWith(PREFIX));
  const own = before !== null && customer.taxCodes === before.taxCodes ? [] : given;
  return [...own, euTaxCode(customer, organization)];
}

function isEvaluated(before: Customer | null, customer: Customer): boolean {
  if (before === null || !before.taxCodes.some((code) => code.startsWith(PREFIX))) return true;
  return (
    before.address.country !== customer.address.country ||
    before.address.zipcode !== customer.address.zipcode ||
    before.taxIdentificationNumber !== customer.taxIdentificationNumber
  );
}

function euTaxCode({ address, taxIdentificationNumber }: Customer, organization: Organization): string {
  const { country, zipcode } = address;
  const numberCountry = countryOfNumber(taxIdentificationNumber);
  const territory = country === null ? null : territoryCode(country, zipcode);
  if (territory !== null && (country !== 'FR' || numberCountry !== null)) return territory;
  if (numberCountry !== null) {
    if (numberCountry !== organization.country) return `${PREFIX}reverse_charge`;
    return territoryCode(numberCountry, zipcode) ?? standardCode(numberCountry);
  }
  if (country === null) return standardCode(organization.country ?? '');
  return euCountries.includes(country) ? standardCode(country) : `${PREFIX}tax_exempt`;
}

/** The country that a well-formed VAT number names, else null. */
function countryOfNumber(written: string | null): string | null {
  const plain = (written ?? '').toUpperCase().replace(/[\s.-]/g, '');
  const prefix = plain.slice(0, 2);
  const country = prefix === 'EL' ? 'GR' : prefix;
  return NUMBERS[country]?.test(plain.slice(2)) === true ? country : null;
}

function territoryCode(country: string, zipcode: string | null): string | null {
  const plain = (zipcode ?? '').replace(/\s/g, '');
  const found = TERRITORIES[country]?.find(([, pattern]) => pattern.test(plain));
  return found === undefined ? null : `${PREFIX}${country.toLowerCase()}_exception_${found[0]}`;
}

function standardCode(country: string): string {
  return `${PREFIX}${country.toLowerCase()}_standard`;
}
