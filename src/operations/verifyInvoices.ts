/**
 * Every issued invoice against the ledger that it came from: what it said when it was issued, what its parts add up to,
 * and what its billing periods come to again. Reads only.
 *
 * Usage that arrived after an invoice changes what it would be today, not what it is: such an invoice is named `late_usage`
 * and is no finding.
 */
import type { Catalog } from '../catalog/types.js';
import { type Deviation, deviationsOfFees, deviationsOfTotals } from '../invoicing/verify.js';
import { documentHash } from '../ledger/documents.js';
import type { BillingPeriod, Invoice } from '../model.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { catalogOf } from './effectiveCatalog.js';
import { accountNamed, type ViewFields } from './lists.js';

export interface VerifiedInvoices {
  readonly verified: number;
  /** None: nothing was changed. */
  readonly findings: readonly Finding[];
  /** Invoices that later usage would make otherwise. */
  readonly lateUsage: readonly Finding[];
}

export interface Finding {
  readonly lago_invoice_id: string;
  readonly number: string;
  readonly external_customer_id: string;
  /** `document_changed`: other than when it was issued. `not_sealed`: nobody knows what it said then. */
  readonly kind: 'document_changed' | 'not_sealed' | 'totals_differ' | 'fees_differ' | 'late_usage';
  readonly deviations: readonly Deviation[];
}

/** Fields: `external_customer_id`; without it everyone's. */
export function verifyInvoices(context: OperationContext, fields: ViewFields): VerifiedInvoices {
  const accounts =
    fields.external_customer_id === undefined
      ? context.ledger.allCustomers().map((customer) => context.ledger.accountOf(customer))
      : [accountNamed(context, fields.external_customer_id)];
  const catalogs = new Map<string, Catalog>();
  const findings: Finding[] = [];
  let verified = 0;
  for (const account of accounts) {
    const work = billingWork(context, account);
    for (const invoice of account.all('invoice')) {
      if (invoice.status !== 'finalized' && invoice.status !== 'voided') continue;
      verified += 1;
      const seal = context.ledger.documentSeal(invoice.id);
      const found = (kind: Finding['kind'], deviations: readonly Deviation[]): void => {
        const { id, number } = invoice;
        const customer = account.customer.externalId;
        findings.push({ lago_invoice_id: id, number, external_customer_id: customer, kind, deviations });
      };
      if (seal === undefined) found('not_sealed', []);
      else {
        const derived = documentHash(account, invoice);
        if (seal.sha256 !== derived) found('document_changed', [{ field: 'sha256', stored: seal.sha256, derived }]);
      }
      const totals = deviationsOfTotals(work, invoice);
      if (totals.length > 0) found('totals_differ', totals);
      const fees = deviationsOfFees(work, invoice, {
        catalog: catalogOfDay(context, catalogs, invoice),
        hadArrived: (transactionId) => seal === undefined || hasArrived(context, transactionId, seal.lastSequence),
      });
      if (fees === null || fees.length === 0) continue;
      const periods = account.ofInvoice('billing_period', invoice.id);
      const isLate = seal !== undefined && periods.some((period) => hasLateUsage(context, period, seal.lastSequence));
      found(isLate ? 'late_usage' : 'fees_differ', fees);
    }
  }
  return {
    verified,
    findings: findings.filter(({ kind }) => kind !== 'late_usage'),
    lateUsage: findings.filter(({ kind }) => kind === 'late_usage'),
  };
}

function catalogOfDay(context: OperationContext, known: Map<string, Catalog>, { catalogHash }: Invoice): Catalog {
  const catalog = known.get(catalogHash);
  if (catalog !== undefined) return catalog;
  const content = context.ledger.definitions(catalogHash);
  const read = content === undefined ? context.catalog : catalogOf(content);
  known.set(catalogHash, read);
  return read;
}

function hasArrived({ ledger }: OperationContext, transactionId: string, lastSequence: number): boolean {
  const event = ledger.event(transactionId);
  return event !== undefined && event.sequence <= lastSequence;
}

/** An event of the period, or of one before that its units are carried over from, arrived after the invoice. */
function hasLateUsage(context: OperationContext, period: BillingPeriod, lastSequence: number): boolean {
  const { externalSubscriptionId, chargesToDatetime: to } = period;
  if (to === null) return false;
  for (const event of context.ledger.events({ externalSubscriptionId, to })) {
    if (event.sequence > lastSequence) return true;
  }
  return false;
}
