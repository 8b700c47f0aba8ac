import { describe, expect, it } from 'vitest';
import { JsonNumber, type JsonObject, parseJson, writeJson } from '../../src/exactJson.js';
import { type EventRules, preciseAmount, readEventRecord } from '../../src/ingest/eventRecord.js';
import { noon } from './ingestWorld.js';

const rules: EventRules = {
  at: noon,
  subscriptionOfCustomer: (id) =>
    id === 'acme'
      ? { externalId: 'sub_acme' }
      : { field: 'external_customer_id', code: 'customer_not_found', message: 'no' },
};

function read(text: string) {
  const event = readEventRecord(parseJson(text) as JsonObject, rules);
  return Array.isArray(event) ? event.map(({ field, code }) => `${field}: ${code}`) : event;
}

describe('a record', () => {
  it('has the fields of an event in either spelling', () => {
    expect(
      read(
        '{"transactionId":"t","code":"c","externalSubscriptionId":"s","timestamp":1,"preciseTotalAmountCents":"1.5"}',
      ),
    ).toEqual({
      transactionId: 't',
      code: 'c',
      externalSubscriptionId: 's',
      timestamp: 1_000_000,
      timestampIsArrival: false,
      properties: new Map(),
      preciseTotalAmountCents: '1.5',
      unreadableAmount: false,
    });
  });

  it('takes the clock and nothing else for granted', () => {
    expect(read('{"transaction_id":"t","code":"c","properties":null,"timestamp":null,"lago_id":1}')).toMatchObject({
      externalSubscriptionId: null,
      timestamp: noon,
      timestampIsArrival: true,
      properties: new Map(),
      preciseTotalAmountCents: null,
    });
  });

  it.each([
    ['{"transaction_id":7,"code":"c"}', { transactionId: '7' }],
    ['{"transaction_id":12345678901234567890,"code":"c"}', { transactionId: '12345678901234567890' }],
    ['{"transaction_id":"t","code":"c","external_subscription_id":"  "}', { externalSubscriptionId: null }],
    ['{"transaction_id":"t","code":"c","external_customer_id":"acme"}', { externalSubscriptionId: 'sub_acme' }],
    [
      '{"transaction_id":"t","code":"c","externalCustomerId":"acme","external_subscription_id":"x"}',
      { externalSubscriptionId: 'x' },
    ],
    ['{"transaction_id":"t","code":"c","timestamp":1.5e9}', { timestamp: 1_500_000_000_000_000 }],
    [
      '{"transaction_id":"t","code":"c","precise_total_amount_cents":"asdfa"}',
      { preciseTotalAmountCents: '0', unreadableAmount: true },
    ],
  ])('%s is an event', (text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  it.each([
    ['{}', ['transaction_id: value_is_mandatory', 'code: value_is_mandatory']],
    ['{"transaction_id":" ","code":null}', ['transaction_id: value_is_mandatory', 'code: value_is_mandatory']],
    ['{"transaction_id":["t"],"code":{}}', ['transaction_id: invalid_type', 'code: invalid_type']],
    ['{"transaction_id":"t","transactionId":"t","code":"c"}', ['transaction_id: duplicate_key']],
    ['{"transaction_id":"t","code":"c","timestamp":""}', ['timestamp: invalid_format']],
    ['{"transaction_id":"t","code":"c","timestamp":[1]}', ['timestamp: invalid_format']],
    ['{"transaction_id":"t","code":"c","timestamp":1651240791123}', ['timestamp: invalid_format']],
    ['{"transaction_id":"t","code":"c","properties":"a"}', ['properties: invalid_type']],
    ['{"transaction_id":"t","code":"c","properties":[]}', ['properties: invalid_type']],
    ['{"transaction_id":"t","code":"c","external_subscription_id":{}}', ['external_subscription_id: invalid_type']],
    ['{"transaction_id":"t","code":"c","external_customer_id":"x"}', ['external_customer_id: customer_not_found']],
  ])('%s is refused', (text, problems) => {
    expect(read(text)).toEqual(problems);
  });

  it('keeps long numbers in its properties', () => {
    const event = read('{"transaction_id":"t","code":"c","properties":{"n":123456789012345678901.5}}');
    expect(Array.isArray(event) ? '' : writeJson(event.properties)).toBe('{"n":123456789012345678901.5}');
  });
});

it.each([
  ['10.1', '10.1'],
  [' 901.90 ', '901.9'],
  ['+.5', '0.5'],
  ['1e3', '1000'],
  ['0.1234567890123456', '0.123456789012346'], // 15 decimals
  ['12abc', '0'],
  ['', '0'],
  ['1e9999', '0'],
])('a precise amount of %j is stored as %s', (text, stored) => {
  expect(preciseAmount(text).text).toBe(stored);
  expect(preciseAmount(new JsonNumber('7.25')).text).toBe('7.25');
});
