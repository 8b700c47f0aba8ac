import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import { NOW, newCustomer, newEvent, newRecord, openAccount } from './newEvent.js';

let ledger: SqliteLedger;
beforeEach(() => {
  ledger = openLedger(':memory:');
});

const ownerOf = (account: { customer: { externalId: string } } | undefined) => account?.customer.externalId;

describe('the account that holds', () => {
  test('an invoice is found by its number or id, an issued one before drafts of the same number', () => {
    const drafter = openAccount(ledger, 'drafter');
    drafter.put('invoice', newRecord<'invoice'>('draft', { number: 'N-1', status: 'draft' }));
    ledger.saveAccount(drafter);
    expect(ownerOf(ledger.accountOfInvoice('N-1'))).toBe('drafter');
    const issuer = openAccount(ledger, 'issuer');
    issuer.put('invoice', newRecord<'invoice'>('issued', { number: 'N-1', status: 'finalized' }));
    ledger.saveAccount(issuer);
    expect(ownerOf(ledger.accountOfInvoice('N-1'))).toBe('issuer');
    expect(ownerOf(ledger.accountOfInvoice('draft'))).toBe('drafter');
    expect(ledger.accountOfInvoice('N-2')).toBeUndefined();
  });

  test('a credit note or a fee, of deleted customers too', () => {
    const account = openAccount(ledger, 'acme');
    account.put('credit_note', newRecord<'credit_note'>('note', { number: 'N-1-CN001' }));
    account.put('fee', newRecord<'fee'>('fee', {}));
    ledger.saveAccount(account);
    account.putCustomer(newCustomer('acme', 1, { deletedAt: NOW }));
    ledger.saveAccount(account);
    expect(ownerOf(ledger.accountOfCreditNote('N-1-CN001'))).toBe('acme');
    expect(ownerOf(ledger.accountOfCreditNote('note'))).toBe('acme');
    expect(ownerOf(ledger.accountOfFee('fee'))).toBe('acme');
    expect(ledger.accountOfFee('note')).toBeUndefined();
  });
});

test('a record saved as it stands is no change', () => {
  const account = openAccount(ledger, 'acme');
  account.put('payment', newRecord<'payment'>('p', {}));
  ledger.saveAccount(account);
  const before = ledger.changeCount();
  const again = ledger.account('acme');
  again?.put('payment', newRecord<'payment'>('p', {}));
  if (again !== undefined) ledger.saveAccount(again);
  expect(ledger.changeCount()).toBe(before);
  const changed = ledger.account('acme');
  changed?.put('payment', newRecord<'payment'>('p', { amountCents: 5 }));
  if (changed !== undefined) ledger.saveAccount(changed);
  expect(ledger.changeCount()).toBe(before + 1);
});

test('events are counted by code, subscription and UTC day', () => {
  const at = (text: string) => (Date.parse(text) * 1000) as typeof NOW;
  ledger.appendEvents(
    [
      newEvent('1', { code: 'calls', externalSubscriptionId: 'a', timestamp: at('2026-10-01T23:59:59Z') }),
      newEvent('2', { code: 'calls', externalSubscriptionId: 'b', timestamp: at('2026-10-02T00:00:00Z') }),
      newEvent('3', { code: 'seats', externalSubscriptionId: 'a', timestamp: at('2026-10-02T12:00:00Z') }),
      newEvent('4', { code: 'seats', externalSubscriptionId: null, timestamp: at('2026-10-02T12:00:00Z') }),
    ],
    NOW,
  );
  expect(ledger.eventCount()).toBe(4);
  const counts = (...query: Parameters<typeof ledger.eventCounts>) =>
    ledger.eventCounts(...query).map((each) => [each.code, each.externalSubscriptionId, each.day, each.count]);
  expect(counts(['code'], {})).toEqual([
    ['calls', null, null, 2],
    ['seats', null, null, 2],
  ]);
  expect(counts(['day', 'code'], { externalSubscriptionId: 'a' })).toEqual([
    ['calls', null, '2026-10-01', 1],
    ['seats', null, '2026-10-02', 1],
  ]);
  expect(counts(['subscription'], { from: at('2026-10-02T00:00:00Z') })).toEqual([
    [null, null, null, 1],
    [null, 'a', null, 1],
    [null, 'b', null, 1],
  ]);
});
