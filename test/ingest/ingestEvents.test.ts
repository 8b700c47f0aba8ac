import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { ingestEvents } from '../../src/operations/ingest.js';
import { noon, type World, world } from './ingestWorld.js';

let w: World;
beforeEach(() => {
  w = world();
});
afterEach(() => w.close());

const event = {
  code: 'bytes',
  external_subscription_id: 'sub_acme',
  transaction_id: 't',
  timestamp: '2026-10-09T10:00:00Z',
  properties: { bytes: '2' },
};

function refusal(input: unknown): BillingError {
  try {
    ingestEvents(w.context, input);
  } catch (error) {
    if (error instanceof BillingError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the ingest verb', () => {
  it('stores events and returns them', () => {
    expect(
      ingestEvents(w.context, [
        event,
        { ...event, transaction_id: 'u', timestamp: undefined, properties: { bytes: 2.5 } },
      ]),
    ).toEqual([
      {
        transactionId: 't',
        code: 'bytes',
        externalSubscriptionId: 'sub_acme',
        timestamp: noon - 7_200_000_000,
        properties: '{"bytes":"2"}',
        preciseTotalAmountCents: null,
        sequence: 1,
        receivedAt: noon,
      },
      expect.objectContaining({ transactionId: 'u', timestamp: noon, properties: '{"bytes":2.5}', sequence: 2 }),
    ]);
  });

  it('gives events without an id one of their own, the same on the same history', () => {
    const { transaction_id: _, ...anonymous } = event;
    const ids = () => [
      ...ingestEvents(w.context, [anonymous, anonymous]).map((each) => each.transactionId),
      ...ingestEvents(w.context, anonymous).map((each) => each.transactionId),
    ];
    const first = ids();
    expect(new Set(first).size).toBe(3);
    expect(w.stored()).toHaveLength(3);
    w.close();
    w = world();
    expect(ids()).toEqual(first);
  });

  it('takes the same event again for no event, and other content for an error', () => {
    ingestEvents(w.context, [event]);
    expect(
      ingestEvents(w.context, [event, { ...event, transaction_id: 'u' }]).map((each) => each.transactionId),
    ).toEqual(['u']);
    const error = refusal([
      { ...event, transaction_id: 'v' },
      { ...event, properties: { bytes: '3' } },
    ]);
    expect(error.code).toBe('validation_errors');
    expect(error.problems).toMatchObject([{ field: 'events[1].transaction_id', code: 'value_already_exist' }]);
    expect(w.ledger.event('v')).toBeUndefined();
  });

  it('refuses an id that the list itself uses for two contents', () => {
    const error = refusal([event, { ...event, code: 'calls' }]);
    expect(error.codes()).toContain('value_already_exist');
    expect(w.stored()).toEqual([]);
  });

  it.each([
    [[], ['no_events']],
    [[{ ...event, code: '' }], ['value_is_mandatory']],
    [[{ ...event, transaction_id: '' }], ['value_is_mandatory']],
    [[{ ...event, timestamp: 1_791_547_200_000 }], ['invalid_format']],
    [[{ ...event, timestamp: '2026-10-09' }], ['invalid_format']],
    [[{ ...event, properties: [1] }], ['invalid_type']],
    [['event'], ['invalid_type']],
    [[{ ...event, properties: { bytes: Number.NaN } }], ['invalid_number']],
    [
      [event, { ...event, transaction_id: 'u', code: null }, { timestamp: 'x' }],
      ['value_is_mandatory', 'value_is_mandatory', 'invalid_format'],
    ],
  ])('refuses %j and stores nothing', (input, codes) => {
    expect(refusal(input).codes().slice(1)).toEqual(codes);
    expect(w.stored()).toEqual([]);
  });

  it('names the problem by its field alone when there is one event', () => {
    ingestEvents(w.context, [event]);
    expect(refusal({ ...event, code: 'calls' }).problems).toMatchObject([
      { field: 'transaction_id', code: 'value_already_exist' },
    ]);
  });

  it('computes expressions first', () => {
    const area = { code: 'area', external_subscription_id: 'sub_acme', properties: { width: 2, height: '1.5' } };
    expect(ingestEvents(w.context, [area])[0]?.properties).toBe('{"width":2,"height":"1.5","area":"3.0"}');
    const error = refusal([event, { ...area, properties: { width: 2 } }]);
    expect(error.code).toBe('expression_evaluation_failed');
    expect(error.message).toContain('Variable: height not found');
    expect(w.stored()).toHaveLength(1);
  });

  it('finds the only active subscription of a customer', () => {
    const { external_subscription_id: _, ...unowned } = event;
    expect(ingestEvents(w.context, { ...unowned, externalCustomerId: 'acme' })[0]?.externalSubscriptionId).toBe(
      'sub_acme',
    );
    const codes = (customer: string) =>
      refusal({ ...unowned, transaction_id: 'x', external_customer_id: customer }).codes();
    expect(codes('globex')).toContain('several_active_subscriptions');
    expect(codes('initech')).toContain('no_active_subscription');
    expect(codes('hooli')).toContain('customer_not_found');
  });
});
