import { describe, expect, it } from 'vitest';
import { BillingError } from '../../../src/errors.js';
import { type ExpressionEvent, evaluateExpression } from '../../../src/metering/expression/evaluate.js';
import { parseExpression } from '../../../src/metering/expression/parse.js';
import { instant } from '../../../src/time/instant.js';

const properties = {
  value: 10.4,
  units: 2,
  price: '12.3400',
  exponent: '1.5e3',
  tiny: 1e-7,
  name: 'blue',
  digits: '007',
  padded: ' 1',
  nothing: null,
  yes: true,
  list: [1, 'a'],
  object: { kind: 'number', text: '5' },
};

function evaluate(source: string, given: ExpressionEvent['properties'] = properties): string {
  const timestamp = instant(1_709_640_000_987_654);
  return evaluateExpression(parseExpression(source), { code: '42', timestamp, properties: given });
}

function failure(source: string, given: ExpressionEvent['properties'] = properties): BillingError {
  try {
    evaluate(source, given);
  } catch (error) {
    if (error instanceof BillingError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
}

describe('the value of an expression', () => {
  it.each([
    ['123', '123.0'],
    ['2 + 4', '6.0'],
    ['2 - 4', '-2.0'],
    ['2 * 4', '8.0'],
    ['4 / 2', '2.0'],
    ['1 / 8', '0.125'],
    ['-12', '-12.0'],
    ['20 + -12', '8.0'],
    ['1 - -1', '2.0'],
    ['-(2 + 3)', '-5.0'],
    ['0 * -1', '0.0'],
    ['2 + 3 * 4', '14.0'],
    ['(2 + 3) * 4', '20.0'],
    ['10 - 2 - 3', '5.0'],
    ['100 / 10 / 5', '2.0'],
    ['0.1 + 0.2', '0.3'],
    ['1.50', '1.5'],
    ['123456789012345678901234567890 + 1', '123456789012345678901234567891.0'],
  ])('%s is %s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  it.each([
    ['round(12.5)', '13.0'],
    ['round(-12.5)', '-13.0'],
    ['round(12.345, 2)', '12.35'],
    ['round(123, 1)', '123.0'],
    ['round(155, -1)', '160.0'],
    ['round(1.26, 1.9)', '1.3'],
    ['ceil(12.3)', '13.0'],
    ['ceil(12.351, 1)', '12.4'],
    ['ceil(123, -1)', '130.0'],
    ['ceil(-1.5)', '-1.0'],
    ['floor(12.3)', '12.0'],
    ['floor(12.351, 1)', '12.3'],
    ['floor(123, -1)', '120.0'],
    ['floor(-1.5)', '-2.0'],
    ['LEAST(1, 2)', '1.0'],
    ['Greatest(1, 2, 1.5)', '2.0'],
    ['least(3)', '3.0'],
    ['round(event.properties.value * event.properties.units)', '21.0'],
  ])('%s rounds or chooses %s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  it.each([
    ["'bar'", 'bar'],
    ["''", ''],
    ['event.code', '42'],
    ['event.properties.name', 'blue'],
    ["concat('test', '-', '123')", 'test-123'],
    ["concat('test', '-', round(123))", 'test-123'],
    ["CONCAT(event.properties.name, '-', event.properties.value)", 'blue-10.4'],
    ["Concat(event.code, '/', event.timestamp)", '42/1709640000'],
    ['concat(event.properties.price, 1.50)', '12.34001.50'],
    ['concat(event.properties.digits)', '007'],
    ['concat(event.properties.exponent)', '1500'],
    ['concat(event.properties.tiny)', '0.0000001'],
    ["concat('[', event.properties.nothing, ']', event.properties.yes)", '[]true'],
    ['event.properties.list', '[1,"a"]'],
    ['event.properties.object', '{"kind":"number","text":"5"}'],
    ['event.properties.padded', ' 1'],
  ])('%s is the text %s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  it.each([
    ['event.timestamp', '1709640000.0'],
    ['event.properties.price', '12.34'],
    ['event.properties.exponent + 1', '1501.0'],
    ['event.properties.digits', '7.0'],
  ])('%s is the number %s', (source, expected) => {
    expect(evaluate(source)).toBe(expected);
  });

  it('reads exact texts from a lookup, where a double would lose digits', () => {
    const exact = (name: string) =>
      name === 'a' ? ({ kind: 'number', text: '9007199254740993.10' } as const) : undefined;
    expect(evaluate('event.properties.a + 1', exact)).toBe('9007199254740994.1');
    expect(evaluate('concat(event.properties.a)', exact)).toBe('9007199254740993.10');
    expect(evaluate('event.properties.b', (name) => ({ kind: 'string', text: name }))).toBe('b');
    expect(evaluate('event.properties.b + 1', () => '2')).toBe('3.0');
  });

  it('keeps about 100 digits of a quotient', () => {
    expect(evaluate('1 / 3')).toBe(`0.${'3'.repeat(100)}`);
  });

  it('evaluates sums of many thousand operands', () => {
    expect(evaluate(Array.from({ length: 50_000 }, () => '1').join(' + '))).toBe('50000.0');
    expect(evaluate(`least(${Array.from({ length: 200_000 }, () => '2').join(',')})`)).toBe('2.0');
  });
});

describe('an expression that cannot be evaluated', () => {
  it.each([
    ['event.properties.left + 1', 'Variable: left not found'],
    ['event.properties.constructor', 'Variable: constructor not found'],
    ["1 + 'a'", 'Expected a decimal'],
    ['event.code + 1', 'Expected a decimal'],
    ['-event.properties.name', 'Expected a decimal'],
    ["round(1, 'a')", 'Expected a decimal'],
    ["least(1, 'a')", 'Expected a decimal'],
    ['event.properties.nothing * 2', 'Expected a decimal'],
    ['1 / 0', 'Division by zero'],
    ['1 / (event.properties.units - 2)', 'Division by zero'],
    ['floor(1, -100000)', 'Number out of range'],
    ['event.properties.huge', 'Number out of range'],
    [Array.from({ length: 40 }, () => '100000000000000000000000000000').join(' * '), 'Number out of range'],
  ])('%s fails: %s', (source, message) => {
    const error = failure(source, { ...properties, huge: '1e999999999' });
    expect([error.code, error.message]).toEqual(['expression_evaluation_failed', message]);
    expect(error.suggestion).not.toBe('');
  });

  it('fails where a lookup knows no such property', () => {
    expect(failure('event.properties.left', () => undefined).message).toBe('Variable: left not found');
  });
});
