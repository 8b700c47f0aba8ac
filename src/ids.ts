/**
 * Identifiers: UUID version 5 of a kind and its natural key, never random, so that the same history gives the same
 * bytes. `recordId('invoice', 'acme', '3')` is the same on every machine.
 */
import * as crypto from 'node:crypto';

/** The project's own namespace (a fixed version 4 UUID). */
const NAMESPACE = Buffer.from('6f1c1a5e7d0b4c5e9a3b2f8d4e7c6a91', 'hex');

export function recordId(kind: string, ...naturalKey: readonly (string | number)[]): string {
  const name = Buffer.from(JSON.stringify([kind, ...naturalKey.map(String)]));
  const hash = sha1(Buffer.concat([NAMESPACE, name]));
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** In one call where Node has it (from 20.12): a third of the time, and a billing run names a hundred thousand records. */
function sha1(bytes: Buffer): Buffer {
  if (crypto.hash === undefined) return crypto.createHash('sha1').update(bytes).digest();
  return crypto.hash('sha1', bytes, 'buffer');
}
