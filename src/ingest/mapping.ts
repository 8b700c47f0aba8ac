/**
 * Foreign records to events: for each field of an event, where its value is found, what it is when it is not there, and
 * what the foreign values are called here.
 *
 * A transaction id can be made of named fields by hash, so that the same record sent again is the same event. It is never
 * random.
 */
import type { Problem } from '../errors.js';
import { JsonNumber, type JsonObject, type JsonValue } from '../exactJson.js';
import { recordId } from '../ids.js';
import { propertyText } from '../metering/propertyText.js';
import { shiftPoint } from './timestamp.js';

/** Keys and indexes from the record inward. */
export type Path = readonly string[];

export interface ValueMapping {
  /** The first of these that is there and not null. */
  readonly paths: readonly Path[];
  readonly constant: JsonValue | undefined;
  /** Foreign value (as text) → ours. A value that is not listed stays as it is. */
  readonly values: ReadonlyMap<string, JsonValue> | null;
  readonly default: JsonValue | undefined;
  /** All of these, hashed to an id. */
  readonly hash: readonly Path[] | null;
  /** Decimal places between the foreign clock and seconds: 3 for milliseconds. */
  readonly clockPlaces: number;
}

export interface MappingRules {
  /** Records whose value at the path is another are left out. */
  readonly select: readonly { readonly path: Path; readonly values: readonly string[] }[];
  readonly fields: ReadonlyMap<string, ValueMapping>;
  /** The object whose members become properties. */
  readonly propertiesFrom: Path | null;
  /** Properties made one by one; they win over those of the object. */
  readonly properties: ReadonlyMap<string, ValueMapping>;
}

export type Mapped =
  | { readonly outcome: 'event'; readonly record: JsonObject }
  | { readonly outcome: 'skipped'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly problem: Problem };

export type Mapping = (record: JsonObject) => Mapped;

export function mappingOf(rules: MappingRules): Mapping {
  return (record) => {
    for (const { path, values } of rules.select) {
      const value = textAt(record, path);
      if (value === null || !values.includes(value))
        return { outcome: 'skipped', reason: `${path.join('.')}: ${value}` };
    }
    const event: JsonObject = new Map();
    for (const [field, mapping] of rules.fields) {
      const value = resolve(record, mapping);
      if (value === missingPart) return { outcome: 'refused', problem: unhashable(field, mapping) };
      if (value !== undefined) event.set(field, value);
    }
    const properties = propertiesOf(record, rules);
    if (!(properties instanceof Map)) return { outcome: 'refused', problem: properties };
    event.set('properties', properties);
    return { outcome: 'event', record: event };
  };
}

/** The value at a path. A record's key that itself holds dots (a CSV column) is found by its whole name. */
export function valueAt(record: JsonObject, path: Path): JsonValue | undefined {
  const whole = path.length > 1 ? record.get(path.join('.')) : undefined;
  if (whole !== undefined) return whole;
  let value: JsonValue | undefined = record;
  for (const key of path) {
    if (value instanceof Map) value = value.get(key);
    else if (Array.isArray(value) && /^\d+$/.test(key)) value = value[Number(key)];
    else return undefined;
  }
  return value;
}

const missingPart = Symbol('a part of the hash is missing');

function resolve(record: JsonObject, mapping: ValueMapping): JsonValue | undefined | typeof missingPart {
  if (mapping.hash !== null) {
    const parts = mapping.hash.map((path) => textAt(record, path));
    return parts.includes(null) ? missingPart : recordId('mapped_event', ...(parts as string[]));
  }
  let found = mapping.constant;
  for (const path of mapping.paths) {
    if (found !== undefined) break;
    const value = valueAt(record, path);
    if (value !== null && value !== '') found = value;
  }
  if (found === undefined) return mapping.default;
  const text = mapping.values === null ? null : propertyText(found);
  const renamed = text === null ? undefined : mapping.values?.get(text);
  return toSeconds(renamed ?? found, mapping.clockPlaces);
}

/** Text that is no number stays, for the event's own check to refuse or read (ISO 8601). */
function toSeconds(value: JsonValue, places: number): JsonValue {
  if (places === 0) return value;
  const text = value instanceof JsonNumber ? value.text : value;
  return typeof text === 'string' && /^-?\d+(\.\d+)?$/.test(text) ? shiftPoint(text, places) : value;
}

function propertiesOf(record: JsonObject, rules: MappingRules): JsonObject | Problem {
  const source = rules.propertiesFrom === null ? null : (valueAt(record, rules.propertiesFrom) ?? null);
  if (source !== null && !(source instanceof Map)) {
    return {
      field: 'properties',
      code: 'invalid_type',
      message: `${rules.propertiesFrom?.join('.')} must be an object`,
      suggestion: 'Map the properties one by one in a mapping file.',
    };
  }
  const properties: JsonObject = new Map(source ?? []);
  for (const [name, mapping] of rules.properties) {
    const value = resolve(record, mapping);
    if (value === missingPart) return unhashable(`properties.${name}`, mapping);
    if (value !== undefined) properties.set(name, value);
  }
  return properties;
}

function textAt(record: JsonObject, path: Path): string | null {
  return propertyText(valueAt(record, path) ?? null);
}

function unhashable(field: string, mapping: ValueMapping): Problem {
  return {
    field,
    code: 'value_is_mandatory',
    message: `${field} is made of ${mapping.hash?.map((path) => path.join('.')).join(', ')}, and one of them is missing`,
    suggestion: 'Hash fields that every record has.',
  };
}
