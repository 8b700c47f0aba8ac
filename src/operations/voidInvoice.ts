/** void_invoice (scenarios.md; invoicing §6.7). */
import { z } from 'zod';
import { voidInvoice as voidIssued } from '../invoicing/void.js';
import type { Invoice } from '../model.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const schema = z.strictObject({
  invoice: invoiceReference,
  generate_credit_note: z.boolean().nullish(),
  credit_amount: z.number().int().nonnegative().nullish(),
  refund_amount: z.number().int().nonnegative().nullish(),
});

export function voidInvoice(context: OperationContext, raw: unknown): Invoice {
  const input = parseInput(schema, raw);
  const { work, invoice } = findInvoice(context, input.invoice);
  const voided = voidIssued(work, invoice, {
    generateCreditNote: input.generate_credit_note ?? false,
    creditAmountCents: input.credit_amount ?? 0,
    refundAmountCents: input.refund_amount ?? 0,
  });
  saveWork(context, work);
  return voided;
}
