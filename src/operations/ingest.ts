/**
 * Ingestion of usage events: the verb, for a few events all or nothing, and the bulk form, for files of any size.
 * Both read a record by the same rules and compute expressions at once (usage-and-pricing §1, §2.6).
 */
import { BillingError, invalid, type Problem } from '../errors.js';
import { fromPlain, type JsonObject, JsonProblem } from '../exactJson.js';
import { recordId } from '../ids.js';
import { readEventRecord } from '../ingest/eventRecord.js';
import { type InputFormat, inputFormats } from '../ingest/format.js';
import { applyExpression, Intake, toNewEvent } from '../ingest/intake.js';
import { ledgerRules } from '../ingest/ledgerRules.js';
import { loadMapping } from '../ingest/mappingFile.js';
import { SourceReader } from '../ingest/readSource.js';
import { Recognition } from '../ingest/recognition.js';
import { rejectsFile } from '../ingest/rejectsFile.js';
import { conflictProblem, IngestRun, type IngestSummary } from '../ingest/run.js';
import {
  BrokenSource,
  chunks,
  chunksAtOnce,
  closeSource,
  openSource,
  refuseStdinTwice,
  type Source,
  unpacked,
} from '../ingest/source.js';
import type { BulkSummary, NewEvent, StoredEvent } from '../ledger/types.js';
import type { OperationContext } from './context.js';

/**
 * Stores a list of events, all or none, and returns those that are new. An event sent again as it was is no error and not
 * among them. Errors: `validation_errors` (`transaction_id: value_already_exist` for an id with other content, …),
 * `expression_evaluation_failed`.
 */
export function ingestEvents(context: OperationContext, input: unknown): StoredEvent[] {
  const list = Array.isArray(input) ? input : [input];
  if (list.length === 0) {
    throw new BillingError('validation_errors', {
      message: 'there is no event to store',
      problems: [{ field: 'events', code: 'no_events', message: 'the list of events is empty' }],
    });
  }
  const { ledger, at } = context;
  const rules = ledgerRules(ledger, at);
  const recognition = new Recognition(context.catalog.billableMetrics, rules.isSubscription);
  const problems: Problem[] = [];
  const events: NewEvent[] = [];
  const taken = new Set<string>();
  for (const [index, item] of list.entries()) {
    const record = recordOf(item);
    if (!(record instanceof Map)) {
      problems.push(numbered(record, index, list.length));
      continue;
    }
    nameTransaction(context, record, index, taken);
    const read = readEventRecord(record, rules);
    if (Array.isArray(read)) problems.push(...read.map((problem) => numbered(problem, index, list.length)));
    else {
      const failure = applyExpression(recognition.code(read.code), read);
      if (failure !== null) throw expressionFailed(failure, index, list.length);
      events.push(toNewEvent(read));
    }
  }
  if (problems.length > 0) throw refused(problems);
  return ledger.transaction(() => {
    const { firstSequence, duplicates, conflicts } = ledger.appendBatch(events, at);
    if (conflicts.length > 0) {
      throw refused(
        conflicts.map(({ index, event, stored }) => numbered(conflictProblem(event, stored), index, list.length)),
      );
    }
    const known = new Set(duplicates);
    return events.flatMap((event, index) =>
      known.has(index) ? [] : [{ ...event, sequence: firstSequence + index, receivedAt: at }],
    );
  });
}

function recordOf(item: unknown): JsonObject | Problem {
  const notAnObject = { field: 'event', code: 'invalid_type', message: 'an event must be an object' };
  try {
    const value = fromPlain(item);
    return value instanceof Map ? value : notAnObject;
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return { field: 'event', code: error.code, message: error.message };
  }
}

/**
 * Gives an event without a transaction id one of its own, from the instant and its place in the ledger. The same steps on
 * the same ledger give the same ids.
 */
function nameTransaction(
  { ledger, at }: OperationContext,
  record: JsonObject,
  index: number,
  taken: Set<string>,
): void {
  const given = record.get('transaction_id') ?? record.get('transactionId');
  if (given !== undefined && given !== null) return;
  record.delete('transactionId');
  for (let place = ledger.lastSequence() + 1 + index; ; place++) {
    const id = recordId('event', at, place);
    if (taken.has(id) || ledger.event(id) !== undefined) continue;
    taken.add(id);
    record.set('transaction_id', id);
    return;
  }
}

/** The problem of one event among several says which. */
function numbered(problem: Problem, index: number, count: number): Problem {
  return count === 1 ? problem : { ...problem, field: `events[${index}].${problem.field}` };
}

function refused(problems: readonly Problem[]): BillingError {
  const [first] = problems;
  return new BillingError('validation_errors', {
    message: problems.map(({ field, message, code }) => `${field}: ${message} (${code})`).join('; '),
    problems,
    ...(first?.suggestion === undefined ? {} : { suggestion: first.suggestion }),
  });
}

function expressionFailed(problem: Problem, index: number, count: number): BillingError {
  return new BillingError(problem.code, {
    message: count === 1 ? problem.message : `events[${index}]: ${problem.message}`,
    ...(problem.suggestion === undefined ? {} : { suggestion: problem.suggestion }),
    problems: [numbered(problem, index, count)],
  });
}

export interface IngestProgress {
  readonly file: string;
  readonly bytesRead: number;
  /** Null when an input is a pipe. */
  readonly bytesTotal: number | null;
  readonly records: number;
  readonly stored: number;
}

export interface IngestOptions {
  /** Null: told from each input's beginning. */
  readonly format?: InputFormat | null;
  /** A preset's name or a mapping file. */
  readonly map?: string | null;
  /** Path of the file that gets the refused records. */
  readonly rejects?: string | null;
  /** Store all or nothing: a record that is refused, or in conflict, undoes the whole run. */
  readonly atomic?: boolean;
  /** Refuse events that would not count. */
  readonly strict?: boolean;
  /** Take properties as they are: expressions were applied when the events were stored first. */
  readonly asStored?: boolean;
  /** Do everything, keep nothing. */
  readonly dryRun?: boolean;
  readonly onProgress?: (progress: IngestProgress) => void;
  /** Told, inside the transaction that stores them, of new events whose code is in `codes`. */
  readonly onStored?: { readonly codes: ReadonlySet<string>; readonly tell: (events: readonly StoredEvent[]) => void };
  /** Told, inside the transaction, of each batch that stored something. */
  readonly onBatch?: (batch: BulkSummary) => void;
  /** Stops between two chunks; what was complete is stored. */
  readonly signal?: AbortSignal;
}

/**
 * Stores the events of files (`-` is standard input), good ones beside bad ones, and accounts for every record.
 * Errors, before anything is read: `file_not_found`, `file_unreadable`, `mapping_not_found`, a bad mapping.
 */
export async function ingestFiles(
  context: OperationContext,
  names: readonly string[],
  options: IngestOptions = {},
): Promise<IngestSummary> {
  const { ledger, catalog, at } = context;
  if (options.format != null && !inputFormats.includes(options.format)) throw unknownFormat(options.format);
  refuseStdinTwice(names);
  const rules = ledgerRules(ledger, at);
  const mapping = options.map == null ? null : loadMapping(options.map, rules);
  const sources: Source[] = [];
  try {
    for (const name of names) sources.push(openSource(name));
    const reads = options.map == null ? names : [...names, options.map];
    const rejects = options.rejects == null ? null : rejectsFile(options.rejects, reads);
    const recognition = new Recognition(catalog.billableMetrics, rules.isSubscription, options.asStored !== true);
    const run = new IngestRun({
      ledger,
      receivedAt: at,
      rejects,
      onStored: options.onStored ?? null,
      onBatch: options.onBatch ?? null,
    });
    const intake = new Intake({ rules, recognition, mapping, strict: options.strict ?? false }, run);
    const work: Work = { run, intake, options, totalBytes: totalBytes(sources) };
    try {
      const atOnce = options.atomic === true || options.dryRun === true;
      const committed = atOnce ? await storeAtOnce(context, sources, work) : await storeByBatches(sources, work);
      const keeps = committed || (options.atomic !== true && options.dryRun === true) || run.refused === 0;
      return run.summary(recognition.unmatched(), committed, keeps);
    } finally {
      run.abandon();
      rejects?.close();
    }
  } finally {
    for (const source of sources) closeSource(source);
  }
}

function unknownFormat(format: string): BillingError {
  return invalid({
    field: 'format',
    code: 'value_is_invalid',
    message: `${JSON.stringify(format)} is not a format`,
    suggestion: `Choose one of ${inputFormats.join(', ')}, or leave it out.`,
  });
}

interface Work {
  readonly run: IngestRun;
  readonly intake: Intake;
  readonly options: IngestOptions;
  readonly totalBytes: number | null;
}

async function storeByBatches(sources: readonly Source[], work: Work): Promise<boolean> {
  const { run, options } = work;
  for (const source of sources) {
    const reader = startSource(source, work);
    try {
      for await (const chunk of chunks(source, (bytes) => advance(source, bytes, work))) {
        if (chunk.length === 0) run.flush();
        else reader.feed(chunk);
        run.interrupted = options.signal?.aborted ?? false;
        if (run.interrupted) break;
      }
      if (!run.interrupted) reader.finish();
    } catch (error) {
      if (!(error instanceof BrokenSource)) throw error;
      reader.broken(error);
    }
    run.lines += reader.lines;
    if (run.interrupted) break;
  }
  run.flush();
  return true;
}

class RolledBack extends Error {}

/** One transaction without a pause, undone when a record is refused, or when it was only a trial. */
async function storeAtOnce({ ledger }: OperationContext, sources: readonly Source[], work: Work): Promise<boolean> {
  const { run, options } = work;
  const plain: { readonly source: Source; readonly release: () => void }[] = [];
  try {
    for (const source of sources) plain.push(await unpacked(source));
    ledger.transaction(() => {
      for (const { source } of plain) {
        const reader = startSource(source, work);
        for (const chunk of chunksAtOnce(source, (bytes) => advance(source, bytes, work))) reader.feed(chunk);
        reader.finish();
        run.lines += reader.lines;
      }
      run.flush();
      if (options.dryRun === true || run.refused > 0) throw new RolledBack();
    });
    return true;
  } catch (error) {
    if (error instanceof RolledBack) return false;
    if (!(error instanceof BrokenSource)) throw error;
    throw new BillingError('damaged_file', {
      message: `${error.message}; nothing was stored`,
      suggestion: 'Fetch the file again.',
      cause: error,
    });
  } finally {
    for (const { release } of plain) release();
  }
}

function startSource(source: Source, { run, intake, options }: Work): SourceReader {
  run.file = source.name;
  run.files++;
  return new SourceReader(intake, source.name, options.format ?? null);
}

function advance(source: Source, bytes: number, { run, options, totalBytes }: Work): void {
  run.bytes += bytes;
  options.onProgress?.({
    file: source.name,
    bytesRead: run.bytes,
    bytesTotal: totalBytes,
    records: run.records,
    stored: run.stored,
  });
}

function totalBytes(sources: readonly Source[]): number | null {
  let total = 0;
  for (const { bytes } of sources) {
    if (bytes === null) return null;
    total += bytes;
  }
  return total;
}
