/** Rules of the organization. Source: invoicing §2.5, §6.5, §8, §10. */
import { euCountries } from './euTaxes.js';
import type { WrittenOrganization } from './organizationSchema.js';
import { checkCountry, checkEmail, checkInvoiceSettings, checkTimezone } from './partyRules.js';
import { isBlank, type Path } from './problems.js';
import { checkCurrency, checkTaxCodes, type RuleContext } from './ruleContext.js';

const MAX_PREFIX_LENGTH = 10;

export function checkOrganization(organization: WrittenOrganization, path: Path, context: RuleContext): void {
  const { list } = context;
  checkCountry(organization.country, [...path, 'country'], list);
  checkTimezone(organization.timezone, [...path, 'timezone'], list);
  checkEmail(organization.email, [...path, 'email'], list);
  checkCurrency(organization.default_currency, null, [...path, 'default_currency'], context);
  checkInvoiceSettings(organization, path, list);
  if (organization.billing_configuration != null) {
    checkInvoiceSettings(organization.billing_configuration, [...path, 'billing_configuration'], list);
  }
  const prefix = organization.document_number_prefix;
  if (prefix === '' || (prefix ?? '').length > MAX_PREFIX_LENGTH) {
    list.report([...path, 'document_number_prefix'], {
      code: prefix === '' ? 'value_is_too_short' : 'value_is_too_long',
      message: `the prefix of invoice numbers has ${prefix?.length} characters`,
      suggestion: `Write 1 to ${MAX_PREFIX_LENGTH}, or leave it out.`,
    });
  }
  checkTaxCodes(organization.tax_codes, path, context);
  if (organization.eu_tax_management !== true || euCountries.includes(organization.country ?? '')) return;
  list.report([...path, 'eu_tax_management'], {
    code: 'org_must_be_in_eu',
    message: isBlank(organization.country)
      ? 'European VAT needs the country of the organization'
      : `${organization.country} is not a member of the European Union`,
    suggestion: 'Set country to a member state, or remove eu_tax_management.',
  });
}
