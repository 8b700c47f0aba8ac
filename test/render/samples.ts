/** Records for the rendering tests: a customer, an issuer, invoices and fees with every field, changed where a test says. */
import type { Organization } from '../../src/catalog/types.js';
import { recordId } from '../../src/ids.js';
import type { BillingPeriod, CreditNote, Customer, Fee, Invoice, Subscription } from '../../src/model.js';
import { exponent } from '../../src/money/currency.js';
import { Decimal } from '../../src/money/decimal.js';
import { invoiceJson } from '../../src/render/json/invoice.js';
import { subscriptionJson } from '../../src/render/json/subscription.js';
import { type Instant, parseInstant } from '../../src/time/instant.js';
import type { LocalDate } from '../../src/time/localDate.js';

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (instant === null) throw new Error(`not an instant: ${text}`);
  return instant;
}

export const issuer: Organization = {
  code: 'default',
  name: 'Acme Cloud',
  legalName: 'Acme Cloud SAS',
  legalNumber: '812 345 678',
  taxIdentificationNumber: 'FR12812345678',
  email: 'billing@acme.example',
  addressLine1: '12 rue de la Paix',
  addressLine2: null,
  city: 'Paris',
  state: null,
  zipcode: '75002',
  country: 'FR',
  timezone: 'UTC',
  defaultCurrency: 'EUR',
  documentNumbering: 'per_customer',
  documentNumberPrefix: 'ACM-1234',
  documentLocale: 'en',
  netPaymentTerm: 30,
  invoiceGracePeriod: 0,
  invoiceFooter: 'Acme Cloud SAS, capital 10 000 €\nIBAN FR76 3000 6000 0112 3456 7890 189',
  logo: null,
  finalizeZeroAmountInvoice: true,
  issuingDateAnchor: 'next_period_start',
  issuingDateAdjustment: 'align_with_finalization_date',
  taxCodes: ['vat'],
  euTaxManagement: false,
};

const noAddress = { addressLine1: null, addressLine2: null, city: null, state: null, zipcode: null, country: null };

export function customer(changes: Partial<Customer> = {}): Customer {
  return {
    id: recordId('customer', 'cus_1'),
    externalId: 'cus_1',
    sequentialId: 1,
    slug: 'ACM-1234-001',
    name: 'Globex',
    firstname: null,
    lastname: null,
    customerType: 'company',
    accountType: 'customer',
    email: 'ap@globex.example',
    phone: null,
    url: null,
    logoUrl: null,
    legalName: 'Globex GmbH',
    legalNumber: 'HRB 12345',
    taxIdentificationNumber: 'DE123456789',
    address: { ...noAddress, addressLine1: 'Hauptstraße 5', city: 'Berlin', zipcode: '10115', country: 'DE' },
    shippingAddress: noAddress,
    externalSalesforceId: null,
    currency: 'EUR',
    timezone: null,
    netPaymentTerm: null,
    invoiceGracePeriod: null,
    documentLocale: null,
    issuingDateAnchor: null,
    issuingDateAdjustment: null,
    finalizeZeroAmountInvoice: 'inherit',
    taxCodes: [],
    metadata: [{ key: 'Cost centre', value: 'R&D 42', displayInInvoice: true }],
    createdAt: at('2025-01-01T00:00:00Z'),
    updatedAt: at('2025-01-01T00:00:00Z'),
    deletedAt: null,
    ...changes,
  };
}

/** A fee of the January period. `code` names it; figures follow from units and price unless changed. */
export function fee(code: string, changes: Partial<Fee> & { readonly name?: string } = {}): Fee {
  const { name, ...fields } = changes;
  const currency = fields.currency ?? 'EUR';
  const amountCents = fields.amountCents ?? 1000;
  const units = fields.units ?? '10';
  const unitPrice =
    Number(units) === 0
      ? '0'
      : new Decimal(amountCents)
          .div(10 ** exponent(currency))
          .div(units)
          .toFixed();
  const feeType = fields.feeType ?? 'charge';
  return {
    id: recordId('fee', code, String(name)),
    customerId: recordId('customer', 'cus_1'),
    invoiceId: recordId('invoice', '1'),
    subscriptionId: recordId('subscription', 'sub_1'),
    externalSubscriptionId: 'sub_1',
    feeType,
    item: {
      id: recordId('item', code),
      type: feeType === 'charge' ? 'BillableMetric' : feeType === 'subscription' ? 'Subscription' : 'AddOn',
      code,
      name: name ?? code,
      description: null,
      invoiceDisplayName: null,
      filters: null,
      filterInvoiceDisplayName: null,
      groupedBy: {},
    },
    chargeId: feeType === 'charge' ? recordId('charge', code) : null,
    chargeCode: feeType === 'charge' ? code : null,
    chargeFilterId: null,
    chargeModel: feeType === 'charge' ? 'standard' : null,
    prorated: false,
    recurring: false,
    fixedChargeId: null,
    addOnCode: null,
    trueUpParentFeeId: null,
    originalFeeId: null,
    payInAdvance: false,
    invoiceable: true,
    currency,
    amountCents,
    preciseAmountCents: String(amountCents),
    unitAmountCents: 0,
    preciseUnitAmount: unitPrice,
    units,
    totalAggregatedUnits: units,
    eventsCount: feeType === 'charge' ? 7 : null,
    preciseCouponsAmountCents: '0',
    preciseCreditNotesAmountCents: '0',
    taxesAmountCents: Math.round(amountCents / 5),
    taxesPreciseAmountCents: new Decimal(amountCents).div(5).toFixed(),
    taxesRate: 20,
    appliedTaxes: [
      {
        taxId: recordId('tax', 'vat'),
        taxName: 'VAT',
        taxCode: 'vat',
        taxRate: 20,
        taxDescription: null,
        amountCents: Math.round(amountCents / 5),
      },
    ],
    amountDetails: {},
    pricingUnit: null,
    presentationBreakdowns: [],
    description: null,
    fromAt: at('2025-01-01T00:00:00Z'),
    toAt: at('2025-01-31T23:59:59.999999Z'),
    shownFromAt: null,
    shownToAt: null,
    eventTransactionId: null,
    eventTimestamp: null,
    paymentStatus: 'pending',
    succeededAt: null,
    failedAt: null,
    refundedAt: null,
    adjusted: false,
    targetWalletCode: null,
    taxCodes: null,
    createdAt: at('2025-02-01T00:00:00Z'),
    ...fields,
  };
}

/** An invoice of these fees at 20 % VAT. */
export function invoice(fees: readonly Fee[], changes: Partial<Invoice> = {}): Invoice {
  const sum = fees.reduce((total, one) => total + one.amountCents, 0);
  const subTotal = sum - (changes.couponsAmountCents ?? 0) - (changes.progressiveBillingCreditAmountCents ?? 0);
  const taxes = Math.round(subTotal / 5);
  const after = (changes.creditNotesAmountCents ?? 0) + (changes.prepaidCreditAmountCents ?? 0);
  return {
    id: recordId('invoice', '1'),
    customerId: recordId('customer', 'cus_1'),
    ordinal: 1,
    sequentialId: 1,
    billingEntitySequentialId: null,
    number: 'ACM-1234-001-001',
    invoiceType: 'subscription',
    status: 'finalized',
    paymentStatus: 'pending',
    paymentOverdue: false,
    paymentDisputeLostAt: null,
    currency: 'EUR',
    issuingDate: '2025-02-01' as LocalDate,
    paymentDueDate: '2025-03-03' as LocalDate,
    expectedFinalizationDate: '2025-02-01' as LocalDate,
    netPaymentTerm: 30,
    billedAt: at('2025-02-01T00:00:00Z'),
    feesAmountCents: sum,
    progressiveBillingCreditAmountCents: 0,
    couponsAmountCents: 0,
    subTotalExcludingTaxesAmountCents: subTotal,
    taxesAmountCents: taxes,
    taxesRate: 20,
    subTotalIncludingTaxesAmountCents: subTotal + taxes,
    creditNotesAmountCents: 0,
    prepaidCreditAmountCents: 0,
    prepaidGrantedCreditAmountCents: null,
    prepaidPurchasedCreditAmountCents: null,
    totalAmountCents: subTotal + taxes - after,
    totalPaidAmountCents: 0,
    appliedTaxes: [
      {
        taxId: recordId('tax', 'vat'),
        taxName: 'VAT',
        taxCode: 'vat',
        taxRate: 20,
        taxDescription: null,
        amountCents: taxes,
        feesAmountCents: subTotal,
      },
    ],
    credits: [],
    metadata: [],
    appliedUsageThresholds: [],
    feeAdjustments: [],
    purchaseOrderNumber: null,
    voidedInvoiceId: null,
    issuer,
    billTo: customer(),
    createdAt: at('2025-02-01T00:00:00Z'),
    updatedAt: at('2025-02-01T00:00:00Z'),
    finalizedAt: at('2025-02-01T00:00:00Z'),
    voidedAt: null,
    catalogHash: 'hash',
    ...changes,
  };
}

export function subscription(externalId = 'sub_1', changes: Partial<Subscription> = {}): Subscription {
  return {
    id: recordId('subscription', externalId),
    externalId,
    customerId: recordId('customer', 'cus_1'),
    name: null,
    planCode: 'pro',
    childPlan: null,
    status: 'active',
    billingTime: 'calendar',
    subscriptionAt: at('2025-01-01T00:00:00Z'),
    startedAt: at('2025-01-01T00:00:00Z'),
    endingAt: null,
    trialEndedAt: null,
    terminatedAt: null,
    canceledAt: null,
    createdAt: at('2025-01-01T00:00:00Z'),
    previousSubscriptionId: null,
    nextSubscriptionId: null,
    endedBy: null,
    onTerminationCreditNote: null,
    onTerminationInvoice: 'generate',
    progressiveBillingDisabled: false,
    consolidateInvoice: true,
    purchaseOrderNumber: null,
    usageThresholds: null,
    fixedChargeUnits: {},
    ...changes,
  };
}

export function subscriptionDocument(record: Subscription) {
  return subscriptionJson(record, {
    externalCustomerId: 'cus_1',
    plan: { amountCents: 9900, amountCurrency: 'EUR' },
    previousPlanCode: null,
    nextPlanCode: null,
    downgradePlanDate: null,
    currentPeriod: { startedAt: at('2025-02-01T00:00:00Z'), endingAt: at('2025-02-28T23:59:59.999999Z') },
  });
}

export function billingPeriod(externalId = 'sub_1', changes: Partial<BillingPeriod> = {}): BillingPeriod {
  return {
    id: recordId('billing_period', externalId),
    invoiceId: recordId('invoice', '1'),
    subscriptionId: recordId('subscription', externalId),
    externalSubscriptionId: externalId,
    subscriptionName: null,
    planId: recordId('plan', 'pro'),
    planCode: 'pro',
    planName: 'Pro',
    planInterval: 'monthly',
    invoicingReason: 'subscription_periodic',
    billingDate: '2025-02-01' as LocalDate,
    billedAt: at('2025-02-01T00:00:00Z'),
    fromDatetime: at('2025-01-01T00:00:00Z'),
    toDatetime: at('2025-01-31T23:59:59.999999Z'),
    chargesFromDatetime: at('2025-01-01T00:00:00Z'),
    chargesToDatetime: at('2025-01-31T23:59:59.999999Z'),
    fixedChargesFromDatetime: null,
    fixedChargesToDatetime: null,
    basePeriodDays: 31,
    chargesDurationDays: 31,
    fixedChargesDurationDays: 31,
    situation: 'periodic',
    timezone: 'UTC',
    ...changes,
  };
}

/** The JSON of an invoice of one subscription. */
export function invoiceDocument(fees: readonly Fee[], changes: Partial<Invoice> = {}) {
  return invoiceJson(invoice(fees, changes), {
    fees,
    billingPeriods: [billingPeriod()],
    subscriptions: [subscriptionDocument(subscription())],
  });
}

/** A fee for each way that an invoice breaks an amount down. */
export function breakdownFees(): Fee[] {
  const api = fee('api_calls', {
    name: 'API calls',
    units: '1250000',
    amountCents: 52500,
    amountDetails: {
      graduated_ranges: [
        tier(0, 100000, '0.0005', '100000', '50', '0'),
        tier(100001, 1000000, '0.0004', '900000', '360', '10'),
        tier(1000001, null, '0.0003', '250000', '75', '30'),
      ],
    },
  });
  return [
    fee('pro', { name: 'Pro', feeType: 'subscription', units: '1', amountCents: 9900 }),
    api,
    fee('storage', {
      name: 'Storage (GB)',
      units: '100.5',
      amountCents: 10050,
      amountDetails: { flat_unit_amount: '0', per_unit_amount: '1', per_unit_total_amount: '100.5' },
    }),
    fee('emails', {
      name: 'Emails',
      units: '201',
      amountCents: 1000,
      amountDetails: { free_units: '100', paid_units: '101', per_package_size: 100, per_package_unit_amount: '5' },
    }),
    fee('payments', {
      name: 'Payments',
      units: '450',
      amountCents: 70,
      eventsCount: 4,
      amountDetails: {
        units: '450',
        free_units: '400',
        free_events: 3,
        paid_units: '50',
        rate: '1.2',
        per_unit_total_amount: '0.6',
        paid_events: 1,
        fixed_fee_unit_amount: '0.1',
        fixed_fee_total_amount: '0.1',
        min_max_adjustment_total_amount: '0',
      },
    }),
    fee('seats', { name: 'Seats', units: '3', amountCents: 4500, item: { ...fee('seats').item, name: 'Seats' } }),
    fee('seats_true_up', {
      name: 'Seats',
      units: '1',
      amountCents: 5500,
      trueUpParentFeeId: recordId('fee', 'seats', 'Seats'),
      chargeId: recordId('charge', 'seats'),
    }),
  ];
}

function tier(from: number, to: number | null, price: string, units: string, total: string, flat: string) {
  return {
    from_value: from,
    to_value: to,
    flat_unit_amount: flat,
    per_unit_amount: price,
    units,
    per_unit_total_amount: total,
    total_with_flat_amount: new Decimal(total).plus(flat).toFixed(),
  };
}

/** A credit note of 19.99 on one fee, VAT 20 %. */
export function creditNote(feeId: string, changes: Partial<CreditNote> = {}): CreditNote {
  return {
    id: 'note',
    customerId: 'c',
    invoiceId: recordId('invoice', '1'),
    sequentialId: 1,
    number: 'ACM-1234-001-001-CN001',
    status: 'finalized',
    creditStatus: 'available',
    refundStatus: null,
    reason: 'other',
    description: null,
    currency: 'EUR',
    issuingDate: '2025-03-14' as LocalDate,
    totalAmountCents: 2316,
    preciseTotalAmountCents: '2315.6959',
    creditAmountCents: 2316,
    refundAmountCents: 0,
    offsetAmountCents: 0,
    balanceAmountCents: 2316,
    taxesAmountCents: 386,
    preciseTaxesAmountCents: '385.94932',
    taxesRate: 20,
    subTotalExcludingTaxesAmountCents: 1930,
    couponsAdjustmentAmountCents: 69,
    preciseCouponsAdjustmentAmountCents: '69.25342',
    items: [{ id: 'item', feeId, amountCents: 1999, preciseAmountCents: '1999' }],
    appliedTaxes: [{ ...vat, amountCents: 386, baseAmountCents: 1930 }],
    createdAt: at('2025-03-14T00:00:00Z'),
    updatedAt: at('2025-03-14T00:00:00Z'),
    voidedAt: null,
    refundedAt: null,
    ...changes,
  };
}

export const vat = { taxId: 'tax', taxName: 'VAT', taxCode: 'vat', taxRate: 20, taxDescription: null };
