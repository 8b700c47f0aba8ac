/**
 * Customers created or changed by their external id, as Lago's `POST /customers` does (invoicing §7.8), many at once: all
 * of them, or none and every problem of every one. One that stays as it is is no change, so that an import may be
 * repeated.
 */
import { parseCustomerAttributes } from '../catalog/customerRules.js';
import { BillingError, type Problem, type SourceLocation } from '../errors.js';
import type { WrittenCustomer, WrittenCustomers } from '../ingest/customerFile.js';
import { type CustomerJson, customerJson } from '../render/json/customer.js';
import type { OperationContext } from './context.js';
import { customerAfter } from './customers.js';

export interface ImportedCustomer {
  readonly externalId: string;
  readonly outcome: 'created' | 'updated' | 'unchanged';
  /** Of an updated one: the fields of its JSON that differ now. */
  readonly changed: readonly string[];
}

/** Performs one verb inside the transaction of the whole, and notes it in the journal. */
type Run = (verb: 'create_customer' | 'update_customer', input: unknown) => unknown;

export function importCustomers(
  context: OperationContext,
  { customers: written, problems: unreadable }: WrittenCustomers,
  run: Run,
): ImportedCustomer[] {
  const problems = [...unreadable];
  const imported: ImportedCustomer[] = [];
  const seen = new Map<string, SourceLocation>();
  for (const [index, { fields, location }] of written.entries()) {
    try {
      const { external_id: externalId } = parseCustomerAttributes(fields, context.catalog.taxes);
      const first = seen.get(externalId as string);
      if (first === undefined) imported.push(importOne(context, externalId as string, fields, run));
      else problems.push(repeated(externalId as string, first, location));
      seen.set(externalId as string, first ?? location);
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
      problems.push(...located(error, location));
    }
    context.onProgress?.(index + 1, written.length);
  }
  if (problems.length > 0) throw refused(problems);
  return imported;
}

function refused(problems: readonly Problem[]): BillingError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return new BillingError('validation_errors', {
    message: `${count}; no customer was imported`,
    suggestion: 'No customer was imported. Correct the file, and run the same command again.',
    problems: problems.toSorted(byPlace),
  });
}

/** Line by line within a file; files in the order in which they were read. */
function byPlace({ location: a }: Problem, { location: b }: Problem): number {
  return a?.file === b?.file ? (a?.line ?? 0) - (b?.line ?? 0) : 0;
}

function importOne(
  context: OperationContext,
  externalId: string,
  fields: WrittenCustomer['fields'],
  run: Run,
): ImportedCustomer {
  const account = context.ledger.account(externalId);
  if (account === undefined) {
    run('create_customer', fields);
    return { externalId, outcome: 'created', changed: [] };
  }
  const before = account.customer;
  const attributes = parseCustomerAttributes(fields, context.catalog.taxes);
  const after = customerAfter(context, before, attributes);
  if (JSON.stringify(after) === JSON.stringify(before)) return { externalId, outcome: 'unchanged', changed: [] };
  run('update_customer', fields);
  const { organization } = context.catalog;
  const [old, now] = [customerJson(before, organization), customerJson(after, organization)];
  const keys = Object.keys(now) as (keyof CustomerJson)[];
  const changed = keys.filter((key) => JSON.stringify(old[key]) !== JSON.stringify(now[key]));
  return { externalId, outcome: 'updated', changed };
}

function repeated(externalId: string, first: SourceLocation, location: SourceLocation): Problem {
  return {
    field: 'external_id',
    code: 'value_is_duplicated',
    message: `${JSON.stringify(externalId)} stands in ${first.file === location.file ? '' : `${first.file}, `}line ${first.line} already`,
    suggestion: 'Keep one of the two.',
    location,
  };
}

function located(error: BillingError, location: SourceLocation): Problem[] {
  if (error.problems.length > 0) return error.problems.map((problem) => ({ ...problem, location }));
  const { code, message, suggestion } = error;
  return [{ field: 'customer', code, message, location, ...(suggestion === undefined ? {} : { suggestion }) }];
}
