import { beforeEach, describe, expect, test } from 'vitest';
import { openLedger } from '../../src/ledger/open.js';
import { recordTables } from '../../src/ledger/recordTables.js';
import type { SqliteLedger } from '../../src/ledger/sqliteLedger.js';
import type { Invoice, RecordKind } from '../../src/model.js';
import { NOW, newCustomer, newRecord, openAccount } from './newEvent.js';

let ledger: SqliteLedger;
beforeEach(() => {
  ledger = openLedger(':memory:');
});

const idsOf = (externalId: string, kind: RecordKind) =>
  ledger
    .account(externalId)
    ?.all(kind)
    .map((record) => record.id);

describe('customers', () => {
  test('are listed in order of creation, deleted ones aside', () => {
    ledger.addCustomer(newCustomer('b', 1));
    ledger.addCustomer(newCustomer('a', 2));
    expect(ledger.customers().map((customer) => customer.externalId)).toEqual(['b', 'a']);
    const account = ledger.account('b');
    account?.putCustomer(newCustomer('b', 1, { deletedAt: NOW }));
    if (account !== undefined) ledger.saveAccount(account);
    expect(ledger.customers().map((customer) => customer.externalId)).toEqual(['a']);
    expect(ledger.allCustomers().map((customer) => customer.externalId)).toEqual(['b', 'a']);
    expect(ledger.account('b')).toBeUndefined();
    expect(ledger.nextCustomerSequentialId()).toBe(3);
    ledger.addCustomer(newCustomer('b', 3));
    expect(ledger.account('b')?.customer.sequentialId).toBe(3);
  });

  test('take the next number and an external id of their own', () => {
    expect(() => ledger.addCustomer(newCustomer('a', 2))).toThrow(/must be number 1/);
    ledger.addCustomer(newCustomer('a', 1));
    expect(() => ledger.addCustomer(newCustomer('a', 2))).toThrow(/UNIQUE/);
    expect(ledger.customers()).toHaveLength(1);
  });

  test('must exist before their account is saved', () => {
    const account = ledger.accountOf(newCustomer('ghost', 1));
    account.putCustomer(newCustomer('ghost', 1));
    expect(() => ledger.saveAccount(account)).toThrow(/never added/);
    const other = ledger.accountOf(newCustomer('ghost', 1));
    other.put('payment', newRecord<'payment'>('p1'));
    expect(() => ledger.saveAccount(other)).toThrow(/FOREIGN KEY/);
  });
});

describe('records', () => {
  test.each(Object.keys(recordTables) as RecordKind[])('of kind %s come back whole and in order', (kind) => {
    const account = openAccount(ledger, 'acme');
    const other = openAccount(ledger, 'other');
    const record = (id: string) => newRecord<typeof kind>(id, { status: 'pending' } as never);
    for (const id of ['z', 'a', 'm']) account.put(kind, record(id));
    other.put(kind, record('of other'));
    ledger.saveAccount(account);
    ledger.saveAccount(other);
    expect(ledger.account('acme')?.all(kind)).toMatchObject([record('z'), record('a'), record('m')]);
  });

  test('changed keep their place, removed go, re-created come last', () => {
    const account = openAccount(ledger, 'acme');
    for (const id of ['a', 'b', 'c', 'd']) account.put('fee', newRecord<'fee'>(id, { amountCents: 1 }));
    ledger.saveAccount(account);
    const again = ledger.account('acme') as NonNullable<ReturnType<typeof ledger.account>>;
    again.put('fee', newRecord<'fee'>('c', { amountCents: 2 }));
    for (const id of ['a', 'b', 'd']) again.remove('fee', id);
    for (const id of ['d', 'a']) again.put('fee', newRecord<'fee'>(id, { amountCents: 3 }));
    ledger.saveAccount(again);
    expect(again.all('fee').map((fee) => fee.id)).toEqual(['c', 'd', 'a']);
    expect(idsOf('acme', 'fee')).toEqual(['c', 'd', 'a']);
    expect(ledger.select('SELECT id, amount_cents FROM fees ORDER BY id').rows).toEqual([
      ['a', 3],
      ['c', 2],
      ['d', 3],
    ]);
  });

  test('that are not saved leave no trace', () => {
    const account = openAccount(ledger, 'acme');
    account.put('payment', newRecord<'payment'>('p1'));
    expect(idsOf('acme', 'payment')).toEqual([]);
    expect(() =>
      ledger.transaction(() => {
        ledger.saveAccount(account);
        throw new Error('refused');
      }),
    ).toThrow('refused');
    expect(idsOf('acme', 'payment')).toEqual([]);
  });
});

describe('the account of a subscription', () => {
  test('is that of the active one, else of the latest', () => {
    const subscribe = (externalId: string, id: string, status: string) => {
      const account = ledger.account(externalId) ?? openAccount(ledger, externalId);
      account.put('subscription', newRecord<'subscription'>(id, { externalId: 'sub_1', status }));
      ledger.saveAccount(account);
    };
    const owner = () => ledger.accountOfSubscription('sub_1')?.customer.externalId;
    expect(owner()).toBeUndefined();
    subscribe('a', 's1', 'terminated');
    expect(owner()).toBe('a');
    subscribe('b', 's2', 'terminated');
    expect(owner()).toBe('b');
    subscribe('a', 's1', 'active');
    expect(owner()).toBe('a');
    subscribe('a', 's1', 'terminated');
    expect(owner()).toBe('b');
  });
});

describe('invoices', () => {
  const invoice = (changes: Partial<Record<keyof Invoice, unknown>>): Invoice =>
    newRecord<'invoice'>('i1', {
      number: 'LAG-001-001',
      status: 'finalized',
      paymentStatus: 'pending',
      totalAmountCents: 100,
      taxesAmountCents: 20,
      issuingDate: '2026-01-01',
      totalPaidAmountCents: 0,
      metadata: [],
      ...changes,
    });
  const save = (record: Invoice | null, id = 'i1') => {
    const account = ledger.account('acme') ?? openAccount(ledger, 'acme');
    if (record === null) account.remove('invoice', id);
    else account.put('invoice', record);
    ledger.saveAccount(account);
  };

  test('never share a number once issued, drafts may', () => {
    save(invoice({ id: 'd1', number: 'LAG-DRAFT', status: 'draft' }));
    save(invoice({ id: 'd2', number: 'LAG-DRAFT', status: 'draft' }));
    save(invoice({}));
    expect(() => save(invoice({ id: 'i2' }))).toThrow(/UNIQUE/);
    expect(() => save(invoice({ id: 'i2', status: 'voided' }))).toThrow(/UNIQUE/);
    expect(idsOf('acme', 'invoice')).toEqual(['d1', 'd2', 'i1']);
  });

  test.each<[string, Partial<Record<keyof Invoice, unknown>>]>([
    ['its total', { totalAmountCents: 101 }],
    ['its taxes', { taxesAmountCents: 0 }],
    ['its number', { number: 'LAG-001-002' }],
    ['its issuing date', { issuingDate: '2026-01-02' }],
    ['its status back to draft', { status: 'draft' }],
  ])('once issued refuse a change of %s', (_, changes) => {
    save(invoice({}));
    expect(() => save(invoice(changes))).toThrow(/an issued invoice never changes/);
    expect(ledger.account('acme')?.get('invoice', 'i1')).toMatchObject(invoice({}));
  });

  test('once issued are never removed, drafts may be', () => {
    save(invoice({ status: 'draft' }));
    save(null);
    expect(idsOf('acme', 'invoice')).toEqual([]);
    save(invoice({}));
    expect(() => save(null)).toThrow(/never removed/);
  });

  test('once issued take payments, metadata, a dispute and voiding, and stay void', () => {
    save(invoice({}));
    const paid = { paymentStatus: 'succeeded', totalPaidAmountCents: 100, updatedAt: NOW };
    save(invoice({ ...paid, metadata: [{ key: 'a', value: 'b', createdAt: NOW }] }));
    save(invoice({ ...paid, paymentDisputeLostAt: NOW, status: 'voided', voidedAt: NOW }));
    expect(ledger.account('acme')?.get('invoice', 'i1')?.status).toBe('voided');
    expect(() => save(invoice({ status: 'finalized' }))).toThrow(/never changes/);
  });

  test('drafts change freely until they are issued', () => {
    save(invoice({ status: 'draft', totalAmountCents: 1, number: 'LAG-DRAFT' }));
    save(invoice({ status: 'draft', totalAmountCents: 2, number: 'LAG-DRAFT' }));
    save(invoice({ totalAmountCents: 3 }));
    expect(ledger.account('acme')?.get('invoice', 'i1')?.totalAmountCents).toBe(3);
  });

  test('are counted and numbered across customers: issued ones, self-billed ones aside', () => {
    expect([ledger.maxBillingEntitySequentialId(), ledger.issuedInvoiceCount()]).toEqual([0, 0]);
    save(invoice({ number: 'N1', billingEntitySequentialId: 7 }));
    save(invoice({ id: 'i2', number: 'N2', status: 'voided', billingEntitySequentialId: 8 }));
    save(invoice({ id: 'i3', number: 'N3', status: 'draft', billingEntitySequentialId: 99 }));
    save(invoice({ id: 'i4', number: 'N4', billTo: { accountType: 'partner' } }));
    expect([ledger.maxBillingEntitySequentialId(), ledger.issuedInvoiceCount()]).toEqual([8, 2]);
  });
});

describe('facts', () => {
  test('the journal keeps operations in order', () => {
    const entries = Array.from({ length: 2_500 }, (_, i) => ({
      at: NOW,
      verb: `verb_${i}`,
      input: { i, list: [null] },
    }));
    ledger.transaction(() => {
      for (const entry of entries) ledger.record(entry);
    });
    expect([...ledger.journal()]).toEqual(entries.map((entry, i) => ({ ...entry, sequence: i + 1 })));
  });

  test('definitions are kept once by hash, and the last used is known', () => {
    expect(ledger.latestDefinitionsHash()).toBeUndefined();
    ledger.storeDefinitions('h1', 'one', NOW);
    ledger.storeDefinitions('h2', 'two', NOW);
    ledger.storeDefinitions('h1', 'one', NOW);
    expect(ledger.latestDefinitionsHash()).toBe('h1');
    expect([ledger.definitions('h1'), ledger.definitions('h2'), ledger.definitions('h3')]).toEqual([
      'one',
      'two',
      undefined,
    ]);
  });

  test('settings are replaced', () => {
    ledger.putSetting('a', '1');
    ledger.putSetting('a', '2');
    expect(ledger.setting('a')).toBe('2');
    expect(ledger.setting('b')).toBeUndefined();
  });
});
