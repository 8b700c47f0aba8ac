/**
 * Which invoice, which fee, a verb means.
 *
 * An invoice: `{external_customer_id, index}` (0 the customer's oldest, −1 the newest; closed ones do not count), or its
 * number or id. A fee of it: an index in order of creation, its id, or what its item must be (`{type, code}`).
 */
import { z } from 'zod';
import { notFound } from '../errors.js';
import { feesOfInvoice } from '../invoicing/feeScope.js';
import type { BillingWork } from '../invoicing/work.js';
import type { Fee, Invoice } from '../model.js';
import { billingWork, workOfCustomer } from './billingWork.js';
import type { OperationContext } from './context.js';
import { invoiceNamed } from './views.js';

export const invoiceReference = z.union([
  z.string(),
  z.strictObject({ external_customer_id: z.string(), index: z.number().int() }),
]);
export type InvoiceReference = z.output<typeof invoiceReference>;

export const feeReference = z.union([
  z.string(),
  z.number().int(),
  z.strictObject({
    type: z.string().optional(),
    code: z.string().optional(),
    external_subscription_id: z.string().optional(),
  }),
]);
export type FeeReference = z.output<typeof feeReference>;

export interface NamedInvoice {
  readonly work: BillingWork;
  readonly invoice: Invoice;
}

export function findInvoice(context: OperationContext, reference: InvoiceReference): NamedInvoice {
  if (typeof reference === 'string') return findByName(context, reference);
  const work = workOfCustomer(context, reference.external_customer_id);
  const listed = work.account.all('invoice').filter((invoice) => invoice.status !== 'closed');
  const invoice = listed.at(reference.index);
  if (invoice === undefined) throw notFound('invoice', `${reference.external_customer_id}[${reference.index}]`);
  return { work, invoice };
}

export function findFee(work: BillingWork, invoice: Invoice, reference: FeeReference): Fee {
  const fees = feesOfInvoice(work, invoice.id);
  const fee =
    typeof reference === 'number'
      ? fees.at(reference)
      : typeof reference === 'string'
        ? fees.find((candidate) => candidate.id === reference)
        : fees.find(
            (candidate) =>
              (reference.type === undefined || candidate.feeType === reference.type) &&
              (reference.code === undefined || candidate.item.code === reference.code) &&
              (reference.external_subscription_id === undefined ||
                candidate.externalSubscriptionId === reference.external_subscription_id),
          );
  if (fee === undefined)
    throw notFound('fee', typeof reference === 'object' ? JSON.stringify(reference) : String(reference));
  return fee;
}

function findByName(context: OperationContext, name: string): NamedInvoice {
  const { account, record } = invoiceNamed(context, name);
  return { work: billingWork(context, account), invoice: record };
}
