/**
 * A new invoice in place of a voided one: the same kind, customer and periods, the chosen fees, some of them adjusted.
 *
 * Dates come from the day on which the voided invoice was made; every stage runs, for one-off invoices too, as in Lago.
 * A fee whose units or unit price are given anew is their product: 3 units of 12.50 are 37.50. (invoicing §6.7)
 */
import { assert, BillingError } from '../errors.js';
import { recordId } from '../ids.js';
import type { Fee, Invoice } from '../model.js';
import { subunit, toCents, toPreciseCents } from '../money/currency.js';
import { Decimal, round, toText, truncate } from '../money/decimal.js';
import type { Adjusted } from './adjustedFee.js';
import { finished, invoiceOf, reasonOf } from './finalize.js';
import { newFee } from './newFee.js';
import { newInvoice } from './newInvoice.js';
import { computeInvoice, everyStage } from './pipeline.js';
import type { BillingWork } from './work.js';

/** A fee of the voided invoice to bill again. */
export interface RegeneratedFee extends Adjusted {
  readonly fee: Fee;
}

export function regenerateInvoice(work: BillingWork, voided: Invoice, chosen: readonly RegeneratedFee[]): Invoice {
  refuseWrongState(work, voided);
  const reason = reasonOf(work, voided.id);
  const invoice = newInvoice(work, {
    invoiceType: voided.invoiceType,
    currency: voided.currency,
    billedAt: voided.createdAt,
    invoicingReason: reason,
    purchaseOrderNumber: voided.purchaseOrderNumber,
  });
  work.account.put('invoice', {
    ...invoice,
    voidedInvoiceId: voided.id,
    appliedUsageThresholds: voided.appliedUsageThresholds,
  });
  copyPeriods(work, voided, invoice);
  copyFees(work, invoice, chosen);
  work.account.put('invoice', finished(work, computeInvoice(work, invoice.id, everyStage)));
  return invoiceOf(work, invoice.id);
}

function refuseWrongState(work: BillingWork, voided: Invoice): void {
  if (voided.status !== 'voided' || voided.invoiceType === 'credit') {
    throw new BillingError('invalid_status', {
      message: `invoice ${voided.number} is ${voided.status} (${voided.invoiceType}): only what was voided is made again`,
    });
  }
  const again = work.account.all('invoice').find((invoice) => invoice.voidedInvoiceId === voided.id);
  if (again === undefined) return;
  throw new BillingError('invalid_status', {
    message: `invoice ${voided.number} was made again as ${again.number}`,
    suggestion: 'Void that one to make it once more.',
  });
}

function copyPeriods(work: BillingWork, voided: Invoice, invoice: Invoice): void {
  for (const period of work.account.all('billing_period')) {
    if (period.invoiceId !== voided.id) continue;
    const id = recordId('billing_period', invoice.id, period.subscriptionId);
    work.account.put('billing_period', { ...period, id, invoiceId: invoice.id });
  }
}

function copyFees(work: BillingWork, invoice: Invoice, chosen: readonly RegeneratedFee[]): void {
  const idOf = new Map(chosen.map(({ fee }, index) => [fee.id, recordId('fee', invoice.id, index)]));
  for (const { fee, ...adjusted } of chosen) {
    const id = idOf.get(fee.id);
    assert(id !== undefined, `fee ${fee.id} is none of those chosen`);
    const parent = fee.trueUpParentFeeId === null ? null : (idOf.get(fee.trueUpParentFeeId) ?? null);
    const copy = newFee({
      ...fee,
      ...UNPAID,
      id,
      invoiceId: invoice.id,
      originalFeeId: fee.originalFeeId ?? fee.id,
      trueUpParentFeeId: parent,
      preciseCouponsAmountCents: '0',
      preciseCreditNotesAmountCents: '0',
      createdAt: work.at,
    });
    work.account.put('fee', withAdjustment(copy, adjusted));
  }
}

const UNPAID = { paymentStatus: 'pending', succeededAt: null, failedAt: null, refundedAt: null } as const;

function withAdjustment(fee: Fee, { units, unitPreciseAmount, invoiceDisplayName }: Adjusted): Fee {
  const item = { ...fee.item, invoiceDisplayName: invoiceDisplayName ?? fee.item.invoiceDisplayName };
  if (units === null && unitPreciseAmount === null) return { ...fee, item };
  const count = new Decimal(units ?? fee.units);
  const unitAmount = new Decimal(unitPreciseAmount ?? fee.preciseUnitAmount);
  const amount = count.times(unitAmount);
  return {
    ...fee,
    item,
    adjusted: true,
    units: toText(count),
    amountCents: toCents(amount, fee.currency),
    preciseAmountCents: toText(round(toPreciseCents(amount, fee.currency), 15)),
    unitAmountCents: truncate(unitAmount.times(subunit(fee.currency))).toNumber(),
    preciseUnitAmount: toText(round(unitAmount, 15)),
    amountDetails: {},
  };
}
