/** A payment recorded by hand, as Lago prints it (invoicing §7.12). There are no payment providers here. */
import type { Payment } from '../../model.js';
import { timestamp } from './encoding.js';

export interface PaymentParts {
  readonly externalCustomerId: string;
  readonly invoiceNumber: string;
}

export type PaymentJson = ReturnType<typeof paymentJson>;

export function paymentJson(payment: Payment, parts: PaymentParts) {
  return {
    lago_id: payment.id,
    lago_customer_id: payment.customerId,
    external_customer_id: parts.externalCustomerId,
    invoice_ids: [payment.invoiceId],
    invoice_numbers: [parts.invoiceNumber],
    lago_payable_id: payment.invoiceId,
    payable_type: 'Invoice',
    amount_cents: payment.amountCents,
    amount_currency: payment.currency,
    status: 'succeeded',
    payment_status: 'succeeded',
    type: 'manual',
    reference: payment.reference,
    payment_provider_code: null,
    payment_provider_type: null,
    external_payment_id: null,
    provider_payment_id: null,
    provider_customer_id: null,
    next_action: {},
    created_at: timestamp(payment.paidAt ?? payment.createdAt),
  };
}
