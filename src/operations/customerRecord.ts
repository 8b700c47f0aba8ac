/** A customer's attributes as written, laid over the customer's record (invoicing §7.8). */
import type { CustomerAttributes } from '../catalog/customerSchema.js';
import type { Address, Customer } from '../model.js';

/** The record with the attributes that are given; null takes an attribute away. */
export function withAttributes(customer: Customer, given: CustomerAttributes): Customer {
  const billing = given.billing_configuration ?? {};
  const keep = <Value>(value: Value | undefined, standing: Value): Value => (value === undefined ? standing : value);
  return {
    ...customer,
    name: keep(given.name, customer.name),
    firstname: keep(given.firstname, customer.firstname),
    lastname: keep(given.lastname, customer.lastname),
    customerType: keep(given.customer_type, customer.customerType),
    accountType: given.account_type ?? customer.accountType,
    email: keep(given.email, customer.email),
    phone: keep(given.phone, customer.phone),
    url: keep(given.url, customer.url),
    logoUrl: keep(given.logo_url, customer.logoUrl),
    legalName: keep(given.legal_name, customer.legalName),
    legalNumber: keep(given.legal_number, customer.legalNumber),
    taxIdentificationNumber: keep(given.tax_identification_number, customer.taxIdentificationNumber),
    address: withAddress(customer.address, given),
    shippingAddress: withAddress(customer.shippingAddress, given.shipping_address ?? {}),
    externalSalesforceId: keep(given.external_salesforce_id, customer.externalSalesforceId),
    currency: keep(given.currency, customer.currency),
    timezone: keep(given.timezone, customer.timezone),
    netPaymentTerm: keep(given.net_payment_term, customer.netPaymentTerm),
    invoiceGracePeriod: keep(billing.invoice_grace_period, customer.invoiceGracePeriod),
    documentLocale: keep(billing.document_locale, customer.documentLocale),
    issuingDateAnchor: keep(billing.subscription_invoice_issuing_date_anchor, customer.issuingDateAnchor),
    issuingDateAdjustment: keep(billing.subscription_invoice_issuing_date_adjustment, customer.issuingDateAdjustment),
    finalizeZeroAmountInvoice: given.finalize_zero_amount_invoice ?? customer.finalizeZeroAmountInvoice,
    taxCodes: given.tax_codes ?? customer.taxCodes,
    metadata:
      given.metadata?.map((entry) => ({
        key: entry.key ?? '',
        value: entry.value ?? '',
        displayInInvoice: entry.display_in_invoice ?? false,
      })) ?? customer.metadata,
  };
}

type AddressAttributes = Pick<
  CustomerAttributes,
  'address_line1' | 'address_line2' | 'city' | 'state' | 'zipcode' | 'country'
>;

function withAddress(address: Address, given: AddressAttributes): Address {
  const keep = (value: string | null | undefined, standing: string | null) => (value === undefined ? standing : value);
  return {
    addressLine1: keep(given.address_line1, address.addressLine1),
    addressLine2: keep(given.address_line2, address.addressLine2),
    city: keep(given.city, address.city),
    state: keep(given.state, address.state),
    zipcode: keep(given.zipcode, address.zipcode),
    country: keep(given.country, address.country),
  };
}
