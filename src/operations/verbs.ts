/**
 * The verbs: what each name runs. One table for every front end; a verb that stands in no table is refused by name.
 * Source: the scenario format, "Verbs that act".
 */
import type { StoredEvent } from '../ledger/types.js';
import { adjustFee } from './adjustFee.js';
import { bill } from './bill.js';
import type { OperationContext } from './context.js';
import { applyCoupon, removeCoupon } from './coupons.js';
import { createCreditNote, updateCreditNote, voidCreditNote } from './creditNotes.js';
import { createCustomer, deleteCustomer, updateCustomer } from './customers.js';
import { loseInvoiceDispute } from './disputedInvoice.js';
import { ingest } from './events.js';
import { updateFee } from './fees.js';
import { createInvoice } from './oneOffInvoice.js';
import { recordPayment } from './payments.js';
import { finalizeInvoice, refreshInvoice } from './refreshInvoice.js';
import { regenerateInvoice } from './regenerateInvoice.js';
import { createSubscription, terminateSubscription } from './subscriptions.js';
import { updateInvoice } from './updateInvoice.js';
import { updateSubscription } from './updateSubscription.js';
import { voidInvoice } from './voidInvoice.js';
import { createWallet, terminateWallet, topUpWallet, updateWallet } from './wallets.js';

export type Operation = (context: OperationContext, input: unknown) => unknown;

export const operations: Readonly<Record<string, Operation>> = {
  create_customer: createCustomer,
  update_customer: updateCustomer,
  delete_customer: deleteCustomer,
  create_subscription: createSubscription,
  update_subscription: updateSubscription,
  terminate_subscription: terminateSubscription,
  ingest,
  bill,
  finalize_invoice: finalizeInvoice,
  refresh_invoice: refreshInvoice,
  void_invoice: voidInvoice,
  regenerate_invoice: regenerateInvoice,
  update_invoice: updateInvoice,
  lose_invoice_dispute: loseInvoiceDispute,
  create_invoice: createInvoice,
  record_payment: recordPayment,
  apply_coupon: applyCoupon,
  remove_coupon: removeCoupon,
  create_wallet: createWallet,
  update_wallet: updateWallet,
  terminate_wallet: terminateWallet,
  top_up_wallet: topUpWallet,
  create_credit_note: createCreditNote,
  update_credit_note: updateCreditNote,
  void_credit_note: voidCreditNote,
  adjust_fee: adjustFee,
  update_fee: updateFee,
};

/** What the journal keeps: the input, but for events, which the ledger holds already, their place in it. */
export function journalInput(verb: string, input: unknown, result: unknown): unknown {
  if (verb !== 'ingest') return input;
  const stored = result as readonly StoredEvent[];
  return {
    stored: stored.length,
    first_sequence: stored[0]?.sequence ?? null,
    last_sequence: stored.at(-1)?.sequence ?? null,
  };
}
