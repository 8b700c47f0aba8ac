/** The month that an invoice is of: `2026-10` for the October usage that is billed on 1 November. */
import type { Account } from '../accounts/account.js';
import type { Invoice } from '../model.js';
import { localDateOf } from '../time/zone.js';

/** By the customer's own calendar; an invoice without usage is of the month that it is dated in. */
export function invoiceMonth(invoice: Invoice, account: Account): string {
  const zone = invoice.billTo.timezone ?? invoice.issuer.timezone;
  const usageEnds = account.ofInvoice('billing_period', invoice.id).flatMap((period) => {
    const { chargesFromDatetime: from, chargesToDatetime: to } = period;
    if (period.invoicingReason === 'in_advance_charge' || from === null || to === null || from >= to) return [];
    return [localDateOf(to, zone)];
  });
  return (usageEnds.sort().at(-1) ?? invoice.issuingDate).slice(0, 7);
}
