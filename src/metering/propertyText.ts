/**
 * A property of an event as text, which is how filters, groups and aggregations read it.
 *
 * JSON strings without their quotes, numbers as their literal, true and false as such, objects and arrays as JSON;
 * null and missing are null. Source: usage-and-pricing §1.5.
 */
import { JsonNumber, type JsonObject, type JsonValue, parseJson, writeJson } from '../exactJson.js';
import { Decimal } from '../money/decimal.js';

export interface EventProperties {
  readonly text: (key: string) => string | null;
  /** Missing, null, false, an empty object or list, or text of white space only: an event in advance needs more. */
  readonly isBlank: (key: string) => boolean;
}

/** Reads the JSON text of a stored event's properties. */
export function eventProperties(json: string): EventProperties {
  const value = parseJson(json);
  const members: JsonObject = value instanceof Map ? value : new Map();
  return {
    text: (key) => propertyText(members.get(key) ?? null),
    isBlank: (key) => isBlank(members.get(key) ?? null),
  };
}

export function propertyText(value: JsonValue): string | null {
  if (value === null) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  return value instanceof JsonNumber ? value.text : writeJson(value);
}

/** The number that a text stands for; null where sums, maxima and latest values do not see it. */
export function numericValue(text: string | null): Decimal | null {
  return text !== null && /^-?\d+(\.\d+)?$/.test(text) ? new Decimal(text) : null;
}

function isBlank(value: JsonValue): boolean {
  if (value === null || value === false) return true;
  if (typeof value === 'string') return value.trim() === '';
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}
