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
import { instant } from '../time/instant.js';

type Required = 'customerId' | 'feeType' | 'currency' | 'amountCents' | 'units' | 'createdAt';
type Item = Fee['item'];

export type NewFee = Pick<Fee, Required> &
  Partial<Omit<Fee, Required | 'item'>> & {
    readonly item: Pick<Item, 'id' | 'type' | 'code' | 'name'> & Partial<Item>;
    /** Place among the fees of its invoice or event; needed unless `id` is given. */
    readonly index?: number;
  };

export function newFee({ index, item, ...given }: NewFee): Fee {
  // A copy that has all keys from the beginning: adding some to so large an object costs ten times as much.
  const fee: Mutable<Fee> = { ...BLANK };
  Object.assign(fee, given);
  fee.id = given.id ?? derivedId(given, index);
  fee.item = { ...NEUTRAL_ITEM, ...item };
  fee.preciseAmountCents = scaled(given.preciseAmountCents ?? toText(new Decimal(given.amountCents)), 15);
  fee.preciseUnitAmount = scaled(fee.preciseUnitAmount, 15);
  fee.preciseCouponsAmountCents = scaled(fee.preciseCouponsAmountCents, 5);
  fee.preciseCreditNotesAmountCents = scaled(fee.preciseCreditNotesAmountCents, 5);
  return fee;
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

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function derivedId(given: Omit<NewFee, 'item' | 'index'>, index: number | undefined): string {
  const owner = given.invoiceId ?? given.eventTransactionId;
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

/** Every key of a fee; what NEUTRAL does not know is always given. */
const BLANK: Fee = {
  id: '',
  customerId: '',
  feeType: 'subscription',
  item: { ...NEUTRAL_ITEM, id: '', type: 'Subscription', code: '', name: '' },
  currency: '',
  amountCents: 0,
  preciseAmountCents: '0',
  units: '0',
  createdAt: instant(0),
  ...NEUTRAL,
};
