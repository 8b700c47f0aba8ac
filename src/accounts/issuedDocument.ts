/**
 * What an issued invoice says for ever: its figures, parties, credits, periods and fees, without what happens to it
 * afterwards (payments, voiding, metadata).
 */
import type { Invoice } from '../model.js';
import type { Account } from './account.js';

export function issuedDocument(account: Account, invoice: Invoice): unknown {
  const {
    status: _status,
    paymentStatus: _paymentStatus,
    paymentOverdue: _paymentOverdue,
    paymentDisputeLostAt: _paymentDisputeLostAt,
    totalPaidAmountCents: _totalPaidAmountCents,
    metadata: _metadata,
    updatedAt: _updatedAt,
    voidedAt: _voidedAt,
    ...said
  } = invoice;
  const periods = account.all('billing_period').filter((period) => period.invoiceId === invoice.id);
  const fees = account
    .all('fee')
    .filter((fee) => fee.invoiceId === invoice.id)
    .map(({ paymentStatus: _, succeededAt: _succeeded, failedAt: _failed, refundedAt: _refunded, ...fee }) => fee);
  return { invoice: said, periods, fees };
}
