/** update_invoice: the payment status and the metadata of an issued invoice (scenarios.md; invoicing §6.6). */
import { z } from 'zod';
import { BillingError, invalid } from '../errors.js';
import { invoiceOf } from '../invoicing/finalize.js';
import { applyPaymentStatus } from '../invoicing/payments.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Invoice, PaymentStatus } from '../model.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';
import { findInvoice, invoiceReference } from './invoiceReference.js';
import { saveWork } from './saveWork.js';

const STATUSES: readonly string[] = ['pending', 'succeeded', 'failed'];
const MOST_METADATA = 5;

const schema = z.strictObject({
  invoice: invoiceReference,
  payment_status: z.string().nullish(),
  metadata: z
    .array(
      z.strictObject({
        id: z.string().nullish(),
        lago_id: z.string().nullish(),
        key: z.string().min(1).max(20),
        value: z.string().max(140),
      }),
    )
    .nullish(),
});
type Metadata = NonNullable<z.output<typeof schema>['metadata']>;

export function updateInvoice(context: OperationContext, raw: unknown): Invoice {
  const input = parseInput(schema, raw);
  const { work, invoice } = findInvoice(context, input.invoice);
  if (invoice.status === 'voided') throw refused('update_on_voided_invoice', invoice);
  if (input.metadata != null) putMetadata(work, invoice, input.metadata);
  if (input.payment_status != null) {
    if (invoice.status === 'draft') throw refused('payment_status_update_on_draft_invoice', invoice);
    if (!STATUSES.includes(input.payment_status)) {
      throw invalid({
        field: 'payment_status',
        code: 'value_is_invalid',
        message: `must be one of ${STATUSES.join(', ')}`,
      });
    }
    applyPaymentStatus(work, invoice.id, input.payment_status as PaymentStatus);
  }
  saveWork(context, work);
  return invoiceOf(work, invoice.id);
}

/** The pairs given replace those that stand; one that keeps its key keeps its date. */
function putMetadata(work: BillingWork, invoice: Invoice, given: Metadata): void {
  if (invoice.status === 'draft') throw refused('metadata_on_draft_invoice', invoice);
  if (given.length > MOST_METADATA) {
    throw invalid({ field: 'metadata', code: 'invalid_count', message: `at most ${MOST_METADATA} pairs` });
  }
  const metadata = given.map(({ key, value }) => ({
    key,
    value,
    createdAt: invoice.metadata.find((pair) => pair.key === key)?.createdAt ?? work.at,
  }));
  work.account.put('invoice', { ...invoice, metadata, updatedAt: work.at });
}

function refused(code: string, invoice: Invoice): BillingError {
  return new BillingError(code, { message: `invoice ${invoice.number} is ${invoice.status}` });
}
