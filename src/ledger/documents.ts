/**
 * The seal of every issued invoice: the SHA-256 of what it said when it was issued, and the event that had arrived last by
 * then. Written once, with the invoice; `invoices verify` compares.
 */
import type { Account } from '../accounts/account.js';
import type { AccountRecords, Invoice, RecordKind } from '../model.js';
import { recordText } from './recordText.js';
import { sha256 } from './sha256.js';
import type { Statements } from './statements.js';
import type { DocumentSeal } from './types.js';

interface Sealing {
  /** As `recordText`, from who has just written the records. */
  readonly textOf: typeof recordText;
  readonly lastSequence: number;
}

export class Documents {
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** Seals the account's invoices that are issued and were not sealed before. */
  seal(account: Account, invoices: readonly Invoice[], { textOf, lastSequence }: Sealing): void {
    const insert = this.#statements.writing(
      'INSERT INTO documents (invoice_id, sha256, last_sequence) VALUES (?, ?, ?) ON CONFLICT (invoice_id) DO NOTHING',
    );
    for (const invoice of invoices) {
      if (invoice.status !== 'finalized' && invoice.status !== 'voided') continue;
      insert.run(invoice.id, documentHash(account, invoice, textOf), lastSequence);
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

/**
 * SHA-256 of the invoice, its billing periods and its fees, as the ledger writes them, without what happens to them
 * afterwards: payments, voiding, metadata.
 */
export function documentHash(account: Account, invoice: Invoice, textOf = recordText): string {
  let said = '';
  const say = <K extends RecordKind>(kind: K, record: AccountRecords[K]) => {
    const { text, saidLength } = textOf(kind, record);
    said += `${text.slice(0, saidLength)}\n`;
  };
  say('invoice', invoice);
  for (const period of account.ofInvoice('billing_period', invoice.id)) say('billing_period', period);
  for (const fee of account.ofInvoice('fee', invoice.id)) say('fee', fee);
  return sha256(said);
}
