/**
 * A fee record from what its author knows: everything else takes its neutral value.
 *
 * The id comes from the invoice (or, for a fee outside any invoice, its event) and the fee's place there, so that a
 * draft computed anew bears the same ids. Decimals enter at the scale of Lago's columns: precise amounts 15 decimals,
 * coupon and credit note shares 5. (invoicing §0)
 */
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

export function newFee({ index, item, ...given }: NewFee): Fee {
  const fee: Fee = {
    ...NEUTRAL,
    preciseAmountCents: toText(new Decimal(given.amountCents)),
    ...given,
    id: given.id ?? derivedId(given, index),
    item: { ...NEUTRAL_ITEM, ...item },
  };
  return {
    ...fee,
    preciseAmountCents: scaled(fee.preciseAmountCents, 15),
    preciseUnitAmount: scaled(fee.preciseUnitAmount, 15),
    preciseCouponsAmountCents: scaled(fee.preciseCouponsAmountCents, 5),
    preciseCreditNotesAmountCents: scaled(fee.preciseCreditNotesAmountCents, 5),
  };
}

function derivedId(given: Omit<NewFee, 'item' | 'index'>, index: number | undefined): string {
  const owner = given.invoiceId ?? given.eventTransactionId;
  assert(owner !== null && owner !== undefined && index !== undefined, 'a fee needs an id, or an owner and an index');
  return recordId('fee', owner, index);
}

function scaled(value: DecimalText, places: number): DecimalText {
  return toText(round(new Decimal(value), places));
}

const NEUTRAL_ITEM = {
  description: null,
  invoiceDisplayName: null,
  filters: null,
  filterInvoiceDisplayName: null,
  groupedBy: {},
} as const satisfies Partial<Item>;

const NEUTRAL = {
  invoiceId: null,
  subscriptionId: null,
  externalSubscriptionId: null,
  chargeId: null,
  chargeCode: null,
  chargeFilterId: null,
  chargeModel: null,
  prorated: false,
  recurring: false,
  fixedChargeId: null,
  addOnCode: null,
  trueUpParentFeeId: null,
  originalFeeId: null,
  payInAdvance: false,
  invoiceable: true,
  unitAmountCents: 0,
  preciseUnitAmount: '0',
  totalAggregatedUnits: null,
  eventsCount: null,
  preciseCouponsAmountCents: '0',
  preciseCreditNotesAmountCents: '0',
  taxesAmountCents: 0,
  taxesPreciseAmountCents: '0',
  taxesRate: 0,
  appliedTaxes: [],
  amountDetails: {},
  pricingUnit: null,
  presentationBreakdowns: [],
  description: null,
  shownFromAt: null,
  shownToAt: null,
  fromAt: null,
  toAt: null,
  eventTransactionId: null,
  eventTimestamp: null,
  paymentStatus: 'pending',
  succeededAt: null,
  failedAt: null,
  refundedAt: null,
  adjusted: false,
  targetWalletCode: null,
  taxCodes: null,
} as const satisfies Partial<Fee>;
