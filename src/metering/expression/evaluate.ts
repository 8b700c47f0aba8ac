/**
 * The value of an expression for one event: what is written into the metric's field at ingestion.
 *
 * Numbers are exact decimals; a quotient keeps 100 significant digits. A text takes part in `concat` and stands alone,
 * but never in arithmetic.
 * Source: usage-and-pricing §2.6; division by zero is a failed evaluation (D-6).
 */
import { assert, BillingError, unreachable } from '../../errors.js';
import { ceil, Decimal, floor, round, toJsonDecimal } from '../../money/decimal.js';
import { type Instant, SECOND } from '../../time/instant.js';
import type { ChainLink, Expression, ExpressionFunction, ExpressionNode } from './syntax.js';

/** A property read without a loss: JSON number literals keep their text. */
export interface PropertyText {
  readonly kind: 'number' | 'string';
  readonly text: string;
}

/**
 * Gives a property by name; undefined when the event has none of that name. Any JSON value will do, or its exact text.
 */
export type PropertyLookup = (name: string) => PropertyText | string | number | boolean | null | object | undefined;

export interface ExpressionEvent {
  readonly code: string;
  readonly timestamp: Instant;
  readonly properties: Readonly<Record<string, unknown>> | PropertyLookup;
}

type Value =
  | { readonly kind: 'string'; readonly text: string }
  /** `text` as it was written, where it was: `concat` keeps trailing zeros. */
  | { readonly kind: 'number'; readonly value: Decimal; readonly text?: string };

/** Beyond 10^±1000 a figure is a mistake, and its plain text could fill the memory. */
const MAX_EXPONENT = 1000;

/**
 * A number as decimal text with at least one decimal (`3.0`), a text as it is.
 * Throws `expression_evaluation_failed`, for instance with `Variable: left not found`.
 */
export function evaluateExpression(expression: Expression, event: ExpressionEvent): string {
  const result = evaluate(expression.root, event);
  return result.kind === 'string' ? result.text : toJsonDecimal(result.value);
}

function evaluate(node: ExpressionNode, event: ExpressionEvent): Value {
  switch (node.kind) {
    case 'number':
      return { ...number(new Decimal(node.text)), text: node.text };
    case 'string':
      return node;
    case 'code':
      return { kind: 'string', text: event.code };
    case 'timestamp':
      return number(new Decimal(Math.floor(event.timestamp / SECOND)));
    case 'property':
      return property(node.name, event);
    case 'negation':
      return number(decimal(evaluate(node.operand, event)).negated());
    case 'chain':
      return node.rest.reduce((left, link) => operate(left, link, event), evaluate(node.first, event));
    case 'call':
      return call(
        node.name,
        node.args.map((argument) => evaluate(argument, event)),
      );
    default:
      return unreachable(node);
  }
}

function operate(left: Value, { operator, operand }: ChainLink, event: ExpressionEvent): Value {
  const a = decimal(left);
  const b = decimal(evaluate(operand, event));
  switch (operator) {
    case '+':
      return number(a.plus(b));
    case '-':
      return number(a.minus(b));
    case '*':
      return number(a.times(b));
    case '/':
      if (b.isZero()) throw failed('Division by zero', 'Make sure that the divisor is never 0.');
      return number(a.div(b));
    default:
      return unreachable(operator);
  }
}

function call(name: ExpressionFunction, args: readonly Value[]): Value {
  switch (name) {
    case 'concat':
      return { kind: 'string', text: args.map(plainText).join('') };
    case 'least':
      return number(args.map(decimal).reduce((least, other) => (other.lt(least) ? other : least)));
    case 'greatest':
      return number(args.map(decimal).reduce((greatest, other) => (other.gt(greatest) ? other : greatest)));
    case 'round':
      return rounded(round, args);
    case 'ceil':
      return rounded(ceil, args);
    case 'floor':
      return rounded(floor, args);
    default:
      return unreachable(name);
  }
}

/** The second argument counts decimals, its fraction dropped: ceil(12.351, 1.9) → 12.4, floor(123, -1) → 120. */
function rounded(rounding: (value: Decimal, places: number) => Decimal, [of, digits]: readonly Value[]): Value {
  assert(of !== undefined, 'a rounding function has an argument');
  const value = decimal(of);
  const places = digits === undefined ? 0 : decimal(digits).truncated().toNumber();
  if (places < -MAX_EXPONENT) throw outOfRange();
  return number(places >= value.decimalPlaces() ? value : rounding(value, places));
}

function property(name: string, event: ExpressionEvent): Value {
  const found = lookUp(name, event.properties);
  if (found === undefined) {
    throw failed(`Variable: ${name} not found`, `Send the event with the property ${JSON.stringify(name)}.`);
  }
  if (found.kind === 'string' && !DECIMAL.test(found.text)) return { kind: 'string', text: found.text };
  return { ...number(new Decimal(found.text)), text: found.text };
}

/** What counts as a number in a text: an optional sign, digits, an optional fraction and exponent. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function lookUp(name: string, properties: ExpressionEvent['properties']): PropertyText | undefined {
  if (typeof properties === 'function') {
    const found = properties(name);
    return isPropertyText(found) ? found : propertyText(found);
  }
  return Object.hasOwn(properties, name) ? propertyText(properties[name]) : undefined;
}

function isPropertyText(found: unknown): found is PropertyText {
  if (typeof found !== 'object' || found === null || !('kind' in found) || !('text' in found)) return false;
  return (found.kind === 'number' || found.kind === 'string') && typeof found.text === 'string';
}

function propertyText(found: unknown): PropertyText | undefined {
  if (found === undefined) return undefined;
  if (found === null) return { kind: 'string', text: '' };
  if (typeof found === 'number' && Number.isFinite(found)) return { kind: 'number', text: String(found) };
  if (typeof found === 'object') return { kind: 'string', text: JSON.stringify(found) };
  return { kind: 'string', text: String(found) };
}

function number(value: Decimal): Value {
  if (value.isZero()) return { kind: 'number', value: new Decimal(0) };
  if (!value.isFinite() || Math.abs(value.e) > MAX_EXPONENT) throw outOfRange();
  return { kind: 'number', value };
}

function decimal(value: Value): Decimal {
  if (value.kind === 'number') return value.value;
  throw failed('Expected a decimal', `${JSON.stringify(value.text)} is a text; only concat takes texts.`);
}

function plainText(value: Value): string {
  if (value.kind === 'string') return value.text;
  if (value.text !== undefined && /^-?\d+(?:\.\d+)?$/.test(value.text)) return value.text;
  return value.value.toFixed();
}

function outOfRange(): BillingError {
  return failed('Number out of range', `Figures go from 1e-${MAX_EXPONENT} to 1e${MAX_EXPONENT}.`);
}

function failed(message: string, suggestion: string): BillingError {
  return new BillingError('expression_evaluation_failed', { message, suggestion });
}
