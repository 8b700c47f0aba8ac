/** adjust_fee: units, unit price or display name of a fee of a draft, which is then computed anew (scenarios.md). */
import { z } from 'zod';
import { adjustFee as noteAdjustment } from '../invoicing/adjustedFee.js';
import { refreshDraft } from '../invoicing/finalize.js';
import { rebuildFees } from '../invoicing/rebuildFees.js';
import type { Fee } from '../model.js';
import { Decimal, toText } from '../money/decimal.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { feeReference, findFee, findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const decimal = z.union([z.number().nonnegative(), z.string().regex(/^\d+(\.\d+)?$/)]);

const schema = z.strictObject({
  invoice: invoiceReference,
  fee: feeReference,
  units: decimal.nullish(),
  unit_precise_amount: decimal.nullish(),
  invoice_display_name: z.string().nullish(),
});

/** The fee as the refreshed draft has it. */
export function adjustFee(context: OperationContext, raw: unknown): Fee {
  const input = parseInput(schema, raw);
  const { work, invoice } = findInvoice(context, input.invoice);
  const fee = findFee(work, invoice, input.fee);
  noteAdjustment(work, invoice, fee, {
    units: decimalText(input.units),
    unitPreciseAmount: decimalText(input.unit_precise_amount),
    invoiceDisplayName: input.invoice_display_name ?? null,
  });
  refreshDraft(work, invoice.id, rebuildFees);
  saveWork(context, work);
  return work.account.get('fee', fee.id) ?? fee;
}

function decimalText(value: number | string | null | undefined): string | null {
  return value === null || value === undefined ? null : toText(new Decimal(value));
}
