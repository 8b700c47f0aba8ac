/** An add-on as Lago prints it (invoicing §7.7). */
import type { AddOn, Tax } from '../../catalog/types.js';
import type { Instant } from '../../time/instant.js';
import { timestamp } from './encoding.js';
import { taxJson } from './tax.js';

export type AddOnJson = ReturnType<typeof addOnJson>;

export function addOnJson(addOn: AddOn, taxes: ReadonlyMap<string, Tax>, definedAt: Instant | null = null) {
  return {
    lago_id: addOn.id,
    name: addOn.name,
    invoice_display_name: addOn.invoiceDisplayName,
    code: addOn.code,
    amount_cents: addOn.amountCents,
    amount_currency: addOn.amountCurrency,
    created_at: timestamp(definedAt),
    description: addOn.description,
    taxes: namedTaxes(addOn.taxCodes, taxes),
  };
}

/** The taxes that a definition names, in its order; codes without a definition are left out. */
export function namedTaxes(codes: readonly string[], taxes: ReadonlyMap<string, Tax>) {
  return codes.flatMap((code) => {
    const tax = taxes.get(code);
    return tax === undefined ? [] : [taxJson(tax)];
  });
}
