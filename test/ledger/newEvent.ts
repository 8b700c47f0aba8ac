/** Events and records for the ledger's tests: complete where the ledger looks, short elsewhere. */
import { Account } from '../../src/accounts/account.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { NewEvent } from '../../src/ledger/types.js';
import type { AccountRecords, Customer, RecordKind } from '../../src/model.js';
import { instant } from '../../src/time/instant.js';

export const NOW = instant(1_767_225_600_000_000);

export function newEvent(transactionId: string, changes: Partial<NewEvent> = {}): NewEvent {
  return {
    transactionId,
    code: 'storage',
    externalSubscriptionId: 'sub_1',
    timestamp: NOW,
    properties: '{"gb":"1.5","region":"eu"}',
    preciseTotalAmountCents: null,
    ...changes,
  };
}

export function newCustomer(externalId: string, sequentialId: number, changes: Partial<Customer> = {}): Customer {
  return {
    id: `customer-${externalId}-${sequentialId}`,
    externalId,
    sequentialId,
    deletedAt: null,
    ...changes,
  } as Customer;
}

export function newRecord<K extends RecordKind>(
  id: string,
  changes: Partial<Record<keyof AccountRecords[K], unknown>> = {},
): AccountRecords[K] {
  return { id, ...changes } as unknown as AccountRecords[K];
}

/** The account of a fresh customer, stored. */
export function openAccount(ledger: SqliteLedger, externalId: string): Account {
  const customer = newCustomer(externalId, ledger.nextCustomerSequentialId());
  ledger.addCustomer(customer);
  return ledger.account(externalId) ?? new Account(customer, { records: () => [] });
}
