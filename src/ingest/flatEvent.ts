/**
 * The fast way through an NDJSON line: the bytes of an ordinary event are scanned once and cut where they lie.
 *
 * `scan` says yes only to a line that is valid JSON and means one thing: one object with the snake_case fields of an
 * event, each at most once, plain strings, and `properties` one flat object without equal keys. Escapes (but the simple
 * ones inside property values), exponents, nested values, other keys: no, and the line takes the careful way (`exactJson.ts`).
 * What both ways accept they read alike; a test holds them together. Twice as fast as JSON.parse, and property texts need
 * not be written out again.
 */
import { isUtf8 } from 'node:buffer';

export const flatField = {
  transactionId: 0,
  code: 1,
  externalSubscriptionId: 2,
  timestamp: 3,
  properties: 4,
  preciseTotalAmountCents: 5,
} as const;

const fieldNames = [
  'transaction_id',
  'code',
  'external_subscription_id',
  'timestamp',
  'properties',
  'precise_total_amount_cents',
].map((name) => Buffer.from(name));
/** The names all differ in length. */
const fieldByLength: (number | undefined)[] = [];
for (const [field, name] of fieldNames.entries()) fieldByLength[name.length] = field;

const everyField = 0b11111;
const maxProperties = 32;

const [quote, backslash, colon, comma, open, close, newline, carriageReturn, point, minus, zero] = [
  34, 92, 58, 44, 123, 125, 10, 13, 46, 45, 48,
] as const;

export class FlatEventScanner {
  /** Spans of the fields' values, without quotes. */
  readonly from = new Int32Array(6);
  readonly to = new Int32Array(6);
  /** Spans of the properties' keys and values, without quotes. */
  readonly keyFrom = new Int32Array(maxProperties);
  readonly keyTo = new Int32Array(maxProperties);
  readonly valueFrom = new Int32Array(maxProperties);
  readonly valueTo = new Int32Array(maxProperties);
  propertyCount = 0;
  hasPreciseAmount = false;
  /** Behind the object; for a line, the index of its newline. */
  end = 0;
  ascii = true;
  #high = 0;

  /**
   * Scans the object that starts at `start`, which must fill its line when `wholeLine`. The bytes must hold a newline at or
   * after it.
   */
  scan(bytes: Buffer, start: number, wholeLine: boolean): boolean {
    this.#high = 0;
    let p = this.#space(bytes, start);
    if (bytes[p++] !== open) return false;
    let seen = 0;
    for (;;) {
      p = this.#space(bytes, p);
      if (bytes[p++] !== quote) return false;
      const keyFrom = p;
      while (bytes[p] !== quote) if ((bytes[p++] as number) < 95) return false;
      const field = fieldByLength[p - keyFrom];
      if (field === undefined || seen & (1 << field) || !this.#isName(bytes, keyFrom, field)) return false;
      seen |= 1 << field;
      p = this.#space(bytes, p + 1);
      if (bytes[p++] !== colon) return false;
      p = this.#space(bytes, p);
      p = field === flatField.properties ? this.#properties(bytes, p) : this.#field(bytes, p, field);
      if (p < 0) return false;
      p = this.#space(bytes, p);
      const c = bytes[p++];
      if (c === close) break;
      if (c !== comma) return false;
    }
    if ((seen & everyField) !== everyField) return false;
    if (wholeLine) {
      p = this.#space(bytes, p);
      if (bytes[p] === carriageReturn) p++;
      if (bytes[p] !== newline) return false;
    }
    this.hasPreciseAmount = seen > everyField;
    this.end = p;
    this.ascii = this.#high < 128;
    return this.ascii || isUtf8(bytes.subarray(start, p));
  }

  text(bytes: Buffer, from: number, to: number): string {
    return bytes.toString(this.ascii ? 'latin1' : 'utf8', from, to);
  }

  field(bytes: Buffer, field: number): string {
    return this.text(bytes, this.from[field] as number, this.to[field] as number);
  }

  /** Index of the property with this name, −1 when there is none. */
  property(bytes: Buffer, name: Buffer): number {
    for (let i = 0; i < this.propertyCount; i++) {
      const from = this.keyFrom[i] as number;
      if ((this.keyTo[i] as number) - from === name.length && sameBytes(bytes, from, name)) return i;
    }
    return -1;
  }

  #isName(bytes: Buffer, from: number, field: number): boolean {
    return sameBytes(bytes, from, fieldNames[field] as Buffer);
  }

  #space(bytes: Buffer, p: number): number {
    while (bytes[p] === 32 || bytes[p] === 9) p++;
    return p;
  }

  /** A plain string; for a timestamp or an amount also a plain number. Returns where it ends, −1 for no. */
  #field(bytes: Buffer, p: number, field: number): number {
    if (bytes[p] !== quote) {
      if (field !== flatField.timestamp && field !== flatField.preciseTotalAmountCents) return -1;
      this.from[field] = p;
      p = numberEnd(bytes, p);
      this.to[field] = p;
      return p;
    }
    this.from[field] = ++p;
    let c = bytes[p] as number;
    let high = 0;
    while (c !== quote) {
      if (c === backslash || c < 32) return -1;
      high |= c;
      c = bytes[++p] as number;
    }
    this.#high |= high;
    this.to[field] = p;
    return p === this.from[field] ? -1 : p + 1;
  }

  #properties(bytes: Buffer, p: number): number {
    this.from[flatField.properties] = p;
    this.propertyCount = 0;
    if (bytes[p++] !== open) return -1;
    p = this.#space(bytes, p);
    if (bytes[p] === close) {
      this.to[flatField.properties] = p + 1;
      return p + 1;
    }
    for (;;) {
      p = this.#member(bytes, p);
      if (p < 0) return -1;
      p = this.#space(bytes, p);
      const c = bytes[p++];
      if (c === close) break;
      if (c !== comma) return -1;
      p = this.#space(bytes, p);
    }
    this.to[flatField.properties] = p;
    return p;
  }

  #member(bytes: Buffer, p: number): number {
    const i = this.propertyCount;
    if (i === maxProperties || bytes[p++] !== quote) return -1;
    this.keyFrom[i] = p;
    let high = 0;
    let c = bytes[p] as number;
    while (c !== quote) {
      if (c === backslash || c < 32) return -1;
      high |= c;
      c = bytes[++p] as number;
    }
    this.keyTo[i] = p;
    if (this.#repeatsKey(bytes, i)) return -1;
    p = this.#space(bytes, p + 1);
    if (bytes[p++] !== colon) return -1;
    p = this.#space(bytes, p);
    this.propertyCount = i + 1;
    this.valueFrom[i] = p;
    if (bytes[p] !== quote) {
      const end = scalarEnd(bytes, p);
      this.valueTo[i] = end;
      this.#high |= high;
      return end;
    }
    this.valueFrom[i] = ++p;
    c = bytes[p] as number;
    while (c !== quote) {
      if (c < 32) return -1;
      if (c === backslash && !isSimpleEscape(bytes[++p] as number)) return -1;
      high |= c;
      c = bytes[++p] as number;
    }
    this.#high |= high;
    this.valueTo[i] = p;
    return p + 1;
  }

  #repeatsKey(bytes: Buffer, last: number): boolean {
    const from = this.keyFrom[last] as number;
    const length = (this.keyTo[last] as number) - from;
    search: for (let i = 0; i < last; i++) {
      const other = this.keyFrom[i] as number;
      if ((this.keyTo[i] as number) - other !== length) continue;
      for (let k = 0; k < length; k++) if (bytes[other + k] !== bytes[from + k]) continue search;
      return true;
    }
    return false;
  }
}

function sameBytes(bytes: Buffer, from: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[from + i] !== name[i]) return false;
  return true;
}

/** `\" \\ \/ \b \f \n \r \t`; `\u` goes the careful way. */
function isSimpleEscape(c: number): boolean {
  return c === 34 || c === 92 || c === 47 || c === 98 || c === 102 || c === 110 || c === 114 || c === 116;
}

/** End of a plain JSON number, −1 when there is none. The byte after it is the caller's to judge (an exponent's `e`). */
function numberEnd(bytes: Buffer, p: number): number {
  if (bytes[p] === minus) p++;
  const from = p;
  p = digitsEnd(bytes, p);
  if (p === from || (bytes[from] === zero && p - from > 1)) return -1;
  if (bytes[p] !== point) return p;
  const fraction = p + 1;
  p = digitsEnd(bytes, fraction);
  return p === fraction ? -1 : p;
}

export function digitsEnd(bytes: Buffer, p: number): number {
  let c = bytes[p] as number;
  while (c >= 48 && c <= 57) c = bytes[++p] as number;
  return p;
}

const words = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function scalarEnd(bytes: Buffer, p: number): number {
  for (const word of words) if (bytes[p] === word[0] && sameBytes(bytes, p, word)) return p + word.length;
  return numberEnd(bytes, p);
}

/** The numeric test of sums, maxima and latest values, `^-?\d+(\.\d+)?$` (usage-and-pricing §1.5), on bytes. */
export function isNumericSpan(bytes: Buffer, from: number, to: number): boolean {
  let p = bytes[from] === minus ? from + 1 : from;
  const whole = p;
  p = digitsEnd(bytes, p);
  if (p === whole) return false;
  if (p < to && bytes[p] === point) {
    const fraction = p + 1;
    p = digitsEnd(bytes, fraction);
    if (p === fraction) return false;
  }
  return p === to;
}
