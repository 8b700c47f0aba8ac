/**
 * From the text of a billable metric's expression to its syntax tree, by recursive descent.
 *
 *   expr    := term (("+" | "-") term)*
 *   term    := factor (("*" | "/") factor)*
 *   factor  := "-"? primary
 *   primary := func "(" expr ("," expr)* ")" | variable | number | string | "(" expr ")"
 *
 * Source: usage-and-pricing §2.6.
 */
import type { ChainLink, Expression, ExpressionFunction, ExpressionNode } from './syntax.js';
import { invalidExpression, type Token, tokens } from './tokens.js';

/** Parentheses within parentheses, functions included. Real expressions use two or three. */
const MAX_DEPTH = 100;

/** Least and most arguments of each function. */
const ARITIES: Readonly<Record<ExpressionFunction, readonly [least: number, most: number]>> = {
  ceil: [1, 2],
  floor: [1, 2],
  round: [1, 2],
  concat: [1, Number.POSITIVE_INFINITY],
  least: [1, Number.POSITIVE_INFINITY],
  greatest: [1, Number.POSITIVE_INFINITY],
};

/** `round`, `ROUND` and `Round`, but no other mixture of cases. */
const FUNCTIONS: ReadonlyMap<string, ExpressionFunction> = new Map(
  (Object.keys(ARITIES) as ExpressionFunction[]).flatMap((name) => [
    [name, name],
    [name.toUpperCase(), name],
    [name.charAt(0).toUpperCase() + name.slice(1), name],
  ]),
);

const FUNCTION_NAMES = Object.keys(ARITIES).join(', ');

/** Throws `validation_errors` with `expression: invalid_expression` and the column when the text does not parse. */
export function parseExpression(source: string): Expression {
  const reader = new TokenReader(tokens(source));
  const root = expr(reader, 0);
  const rest = reader.next();
  if (rest.kind !== 'end') {
    throw invalidExpression(
      `unexpected ${JSON.stringify(rest.text)}`,
      rest.column,
      'Put one of + - * / between two operands.',
    );
  }
  return { source, root };
}

class TokenReader {
  private position = 0;

  constructor(private readonly all: readonly Token[]) {}

  /** The token at hand; the last one is always the end. */
  peek(): Token {
    return this.all[this.position] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.position += 1;
    return token;
  }

  /** Consumes the token at hand if it is this symbol. */
  takes(symbol: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.position += 1;
    return true;
  }
}

function expr(reader: TokenReader, depth: number): ExpressionNode {
  return chain(reader, depth, ['+', '-'], term);
}

function term(reader: TokenReader, depth: number): ExpressionNode {
  return chain(reader, depth, ['*', '/'], factor);
}

function chain(
  reader: TokenReader,
  depth: number,
  operators: readonly ChainLink['operator'][],
  operand: (reader: TokenReader, depth: number) => ExpressionNode,
): ExpressionNode {
  const first = operand(reader, depth);
  const rest: ChainLink[] = [];
  for (;;) {
    const operator = operators.find((symbol) => reader.takes(symbol));
    if (operator === undefined) return rest.length === 0 ? first : { kind: 'chain', first, rest };
    rest.push({ operator, operand: operand(reader, depth) });
  }
}

function factor(reader: TokenReader, depth: number): ExpressionNode {
  return reader.takes('-') ? { kind: 'negation', operand: primary(reader, depth) } : primary(reader, depth);
}

function primary(reader: TokenReader, depth: number): ExpressionNode {
  const token = reader.next();
  switch (token.kind) {
    case 'number':
      return { kind: 'number', text: token.text };
    case 'string':
      return { kind: 'string', text: token.text.slice(1, -1) };
    case 'variable':
      return variable(token.text);
    case 'word':
      return call(token, reader, deeper(depth, token));
    case 'symbol':
      if (token.text === '(') {
        const inner = expr(reader, deeper(depth, token));
        closes(reader);
        return inner;
      }
  }
  throw invalidExpression(
    token.kind === 'end' ? 'unexpected end' : `unexpected ${JSON.stringify(token.text)}`,
    token.column,
    'Write here a number, a text in single quotes, event.code, event.timestamp, event.properties.name, a function or "(".',
  );
}

function variable(text: string): ExpressionNode {
  if (text === 'event.code') return { kind: 'code' };
  if (text === 'event.timestamp') return { kind: 'timestamp' };
  return { kind: 'property', name: text.slice('event.properties.'.length) };
}

function call(token: Token, reader: TokenReader, depth: number): ExpressionNode {
  const name = FUNCTIONS.get(token.text);
  if (name === undefined) {
    const suggestion = token.text.startsWith('event')
      ? 'Variables are event.code, event.timestamp and event.properties.name, where a name starts with a letter.'
      : `Functions are ${FUNCTION_NAMES}; a text needs single quotes, a property its full name event.properties.${token.text}.`;
    throw invalidExpression(`unknown word ${token.text}`, token.column, suggestion);
  }
  if (!reader.takes('(')) {
    throw invalidExpression(`missing "(" after ${token.text}`, reader.peek().column, `Write ${token.text}(…).`);
  }
  const args = [expr(reader, depth)];
  while (reader.takes(',')) args.push(expr(reader, depth));
  closes(reader);
  const [least, most] = ARITIES[name];
  if (args.length < least || args.length > most) {
    throw invalidExpression(
      `${token.text} takes ${least} to ${most} arguments, not ${args.length},`,
      token.column,
      `Write ${token.text}(value) or ${token.text}(value, decimals).`,
    );
  }
  return { kind: 'call', name, args };
}

function closes(reader: TokenReader): void {
  if (reader.takes(')')) return;
  const found = reader.peek();
  throw invalidExpression(
    found.kind === 'end' ? 'missing ")"' : `unexpected ${JSON.stringify(found.text)}`,
    found.column,
    'Close every "(" with a ")".',
  );
}

function deeper(depth: number, token: Token): number {
  if (depth < MAX_DEPTH) return depth + 1;
  throw invalidExpression(
    `more than ${MAX_DEPTH} parentheses within each other`,
    token.column,
    'Compute a part of it before sending the event, as a property of its own.',
  );
}
