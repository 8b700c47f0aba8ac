/** A tax as Lago prints it (invoicing §7.7). The counters are always 0, as in Lago. */
import type { Tax } from '../../catalog/types.js';
import type { AppliedTax } from '../../model.js';
import type { Instant } from '../../time/instant.js';
import { timestamp } from './encoding.js';

export type TaxJson = ReturnType<typeof taxJson>;

/** `definedAt`: when the ledger met the definition first; null when it is not known. */
export function taxJson(tax: Tax, definedAt: Instant | null = null) {
  return {
    lago_id: tax.id,
    name: tax.name,
    code: tax.code,
    rate: tax.rate,
    description: tax.description,
    applied_to_organization: tax.appliedToOrganization,
    add_ons_count: 0,
    customers_count: 0,
    plans_count: 0,
    charges_count: 0,
    commitments_count: 0,
    created_at: timestamp(definedAt),
  };
}

/** What is said of a tax on a fee, an invoice or a credit note alike. */
export function appliedTaxFigures(tax: AppliedTax, currency: string) {
  return {
    lago_tax_id: tax.taxId,
    tax_name: tax.taxName,
    tax_code: tax.taxCode,
    tax_rate: tax.taxRate,
    tax_description: tax.taxDescription,
    amount_cents: tax.amountCents,
    amount_currency: currency,
  };
}
