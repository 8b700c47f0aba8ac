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
  /** An invoice that is only imagined: Lago has rules of its own for it (invoicing §3.4, §6.10). */
  readonly preview?: true;
  readonly at: Instant;
}

/** Who is billed and who bills: what zones, dates and terms are read from. */
export interface BillingParties {
  readonly account: Pick<Account, 'customer'>;
  readonly catalog: Pick<Catalog, 'organization'>;
}

/** The customer's zone, else the organization's. */
export function applicableZone(work: BillingParties): ZoneName {
  return work.account.customer.timezone ?? work.catalog.organization.timezone;
}
