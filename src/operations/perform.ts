/**
 * Runs one verb: one transaction in which the definitions are brought up to date, the operation reads, computes and
 * writes, and the journal notes what changed something. A refusal or a dry run leaves no trace.
 */
import { notSupported } from '../errors.js';
import type { WrittenCustomers } from '../ingest/customerFile.js';
import type { IngestSummary } from '../ingest/run.js';
import type { BulkSummary } from '../ledger/types.js';
import type { OperationContext } from './context.js';
import { standingDefinitions, syncDefinitions } from './define.js';
import { billStoredEvents, codesPaidInAdvance, refreshWallets } from './events.js';
import { type ImportedCustomer, importCustomers } from './importCustomers.js';
import { type IngestOptions, ingestFiles } from './ingest.js';
import { journalInput, operations } from './verbs.js';

export interface PerformOptions<Result, Shown> {
  /** Compute and show everything, commit nothing. */
  readonly dryRun?: boolean;
  /** What to show of the outcome, read inside the transaction, so that a dry run shows what would be committed. */
  readonly view?: (context: OperationContext, result: Result) => Shown;
}

export function perform<Result = unknown, Shown = Result>(
  context: OperationContext,
  verb: string,
  input: unknown,
  options: PerformOptions<Result, Shown> = {},
): Shown {
  return inTransaction(context, options.dryRun ?? false, () => {
    const current = syncDefinitions(context);
    const result = run(current, verb, input) as Result;
    return options.view === undefined ? (result as unknown as Shown) : options.view(current, result);
  });
}

function run(context: OperationContext, verb: string, input: unknown): unknown {
  const operation = Object.hasOwn(operations, verb) ? operations[verb] : undefined;
  if (operation === undefined) throw notSupported(`the verb ${verb}`);
  const { ledger, at } = context;
  const before = ledger.changeCount();
  const result = operation(context, input);
  if (ledger.changeCount() > before) ledger.record({ at, verb, input: journalInput(verb, input, result) });
  return result;
}

/** Imports customers in one transaction; the journal notes each that is created or changed, by its own verb. */
export function performImport(
  context: OperationContext,
  customers: WrittenCustomers,
  { dryRun = false }: { readonly dryRun?: boolean },
): ImportedCustomer[] {
  return inTransaction(context, dryRun, () => {
    const current = syncDefinitions(context);
    return importCustomers(current, customers, (verb, input) => run(current, verb, input));
  });
}

/** Reads through the definitions that stand now. An edit of the files takes effect at this command too. */
export function query<Shown>(context: OperationContext, view: (context: OperationContext) => Shown): Shown {
  // Only an edit needs the lock: who reads does not wait for who writes.
  return view(standingDefinitions(context) ?? context.ledger.transaction(() => syncDefinitions(context)));
}

/**
 * Ingests files of any size: in batches, each its own transaction together with what its events bill at once, the
 * wallets that will pay for them, and an entry of the journal, which notes the events by their place in the ledger.
 * Whatever ends the process, a batch is there with all of it or not at all.
 */
export async function performIngest(
  context: OperationContext,
  files: readonly string[],
  options: Omit<IngestOptions, 'onStored' | 'onBatch'>,
): Promise<IngestSummary> {
  const { ledger, at } = context;
  const current = ledger.transaction(() => syncDefinitions(context));
  const codes = codesPaidInAdvance(current);
  const onStored = {
    codes,
    tell: (events: Parameters<typeof billStoredEvents>[1]) => billStoredEvents(current, events),
  };
  const onBatch = ({ stored, firstSequence }: BulkSummary) => {
    refreshWallets(current);
    const input = { files, stored, first_sequence: firstSequence, last_sequence: ledger.lastSequence() };
    ledger.record({ at, verb: 'ingest', input });
  };
  return ingestFiles(current, files, { ...options, onStored, onBatch });
}

class Rehearsed {
  constructor(readonly shown: unknown) {}
}

function inTransaction<Shown>(context: OperationContext, rollBack: boolean, work: () => Shown): Shown {
  if (!rollBack) return context.ledger.transaction(work);
  try {
    return context.ledger.transaction(() => {
      throw new Rehearsed(work());
    });
  } catch (thrown) {
    if (thrown instanceof Rehearsed) return thrown.shown as Shown;
    throw thrown;
  }
}
