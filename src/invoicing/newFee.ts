/**
 * A fee record from what its author knows: everything else takes its neutral value.
 *
 * The id comes from the invoice (or, for a fee outside any invoice, its event) and the fee's place there, so that a
 * draft computed anew bears the same ids. Decimals enter at the scale of Lago's columns: precise amounts 15 decimals,
 * coupon and credit note shares 5. (invoicing §0)
 */
import type { AddOn } from '../catalog/types.js';
import { assert } from '../errors.js';
import { recordId } from '../ids.js';
import type { Fee } from '../model.js';
import { Decimal, type DecimalText, round, toText } from '../money/decimal.js';

type Required = 'customerId' | 'feeType' | 'currency' | 'amountCents' | 'units' | 'createdAt';
type Item = Fee['item'];

export type NewFee = Pick<Fee, Required> &
  Partial<Omit<Fee, Required | 'item'>> & {
    readonly item: Pick<Item, 'id' | 'type' | 'code' | 'name'> & Partial<Item>;
    /** Place among the fees of its invoice or event; needed unless `id` is given. */
    readonly index?: number;
  };

/** One literal with all keys, in place of copies: a billing run makes sixty thousand of them. */
export function newFee(given: NewFee): Fee {
  return {
    id: given.id ?? derivedId(given),
    customerId: given.customerId,
    feeType: given.feeType,
    item: itemOf(given.item),
    currency: given.currency,
    amountCents: given.amountCents,
    preciseAmountCents: scaled(given.preciseAmountCents ?? toText(new Decimal(given.amountCents)), 15),
    units: given.units,
    createdAt: given.createdAt,
    invoiceId: given.invoiceId ?? null,
    subscriptionId: given.subscriptionId ?? null,
    externalSubscriptionId: given.externalSubscriptionId ?? null,
    chargeId: given.chargeId ?? null,
    chargeCode: given.chargeCode ?? null,
    chargeFilterId: given.chargeFilterId ?? null,
    chargeModel: given.chargeModel ?? null,
    prorated: given.prorated ?? false,
    recurring: given.recurring ?? false,
    fixedChargeId: given.fixedChargeId ?? null,
    addOnCode: given.addOnCode ?? null,
    trueUpParentFeeId: given.trueUpParentFeeId ?? null,
    originalFeeId: given.originalFeeId ?? null,
    payInAdvance: given.payInAdvance ?? false,
    invoiceable: given.invoiceable ?? true,
    unitAmountCents: given.unitAmountCents ?? 0,
    preciseUnitAmount: scaled(given.preciseUnitAmount ?? '0', 15),
    totalAggregatedUnits: given.totalAggregatedUnits ?? null,
    eventsCount: given.eventsCount ?? null,
    preciseCouponsAmountCents: scaled(given.preciseCouponsAmountCents ?? '0', 5),
    preciseCreditNotesAmountCents: scaled(given.preciseCreditNotesAmountCents ?? '0', 5),
    taxesAmountCents: given.taxesAmountCents ?? 0,
    taxesPreciseAmountCents: given.taxesPreciseAmountCents ?? '0',
    taxesRate: given.taxesRate ?? 0,
    appliedTaxes: given.appliedTaxes ?? [],
    amountDetails: given.amountDetails ?? {},
    pricingUnit: given.pricingUnit ?? null,
    presentationBreakdowns: given.presentationBreakdowns ?? [],
    description: given.description ?? null,
    shownFromAt: given.shownFromAt ?? null,
    shownToAt: given.shownToAt ?? null,
    fromAt: given.fromAt ?? null,
    toAt: given.toAt ?? null,
    eventTransactionId: given.eventTransactionId ?? null,
    eventTimestamp: given.eventTimestamp ?? null,
    paymentStatus: given.paymentStatus ?? 'pending',
    succeededAt: given.succeededAt ?? null,
    failedAt: given.failedAt ?? null,
    refundedAt: given.refundedAt ?? null,
    adjusted: given.adjusted ?? false,
    targetWalletCode: given.targetWalletCode ?? null,
    taxCodes: given.taxCodes ?? null,
  };
}

function itemOf(given: NewFee['item']): Item {
  return {
    id: given.id,
    type: given.type,
    code: given.code,
    name: given.name,
    description: given.description ?? null,
    invoiceDisplayName: given.invoiceDisplayName ?? null,
    filters: given.filters ?? null,
    filterInvoiceDisplayName: given.filterInvoiceDisplayName ?? null,
    groupedBy: given.groupedBy ?? {},
  };
}

/** What a fee of an add-on names: the nearest display name, or the add-on's own. */
export function addOnItem(addOn: AddOn, invoiceDisplayName: string | null): NewFee['item'] {
  return {
    id: addOn.id,
    type: 'AddOn',
    code: addOn.code,
    name: addOn.name,
    description: addOn.description,
    invoiceDisplayName: invoiceDisplayName ?? addOn.invoiceDisplayName ?? addOn.name,
  };
}

function derivedId({ invoiceId, eventTransactionId, index }: NewFee): string {
  const owner = invoiceId ?? eventTransactionId;
  assert(owner !== null && owner !== undefined && index !== undefined, 'a fee needs an id, or an owner and an index');
  return recordId('fee', owner, index);
}

function scaled(value: DecimalText, places: number): DecimalText {
  const plain = PLAIN.exec(value);
  if (plain !== null && (plain[1] ?? '').length <= places) return value;
  return toText(round(new Decimal(value), places));
}

/** Without sign, exponent, or zeros in front and behind: as `toText` writes it. */
const PLAIN = /^(?:0|[1-9]\d*)(?:\.(\d*[1-9]))?$/;
