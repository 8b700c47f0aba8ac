/**
 * Rows to events: columns named like an event's fields are those fields, every other column is a property of its own
 * name (`properties.bytes` is `bytes`), and an empty cell is a property that is not there. Values stay text: `"12.50"`.
 */
import type { Problem } from '../errors.js';
import { type JsonObject, JsonProblem, parseJson } from '../exactJson.js';
import type { NewEvent } from '../ledger/types.js';
import type { CsvRow } from './csv.js';
import { type EventField, eventFields, preciseAmount } from './eventRecord.js';
import { timestampOfSpan } from './flatTimestamp.js';

const prefix = 'properties.';

export class CsvEvents {
  readonly problem: Problem | null;
  readonly #names: readonly string[];
  readonly #columnOf = new Map<EventField, number>();
  readonly #properties: { readonly name: string; readonly column: number; readonly key: string }[] = [];
  /** With a mapping, a column is only a name. */
  readonly #mapped: boolean;

  constructor(names: readonly string[], mapped: boolean) {
    this.#names = names;
    this.#mapped = mapped;
    for (const [column, name] of names.entries()) {
      const field = eventFields.get(name);
      if (field !== undefined) this.#columnOf.set(field, column);
      else if (name !== '') {
        const property = name.startsWith(prefix) ? name.slice(prefix.length) : name;
        this.#properties.push({ name: property, column, key: `${JSON.stringify(property)}:` });
      }
    }
    this.problem = this.#check();
  }

  #check(): Problem | null {
    const repeated = this.#names.find((name, i) => name !== '' && this.#names.indexOf(name) !== i);
    const property = this.#properties.find(({ name }, i, all) => all.findIndex((other) => other.name === name) !== i);
    if (repeated !== undefined || (property !== undefined && !this.#mapped)) {
      return {
        field: 'header',
        code: 'duplicate_key',
        message: `the column ${JSON.stringify(repeated ?? property?.name)} stands twice in the header; the file was not read`,
        suggestion: 'Rename or remove one of the two columns.',
      };
    }
    if (this.#mapped) return null;
    const fields = this.#names.map((name) => eventFields.get(name)).filter((field) => field !== undefined);
    const twice = fields.find((field, i) => fields.indexOf(field) !== i);
    const missing = (['transaction_id', 'code'] as const).filter((field) => !this.#columnOf.has(field));
    if (twice === undefined && missing.length === 0) return null;
    return {
      field: 'header',
      code: twice === undefined ? 'value_is_mandatory' : 'duplicate_key',
      message:
        twice === undefined
          ? `the header has no column ${missing.join(' and none named ')}; the file was not read`
          : `two columns give ${twice}; the file was not read`,
      suggestion:
        'The first row names the columns: transaction_id, code, external_subscription_id, timestamp, or use --map.',
    };
  }

  /** The row as a record for the careful way. */
  record(row: CsvRow): JsonObject | Problem {
    const record: JsonObject = new Map();
    if (this.#mapped) {
      for (const [column, name] of this.#names.entries()) {
        if (row.from[column] !== row.to[column]) record.set(name, row.text(column));
      }
      return record;
    }
    let properties: JsonObject = new Map();
    for (const [field, column] of this.#columnOf) {
      if (row.from[column] === row.to[column]) continue;
      const text = row.text(column);
      if (field !== 'properties') record.set(field, text);
      else {
        const parsed = parseProperties(text);
        if (!(parsed instanceof Map)) return parsed;
        properties = parsed;
      }
    }
    for (const { name, column } of this.#properties) {
      if (row.from[column] !== row.to[column]) properties.set(name, row.text(column));
    }
    record.set('properties', properties);
    return record;
  }

  /** The event of an ordinary row; null sends the row the careful way. */
  plainEvent(row: CsvRow): NewEvent | null {
    const columns = this.#columnOf;
    if (columns.has('properties') || columns.has('external_customer_id')) return null;
    const timeColumn = columns.get('timestamp');
    const subscriptionColumn = columns.get('external_subscription_id');
    if (timeColumn === undefined || subscriptionColumn === undefined) return null;
    const timestamp = timestampOfSpan(row.bytes, row.from[timeColumn] as number, row.to[timeColumn] as number);
    const transactionId = row.text(columns.get('transaction_id') as number);
    const code = row.text(columns.get('code') as number);
    const externalSubscriptionId = row.text(subscriptionColumn);
    if (timestamp === null || transactionId.trim() === '') return null;
    if (code.trim() === '' || externalSubscriptionId.trim() === '') return null;
    const amountColumn = columns.get('precise_total_amount_cents');
    const amountText = amountColumn === undefined ? '' : row.text(amountColumn);
    const amount = preciseAmount(amountText === '' ? null : amountText);
    if (amount.unreadable) return null;
    const properties = this.#propertiesText(row);
    return { transactionId, code, externalSubscriptionId, timestamp, properties, preciseTotalAmountCents: amount.text };
  }

  /** The value of a property in an ordinary row. */
  property(row: CsvRow, name: string): string | undefined {
    const found = this.#properties.find((property) => property.name === name);
    if (found === undefined || row.from[found.column] === row.to[found.column]) return undefined;
    return row.text(found.column);
  }

  #propertiesText(row: CsvRow): string {
    const pieces: string[] = [];
    let mark = '{';
    for (const { key, column } of this.#properties) {
      if (row.from[column] === row.to[column]) continue;
      const value = row.text(column);
      pieces.push(mark, key, needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`);
      mark = ',';
    }
    pieces.push(mark === '{' ? '{}' : '}');
    return pieces.join('');
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON must escape.
const needsEscape = /["\\\u0000-\u001f]/;

function parseProperties(text: string): JsonObject | Problem {
  let message = 'properties must be a JSON object';
  try {
    const value = parseJson(text);
    if (value instanceof Map) return value;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    message = `properties: ${error.message}`;
  }
  return {
    field: 'properties',
    code: 'invalid_type',
    message,
    suggestion: 'Write one column a property, or a JSON object.',
  };
}
