/** A customer as Lago prints it (invoicing §7.8). */
import type { Organization, Tax } from '../../catalog/types.js';
import { recordId } from '../../ids.js';
import type { Address, Customer } from '../../model.js';
import { timestamp } from './encoding.js';
import { taxJson } from './tax.js';

/** What the issuer lends to a customer's JSON. */
export type CustomerIssuer = Pick<Organization, 'code' | 'timezone'>;

export type CustomerJson = ReturnType<typeof customerJson>;

export function customerJson(
  customer: Customer,
  issuer: CustomerIssuer,
  parts: { readonly taxes?: readonly Tax[] } = {},
) {
  return {
    lago_id: customer.id,
    billing_entity_code: issuer.code,
    external_id: customer.externalId,
    account_type: customer.accountType,
    name: customer.name,
    firstname: customer.firstname,
    lastname: customer.lastname,
    customer_type: customer.customerType,
    sequential_id: customer.sequentialId,
    slug: customer.slug,
    created_at: timestamp(customer.createdAt),
    updated_at: timestamp(customer.updatedAt),
    country: customer.address.country,
    address_line1: customer.address.addressLine1,
    address_line2: customer.address.addressLine2,
    state: customer.address.state,
    zipcode: customer.address.zipcode,
    email: customer.email,
    city: customer.address.city,
    url: customer.url,
    phone: customer.phone,
    logo_url: customer.logoUrl,
    legal_name: customer.legalName,
    legal_number: customer.legalNumber,
    currency: customer.currency,
    tax_identification_number: customer.taxIdentificationNumber,
    timezone: customer.timezone,
    applicable_timezone: customer.timezone ?? issuer.timezone,
    net_payment_term: customer.netPaymentTerm,
    external_salesforce_id: customer.externalSalesforceId,
    finalize_zero_amount_invoice: customer.finalizeZeroAmountInvoice,
    billing_configuration: {
      invoice_grace_period: customer.invoiceGracePeriod,
      payment_provider: null,
      payment_provider_code: null,
      document_locale: customer.documentLocale,
      subscription_invoice_issuing_date_anchor: customer.issuingDateAnchor,
      subscription_invoice_issuing_date_adjustment: customer.issuingDateAdjustment,
    },
    shipping_address: addressJson(customer.shippingAddress),
    skip_invoice_custom_sections: false,
    metadata: customer.metadata.map((entry) => ({
      lago_id: recordId('customer_metadata', customer.id, entry.key),
      key: entry.key,
      value: entry.value,
      display_in_invoice: entry.displayInInvoice,
      created_at: timestamp(customer.createdAt),
    })),
    ...(parts.taxes === undefined ? {} : { taxes: parts.taxes.map((tax) => taxJson(tax)) }),
  };
}

function addressJson(address: Address) {
  return {
    address_line1: address.addressLine1,
    address_line2: address.addressLine2,
    city: address.city,
    zipcode: address.zipcode,
    state: address.state,
    country: address.country,
  };
}
