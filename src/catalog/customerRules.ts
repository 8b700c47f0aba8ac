/**
 * Rules of customers, in definitions and in `customers create` and `customers update`. Source: invoicing §7.8, §10.
 */
import { invalid } from '../errors.js';
import { type CustomerAttributes, customerAttributesSchema } from './customerSchema.js';
import { checkCountry, checkEmail, checkInvoiceSettings, checkTimezone } from './partyRules.js';
import { isBlank, type Path, ProblemList } from './problems.js';
import { checkCurrency, checkTaxCodes, type RuleContext } from './ruleContext.js';
import { parseShape } from './shape.js';
import type { Tax } from './types.js';

const MAX_METADATA = 5;
const METADATA_LENGTHS = { key: 20, value: 100 } as const;

/** Refuses with every problem at once. What is left out stays out, so that an update changes only what it names. */
export function parseCustomerAttributes(input: unknown, taxes: ReadonlyMap<string, Tax>): CustomerAttributes {
  const list = new ProblemList({}, undefined);
  const attributes = parseShape(customerAttributesSchema, input, [], list);
  checkCustomer(attributes, [], { list, taxCodes: new Set(taxes.keys()) });
  if (list.problems.length > 0) throw invalid(...list.problems);
  return attributes;
}

export function checkCustomer(
  customer: CustomerAttributes,
  path: Path,
  context: Pick<RuleContext, 'list' | 'taxCodes'>,
): void {
  const { list } = context;
  if (isBlank(customer.external_id)) {
    list.report([...path, 'external_id'], {
      code: 'value_is_mandatory',
      message: 'external_id is missing',
      suggestion: "Give the customer's id in your own system.",
    });
  }
  checkCountry(customer.country, [...path, 'country'], list);
  checkCountry(customer.shipping_address?.country, [...path, 'shipping_address', 'country'], list);
  checkTimezone(customer.timezone, [...path, 'timezone'], list);
  checkEmail(customer.email, [...path, 'email'], list);
  checkCurrency(customer.currency, null, [...path, 'currency'], context);
  checkInvoiceSettings(customer, path, list);
  if (customer.billing_configuration != null) {
    checkInvoiceSettings(customer.billing_configuration, [...path, 'billing_configuration'], list);
  }
  checkTaxCodes(customer.tax_codes, path, context);
  checkMetadata(customer.metadata ?? [], [...path, 'metadata'], list);
}

function checkMetadata(metadata: NonNullable<CustomerAttributes['metadata']>, path: Path, list: ProblemList): void {
  if (metadata.length > MAX_METADATA) {
    list.report(path, {
      code: 'invalid_count',
      message: `has ${metadata.length} metadata keys; ${MAX_METADATA} is the most`,
    });
  }
  for (const [index, entry] of metadata.entries()) {
    for (const part of ['key', 'value'] as const) {
      const text = entry[part];
      const at = [...path, index, part];
      const most = METADATA_LENGTHS[part];
      if (isBlank(text)) list.report(at, { code: 'value_is_mandatory', message: `a metadata entry has no ${part}` });
      else if ((text ?? '').length > most) {
        list.report(at, { code: 'value_is_too_long', message: `a metadata ${part} is longer than ${most} characters` });
      }
    }
  }
}
