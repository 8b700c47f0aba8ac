import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Account, type AccountSource } from '../../src/accounts/account.js';
import { newCustomer, newRecord } from '../ledger/newEvent.js';

const fee = (id: string, invoiceId: string | null, amountCents = 0) => newRecord<'fee'>(id, { invoiceId, amountCents });
const stored: AccountSource = {
  records: (kind) => (kind === 'fee' ? [fee('a', 'i1'), fee('b', null), fee('c', 'i2')] : []) as never,
};

test('the fees of an invoice are those of all fees that name it, whatever was put, moved and removed', () => {
  const step = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    invoiceId: fc.constantFrom('i1', 'i2', null),
    removes: fc.boolean(),
    asks: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const account = new Account(newCustomer('acme', 1), stored);
      const plain = new Map(stored.records('fee', 'acme').map((each) => [each.id, each]));
      const answered: (readonly [list: readonly unknown[], copy: readonly unknown[]])[] = [];
      for (const [amount, { id, invoiceId, removes, asks }] of steps.entries()) {
        if (removes) account.remove('fee', id);
        else account.put('fee', fee(id, invoiceId, amount));
        if (removes) plain.delete(id);
        else plain.set(id, fee(id, invoiceId, amount));
        if (!asks) continue;
        expect(account.all('fee')).toEqual([...plain.values()]);
        answered.push([account.all('fee'), [...plain.values()]]);
        for (const invoice of ['i1', 'i2', 'i3']) {
          const expected = account.all('fee').filter((each) => each.invoiceId === invoice);
          expect(account.ofInvoice('fee', invoice)).toEqual(expected);
        }
      }
      // Who asked before something changed still has what it was told.
      for (const [list, copy] of answered) expect(list).toEqual(copy);
    }),
  );
});

test('changes name what was never stored, what comes again last, and nothing that came and went', () => {
  const account = new Account(newCustomer('acme', 1), stored);
  account.put('fee', fee('a', 'i1', 5));
  account.remove('fee', 'b');
  account.put('fee', fee('b', 'i1'));
  account.remove('fee', 'c');
  account.put('fee', fee('new', 'i1'));
  account.put('fee', fee('gone', 'i1'));
  account.remove('fee', 'gone');
  expect(account.changes().records.map(({ record, ...change }) => ({ ...change, has: record !== null }))).toEqual([
    { kind: 'fee', id: 'a', added: false, recreated: false, has: true },
    { kind: 'fee', id: 'b', added: false, recreated: true, has: true },
    { kind: 'fee', id: 'c', added: false, recreated: false, has: false },
    { kind: 'fee', id: 'new', added: true, recreated: false, has: true },
  ]);
  account.saved();
  expect(account.changes()).toEqual({ customer: null, records: [] });
  account.put('fee', fee('new', 'i1', 1));
  expect(account.changes().records).toMatchObject([{ id: 'new', added: false }]);
});
