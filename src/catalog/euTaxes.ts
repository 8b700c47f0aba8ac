/**
 * The taxes that European VAT management creates: one standard rate per member state, the rates of special territories,
 * and two lines of 0 %. Codes are the snake_case of the names. Source: invoicing §2.5.
 */
import { recordId } from '../ids.js';
import type { Tax } from './types.js';

const STANDARD_RATES: Readonly<Record<string, number>> = {
  AT: 20,
  BE: 21,
  BG: 20,
  CY: 19,
  CZ: 21,
  DE: 19,
  DK: 25,
  EE: 24,
  ES: 21,
  FI: 25.5,
  FR: 20,
  GR: 24,
  HR: 25,
  HU: 27,
  IE: 23,
  IT: 22,
  LT: 21,
  LU: 17,
  LV: 21,
  MT: 18,
  NL: 21,
  PL: 23,
  PT: 23,
  RO: 21,
  SE: 25,
  SI: 22,
  SK: 23,
};

const EXCEPTIONS: readonly (readonly [country: string, territory: string, rate: number])[] = [
  ['ES', 'Canary Islands', 0],
  ['ES', 'Ceuta', 0],
  ['ES', 'Melilla', 0],
  ['IT', "Campione d'Italia", 0],
  ['IT', 'Livigno', 0],
  ['FI', 'Aland Islands', 0],
  ['GR', 'Mount Athos', 0],
  ['FR', 'Guadeloupe', 8.5],
  ['FR', 'Martinique', 8.5],
  ['FR', 'Reunion', 8.5],
  ['FR', 'Guyane', 0],
  ['FR', 'Mayotte', 0],
  ['DE', 'Büsingen am Hochrhein', 0],
  ['DE', 'Heligoland', 0],
  ['PT', 'Madeira', 22],
  ['PT', 'Azores', 18],
  ['AT', 'Jungholz', 19],
  ['AT', 'Mittelberg', 19],
];

export const euCountries: readonly string[] = Object.keys(STANDARD_RATES);

let made: readonly Tax[] | undefined;

export function euTaxes(): readonly Tax[] {
  made ??= [
    ...Object.entries(STANDARD_RATES).map(([country, rate]) => euTax(`Lago EU ${country} Standard`, rate)),
    ...EXCEPTIONS.map(([country, territory, rate]) => euTax(`Lago EU ${country} Exception ${territory}`, rate)),
    euTax('Lago EU Reverse Charge', 0),
    euTax('Lago EU Tax Exempt', 0),
  ];
  return made;
}

function euTax(name: string, rate: number): Tax {
  const code = snakeCase(name);
  return { id: recordId('tax', code), code, name, rate, description: null, appliedToOrganization: false };
}

/** ASCII, accents dropped: `Lago EU DE Exception Büsingen am Hochrhein` → `lago_eu_de_exception_busingen_am_hochrhein`. */
function snakeCase(name: string): string {
  return name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_');
}
