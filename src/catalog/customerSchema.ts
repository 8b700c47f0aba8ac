/** The written form of a customer: in definitions, `customers create` and `customers update`. Keys as in Lago's API. */
import { z } from 'zod';
import { choice, flag, integer, list, shortText, text, texts } from './fields.js';
import { documentLocales, issuingDateAdjustments, issuingDateAnchors } from './organizationSchema.js';

const address = {
  address_line1: shortText('First line of the address.'),
  address_line2: shortText('Second line of the address.'),
  city: shortText('City.'),
  state: shortText('State or region.'),
  zipcode: shortText('Postal code. Quote it: "00146".'),
  country: text('Country, as two capital letters (ISO 3166-1): FR, US.'),
};

const invoiceSettings = {
  invoice_grace_period: integer("Days that a subscription invoice stays a draft; by default the organization's."),
  document_locale: text(`Language of the documents: ${documentLocales.join(', ')}.`),
  subscription_invoice_issuing_date_anchor: choice(
    issuingDateAnchors,
    'Day that periodic invoices are dated by, instead of the organization setting.',
  ),
  subscription_invoice_issuing_date_adjustment: choice(
    issuingDateAdjustments,
    'Whether that date moves with the grace period, instead of the organization setting.',
  ),
};

const customerMetadataSchema = z.object({
  key: text('At most 20 characters.', { mandatory: true }),
  value: text('At most 100 characters.', { mandatory: true }),
  display_in_invoice: flag('Print it on invoices.', { default: false }),
});

export const customerAttributesSchema = z.object({
  external_id: shortText("The customer's id in your own system.", { mandatory: true, examples: ['cust_42'] }),
  name: shortText('Name, printed on invoices where no legal name is given.'),
  firstname: shortText('First name.'),
  lastname: shortText('Last name.'),
  customer_type: choice(['company', 'individual'], 'Company or individual.'),
  account_type: choice(['customer', 'partner'], 'A partner bills itself: its invoices are numbered per customer.', {
    default: 'customer',
  }),
  email: text('One e-mail address, or several separated by commas.'),
  phone: shortText('Phone number. Quote it: "0044…".'),
  url: text('Web address.'),
  logo_url: text('Web address of the logo.'),
  legal_name: shortText('Registered name, printed on invoices.'),
  legal_number: shortText('Registration number. Quote it: "0123".'),
  tax_identification_number: shortText('VAT or tax number.'),
  ...address,
  shipping_address: z.object(address).nullish().describe('Where goods are sent to.'),
  external_salesforce_id: shortText('Id in Salesforce.'),
  currency: text('ISO 4217 currency; by default the one of the first plan, fixed coupon or wallet.'),
  timezone: text("IANA time zone of this customer's billing calendar; by default the organization's."),
  net_payment_term: integer("Days between the issuing date and the due date; by default the organization's."),
  finalize_zero_amount_invoice: choice(
    ['inherit', 'skip', 'finalize'],
    'What happens to invoices of a zero total.',
    { default: 'inherit' },
    'invalid_value',
  ),
  billing_configuration: z.object(invoiceSettings).nullish().describe('Invoicing settings of this customer.'),
  tax_codes: texts("Codes of the taxes that replace the organization's for this customer."),
  metadata: list(customerMetadataSchema, 'At most five keys of your own.'),
});

export type CustomerAttributes = z.output<typeof customerAttributesSchema>;
