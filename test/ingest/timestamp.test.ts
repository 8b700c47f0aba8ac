import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timestampOfSpan } from '../../src/ingest/flatTimestamp.js';
import { parseTimestamp, shiftPoint } from '../../src/ingest/timestamp.js';

describe('timestamps of events', () => {
  it.each([
    ['1651240791', 1_651_240_791_000_000],
    ['1651240791.123', 1_651_240_791_123_000],
    ['1651240791.123456', 1_651_240_791_123_456],
    ['1651240791.1234569', 1_651_240_791_123_456], // further digits are dropped
    ['0', 0],
    ['-0', 0],
    ['-1.5', -1_500_000],
    ['2022-04-29T13:59:51Z', 1_651_240_791_000_000],
    ['2022-04-29T13:59:51.123456789Z', 1_651_240_791_123_456],
    ['2022-04-29T15:59:51+02:00', 1_651_240_791_000_000],
    ['2022-04-29T08:29:51-0530', 1_651_240_791_000_000],
    ['2022-04-29 13:59:51Z', 1_651_240_791_000_000],
    ['2022-04-29T13:59Z', 1_651_240_740_000_000],
  ])('%s is an instant', (text, micros) => {
    expect(parseTimestamp(text)).toBe(micros);
  });

  it.each([
    ['1651240791123', /milliseconds/, /send 1651240791\.123\./],
    ['1651240791123456', /microseconds/, /send 1651240791\.123456\./],
    ['1651240791123456789', /nanoseconds/, /send 1651240791\.123456789\./],
    ['1700000000000', /milliseconds/, /send 1700000000\./],
    ['99999999999999999999999', /outside the years/, /Unix seconds/],
    ['2022-04-29T13:59:51', /no offset/, /2022-04-29T13:59:51Z for UTC/],
    ['2022-04-29', /not a time/, /Unix seconds/],
    ['2022-02-30T00:00:00Z', /not a time/, /Unix seconds/],
    ['2022-04-29T25:00:00Z', /not a time/, /Unix seconds/],
    ['2022-04-29T13:59:60Z', /not a time/, /Unix seconds/],
    ['2022-04-29T13:59:51+99:00', /not a time/, /Unix seconds/],
    ['9999-01-01T00:00:00Z', /outside the years/, /Unix seconds/],
    ['0001-01-01T00:00:00Z', /outside the years/, /Unix seconds/],
    ['', /not a time/, /Unix seconds/],
    [' 1651240791', /not a time/, /Unix seconds/],
    ['1.651240791e9', /not a time/, /Unix seconds/],
    ['yesterday', /not a time/, /Unix seconds/],
  ])('%s is refused', (text, message, hint) => {
    const problem = parseTimestamp(text);
    expect(problem).toEqual({ message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
  });

  it('read from bytes are those read from text', () => {
    const pad = (value: number, width: number) => String(value).padStart(width, '0');
    const iso = fc
      .tuple(
        fc.integer({ min: 990, max: 2300 }),
        fc.nat(13),
        fc.nat(32),
        fc.nat(25),
        fc.nat(61),
        fc.nat(61),
        fc.nat(9_999_999),
      )
      .map(
        ([y, mo, d, h, mi, s, f]) =>
          `${pad(y, 4)}-${pad(mo, 2)}-${pad(d, 2)}T${pad(h, 2)}:${pad(mi, 2)}:${pad(s, 2)}${f % 3 === 0 ? '' : `.${f}`}Z`,
      );
    const unix = fc
      .tuple(fc.integer({ min: -10, max: 20_000_000_000 }), fc.nat(99_999_999))
      .map(([s, f]) => (f % 2 === 0 ? `${s}` : `${s}.${f}`));
    const noise = fc.string({ unit: fc.constantFrom(...'0123456789-:TZ. +'), maxLength: 28 });
    fc.assert(
      fc.property(fc.oneof(iso, unix, noise), (text) => {
        const bytes = Buffer.from(`"${text}"`);
        const fast = timestampOfSpan(bytes, 1, bytes.length - 1);
        if (fast !== null) expect(fast).toBe(parseTimestamp(text));
      }),
      { numRuns: 3000 },
    );
    expect(timestampOfSpan(Buffer.from('2026-10-01T04:00:00.123Z'), 0, 24)).toBe(1_790_827_200_123_000);
  });
});

it('moves a decimal point exactly', () => {
  expect(shiftPoint('1651240791123', 3)).toBe('1651240791.123');
  expect(shiftPoint('5', 3)).toBe('0.005');
  expect(shiftPoint('-1500.25', 3)).toBe('-1.50025');
  expect(shiftPoint('0', 3)).toBe('0');
});
