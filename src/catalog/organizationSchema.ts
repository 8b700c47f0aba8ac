/** The written form of `organization`: who issues the invoices. Keys as in Lago's organization and billing entity. */
import { z } from 'zod';
import { choice, flag, integer, shortText, text, texts } from './fields.js';

/** Languages that documents can be written in (invoicing §8). */
export const documentLocales = ['en', 'de', 'es', 'fr', 'it', 'nb', 'pt-BR', 'sv', 'zh-TW'] as const;

const numbering = ['per_customer', 'per_billing_entity', 'per_organization'] as const;
export const issuingDateAnchors = ['current_period_end', 'next_period_start'] as const;
export const issuingDateAdjustments = ['keep_anchor', 'align_with_finalization_date'] as const;

const invoicing = {
  document_locale: text(`Language of the documents: ${documentLocales.join(', ')}.`, { default: 'en' }),
  net_payment_term: integer('Days between the issuing date and the due date.', { default: 0 }),
  invoice_grace_period: integer('Days that a subscription invoice stays a draft before it is finalized.', {
    default: 0,
  }),
  invoice_footer: z
    .string()
    .max(600, 'value_is_too_long')
    .nullish()
    .describe('Text at the foot of every invoice, at most 600 characters; line breaks are kept.'),
  finalize_zero_amount_invoice: flag('False: invoices of a zero total are closed instead of issued.', {
    default: true,
  }),
  subscription_invoice_issuing_date_anchor: choice(
    issuingDateAnchors,
    'Day that a periodic invoice is dated by: the first day of the new period, or the last one of the billed period.',
    { default: 'next_period_start' },
  ),
  subscription_invoice_issuing_date_adjustment: choice(
    issuingDateAdjustments,
    'Whether the date moves with the grace period to the day of finalization, or stays at the anchor.',
    { default: 'align_with_finalization_date' },
  ),
};

export const organizationSchema = z.object({
  name: shortText('Name, printed on invoices where no legal name is given.', { examples: ['Acme'] }),
  code: shortText('Code of the billing entity.', { default: 'default' }),
  legal_name: shortText('Registered name, printed on invoices.'),
  legal_number: shortText('Registration number. Quote it: "0123".'),
  tax_identification_number: shortText('VAT or tax number, printed on invoices.'),
  email: text('E-mail address printed on invoices.'),
  address_line1: shortText('First line of the address.'),
  address_line2: shortText('Second line of the address.'),
  city: shortText('City.'),
  state: shortText('State or region.'),
  zipcode: shortText('Postal code. Quote it: "00146".'),
  country: text('Country, as two capital letters (ISO 3166-1): FR, US.', { examples: ['US'] }),
  timezone: text('IANA time zone of the billing calendar, unless the customer has one.', {
    default: 'UTC',
    examples: ['America/New_York'],
  }),
  default_currency: text('ISO 4217 currency offered where none is given.', { default: 'USD', examples: ['EUR'] }),
  document_numbering: choice(
    numbering,
    'Invoice numbers: `per_customer` ACME-1234-001-002, or one sequence for all, `per_billing_entity` ACME-1234-202610-001.',
    { default: 'per_customer' },
  ),
  document_number_prefix: text('Start of invoice numbers, 1 to 10 characters; by default made from the name.'),
  ...invoicing,
  logo: text('Path of a PNG or JPEG file, from the folder of this file.'),
  tax_codes: texts('Codes of the taxes that apply where neither customer nor plan nor charge names one.'),
  eu_tax_management: flag("Pick customers' VAT by the rules of the European Union. The country must be a member.", {
    default: false,
  }),
  billing_configuration: z
    .object(invoicing)
    .nullish()
    .describe("Lago's older place for the invoicing fields; the fields above are the same."),
});

export type WrittenOrganization = z.output<typeof organizationSchema>;
