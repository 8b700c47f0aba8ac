import { describe, expect, test } from 'vitest';
import { propertyText } from '../../src/ledger/propertyText.js';
import { scaledValue } from '../../src/ledger/scaledValue.js';

describe('a property as text', () => {
  test.each([
    ['a string without its quotes', '{"a":"eu"}', 'eu'],
    ['a number as written', '{"a":2.0}', '2.0'],
    ['a long number with every digit', '{"a":12345678901234567890.123456789}', '12345678901234567890.123456789'],
    ['a negative number', '{"a":-0.5}', '-0.5'],
    ['a power of ten spelled out', '{"a":1e3}', '1000'],
    ['a large power', '{"a":1E+21}', '1000000000000000000000'],
    ['a fraction with exponent', '{"a":1.25e1}', '12.5'],
    ['a small number as Lago stores it', '{"a":1e-7}', '0.00000010'],
    ['a negative exponent number', '{"a":-2.5e-1}', '-0.25'],
    ['true', '{"a":true}', 'true'],
    ['false', '{"a":false}', 'false'],
    ['null', '{"a":null}', null],
    ['the empty string', '{"a":""}', ''],
    ['nothing in an empty object', '{}', null],
    ['nothing when only a nested key has the name', '{"b":{"a":1}}', null],
    ['nothing when only a value has the name', '{"b":"a","c":"\\"a\\":1"}', null],
    ['escapes decoded', '{"a":"\\u00e9\\n\\"x\\\\"}', 'é\n"x\\'],
    ['the last of a repeated key', '{"a":1,"b":2,"a":3}', '3'],
    ['spaces around everything', ' { "b" : [ "}" , 1 ] ,\n\t"a" :  "x" } ', 'x'],
    ['a key written with escapes', '{"\\u0061":"x"}', 'x'],
    ['an object as JSON without spaces', '{"a":{ "x" : [1.0, "a b" ] , "y":1e3}}', '{"x":[1.0,"a b"],"y":1000}'],
  ])('%s', (_, properties, text) => {
    expect(propertyText(properties, 'a')).toBe(text);
  });

  test.each(['', 'a.b', 'a"b', 'a\\b', '$.a', '[0]', '*', 'é', '\n'])('the key %j is only a key', (key) => {
    expect(propertyText(JSON.stringify({ other: 1, [key]: 'v', last: 2 }), key)).toBe('v');
  });
});

describe('a numeric text as an integer scaled by 10^6', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['1', 1_000_000],
    ['-1.5', -1_500_000],
    ['0.000001', 1],
    ['007.10', 7_100_000],
    ['9007199254.740991', 9_007_199_254_740_991],
    ['9007199254.740992', 'wide'],
    ['0.0000001', 'wide'],
    ['1.0000000', 'wide'],
    ['100000000000000000000000000000', 'wide'],
    ['+5', null],
    ['.5', null],
    ['5.', null],
    [' 5', null],
    ['1e3', null],
    ['1.2.3', null],
    ['-', null],
    ['', null],
    ['true', null],
    ['٣', null],
  ])('%j is %j', (text, value) => {
    expect(scaledValue(text)).toBe(value);
  });
});
