/**
 * The seal of every issued invoice: the SHA-256 of what it said when it was issued, and the event that had arrived last by
 * then. Written once, with the invoice; `invoices verify` compares.
 */
import { createHash } from 'node:crypto';
import type { Account } from '../accounts/account.js';
import { issuedDocument } from '../accounts/issuedDocument.js';
import type { Invoice } from '../model.js';
import type { Statements } from './statements.js';
import type { DocumentSeal } from './types.js';

export class Documents {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Seals the account's invoices that are issued and were not sealed before. */
  seal(account: Account, invoices: readonly Invoice[], lastSequence: number): void {
    const insert = this.#statements.writing(
      'INSERT INTO documents (invoice_id, sha256, last_sequence) VALUES (?, ?, ?) ON CONFLICT (invoice_id) DO NOTHING',
    );
    for (const invoice of invoices) {
      if (invoice.status !== 'finalized' && invoice.status !== 'voided') continue;
      insert.run(invoice.id, documentHash(account, invoice), lastSequence);
    }
  }

  sealOf(invoiceId: string): DocumentSeal | undefined {
    const [row] = this.#statements.rows<readonly [string, number]>(
      'SELECT sha256, last_sequence FROM documents WHERE invoice_id = ?',
      [invoiceId],
    );
    return row === undefined ? undefined : { sha256: row[0], lastSequence: row[1] };
  }
}

/** Of the document's JSON, keys in order of their names. */
export function documentHash(account: Account, invoice: Invoice): string {
  return createHash('sha256')
    .update(sortedJson(issuedDocument(account, invoice)))
    .digest('hex');
}

/** What JSON.stringify would write were the keys of every object in order. */
function sortedJson(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return ESCAPED.test(value) ? JSON.stringify(value) : `"${value}"`;
  if (typeof value !== 'object') return typeof value === 'boolean' ? String(value) : JSON.stringify(value);
  if (Array.isArray(value)) {
    return `[${value.map((item) => (item === undefined ? 'null' : sortedJson(item))).join(',')}]`;
  }
  const record = value as Readonly<Record<string, unknown>>;
  let members = '';
  for (const { key, quoted } of sortedKeys(Object.keys(record))) {
    const member = record[key];
    if (member !== undefined) members += `${members === '' ? '' : ','}${quoted}:${sortedJson(member)}`;
  }
  return `{${members}}`;
}

/** Not only plain ASCII: JSON writes some of it in another way. */
const ESCAPED = /[^ !#-[\]-~]/;

interface SortedKey {
  readonly key: string;
  readonly quoted: string;
}

/** The keys in order. Records of a kind have the same keys in the same places: what was sorted last serves most of them. */
function sortedKeys(keys: readonly string[]): readonly SortedKey[] {
  const known = lastSorted.get(keys.length);
  if (known?.keys.every((key, i) => key === keys[i])) return known.sorted;
  const sorted = [...keys].sort().map((key) => ({ key, quoted: JSON.stringify(key) }));
  lastSorted.set(keys.length, { keys, sorted });
  return sorted;
}

/** By number of keys. */
const lastSorted = new Map<number, { readonly keys: readonly string[]; readonly sorted: readonly SortedKey[] }>();
