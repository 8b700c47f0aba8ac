/** Accounts, definitions and invoices for tests of money: neutral values, and the few that a test is about. */
import { Account } from '../../src/accounts/account.js';
import type { AddOn, Catalog, Coupon, Organization, Plan, Tax } from '../../src/catalog/types.js';
import { assert } from '../../src/errors.js';
import { issueInvoice } from '../../src/invoicing/finalize.js';
import { type NewFee, newFee } from '../../src/invoicing/newFee.js';
import { newInvoice } from '../../src/invoicing/newInvoice.js';
import type { BillingWork } from '../../src/invoicing/work.js';
import type { UsageReader } from '../../src/metering/usageReader.js';
import type { Customer, Fee, Invoice, InvoiceType, InvoicingReason, Wallet } from '../../src/model.js';
import { at } from './terms.js';

export const TODAY = at('2024-03-01T10:00:00Z');

export interface Definitions {
  readonly organization?: Partial<Organization>;
  readonly customer?: Partial<Customer>;
  readonly taxes?: readonly Tax[];
  readonly coupons?: readonly Coupon[];
  readonly plans?: readonly Plan[];
  readonly addOns?: readonly AddOn[];
}

/** The work of a customer without records. */
export function billing(definitions: Definitions = {}, instant = TODAY): BillingWork {
  let lastNumber = 0;
  return {
    account: new Account({ ...CUSTOMER, ...definitions.customer }, { records: () => [] }),
    catalog: catalog(definitions),
    usage: {} as UsageReader,
    numbering: {
      nextBillingEntitySequentialId: () => {
        lastNumber += 1;
        return lastNumber;
      },
    },
    at: instant,
  };
}

/** The same account at another instant. */
export function later(work: BillingWork, text: string): BillingWork {
  return { ...work, at: at(text) };
}

export function tax(code: string, rate: number, given: Partial<Tax> = {}): Tax {
  return { id: `tax-${code}`, code, name: code, rate, description: null, appliedToOrganization: false, ...given };
}

/** A fixed coupon of an amount in EUR, once, unless said otherwise. */
export function coupon(code: string, given: Partial<Coupon> = {}): Coupon {
  return {
    id: `coupon-${code}`,
    code,
    name: code,
    description: null,
    couponType: 'fixed_amount',
    amountCents: given.couponType === 'percentage' ? null : 1_000,
    amountCurrency: given.couponType === 'percentage' ? null : 'EUR',
    percentageRate: null,
    frequency: 'once',
    frequencyDuration: null,
    reusable: true,
    expirationAt: null,
    planCodes: [],
    billableMetricCodes: [],
    status: 'active',
    ...given,
  };
}

export const NO_OVERRIDES = {
  amountCents: null,
  amountCurrency: null,
  percentageRate: null,
  frequency: null,
  frequencyDuration: null,
};

export type FeeGiven = Partial<Omit<NewFee, 'item'>> & { readonly code?: string };

/** A draft invoice of these fees in EUR, standing in the account; not computed yet. */
export function draftWith(
  work: BillingWork,
  fees: readonly FeeGiven[],
  invoiceType: InvoiceType = 'one_off',
  invoicingReason: InvoicingReason | null = null,
  currency = 'EUR',
): Invoice {
  const invoice = newInvoice(work, { invoiceType, currency, billedAt: work.at, invoicingReason });
  for (const [index, { code = 'metric', ...fee }] of fees.entries()) {
    const feeType = fee.feeType ?? (invoiceType === 'one_off' ? 'add_on' : 'charge');
    work.account.put(
      'fee',
      newFee({
        index,
        invoiceId: invoice.id,
        customerId: work.account.customer.id,
        feeType,
        item: { id: code, type: feeType === 'charge' ? 'BillableMetric' : 'AddOn', code, name: code },
        currency,
        amountCents: 1_000,
        units: '1',
        createdAt: work.at,
        ...fee,
      }),
    );
  }
  return invoice;
}

/** The same, issued. */
export function issued(
  work: BillingWork,
  fees: readonly FeeGiven[],
  invoiceType: InvoiceType = 'one_off',
  reason: InvoicingReason | null = null,
): Invoice {
  return issueInvoice(work, draftWith(work, fees, invoiceType, reason).id, reason);
}

export function feesOf(work: BillingWork, invoice: Invoice): Fee[] {
  return work.account.all('fee').filter((fee) => fee.invoiceId === invoice.id);
}

/** The fee at a place of the invoice. */
export function feeAt(work: BillingWork, invoice: Invoice, index: number): Fee {
  const fee = feesOf(work, invoice)[index];
  assert(fee !== undefined, `no fee ${index}`);
  return fee;
}

/** As the account has it now. */
export function current(work: BillingWork, invoice: Invoice): Invoice {
  const found = work.account.get('invoice', invoice.id);
  assert(found !== undefined, 'the invoice is gone');
  return found;
}

/** An active wallet of a balance in cents, one credit for 1.00 EUR. */
export function wallet(work: BillingWork, given: Partial<Wallet> = {}): Wallet {
  const record: Wallet = {
    id: `wallet-${work.account.all('wallet').length}`,
    customerId: work.account.customer.id,
    code: 'wallet',
    name: null,
    status: 'active',
    currency: 'EUR',
    rateAmount: '1',
    priority: 50,
    traceable: false,
    creditsBalance: String((given.balanceCents ?? 0) / 100),
    balanceCents: 0,
    consumedCredits: '0',
    consumedAmountCents: 0,
    ongoingUsageBalanceCents: 0,
    creditsOngoingUsageBalance: '0',
    ongoingBalanceCents: given.balanceCents ?? 0,
    creditsOngoingBalance: String((given.balanceCents ?? 0) / 100),
    depletedOngoingBalance: false,
    invoiceRequiresSuccessfulPayment: false,
    paidTopUpMinAmountCents: null,
    paidTopUpMaxAmountCents: null,
    appliesTo: { feeTypes: [], billableMetricCodes: [] },
    recurringTransactionRules: [],
    metadata: null,
    expirationAt: null,
    terminatedAt: null,
    lastBalanceSyncAt: null,
    lastConsumedCreditAt: null,
    createdAt: work.at,
    ...given,
  };
  work.account.put('wallet', record);
  return record;
}

function catalog(definitions: Definitions): Catalog {
  const byCode = <T extends { readonly code: string }>(list: readonly T[] = []) =>
    new Map(list.map((item) => [item.code, item]));
  return {
    organization: { ...ORGANIZATION, ...definitions.organization },
    billableMetrics: new Map(),
    plans: byCode(definitions.plans),
    taxes: byCode(definitions.taxes),
    coupons: byCode(definitions.coupons),
    addOns: byCode(definitions.addOns),
    pricingUnits: new Map(),
    customers: [],
    hash: 'definitions',
  };
}

const NO_ADDRESS = {
  addressLine1: null,
  addressLine2: null,
  city: null,
  state: null,
  zipcode: null,
  country: null,
};

const CUSTOMER: Customer = {
  id: 'customer',
  externalId: 'cust',
  sequentialId: 1,
  slug: 'ORG-1-001',
  name: 'Customer',
  firstname: null,
  lastname: null,
  customerType: null,
  accountType: 'customer',
  email: null,
  phone: null,
  url: null,
  logoUrl: null,
  legalName: null,
  legalNumber: null,
  taxIdentificationNumber: null,
  address: NO_ADDRESS,
  shippingAddress: NO_ADDRESS,
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
  metadata: [],
  createdAt: TODAY,
  updatedAt: TODAY,
  deletedAt: null,
};

const ORGANIZATION: Organization = {
  code: 'default',
  name: 'Org',
  legalName: null,
  legalNumber: null,
  taxIdentificationNumber: null,
  email: null,
  ...NO_ADDRESS,
  timezone: 'UTC',
  defaultCurrency: 'EUR',
  documentNumbering: 'per_customer',
  documentNumberPrefix: 'ORG-1',
  documentLocale: 'en',
  netPaymentTerm: 0,
  invoiceGracePeriod: 0,
  invoiceFooter: null,
  logo: null,
  finalizeZeroAmountInvoice: true,
  issuingDateAnchor: 'next_period_start',
  issuingDateAdjustment: 'align_with_finalization_date',
  taxCodes: [],
  euTaxManagement: false,
};
