/**
 * A property of an event as text, read from the JSON as it was received, so that long numbers keep every digit.
 *
 * Strings without quotes, numbers in plain notation as written, true/false as such; null and missing are null; objects
 * and arrays are their JSON without spaces. Of a repeated key the last counts, as in JSON.parse and jsonb.
 * Source: usage-and-pricing §1.5.
 */
import { Decimal } from '../money/decimal.js';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const CLOSE = 125;

/** `properties` must be the text of a valid JSON object. */
export function propertyText(properties: string, key: string): string | null {
  let found: string | null = null;
  let at = skipSpace(properties, properties.indexOf('{') + 1);
  while (properties.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(properties, at);
    const isKey = sameKey(properties, at + 1, keyEnd - 1, key);
    at = skipSpace(properties, skipSpace(properties, keyEnd, COLON));
    const valueEnd = endOfValue(properties, at);
    if (isKey) found = valueText(properties.slice(at, valueEnd));
    at = skipSpace(properties, skipSpace(properties, valueEnd, COMMA));
  }
  return found;
}

/** The first position at or after `at` that is not white space; past `mark` when that stands there. */
function skipSpace(json: string, at: number, mark?: number): number {
  let code = json.charCodeAt(at);
  while (code === 32 || code === 10 || code === 13 || code === 9) {
    at += 1;
    code = json.charCodeAt(at);
  }
  return code === mark ? at + 1 : at;
}

/** `at` is at the opening quote; the answer is one past the closing one. */
function endOfString(json: string, at: number): number {
  let end = json.indexOf('"', at + 1);
  while (end > 0) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end + 1;
    end = json.indexOf('"', end + 1);
  }
  return json.length;
}

function endOfValue(json: string, at: number): number {
  const first = json.charCodeAt(at);
  if (first === QUOTE) return endOfString(json, at);
  let end = at;
  for (let depth = 0; end < json.length; end += 1) {
    const code = json.charCodeAt(end);
    if (code === QUOTE) end = endOfString(json, end) - 1;
    else if (code === 123 || code === 91) depth += 1;
    else if (depth > 0 && (code === CLOSE || code === 93)) depth -= 1;
    else if (
      depth === 0 &&
      (code === COMMA || code === CLOSE || code === 32 || code === 10 || code === 13 || code === 9)
    )
      break;
  }
  return end;
}

function sameKey(json: string, start: number, end: number, key: string): boolean {
  if (end - start === key.length && json.startsWith(key, start)) return !key.includes('\\');
  const slash = json.indexOf('\\', start);
  return slash >= 0 && slash < end && JSON.parse(json.slice(start - 1, end + 1)) === key;
}

function valueText(value: string): string | null {
  const first = value.charCodeAt(0);
  if (first === QUOTE) return value.includes('\\') ? (JSON.parse(value) as string) : value.slice(1, -1);
  if (value === 'null') return null;
  if (first === 123 || first === 91) return withoutSpaces(value);
  return value.charCodeAt(value.length - 1) > 57 ? value : plainNumber(value);
}

function withoutSpaces(json: string): string {
  return json.replace(/"(?:\\.|[^"\\])*"|\s+|[^"\s]+/g, (token) => {
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    return token.replace(/\s+/, '').replace(/-?\d[\d.]*[eE][+-]?\d+/g, plainNumber);
  });
}

/** A number without exponent stays as written; else its digits are spelled out: 1e3 → 1000, 1e-7 → 0.00000010. */
function plainNumber(literal: string): string {
  const exponentAt = literal.search(/[eE]/);
  if (exponentAt < 0) return literal;
  const decimals = literal.slice(0, exponentAt).split('.')[1]?.length ?? 0;
  const value = new Decimal(literal);
  // Lago writes such a small number as 1.0e-07 before it spells it out: one zero more.
  const zero = decimals === 0 && value.e < -4 && !value.isZero() ? 1 : 0;
  const places = Math.max(decimals - Number(literal.slice(exponentAt + 1)), 0) + zero;
  const text = value.abs().toFixed(places);
  return literal.startsWith('-') ? `-${text}` : text;
}
