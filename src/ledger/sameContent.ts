/**
 * Whether two events with one transaction id are the same event sent twice (a duplicate) or two different ones (a
 * conflict). Same content: code, subscription, timestamp, precise amount, and properties as JSON values, whatever the
 * order of keys, the spaces, and the way a number is written.
 */
import { Decimal } from '../money/decimal.js';
import type { NewEvent } from './types.js';

export function sameContent(stored: NewEvent, arriving: NewEvent): boolean {
  return (
    stored.code === arriving.code &&
    stored.externalSubscriptionId === arriving.externalSubscriptionId &&
    (stored.timestamp === arriving.timestamp || arriving.timestampIsArrival === true) &&
    sameAmount(stored.preciseTotalAmountCents, arriving.preciseTotalAmountCents) &&
    (stored.properties === arriving.properties ||
      canonicalJson(stored.properties) === canonicalJson(arriving.properties))
  );
}

function sameAmount(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return a === b || new Decimal(a).equals(b);
}

/**
 * One text per JSON value: keys sorted, no spaces, numbers plain. Strings and numbers are marked before parsing, so that
 * no digit of a number is lost and no string is taken for one.
 */
function canonicalJson(json: string): string {
  const marked = json.replace(/"(?:\\.|[^"\\])*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? `"s${token.slice(1)}` : `"n${new Decimal(token).toFixed()}"`,
  );
  return JSON.stringify(sortKeys(JSON.parse(marked) as unknown));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // Under one key, so that {} stays apart from [].
  return { members: entries.map(([key, member]) => [key, sortKeys(member)]) };
}
