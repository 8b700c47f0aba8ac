import { describe, expect, it } from 'vitest';
import { differences, matches } from '../../src/scenarios/match.js';

describe('a scalar', () => {
  it.each([
    [40, '40.0', true],
    ['40.00', 40, true],
    [40, '40.01', false],
    ['0.1', 0.1, true],
    ['12345678901234567890.5', '12345678901234567890.50', true],
    ['12345678901234567890.5', '12345678901234567890.6', false],
    [-1, '-1.0', true],
    [null, undefined, true],
    [null, null, true],
    [null, 0, false],
    [0, null, false],
    ['finalized', 'finalized', true],
    ['finalized', 'Finalized', false],
    [true, true, true],
    [true, 'true', false],
    ['2024-03-05T12:12:00Z', '2024-03-05T12:12:00.000Z', true],
    ['2024-03-05T12:12:00Z', '2024-03-05T14:12:00+02:00', true],
    ['2024-03-05T12:12:00Z', '2024-03-05T12:12:01Z', false],
    ['2024-03-05', '2024-03-05', true],
    ['2024-03-05', '2024-03-06', false],
    ['2024-03-05', '2024-03-05T00:00:00+00:00', true],
    ['2024-03-05', '2024-03-06T00:00:00+00:00', false],
    ['2024-03-05', null, false],
  ])('%j against %j: %s', (expected, actual, same) => {
    expect(matches(expected, actual)).toBe(same);
  });
});

describe('a mapping', () => {
  it('matches when every key it names matches, whatever else is there', () => {
    expect(
      matches(
        { status: 'draft', item: { type: 'charge' } },
        { status: 'draft', item: { type: 'charge', code: 'c' }, n: 1 },
      ),
    ).toBe(true);
  });

  it('does not match null, nor a list', () => {
    expect(matches({}, null)).toBe(false);
    expect(matches({}, undefined)).toBe(false);
    expect(matches({}, [])).toBe(false);
  });

  it('names the path of what differs', () => {
    expect(differences({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, 'last')).toEqual([
      { path: 'last.a.c', expected: 2, actual: 3 },
    ]);
  });
});

describe('a list', () => {
  it('is paired in any order', () => {
    expect(matches([{ n: 2 }, { n: 1 }], [{ n: 1 }, { n: 2 }])).toBe(true);
  });

  it('is paired as a whole: a vague item leaves the precise one its partner', () => {
    const actual = [
      { type: 'charge', cents: 5 },
      { type: 'charge', cents: 7 },
      { type: 'plan', cents: 9 },
    ];
    expect(matches([{ type: 'charge' }, {}, { cents: 5 }], actual)).toBe(true);
    expect(matches([{ type: 'charge' }, { cents: 5 }, { cents: 5 }], actual)).toBe(false);
  });

  it('has the same length', () => {
    expect(matches([{}], [{}, {}])).toBe(false);
    expect(matches([{}, {}], [{}])).toBe(false);
    expect(matches([], [])).toBe(true);
    expect(matches([], undefined)).toBe(false);
  });

  it('is in order where order is asked for', () => {
    expect(matches([1, 2], [2, 1], true)).toBe(false);
    expect(matches([1, 2], [1, 2], true)).toBe(true);
  });

  it('orders only its own level: the lists inside an ordered list are free', () => {
    expect(matches([{ fees: [1, 2] }], [{ fees: [2, 1] }], true)).toBe(true);
  });

  it('shows the difference to the item that comes closest', () => {
    const expected = [
      { code: 'a', cents: 1 },
      { code: 'b', cents: 2 },
    ];
    const actual = [
      { code: 'b', cents: 3 },
      { code: 'a', cents: 1 },
    ];
    expect(differences(expected, actual, 'fees')).toEqual([{ path: 'fees[1].cents', expected: 2, actual: 3 }]);
  });

  it('shows what is missing', () => {
    expect(differences([{ code: 'a' }, { code: 'b' }], [{ code: 'a' }], 'fees')).toEqual([
      { path: 'fees.length', expected: 2, actual: 1 },
      { path: 'fees[1]', expected: { code: 'b' }, actual: undefined },
    ]);
  });
});
