/** What every billing rule works on: one customer's account, the definitions, the usage, and the instant. */
import type { Account } from '../accounts/account.js';
import type { Catalog } from '../catalog/types.js';
import type { UsageReader } from '../metering/usageReader.js';
import type { Instant } from '../time/instant.js';
import type { ZoneName } from '../time/zone.js';

/** Numbers that run across customers (invoicing §6.5); the ledger answers, invoices of this run included. */
export interface InvoiceNumbering {
  /** Takes the next number of the billing entity's own sequence. */
  readonly nextBillingEntitySequentialId: () => number;
}

export interface BillingWork {
  readonly account: Account;
  readonly catalog: Catalog;
  readonly usage: UsageReader;
  readonly numbering: InvoiceNumbering;
  readonly at: Instant;
}

/** The customer's zone, else the organization's. */
export function applicableZone(work: Pick<BillingWork, 'account' | 'catalog'>): ZoneName {
  return work.account.customer.timezone ?? work.catalog.organization.timezone;
}
