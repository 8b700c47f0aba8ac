/**
 * The verbs create_customer, update_customer and delete_customer (invoicing §7.8, §10; periods §6.1).
 *
 * A change of grace period, payment term or issuing settings moves the dates of the customer's drafts, and finalizes
 * those whose day has come; other taxes make them anew (invoicing §2.1, §6.3, §6.4).
 */
import type { Account } from '../accounts/account.js';
import { parseCustomerAttributes } from '../catalog/customerRules.js';
import type { CustomerAttributes } from '../catalog/customerSchema.js';
import { removeAppliedCoupon } from '../credits/coupons.js';
import { terminateWallet } from '../credits/wallets.js';
import { invalid, notFound } from '../errors.js';
import { recordId } from '../ids.js';
import { finalizeDraft } from '../invoicing/finalize.js';
import { rebuildFees } from '../invoicing/rebuildFees.js';
import type { BillingWork } from '../invoicing/work.js';
import { redateDrafts, refreshDrafts } from '../lifecycle/drafts.js';
import { cancel, terminate } from '../lifecycle/terminate.js';
import type { Address, Customer } from '../model.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { withAttributes } from './customerRecord.js';
import { taxCodesWithEuTax } from './euCustomerTax.js';
import { saveWork } from './saveWork.js';

export function createCustomer(context: OperationContext, raw: unknown): Customer {
  const { ledger, catalog } = context;
  const attributes = parseCustomerAttributes(raw, catalog.taxes);
  const externalId = attributes.external_id as string;
  if (ledger.account(externalId) !== undefined) {
    throw invalid({
      field: 'external_id',
      code: 'value_already_exist',
      message: `there is a customer ${JSON.stringify(externalId)} already`,
      suggestion: 'Change it with `lago-cli customers update`.',
    });
  }
  const given = withAttributes(newCustomer(context, externalId), attributes);
  const customer = { ...given, taxCodes: taxCodesWithEuTax(null, given, catalog.organization) };
  ledger.addCustomer(customer);
  return customer;
}

/** A customer without attributes, with the next number; not stored. */
export function newCustomer({ ledger, catalog, at }: OperationContext, externalId: string): Customer {
  const sequentialId = ledger.nextCustomerSequentialId();
  const prefix = catalog.organization.documentNumberPrefix;
  return {
    ...blankAttributes,
    // The number makes a customer who comes back after a deletion another one.
    id: recordId('customer', externalId, sequentialId),
    externalId,
    sequentialId,
    slug: `${prefix}-${String(sequentialId).padStart(3, '0')}`,
    createdAt: at,
    updatedAt: at,
    deletedAt: null,
  };
}

export function updateCustomer(context: OperationContext, raw: unknown): Customer {
  const attributes = parseCustomerAttributes(raw, context.catalog.taxes);
  const account = accountNamed(context, attributes.external_id as string);
  const before = account.customer;
  const updated: Customer = { ...customerAfter(context, before, attributes), updatedAt: context.at };
  account.putCustomer(updated);
  const work = billingWork(context, account);
  redateDrafts(work, { customer: before, organization: context.catalog.organization });
  if (updated.taxCodes.join() !== before.taxCodes.join()) refreshDrafts(work);
  saveWork(context, work);
  return updated;
}

/** The customer with what is given, and the European tax that follows from it; not stored. */
export function customerAfter({ catalog }: OperationContext, before: Customer, given: CustomerAttributes): Customer {
  const customer = withAttributes(before, given);
  return { ...customer, taxCodes: taxCodesWithEuTax(before, customer, catalog.organization) };
}

/** Ends everything first: active subscriptions are billed to now, drafts become final, coupons and wallets end. */
export function deleteCustomer(context: OperationContext, raw: unknown): Customer {
  const { external_id: externalId } = (raw ?? {}) as { readonly external_id?: unknown };
  if (typeof externalId !== 'string' || externalId === '') {
    throw invalid({ field: 'external_id', code: 'value_is_mandatory', message: 'is missing' });
  }
  const account = accountNamed(context, externalId);
  const work = billingWork(context, account);
  for (const subscription of account.all('subscription')) {
    if (subscription.status === 'active') terminate(work, subscription, {});
  }
  for (const subscription of account.all('subscription')) {
    if (subscription.status === 'pending') cancel(work, subscription);
  }
  for (const draft of account.all('invoice').filter((invoice) => invoice.status === 'draft')) {
    finalizeDraft(work, draft.id, rebuildFees);
  }
  endPromises(work);
  const deleted: Customer = { ...account.customer, deletedAt: context.at, updatedAt: context.at };
  account.putCustomer(deleted);
  context.ledger.saveAccount(account);
  return deleted;
}

function endPromises(work: BillingWork): void {
  for (const applied of work.account.all('applied_coupon')) {
    if (applied.status === 'active') removeAppliedCoupon(work, applied);
  }
  for (const wallet of work.account.all('wallet')) {
    if (wallet.status === 'active') terminateWallet(work, wallet);
  }
}

function accountNamed(context: OperationContext, externalId: string): Account {
  const account = context.ledger.account(externalId);
  if (account === undefined) throw notFound('customer', externalId, 'See them with `lago-cli customers list`.');
  return account;
}

const noAddress: Address = {
  addressLine1: null,
  addressLine2: null,
  city: null,
  state: null,
  zipcode: null,
  country: null,
};

const blankAttributes = {
  name: null,
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
  address: noAddress,
  shippingAddress: noAddress,
  externalSalesforceId: null,
  currency: null,
  timezone: null,
  netPaymentTerm: null,
  invoiceGracePeriod: null,
  documentLocale: null,
  issuingDateAnchor: null,
  issuingDateAdjustment: null,
  finalizeZeroAmountInvoice: 'inherit',
  taxCodes: [],
  metadata: [],
} as const satisfies Partial<Customer>;
