/**
 * Printed arithmetic: an expression in the signs that people read, and its exact value.
 *
 * Every figure that an explanation shows stands beside such an expression, and its value is computed from the very text
 * that is printed, so that a reader with a calculator comes to the same figure. `double(…)` computes in binary doubles
 * where Lago does: `double(122 ÷ 28 × 7)` is 30.499999999999996, and `round` of it 30.
 */
import { assert } from '../errors.js';
import { ceil, Decimal, floor, ratio, round, truncate } from '../money/decimal.js';

/** One line of an explanation: `label   expression = result`. */
export interface Step {
  readonly label: string;
  readonly expression: string;
  /** Plain decimal text: the value of the expression. */
  readonly result: string;
}

export function step(label: string, expression: string): Step {
  return { label, expression, result: evaluate(expression).toFixed() };
}

/** The last step's figure; 0 without steps. */
export function resultOf(steps: readonly Step[]): Decimal {
  return new Decimal(steps.at(-1)?.result ?? 0);
}

/** `2 + 3 − 1`; negative terms are subtracted, no terms are 0. */
export function sumOf(terms: readonly (Decimal | string | number)[]): string {
  if (terms.length === 0) return '0';
  return terms
    .map((term, index) => {
      const value = new Decimal(term);
      const text = value.abs().toFixed();
      if (index === 0) return value.isNegative() && !value.isZero() ? `−${text}` : text;
      return value.isNegative() && !value.isZero() ? `− ${text}` : `+ ${text}`;
    })
    .join(' ');
}

/**
 * `+ − × ÷`, parentheses, a trailing `%` (a hundredth), and `round(x, places)`, `ceil`, `floor`, `trunc`, `ratio(a, b)`
 * (the database's division), `min`, `max`, `double(…)`. Asserts that the text is such an expression.
 */
export function evaluate(expression: string): Decimal {
  const parser = new Parser(expression);
  const value = parser.sum(exact);
  assert(parser.atEnd(), `cannot compute ${JSON.stringify(expression)}`);
  return value as Decimal;
}

/** Arithmetic on one kind of number: exact decimals, or doubles inside `double(…)`. */
interface Numbers<N> {
  readonly of: (text: string) => N;
  readonly add: (a: N, b: N) => N;
  readonly subtract: (a: N, b: N) => N;
  readonly multiply: (a: N, b: N) => N;
  readonly divide: (a: N, b: N) => N;
}

const exact: Numbers<Decimal> = {
  of: (text) => new Decimal(text),
  add: (a, b) => a.plus(b),
  subtract: (a, b) => a.minus(b),
  multiply: (a, b) => a.times(b),
  divide: (a, b) => a.div(b),
};

const doubles: Numbers<number> = {
  of: Number,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
};

const FUNCTIONS: Readonly<Record<string, (...values: Decimal[]) => Decimal>> = {
  round: (value, places) => round(value as Decimal, places?.toNumber() ?? 0),
  ceil: (value, places) => ceil(value as Decimal, places?.toNumber() ?? 0),
  floor: (value, places) => floor(value as Decimal, places?.toNumber() ?? 0),
  trunc: (value, places) => truncate(value as Decimal, places?.toNumber() ?? 0),
  ratio: (a, b) => ratio(a as Decimal, b as Decimal),
  min: (...values) => Decimal.min(...values),
  max: (...values) => Decimal.max(...values),
};

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-z]+)|([-+−×÷*/(),%]))/y;

class Parser {
  readonly #tokens: string[] = [];
  #at = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const match = TOKEN.exec(text);
      assert(match !== null, `cannot read ${JSON.stringify(text)}`);
      this.#tokens.push((match[1] ?? match[2] ?? match[3]) as string);
    }
  }

  atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  sum<N>(numbers: Numbers<N>): N {
    let value = this.#product(numbers);
    for (;;) {
      if (this.#take('+')) value = numbers.add(value, this.#product(numbers));
      else if (this.#take('−', '-')) value = numbers.subtract(value, this.#product(numbers));
      else return value;
    }
  }

  #product<N>(numbers: Numbers<N>): N {
    let value = this.#factor(numbers);
    for (;;) {
      if (this.#take('×', '*')) value = numbers.multiply(value, this.#factor(numbers));
      else if (this.#take('÷', '/')) value = numbers.divide(value, this.#factor(numbers));
      else return value;
    }
  }

  #factor<N>(numbers: Numbers<N>): N {
    if (this.#take('−', '-')) return numbers.subtract(numbers.of('0'), this.#factor(numbers));
    const value = this.#atom(numbers);
    return this.#take('%') ? numbers.divide(value, numbers.of('100')) : value;
  }

  #atom<N>(numbers: Numbers<N>): N {
    const token = this.#tokens[this.#at] ?? '';
    this.#at += 1;
    if (token === '(') {
      const value = this.sum(numbers);
      assert(this.#take(')'), 'a parenthesis stays open');
      return value;
    }
    if (/^\d/.test(token)) return numbers.of(token);
    assert(this.#take('('), `${JSON.stringify(token)} is not a number`);
    if (token === 'double') {
      const value = this.sum(doubles);
      assert(this.#take(')'), 'a parenthesis stays open');
      return numbers.of(plainText(value));
    }
    const values: Decimal[] = [];
    do values.push(this.sum(exact));
    while (this.#take(','));
    assert(this.#take(')'), 'a parenthesis stays open');
    const compute = FUNCTIONS[token];
    assert(compute !== undefined, `${token} is not a function`);
    return numbers.of(compute(...values).toFixed());
  }

  #take(...tokens: readonly string[]): boolean {
    if (!tokens.includes(this.#tokens[this.#at] ?? '')) return false;
    this.#at += 1;
    return true;
  }
}

/** A double through its shortest text, without an exponent. */
function plainText(value: number): string {
  return new Decimal(String(value)).toFixed();
}
