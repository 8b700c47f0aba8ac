/** create_invoice: a one-off invoice of add-ons (scenarios.md; invoicing §6.8). */
import { z } from 'zod';
import { MOST_DAYS } from '../catalog/ruleContext.js';
import { BillingError, exitCodes, invalid, notFound } from '../errors.js';
import { createOneOffInvoice, type OneOffLine } from '../invoicing/oneOff.js';
import type { Invoice } from '../model.js';
import { isCurrency } from '../money/currency.js';
import { Decimal } from '../money/decimal.js';
import { parseInstant } from '../time/instant.js';
import { workOfCustomer } from './billingWork.js';
import type { OperationContext } from './context.js';
import { parseInput } from './input.js';

const decimal = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?$/)]);

const lineSchema = z.strictObject({
  add_on_code: z.string(),
  unit_amount_cents: decimal.nullish(),
  units: decimal.nullish(),
  description: z.string().nullish(),
  invoice_display_name: z.string().nullish(),
  tax_codes: z.array(z.string()).nullish(),
  from_datetime: z.string().nullish(),
  to_datetime: z.string().nullish(),
});
type LineInput = z.output<typeof lineSchema>;

const schema = z.strictObject({
  external_customer_id: z.string(),
  currency: z.string().nullish(),
  fees: z.array(lineSchema).nullish(),
  net_payment_term: z.number().int().nonnegative().max(MOST_DAYS).nullish(),
  purchase_order_number: z.string().max(255).nullish(),
});

export function createInvoice(context: OperationContext, raw: unknown): Invoice {
  const input = parseInput(schema, raw);
  const work = workOfCustomer(context, input.external_customer_id);
  const { account } = work;
  const currency = input.currency ?? account.customer.currency;
  if (currency === null) {
    throw invalid({
      field: 'currency',
      code: 'value_is_mandatory',
      message: 'neither the invoice nor the customer has one',
    });
  }
  if (!isCurrency(currency)) {
    throw invalid({ field: 'currency', code: 'value_is_invalid', message: `${currency} is not a currency` });
  }
  const fees = input.fees ?? [];
  if (fees.length === 0) {
    throw new BillingError('fees_not_found', {
      message: 'a one-off invoice needs fees',
      exitCode: exitCodes.refused,
    });
  }
  const lines = fees.map((fee) => lineOf(context, fee));
  if (account.customer.currency === null) {
    account.putCustomer({ ...account.customer, currency, updatedAt: context.at });
  }
  const invoice = createOneOffInvoice(work, {
    currency,
    lines,
    netPaymentTerm: input.net_payment_term ?? null,
    purchaseOrderNumber: input.purchase_order_number ?? null,
  });
  context.ledger.saveAccount(account);
  return invoice;
}

function lineOf(context: OperationContext, fee: LineInput): OneOffLine {
  const addOn = context.catalog.addOns.get(fee.add_on_code);
  if (addOn === undefined) throw notFound('add_on', fee.add_on_code);
  return {
    addOn,
    unitAmountCents: new Decimal(fee.unit_amount_cents ?? addOn.amountCents),
    units: new Decimal(fee.units ?? 1),
    description: fee.description ?? null,
    invoiceDisplayName: fee.invoice_display_name ?? null,
    taxCodes: fee.tax_codes ?? null,
    ...periodOf(context, fee),
  };
}

/** Both ends or none; without, the moment of the invoice. */
function periodOf({ at }: OperationContext, fee: LineInput): Pick<OneOffLine, 'fromAt' | 'toAt'> {
  if (fee.from_datetime == null && fee.to_datetime == null) return { fromAt: at, toAt: at };
  const fromAt = parseInstant(fee.from_datetime ?? '');
  const toAt = parseInstant(fee.to_datetime ?? '');
  if (fromAt !== null && toAt !== null && fromAt <= toAt) return { fromAt, toAt };
  throw invalid({
    field: 'boundaries',
    code: 'values_are_invalid',
    message: 'from_datetime and to_datetime come together, in order',
  });
}
