/**
 * One-off invoices: add-ons billed by hand, finalized at once, taxes their only reduction or addition. (invoicing §6.8)
 */
import type { AddOn } from '../catalog/types.js';
import type { Invoice } from '../model.js';
import { fromCents } from '../money/currency.js';
import { Decimal, round, toText, truncate } from '../money/decimal.js';
import type { Instant } from '../time/instant.js';
import { addDays } from '../time/localDate.js';
import { issueInvoice } from './finalize.js';
import { addOnItem, newFee } from './newFee.js';
import { newInvoice } from './newInvoice.js';
import type { BillingWork } from './work.js';

export interface OneOffLine {
  readonly addOn: AddOn;
  readonly unitAmountCents: Decimal;
  readonly units: Decimal;
  readonly description: string | null;
  readonly invoiceDisplayName: string | null;
  readonly taxCodes: readonly string[] | null;
  readonly fromAt: Instant;
  readonly toAt: Instant;
}

export interface OneOff {
  readonly currency: string;
  readonly lines: readonly OneOffLine[];
  /** Days; null: the customer's. */
  readonly netPaymentTerm: number | null;
  readonly purchaseOrderNumber: string | null;
}

export function createOneOffInvoice(work: BillingWork, given: OneOff): Invoice {
  const invoice = newInvoice(work, {
    invoiceType: 'one_off',
    currency: given.currency,
    billedAt: work.at,
    purchaseOrderNumber: given.purchaseOrderNumber,
  });
  if (given.netPaymentTerm !== null) {
    work.account.put('invoice', {
      ...invoice,
      netPaymentTerm: given.netPaymentTerm,
      paymentDueDate: addDays(invoice.issuingDate, given.netPaymentTerm),
    });
  }
  for (const [index, line] of given.lines.entries()) addLine(work, invoice, line, index);
  return issueInvoice(work, invoice.id, null);
}

function addLine(work: BillingWork, invoice: Invoice, line: OneOffLine, index: number): void {
  const { addOn, unitAmountCents, units } = line;
  const amount = unitAmountCents.times(units);
  const fee = newFee({
    index,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    feeType: 'add_on',
    item: addOnItem(addOn, line.invoiceDisplayName),
    addOnCode: addOn.code,
    currency: invoice.currency,
    amountCents: round(amount).toNumber(),
    preciseAmountCents: toText(amount),
    unitAmountCents: truncate(unitAmountCents).toNumber(),
    preciseUnitAmount: toText(fromCents(unitAmountCents, invoice.currency)),
    units: toText(new Decimal(units)),
    description: line.description ?? addOn.description,
    taxCodes: line.taxCodes,
    fromAt: line.fromAt,
    toAt: line.toAt,
    createdAt: work.at,
  });
  work.account.put('fee', fee);
}
