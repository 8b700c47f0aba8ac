/** regenerate_invoice: a new invoice in place of a voided one (invoicing §6.7). */
import { z } from 'zod';
import type { Adjusted } from '../invoicing/adjustedFee.js';
import { feesOfInvoice } from '../invoicing/feeScope.js';
import { regenerateInvoice as regenerate } from '../invoicing/regenerate.js';
import type { Invoice } from '../model.js';
import { Decimal, toText } from '../money/decimal.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { feeReference, findFee, findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const decimal = z.union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?$/)]);

const schema = z.strictObject({
  invoice: invoiceReference,
  /** Without a list every fee is billed again as it was. */
  fees: z
    .array(
      z.strictObject({
        fee: feeReference,
        units: decimal.nullish(),
        unit_precise_amount: decimal.nullish(),
        invoice_display_name: z.string().nullish(),
      }),
    )
    .nullish(),
});

const AS_IT_WAS: Adjusted = { units: null, unitPreciseAmount: null, invoiceDisplayName: null };

export function regenerateInvoice(context: OperationContext, raw: unknown): Invoice {
  const input = parseInput(schema, raw);
  const { work, invoice } = findInvoice(context, input.invoice);
  const chosen =
    input.fees?.map((given) => ({
      fee: findFee(work, invoice, given.fee),
      units: decimalText(given.units),
      unitPreciseAmount: decimalText(given.unit_precise_amount),
      invoiceDisplayName: given.invoice_display_name ?? null,
    })) ?? feesOfInvoice(work, invoice.id).map((fee) => ({ fee, ...AS_IT_WAS }));
  const regenerated = regenerate(work, invoice, chosen);
  saveWork(context, work);
  return regenerated;
}

function decimalText(value: number | string | null | undefined): string | null {
  return value == null ? null : toText(new Decimal(value));
}
