/**
 * Runs one verb: one transaction in which the definitions are brought up to date, the operation reads, computes and
 * writes, and the journal notes it. A refusal or a dry run leaves no trace.
 */
import { notSupported } from '../errors.js';
import type { IngestSummary } from '../ingest/run.js';
import type { OperationContext } from './context.js';
import { syncDefinitions } from './define.js';
import { billStoredEvents, codesPaidInAdvance, refreshWallets } from './events.js';
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
  const operation = Object.hasOwn(operations, verb) ? operations[verb] : undefined;
  if (operation === undefined) throw notSupported(`the verb ${verb}`);
  return inTransaction(context, options.dryRun ?? false, () => {
    const current = syncDefinitions(context);
    const result = operation(current, input) as Result;
    context.ledger.record({ at: context.at, verb, input: journalInput(verb, input, result) });
    return options.view === undefined ? (result as unknown as Shown) : options.view(current, result);
  });
}

/** Reads through the definitions that stand now. An edit of the files takes effect at this command too. */
export function query<Shown>(context: OperationContext, view: (context: OperationContext) => Shown): Shown {
  return view(context.ledger.transaction(() => syncDefinitions(context)));
}

/**
 * Ingests files of any size: in batches, each its own transaction together with what its events bill at once. The journal
 * notes the events by their place in the ledger, which holds them.
 */
export async function performIngest(
  context: OperationContext,
  files: readonly string[],
  options: Omit<IngestOptions, 'onStored'>,
): Promise<IngestSummary> {
  const { ledger, at } = context;
  const current = ledger.transaction(() => syncDefinitions(context));
  const codes = codesPaidInAdvance(current);
  const before = ledger.lastSequence();
  const onStored = {
    codes,
    tell: (events: Parameters<typeof billStoredEvents>[1]) => billStoredEvents(current, events),
  };
  const summary = await ingestFiles(current, files, { ...options, onStored });
  if (summary.committed && summary.stored > 0) {
    const input = { files, stored: summary.stored, first_sequence: before + 1, last_sequence: ledger.lastSequence() };
    ledger.transaction(() => {
      refreshWallets(current);
      ledger.record({ at, verb: 'ingest', input });
    });
  }
  return summary;
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
