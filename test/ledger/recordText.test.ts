/** What is written of a record is all of it: neutral values are left out, and come back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newFee } from '../../src/invoicing/newFee.js';
import { recordTables } from '../../src/ledger/recordTables.js';
import { neutralValues, recordText, storedRecord } from '../../src/ledger/recordText.js';
import type { Fee, Invoice, RecordKind } from '../../src/model.js';
import { NOW, newRecord } from './newEvent.js';

const fee = newFee({
  id: 'f1',
  customerId: 'c1',
  invoiceId: 'i1',
  feeType: 'charge',
  item: { id: 'm1', type: 'BillableMetric', code: 'calls', name: 'Calls "ü"' },
  currency: 'EUR',
  amountCents: 120,
  units: '12',
  createdAt: NOW,
});

/** Every value that differs from the neutral one of its key, and that is no more than a wrong type away from it. */
const other = (value: unknown): unknown => {
  if (value === null) return 'x';
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}1`;
  if (Array.isArray(value)) return value.length === 0 ? ['x'] : [];
  return Object.keys(value as object).length === 0 ? { a: null } : value;
};

describe('a fee', () => {
  test('is written by the names of its keys, payment last, without what says nothing', () => {
    const { text, saidLength } = recordText('fee', fee);
    const said =
      '{"amountCents":120,"createdAt":1767225600000000,"currency":"EUR","customerId":"c1","feeType":"charge",' +
      '"id":"f1","invoiceId":"i1","item":{"code":"calls","id":"m1","name":"Calls \\"ü\\"","type":"BillableMetric"},' +
      '"preciseAmountCents":"120","preciseUnitAmount":"0","taxesAmountCents":0,"units":"12"';
    expect(text).toBe(`${said},"paymentStatus":"pending"}`);
    expect(saidLength).toBe(said.length);
  });

  test('is the same whatever the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(fee).reverse()) as unknown as Fee;
    expect(recordText('fee', reversed)).toEqual(recordText('fee', fee));
  });

  test('says the same for ever whatever happens to its payment', () => {
    const said = (of: Fee) => {
      const { text, saidLength } = recordText('fee', of);
      return text.slice(0, saidLength);
    };
    expect(said({ ...fee, paymentStatus: 'succeeded', succeededAt: NOW })).toBe(said(fee));
    expect(said({ ...fee, amountCents: 121 })).not.toBe(said(fee));
    expect(said({ ...fee, taxesRate: 20 })).not.toBe(said(fee));
  });

  test('comes back whole, whichever of its values are neutral', () => {
    const keys = Object.keys(fee) as (keyof Fee)[];
    fc.assert(
      fc.property(fc.subarray(keys), fc.boolean(), (changed, inItem) => {
        const changes = changed.map((key) => [key, other(fee[key])]);
        const record = { ...fee, ...Object.fromEntries(changes) } as Fee;
        const item = {
          ...fee.item,
          groupedBy: inItem ? { region: 'eu' } : {},
          description: inItem ? '\u2028\ud800' : null,
        };
        const written = { ...record, item };
        expect(storedRecord('fee', recordText('fee', written).text)).toEqual(written);
      }),
      { numRuns: 300 },
    );
  });

  test('comes back when it knows a key that no other knows', () => {
    const later = { ...fee, newKey: 7 } as Fee;
    expect(storedRecord('fee', recordText('fee', later).text)).toEqual(later);
    expect(storedRecord('fee', recordText('fee', fee).text)).toEqual(fee);
  });
});

test('a record with one key in place of another keeps it', () => {
  recordText('fee', fee);
  const { currency: _, ...without } = fee;
  const renamed = { ...without, money: 'EUR' } as unknown as Fee;
  expect(storedRecord('fee', recordText('fee', renamed).text)).toEqual(renamed);
  expect(storedRecord('fee', recordText('fee', { ...fee, currency: undefined } as never).text)).toEqual(without);
});

test('an invoice says the same after it was read', () => {
  const address = { addressLine1: null, addressLine2: null, city: null, state: null, zipcode: null, country: null };
  const invoice = newRecord<'invoice'>('i1', {
    status: 'finalized',
    billTo: { ...neutralValues.invoice?.billTo, address, shippingAddress: { ...address }, name: 'Customer' },
  });
  const written = recordText('invoice', invoice);
  expect(recordText('invoice', storedRecord('invoice', written.text))).toEqual(written);
});

test('an invoice comes back with its parties', () => {
  const address = { addressLine1: null, addressLine2: null, city: 'Paris', state: null, zipcode: null, country: null };
  const invoice = newRecord<'invoice'>('i1', {
    ...(neutralValues.invoice as Partial<Invoice>),
    status: 'finalized',
    issuer: { ...neutralValues.invoice?.issuer, name: 'Acme', taxCodes: ['vat'] },
    billTo: { ...neutralValues.invoice?.billTo, address, name: 'Customer', accountType: 'customer' },
  });
  const { text } = recordText('invoice', invoice);
  expect(text).toBe(
    '{"billTo":{"accountType":"customer","address":{"city":"Paris"},"name":"Customer"},"id":"i1",' +
      '"issuer":{"name":"Acme","taxCodes":["vat"]},"status":"finalized"}',
  );
  expect(storedRecord('invoice', text)).toEqual(invoice);
});

test('columns see every value: what is left out is null to them', () => {
  const columns = (kind: RecordKind) => recordTables[kind].columns;
  const hidden = Object.entries(neutralValues).flatMap(([kind, values]) =>
    Object.entries(values)
      .filter(([key, value]) => value !== null && columns(kind as RecordKind).includes(key))
      .map(([key]) => `${kind}.${key}`),
  );
  expect(hidden).toEqual([]);
});
