/**
 * `db verify`: what SQLite finds wrong with the file, and everything in it that can be worked out again from something
 * else in it. Reads in one transaction, so that a writer may go on beside it.
 */
import type { Account } from '../accounts/account.js';
import type { Customer, RecordKind } from '../model.js';
import type { AccountStore } from './accountStore.js';
import { type Documents, documentHash } from './documents.js';
import { storedJson } from './ledgerErrors.js';
import { isIssued, recordTable, recordTables } from './recordTables.js';
import { sha256 } from './sha256.js';
import type { Statements } from './statements.js';
import { accountProblems, sequenceProblem } from './verifyAccounts.js';
import { eventProblems } from './verifyEvents.js';

/** More would not be read. */
const MOST_PROBLEMS = 200;

export interface Verified {
  readonly statements: Statements;
  readonly accounts: AccountStore;
  readonly documents: Documents;
  readonly hash: (text: string) => number;
}

/** Sentences, one for each problem; empty when the ledger is sound. */
export function ledgerProblems(ledger: Verified): string[] {
  const found = fileProblems(ledger.statements);
  // A file that is damaged cannot be asked further.
  if (found.length === 0) found.push(...recordProblems(ledger), ...eventProblems(ledger.statements, ledger.hash));
  if (found.length <= MOST_PROBLEMS) return found;
  return [...found.slice(0, MOST_PROBLEMS), `and ${found.length - MOST_PROBLEMS} more`];
}

function fileProblems({ db }: Statements): string[] {
  const damage = db.pragma('integrity_check') as { readonly integrity_check: string }[];
  const orphans = db.pragma('foreign_key_check') as { readonly table: string }[];
  return [
    ...damage.map((row) => row.integrity_check).filter((line) => line !== 'ok'),
    ...orphans.map(({ table }) => `${table}: a record without its customer`),
  ];
}

function recordProblems({ statements, accounts, documents }: Verified): string[] {
  const unreadable = unreadableRecords(statements);
  // What follows reads them all.
  if (unreadable.length > 0) return unreadable;
  const problems: string[] = [];
  const definitions = new Set(statements.column<string>('SELECT hash FROM definitions'));
  const latest = statements.value<string>("SELECT value FROM settings WHERE name = 'latest_definitions'");
  if (latest !== undefined && !definitions.has(latest)) problems.push('the definitions used last are not kept');
  problems.push(...changedDefinitions(statements));
  const sequence = (what: string, sql: string) => {
    const problem = sequenceProblem(statements.column<number>(sql), 1);
    if (problem !== null) problems.push(`${what} are numbered ${problem}`);
  };
  sequence('customers', 'SELECT sequential_id FROM customers ORDER BY sequential_id');
  sequence('entries of the journal', 'SELECT sequence FROM journal ORDER BY sequence');
  problems.push(...billingEntityNumbers(statements));
  for (const record of statements.column<string>('SELECT record FROM customers ORDER BY ordinal')) {
    const customer = storedJson<Customer>(record);
    try {
      const account = accounts.accountOf(customer);
      problems.push(...accountProblems(customer, (kind) => account.all(kind), definitions));
      problems.push(...sealProblems(account, documents));
    } catch (error) {
      // Readable JSON, and yet no record: a name of a field was hit.
      problems.push(`customer ${customer.externalId}: records that are none (${(error as Error).message})`);
    }
  }
  return problems;
}

function changedDefinitions(statements: Statements): string[] {
  const sql = 'SELECT hash, content, sha256 FROM definitions';
  return statements
    .rows<readonly [hash: string, content: string, sha256: string]>(sql, [])
    .filter(([, content, expected]) => sha256(content) !== expected)
    .map(([hash]) => `the definitions ${hash.slice(0, 12)}… say something else than when they were used`);
}

/** What an invoice said when it was issued, it says still. */
function sealProblems(account: Account, documents: Documents): string[] {
  return account.all('invoice').flatMap((invoice) => {
    if (invoice.status !== 'finalized' && invoice.status !== 'voided') return [];
    const seal = documents.sealOf(invoice.id);
    if (seal === undefined) return [`invoice ${invoice.number} was issued without a seal`];
    if (seal.sha256 === documentHash(account, invoice)) return [];
    return [`invoice ${invoice.number} says something else than when it was issued`];
  });
}

/** They run on through the invoices that were numbered per customer before and between them, and skip no others. */
function billingEntityNumbers(statements: Statements): string[] {
  const numbers = statements.column<number>(
    `SELECT billing_entity_sequential_id FROM invoices WHERE billing_entity_sequential_id IS NOT NULL ORDER BY 1`,
  );
  const others = statements.value<number>(
    `SELECT count(*) FROM invoices WHERE billing_entity_sequential_id IS NULL AND ${isIssued()}`,
  ) as number;
  const repeat = numbers.find((number, index) => number === numbers[index - 1]);
  if (repeat !== undefined) return [`the number ${repeat} of the billing entity was given twice`];
  const skipped = (numbers.at(-1) ?? 0) - numbers.length;
  return skipped > others ? [`invoices of the billing entity skip ${skipped - others} numbers`] : [];
}

const recordKinds = Object.keys(recordTables) as RecordKind[];

/** Records that are no JSON, or that bear another id or customer than they are stored under. */
function unreadableRecords(statements: Statements): string[] {
  const misfiled = "record ->> '$.id' IS NOT id OR record ->> '$.customerId' <> customer_id";
  const checks: readonly (readonly [table: string, json: string, isWrong: string])[] = [
    ['customers', 'record', "record ->> '$.id' IS NOT id"],
    ...recordKinds.map((kind) => [recordTable(kind), 'record', misfiled] as const),
    ['journal', 'input', 'FALSE'],
    ['definitions', 'content', "content ->> '$.hash' IS NOT hash"],
  ];
  return checks.flatMap(([table, json, isWrong]) => {
    const sql = `SELECT count(*) FROM ${table} WHERE CASE WHEN json_valid(${json}) THEN ${isWrong} ELSE TRUE END`;
    const count = statements.value<number>(sql) as number;
    return count > 0 ? [`${table}: ${count} unreadable records`] : [];
  });
}
