import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BillingError } from '../../../src/errors.js';
import { evaluateExpression } from '../../../src/metering/expression/evaluate.js';
import { parseExpression } from '../../../src/metering/expression/parse.js';
import { Decimal, toJsonDecimal } from '../../../src/money/decimal.js';
import { instant } from '../../../src/time/instant.js';

const event = { code: 'calls', timestamp: instant(0), properties: { x: '3' } };

function refusal(source: string): BillingError {
  try {
    parseExpression(source);
  } catch (error) {
    if (error instanceof BillingError) return error;
    throw error;
  }
  throw new Error(`${source} was accepted`);
}

describe('reading an expression', () => {
  it.each([
    '1+2',
    ' 1 + 2 ',
    '\'a text with (every) sign, "even" this\'',
    'event.code',
    'event.properties.a_1B',
    'round ( 1 , 2 )',
    'ROUND(1)',
    'Ceil(1)',
    '((((1))))',
    '- 1',
  ])('accepts %s', (source) => {
    expect(parseExpression(source).source).toBe(source);
  });

  it.each([
    ['', 1],
    ['   ', 4],
    ['1.1.1', 4],
    ['1+', 3],
    ['1 2', 3],
    ['.5', 1],
    ['1.', 2],
    ['1e3', 2],
    ['--1', 2],
    ['+1', 1],
    ['1 % 2', 3],
    ['1 > 2', 3],
    ['1\t+ 1', 2],
    ['1 +\n1', 4],
    ["'open", 1],
    ['"double"', 1],
    ['(1', 3],
    ['1)', 2],
    ['()', 2],
    ['round()', 7],
    ['round(1, 2, 3)', 1],
    ['ceil(1, 2, 3)', 1],
    ['concat()', 8],
    ['concat(1,)', 10],
    ['rOUND(1)', 1],
    ['abs(1)', 1],
    ['round', 6],
    ['price', 1],
    ['event.foo', 1],
    ['event.properties', 1],
    ['event.properties._a', 1],
    ['event.properties.1a', 1],
    ['event . code', 7],
    ['event.properties.a.b', 1],
    ['event.codes', 1],
    ['event.properties.é', 18],
    ['1 😀', 3],
  ])('refuses %j at column %i', (source, column) => {
    const error = refusal(source);
    const [problem] = error.problems;
    expect(error.code).toBe('validation_errors');
    expect(problem).toMatchObject({ field: 'expression', code: 'invalid_expression' });
    expect(problem?.message).toMatch(new RegExp(`at column ${column}$`));
    expect(problem?.suggestion).toBeTruthy();
  });

  it('refuses parentheses nested beyond sense rather than overflow the stack', () => {
    const nested = (depth: number) => `${'('.repeat(depth)}1${')'.repeat(depth)}`;
    expect(parseExpression(nested(100)).source).toHaveLength(201);
    expect(refusal(nested(101)).problems[0]?.message).toBe('more than 100 parentheses within each other at column 101');
    expect(refusal('('.repeat(1_000_000)).codes()).toContain('invalid_expression');
    expect(refusal('round(-'.repeat(100_000)).codes()).toContain('invalid_expression');
  });

  const fragment = fc.constantFrom(
    ...[
      '1',
      '2.5',
      '0',
      "'a'",
      "'",
      'event.code',
      'event.timestamp',
      'event.properties.x',
      'event.',
      'round(',
      'CEIL(',
    ],
    ...['floor(', 'concat(', 'least(', 'greatest(', '(', ')', ',', '+', '-', '*', '/', ' ', '.', '\n', 'é', '5'],
  );
  const sources = fc.oneof(
    fc.string(),
    fc.array(fragment, { maxLength: 20 }).map((parts) => parts.join('')),
  );

  it('gives a text for anything at all, or a billing error', () => {
    fc.assert(
      fc.property(sources, (source) => {
        try {
          expect(typeof evaluateExpression(parseExpression(source), event)).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(BillingError);
          expect(['validation_errors', 'expression_evaluation_failed']).toContain((error as BillingError).code);
        }
      }),
      { numRuns: 2000 },
    );
  });

  /** A formula beside its value, computed as it was built. */
  interface Formula {
    readonly source: string;
    readonly value: Decimal;
  }

  const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
    formula: fc.oneof(
      { maxDepth: 5 },
      fc.nat(100_000).map((cents) => {
        const value = new Decimal(cents).div(100);
        return { source: value.toFixed(2), value };
      }),
      tie('formula').map(({ source, value }) => ({ source: `-(${source})`, value: value.negated() })),
      fc.tuple(tie('formula'), tie('formula')).map(([a, b]) => ({
        source: `(${a.source} + ${b.source})`,
        value: a.value.plus(b.value),
      })),
      fc.tuple(tie('formula'), tie('formula'), tie('formula')).map(([a, b, c]) => ({
        source: `(${a.source} - ${b.source} * ${c.source})`,
        value: a.value.minus(b.value.times(c.value)),
      })),
    ),
  }));

  it('computes formulas as decimals do', () => {
    fc.assert(
      fc.property(formula, ({ source, value }) => {
        const expected = toJsonDecimal(value.isZero() ? new Decimal(0) : value);
        expect(evaluateExpression(parseExpression(source), event)).toBe(expected);
      }),
    );
  });
});
