import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromPlain, JsonProblem, maxDepth, parseJson, plainNumber, writeJson } from '../src/exactJson.js';

function codeOf(text: string): string {
  try {
    parseJson(text);
    return 'accepted';
  } catch (error) {
    if (error instanceof JsonProblem) return `${error.code} at ${error.offset}`;
    throw error;
  }
}

describe('reading JSON', () => {
  it.each([
    ['123456789012345678901234567890.123456789', '123456789012345678901234567890.123456789'],
    ['{"a": 0.1000000000000000055511151231257827}', '{"a":0.1000000000000000055511151231257827}'],
    ['1.5e3', '1500'],
    ['1e21', '1000000000000000000000'],
    ['-12e-9', '-0.000000012'],
    ['-0', '-0'],
    ['2.0', '2.0'],
    [' [ 1 , "a\\u0041\\n" , null , true , false , {} , [] ] ', '[1,"aA\\n",null,true,false,{},[]]'],
    ['"\\ud83d\\ude00"', '"😀"'],
  ])('keeps every digit of %s', (text, written) => {
    expect(writeJson(parseJson(text))).toBe(written);
  });

  it.each([
    ['', 'invalid_json at 0'],
    ['{', 'invalid_json at 1'],
    ['{"a":1', 'invalid_json at 6'],
    ['{"a" 1}', 'invalid_json at 5'],
    ['{"a":1,}', 'invalid_json at 7'],
    ['[1,]', 'invalid_json at 3'],
    ['{"a":1} x', 'invalid_json at 8'],
    ['NaN', 'invalid_json at 0'],
    ['Infinity', 'invalid_json at 0'],
    ['+1', 'invalid_json at 0'],
    ['01', 'invalid_json at 1'],
    ['1.', 'invalid_json at 1'],
    ['.5', 'invalid_json at 0'],
    ['"abc', 'invalid_json at 0'],
    ['"a\\"', 'invalid_json at 0'],
    ['"a\nb"', 'invalid_json at 2'],
    ['"\\x41"', 'invalid_json at 0'],
    ['\u00a01', 'invalid_json at 0'],
    ['{"a":1,"a":1}', 'duplicate_key at 7'],
    ['{"p":{"x":1,"\\u0078":2}}', 'duplicate_key at 12'],
    ['1e400', 'invalid_number at 0'],
    ['[1e-999999999]', 'invalid_number at 1'],
    ['"a\\u0000"', 'invalid_character at 0'],
    ['["\\ud800"]', 'invalid_character at 1'],
    ['"\\ude00\\ud83d"', 'invalid_character at 0'],
    ['['.repeat(maxDepth + 1), `too_deep at ${maxDepth}`],
    ['{"a":'.repeat(100_000), `too_deep at ${5 * maxDepth}`],
  ])('refuses %s', (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('reads what JSON.parse reads, but for what could be read in two ways', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), (text) => {
        const code = codeOf(text);
        if (code !== 'accepted') expect(code).toMatch(/^(invalid_number|invalid_character|duplicate_key|too_deep)/);
        else expect(JSON.parse(writeJson(parseJson(text)))).toEqual(JSON.parse(text));
      }),
      { numRuns: 500 },
    );
  });

  it('accepts no text that JSON.parse refuses', () => {
    const damaged = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('"', '{', '}', ',', ':', '\\', '0', 'e', ' ', ''));
    fc.assert(
      fc.property(damaged, ([text, place, mark]) => {
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + mark + text.slice(at + 1);
        if (codeOf(changed) === 'accepted') expect(() => JSON.parse(changed)).not.toThrow();
      }),
      { numRuns: 1000 },
    );
  });
});

describe('values of a front end', () => {
  it('become JSON with plain numbers', () => {
    expect(writeJson(fromPlain({ a: 1e21, b: 1e-7, c: [true, null], d: undefined }))).toBe(
      '{"a":1000000000000000000000,"b":0.0000001,"c":[true,null]}',
    );
  });

  it('are refused when JSON cannot hold them', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, { a: 'x\0' }, ['\ud800']]) {
      expect(() => fromPlain(value)).toThrow(JsonProblem);
    }
  });
});

it('writes exponents out exactly', () => {
  expect(plainNumber('1.2345678901234567890e10')).toBe('12345678901.23456789');
  expect(plainNumber('1e308')).toHaveLength(309);
  expect(plainNumber('1e309')).toBeNull();
});
