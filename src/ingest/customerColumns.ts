/**
 * The fields of a customer in foreign files: which a column gives, and what Lago prints that no import takes.
 *
 * Columns are named like the fields of Lago's API, nested ones with a dot (`shipping_address.city`,
 * `billing_configuration.document_locale`, `metadata.salesperson`). An empty cell says nothing about its field.
 */
import { customerAttributesSchema } from '../catalog/customerSchema.js';
import { isMapping } from '../catalog/problems.js';
import { nearest } from '../catalog/suggest.js';
import type { Problem } from '../errors.js';

/** In Lago's JSON of a customer, and here: made by the ledger, or of services that there are none of. */
const printedOnly: ReadonlySet<string> = new Set([
  'lago_id',
  'billing_entity_code',
  'sequential_id',
  'slug',
  'applicable_timezone',
  'created_at',
  'updated_at',
  'skip_invoice_custom_sections',
  'applicable_invoice_custom_sections',
  'integration_customers',
  'vies_check',
  'error_details',
  'taxes',
  'payment_provider',
  'payment_provider_code',
  'provider_customer_id',
  'provider_payment_methods',
  'sync',
  'sync_with_provider',
]);

/** A customer as the API takes it, of one as the API prints it: `taxes` become `tax_codes`. */
export function withoutPrintedFields(customer: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { billing_configuration: billing, metadata, taxes } = customer;
  return {
    ...(Array.isArray(taxes) ? { tax_codes: taxes.map((tax) => (isMapping(tax) ? tax.code : tax)) } : {}),
    ...taken(customer),
    ...(isMapping(billing) ? { billing_configuration: taken(billing) } : {}),
    ...(Array.isArray(metadata)
      ? { metadata: metadata.map((entry) => (isMapping(entry) ? taken(entry) : entry)) }
      : {}),
  };
}

function taken(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !printedOnly.has(key)));
}

const METADATA = 'metadata.';
const nested = { billing_configuration: 'billing_configuration.', shipping_address: 'shipping_address.' } as const;
const integers: ReadonlySet<string> = new Set(['net_payment_term', 'billing_configuration.invoice_grace_period']);

const known: ReadonlySet<string> = new Set(
  Object.keys(customerAttributesSchema.shape).flatMap((key) => {
    if (key === 'metadata') return [];
    if (key !== 'billing_configuration' && key !== 'shipping_address') return [key];
    const inner = customerAttributesSchema.shape[key].unwrap().unwrap().shape;
    return Object.keys(inner).map((name) => `${nested[key]}${name}`);
  }),
);

/** What is wrong with a header; null when customers can come of it. */
export function headerProblem(names: readonly string[]): Problem | null {
  const repeated = names.find((name, place) => name !== '' && names.indexOf(name) !== place);
  if (repeated !== undefined) {
    return {
      field: repeated,
      code: 'duplicate_key',
      message: `the column ${JSON.stringify(repeated)} stands twice in the header`,
      suggestion: 'Rename or remove one of the two columns.',
    };
  }
  if (!names.includes('external_id')) {
    return {
      field: 'external_id',
      code: 'value_is_mandatory',
      message: 'the header has no column external_id',
      suggestion:
        "The first row names the columns: external_id, your own id of the customer, and fields of Lago's API.",
    };
  }
  const strangers = names.filter((name) => name !== '' && !isKnown(name));
  if (strangers.length === 0) return null;
  const told = strangers.map((name) => {
    const near = nearest(name, [...known]);
    return `${JSON.stringify(name)}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
  });
  return {
    field: strangers[0] as string,
    code: 'unknown_field',
    message: `the header names what is no field of a customer: ${told.join(', ')}`,
    suggestion: `Rename or remove ${strangers.length === 1 ? 'the column' : 'these columns'}; what is your own may be metadata.NAME.`,
  };
}

function isKnown(name: string): boolean {
  return known.has(name) || name.startsWith(METADATA) || printedOnly.has(name.split('.').at(-1) as string);
}

/** A row as the API takes it. */
export function customerOfRow(names: readonly string[], cells: readonly string[]): Record<string, unknown> {
  const customer: Record<string, unknown> = {};
  const metadata: { key: string; value: string }[] = [];
  for (const [place, name] of names.entries()) {
    const text = cells[place]?.trim() ?? '';
    if (text === '') continue;
    if (name.startsWith(METADATA)) metadata.push({ key: name.slice(METADATA.length), value: text });
    else if (known.has(name)) put(customer, name.split('.'), cellValue(name, text));
  }
  return metadata.length === 0 ? customer : { ...customer, metadata };
}

function cellValue(name: string, text: string): unknown {
  if (name === 'tax_codes') return text.split(',').map((code) => code.trim());
  return integers.has(name) && /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function put(customer: Record<string, unknown>, [key = '', inner]: readonly string[], value: unknown): void {
  customer[key] = inner === undefined ? value : { ...(customer[key] as object | undefined), [inner]: value };
}
