/**
 * JSON as billing needs it: numbers keep every digit, and what could be read in two ways is refused.
 *
 * `JSON.parse` rounds long number literals to a double and silently keeps the last of two equal keys; either would
 * change a bill. This reader keeps literals as text (an exponent is written out: `1.5e3` → `1500`, usage-and-pricing
 * §1.5), and refuses duplicate keys, nesting beyond `maxDepth`, halves of surrogate pairs and NUL, which no store keeps.
 * Lines of the usual shape never come here: see `ingest/flatEvent.ts`.
 */
import { Decimal } from './money/decimal.js';

/** A number literal in plain notation. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type JsonObject = Map<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;

/** Levels of objects and arrays: an event needs three. */
export const maxDepth = 64;

/** Powers of ten beyond a double's, which no usage figure needs. */
const maxExponent = 308;

export class JsonProblem extends Error {
  override readonly name = 'JsonProblem';
  constructor(
    readonly code: 'invalid_json' | 'duplicate_key' | 'too_deep' | 'invalid_number' | 'invalid_character',
    message: string,
    /** Index into the text. */
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Reads one JSON value that fills the text. Throws `JsonProblem`. */
export function parseJson(text: string): JsonValue {
  const reader = new Reader(text);
  reader.space();
  const value = reader.value(0);
  reader.space();
  if (reader.at < text.length) reader.fail('invalid_json', `unexpected ${shown(text, reader.at)} after the value`);
  return value;
}

/**
 * Compact JSON text, keys in the order in which they came. Joined from its pieces it is one flat string; added up, it would
 * keep every piece alive.
 */
export function writeJson(value: JsonValue): string {
  const pieces: string[] = [];
  append(value, pieces);
  return pieces.join('');
}

/** What a front end parsed (YAML, flags), as a JSON value. Undefined members are left out. */
export function fromPlain(value: unknown): JsonValue {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
      return value;
    case 'string':
      checkText(value, 0);
      return value;
    case 'bigint':
      return new JsonNumber(value.toString());
    case 'number':
      if (!Number.isFinite(value)) throw new JsonProblem('invalid_number', `${value} is not a number JSON can hold`, 0);
      return new JsonNumber(plainNumber(String(value)) as string);
    case 'object': {
      if (Array.isArray(value)) return value.map(fromPlain);
      if (value instanceof Date) return value.toISOString();
      const members = Object.entries(value).filter(([, member]) => member !== undefined);
      return new Map(members.map(([key, member]) => [key, fromPlain(member)]));
    }
    default:
      throw new JsonProblem('invalid_json', `a ${typeof value} is not a JSON value`, 0);
  }
}

/** A number literal without exponent, exact: `-1.50e-3` → `-0.0015`. Null when its power of ten is out of reach. */
export function plainNumber(literal: string): string | null {
  const mark = literal.search(/e/i);
  if (mark < 0) return literal;
  if (Math.abs(Number(literal.slice(mark + 1))) > maxExponent || !Number.isFinite(Number(literal))) return null;
  return new Decimal(literal).toFixed();
}

class Reader {
  at = 0;
  constructor(readonly text: string) {}

  fail(code: JsonProblem['code'], message: string, at = this.at): never {
    throw new JsonProblem(code, message, at);
  }

  space(): void {
    for (;;) {
      const c = this.text.charCodeAt(this.at);
      if (c !== 32 && c !== 10 && c !== 13 && c !== 9) return;
      this.at++;
    }
  }

  value(depth: number): JsonValue {
    switch (this.text.charCodeAt(this.at)) {
      case 34:
        return this.string();
      case 123:
        return this.object(depth + 1);
      case 91:
        return this.array(depth + 1);
      case 116:
        return this.word('true', true);
      case 102:
        return this.word('false', false);
      case 110:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  object(depth: number): JsonObject {
    if (depth > maxDepth) this.fail('too_deep', `more than ${maxDepth} levels of objects and arrays`);
    const members: JsonObject = new Map();
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) === 125) {
      this.at++;
      return members;
    }
    for (;;) {
      const keyAt = this.at;
      if (this.text.charCodeAt(keyAt) !== 34) this.fail('invalid_json', `expected a key, found ${this.shown()}`);
      const key = this.string();
      if (members.has(key)) this.fail('duplicate_key', `the key ${JSON.stringify(key)} stands twice`, keyAt);
      this.space();
      if (this.text.charCodeAt(this.at) !== 58) this.fail('invalid_json', `expected ":", found ${this.shown()}`);
      this.at++;
      this.space();
      members.set(key, this.value(depth));
      if (this.closes(125, '}')) return members;
    }
  }

  array(depth: number): JsonValue[] {
    if (depth > maxDepth) this.fail('too_deep', `more than ${maxDepth} levels of objects and arrays`);
    const items: JsonValue[] = [];
    this.at++;
    this.space();
    if (this.text.charCodeAt(this.at) === 93) {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(this.value(depth));
      if (this.closes(93, ']')) return items;
    }
  }

  /** After a member: true at the closing bracket; past the comma otherwise. */
  closes(bracket: number, name: string): boolean {
    this.space();
    const c = this.text.charCodeAt(this.at);
    if (c !== 44 && c !== bracket) this.fail('invalid_json', `expected "," or "${name}", found ${this.shown()}`);
    this.at++;
    if (c === bracket) return true;
    this.space();
    return false;
  }

  string(): string {
    const { text } = this;
    const from = this.at + 1;
    let escaped = false;
    let i = from;
    for (;;) {
      const c = text.charCodeAt(i);
      if (c === 34) break;
      if (c === 92) {
        escaped = true;
        i++;
      } else if (!(c >= 32)) {
        if (i >= text.length) this.fail('invalid_json', 'a string is not closed');
        this.fail('invalid_json', `control character ${c} in a string; write it as an escape`, i);
      }
      i++;
      if (i > text.length) this.fail('invalid_json', 'a string is not closed');
    }
    this.at = i + 1;
    return escaped ? this.unescape(from, i) : text.slice(from, i);
  }

  unescape(from: number, to: number): string {
    let value: string;
    try {
      value = JSON.parse(this.text.slice(from - 1, to + 1)) as string;
    } catch {
      return this.fail('invalid_json', 'a string holds an escape that JSON does not know', from - 1);
    }
    checkText(value, from - 1);
    return value;
  }

  number(): JsonNumber {
    numberLiteral.lastIndex = this.at;
    const literal = numberLiteral.exec(this.text)?.[0];
    if (literal === undefined) {
      return this.fail(
        'invalid_json',
        this.at < this.text.length ? `unexpected ${this.shown()}` : 'the text ends early',
      );
    }
    const plain = plainNumber(literal);
    if (plain === null) this.fail('invalid_number', `${literal.slice(0, 40)} is out of the range of numbers`);
    this.at += literal.length;
    return new JsonNumber(plain as string);
  }

  word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail('invalid_json', `unexpected ${this.shown()}`);
    this.at += word.length;
    return value;
  }

  shown(): string {
    return shown(this.text, this.at);
  }
}

function checkText(value: string, at: number): void {
  if (value.includes('\0')) throw new JsonProblem('invalid_character', 'a string holds NUL (\\u0000)', at);
  if (/\p{Surrogate}/u.test(value)) {
    throw new JsonProblem('invalid_character', 'a string holds half of a surrogate pair', at);
  }
}

const numberLiteral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function shown(text: string, at: number): string {
  return at >= text.length ? 'the end' : JSON.stringify(/^(?:\w{1,12}|.)/su.exec(text.slice(at, at + 12))?.[0] ?? '');
}

function append(value: JsonValue, pieces: string[]): void {
  if (typeof value === 'string') pieces.push(JSON.stringify(value));
  else if (value instanceof JsonNumber) pieces.push(value.text);
  else if (value === null || typeof value === 'boolean') pieces.push(String(value));
  else if (Array.isArray(value)) {
    let mark = '[';
    for (const item of value) {
      pieces.push(mark);
      append(item, pieces);
      mark = ',';
    }
    pieces.push(value.length === 0 ? '[]' : ']');
  } else {
    let mark = '{';
    for (const [key, member] of value) {
      pieces.push(mark, JSON.stringify(key), ':');
      append(member, pieces);
      mark = ',';
    }
    pieces.push(value.size === 0 ? '{}' : '}');
  }
}
