/** record_payment (scenarios.md; invoicing §6.6). */
import { z } from 'zod';
import { invalid } from '../errors.js';
import { recordPayment as putPayment } from '../invoicing/payments.js';
import type { Payment } from '../model.js';
import { parseInstant } from '../time/instant.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const schema = z.strictObject({
  invoice: invoiceReference,
  amount_cents: z.unknown().optional(),
  reference: z.string().nullish(),
  paid_at: z.string().nullish(),
});

export function recordPayment(context: OperationContext, raw: unknown): Payment {
  const input = parseInput(schema, raw);
  const { work, invoice } = findInvoice(context, input.invoice);
  const paidAt = input.paid_at == null ? null : parseInstant(input.paid_at);
  if (input.paid_at != null && paidAt === null) {
    throw invalid({ field: 'paid_at', code: 'invalid_date', message: `${input.paid_at} is not a date` });
  }
  const payment = putPayment(work, invoice, {
    amountCents: typeof input.amount_cents === 'number' ? input.amount_cents : Number.NaN,
    reference: input.reference ?? '',
    paidAt,
  });
  saveWork(context, work);
  return payment;
}
