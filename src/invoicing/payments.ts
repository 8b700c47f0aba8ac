/**
 * Money that came in, and what an invoice becomes by it.
 *
 * A payment recorded by hand counts toward the total; a status set by hand does not, so that nothing is refundable until
 * a payment is recorded. The payment of bought credits puts them into the wallet. (invoicing §6.6, §4.7)
 */
import { offsetAmount, totalDueAmount } from '../credits/creditNoteLimits.js';
import { failPurchase, settlePurchase } from '../credits/purchases.js';
import { BillingError, invalid, type Problem } from '../errors.js';
import { recordId } from '../ids.js';
import type { Invoice, Payment, PaymentStatus } from '../model.js';
import type { Instant } from '../time/instant.js';
import { localDateOf } from '../time/zone.js';
import { finished, invoiceOf } from './finalize.js';
import { applicableZone, type BillingWork } from './work.js';

export interface NewPayment {
  readonly amountCents: number;
  readonly reference: string;
  readonly paidAt: Instant | null;
}

export function recordPayment(work: BillingWork, invoice: Invoice, given: NewPayment): Payment {
  if (invoice.status !== 'finalized' && invoice.status !== 'open') {
    throw new BillingError('feature_unavailable', {
      message: `a payment needs a finalized invoice; ${invoice.number} is ${invoice.status}`,
    });
  }
  const problems = paymentProblems(work, invoice, given);
  if (problems.length > 0) throw invalid(...problems);
  const { payment, totalPaidAmountCents } = putPayment(work, invoice, given);
  if (totalPaidAmountCents + offsetAmount(work, invoice.id) === invoice.totalAmountCents) {
    applyPaymentStatus(work, invoice.id, 'succeeded');
  }
  return payment;
}

/** Notes money that came in, and the invoice's new sum of it; nothing else follows. */
export function putPayment(
  work: BillingWork,
  invoice: Invoice,
  given: NewPayment,
): { readonly payment: Payment; readonly totalPaidAmountCents: number } {
  const earlier = paymentsOf(work, invoice.id);
  const payment: Payment = {
    id: recordId('payment', invoice.id, earlier.length + 1),
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    amountCents: given.amountCents,
    currency: invoice.currency,
    reference: given.reference,
    paidAt: given.paidAt,
    createdAt: work.at,
  };
  work.account.put('payment', payment);
  const totalPaidAmountCents = [...earlier, payment].reduce((sum, each) => sum + each.amountCents, 0);
  work.account.put('invoice', { ...invoice, totalPaidAmountCents, updatedAt: work.at });
  return { payment, totalPaidAmountCents };
}

/** Sets the status and everything that follows from it: overdue flag, fees, bought credits, open invoices. */
export function applyPaymentStatus(work: BillingWork, invoiceId: string, paymentStatus: PaymentStatus): Invoice {
  const invoice = invoiceOf(work, invoiceId);
  const paid = paymentStatus === 'succeeded';
  const updated: Invoice = {
    ...invoice,
    paymentStatus,
    paymentOverdue: paid ? false : invoice.paymentOverdue,
    updatedAt: work.at,
  };
  work.account.put('invoice', paid && invoice.status === 'open' ? openInvoicePaid(work, updated) : updated);
  for (const fee of work.account.ofInvoice('fee', invoiceId)) {
    work.account.put('fee', {
      ...fee,
      paymentStatus,
      succeededAt: paid ? work.at : fee.succeededAt,
      failedAt: paymentStatus === 'failed' ? work.at : fee.failedAt,
    });
  }
  if (paid) settlePurchase(work, invoiceId);
  if (paymentStatus === 'failed') failPurchase(work, invoiceId);
  return invoiceOf(work, invoiceId);
}

/** Flags what should have been paid before today, unless the dispute over it is lost. */
export function markOverdueInvoices(work: BillingWork): void {
  const today = localDateOf(work.at, applicableZone(work));
  for (const invoice of work.account.all('invoice')) {
    const overdue =
      invoice.status === 'finalized' &&
      invoice.paymentStatus !== 'succeeded' &&
      invoice.paymentDisputeLostAt === null &&
      invoice.paymentDueDate < today;
    if (overdue && !invoice.paymentOverdue) work.account.put('invoice', { ...invoice, paymentOverdue: true });
  }
}

function paymentsOf(work: Pick<BillingWork, 'account'>, invoiceId: string): Payment[] {
  return work.account.all('payment').filter((payment) => payment.invoiceId === invoiceId);
}

/** An invoice that waited for its payment is issued on the day of it. */
function openInvoicePaid(work: BillingWork, invoice: Invoice): Invoice {
  const today = localDateOf(work.at, applicableZone(work));
  return finished(work, { ...invoice, issuingDate: today, paymentDueDate: today });
}

function paymentProblems(work: BillingWork, invoice: Invoice, given: NewPayment): Problem[] {
  const problems: Problem[] = [];
  const due = totalDueAmount(work, invoice);
  const { amountCents, reference } = given;
  if (!Number.isSafeInteger(amountCents) || amountCents <= 0) {
    problems.push({ field: 'amount_cents', code: 'invalid_value', message: 'must be a whole number of cents above 0' });
  } else if (amountCents > due) {
    problems.push({ field: 'amount_cents', code: 'value_is_out_of_range', message: `only ${due} cents are due` });
  } else if (invoice.invoiceType === 'credit' && amountCents !== invoice.totalAmountCents) {
    problems.push({
      field: 'amount_cents',
      code: 'invalid_amount',
      message: `credits are paid whole: ${invoice.totalAmountCents} cents`,
    });
  }
  if (reference === '') {
    problems.push({ field: 'reference', code: 'value_is_mandatory', message: 'a payment needs a reference' });
  } else if (reference.length > 40) {
    problems.push({ field: 'reference', code: 'value_is_too_long', message: 'at most 40 characters' });
  }
  return problems;
}
