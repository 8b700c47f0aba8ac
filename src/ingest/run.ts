/**
 * One ingestion: events gathered into batches, each stored in one transaction, and the account of what became of every
 * record.
 *
 * A batch is stored whole or not at all, and an event that is there already is skipped: whatever an interruption cut
 * short, running the same command again completes it, and nothing counts twice.
 */
import type { Problem } from '../errors.js';
import type { BulkAppend, BulkSummary, EventConflict, Ledger, NewEvent, StoredEvent } from '../ledger/types.js';
import { formatInstantMs, type Instant } from '../time/instant.js';
import type { EventSink } from './intake.js';
import type { Unmatched } from './recognition.js';
import type { Reject, RejectSink } from './rejectsFile.js';

/** Events of a batch: the ledger is fastest with this many in a transaction. */
const batchEvents = 250_000;
/** Characters of properties in a batch, for events that carry much. */
const batchCharacters = 64 << 20;
/** Events told of at a time. */
const toldEvents = 10_000;

const maxSamples = 20;
const maxReasons = 100;

export interface ConflictSample {
  readonly file: string;
  readonly line: number;
  readonly arrived: NewEvent;
  /** The first one, which is kept. */
  readonly stored: StoredEvent;
}

export interface IngestSummary {
  readonly files: number;
  readonly bytes: number;
  /** Physical lines read. */
  readonly lines: number;
  /** stored + duplicates + conflicts + rejected + skipped. */
  readonly records: number;
  /** New events: stored, or after a dry run those that would be. */
  readonly stored: number;
  readonly duplicates: number;
  readonly conflicts: { readonly count: number; readonly samples: readonly ConflictSample[] };
  /** `byCode` counts `field: code`. */
  readonly rejected: {
    readonly count: number;
    readonly byCode: Readonly<Record<string, number>>;
    readonly samples: readonly Reject[];
  };
  /** Records that the mapping leaves out on purpose, by reason. */
  readonly skipped: { readonly count: number; readonly byReason: Readonly<Record<string, number>> };
  /** Among the accepted events, those already stored before included. */
  readonly unmatched: Unmatched;
  /** False after a dry run, and after an atomic one that met a record it had to refuse: the ledger is as before. */
  readonly committed: boolean;
  readonly interrupted: boolean;
}

export interface RunOptions {
  readonly ledger: Ledger;
  readonly receivedAt: Instant;
  readonly rejects: RejectSink | null;
  /** Told, inside the transaction, of newly stored events whose code is in `codes`: charges paid in advance. */
  readonly onStored: {
    readonly codes: ReadonlySet<string>;
    readonly tell: (events: readonly StoredEvent[]) => void;
  } | null;
  /** Told, inside the transaction, of a batch that stored something, after `onStored`. */
  readonly onBatch: ((batch: BulkSummary) => void) | null;
}

export class IngestRun implements EventSink {
  file = '';
  files = 0;
  bytes = 0;
  lines = 0;
  interrupted = false;
  stored = 0;
  duplicates = 0;
  readonly #options: RunOptions;
  readonly #bulk: BulkAppend;
  /** Line of each event in the batch, and where in the batch each file begins. */
  readonly #eventLines = new Float64Array(batchEvents);
  #fileStarts: { readonly file: string; readonly index: number }[] = [];
  #waiting = 0;
  #characters = 0;
  /** Whether the batch has an event to tell of. */
  #concerned = false;
  #conflicts = 0;
  readonly #conflictSamples: ConflictSample[] = [];
  #rejected = 0;
  readonly #rejectedByCode = new Map<string, number>();
  readonly #rejectSamples: Reject[] = [];
  #skipped = 0;
  readonly #skippedByReason = new Map<string, number>();

  constructor(options: RunOptions) {
    this.#options = options;
    this.#bulk = options.ledger.bulkAppend(options.receivedAt, { onConflict: (conflict) => this.#conflict(conflict) });
  }

  /** Records seen so far, those waiting in the batch included. */
  get records(): number {
    return this.stored + this.duplicates + this.#conflicts + this.#rejected + this.#skipped + this.#waiting;
  }

  /** Records that were not accepted: what `atomic` does not tolerate. */
  get refused(): number {
    return this.#rejected + this.#conflicts;
  }

  event(event: NewEvent, line: number): void {
    if (this.#fileStarts.at(-1)?.file !== this.file) this.#fileStarts.push({ file: this.file, index: this.#waiting });
    this.#eventLines[this.#waiting] = line;
    this.#waiting += 1;
    this.#characters += event.properties.length;
    this.#concerned ||= this.#options.onStored?.codes.has(event.code) ?? false;
    this.#bulk.add(event);
    if (this.#waiting === batchEvents || this.#characters >= batchCharacters) this.flush();
  }

  reject(problem: Problem, line: number, column: number | null, source: string): void {
    this.#rejected++;
    count(this.#rejectedByCode, `${problem.field}: ${problem.code}`);
    this.#write(problem, this.file, line, column, source);
  }

  skip(reason: string): void {
    this.#skipped++;
    count(this.#skippedByReason, this.#skippedByReason.size < maxReasons ? reason : 'other');
  }

  /** Stores what was gathered, in one transaction. */
  flush(): void {
    if (this.#waiting === 0) return;
    const { stored, duplicates, conflicts } = this.#bulk.finish((batch) => {
      this.#tell(batch.firstSequence);
      if (batch.stored > 0) this.#options.onBatch?.(batch);
    });
    this.stored += stored;
    this.duplicates += duplicates;
    this.#conflicts += conflicts;
    this.#forget();
  }

  /** Leaves the ledger as it was before the batch. */
  abandon(): void {
    this.#bulk.abandon();
    this.#forget();
  }

  /** `keeps`: the new events are stored, or would be were this no trial. */
  summary(unmatched: Unmatched, committed: boolean, keeps: boolean): IngestSummary {
    return {
      files: this.files,
      bytes: this.bytes,
      lines: this.lines,
      records: this.records,
      stored: keeps ? this.stored : 0,
      duplicates: this.duplicates,
      conflicts: { count: this.#conflicts, samples: this.#conflictSamples },
      rejected: {
        count: this.#rejected,
        byCode: Object.fromEntries(this.#rejectedByCode),
        samples: this.#rejectSamples,
      },
      skipped: { count: this.#skipped, byReason: Object.fromEntries(this.#skippedByReason) },
      unmatched,
      committed,
      interrupted: this.interrupted,
    };
  }

  #forget(): void {
    this.#waiting = 0;
    this.#characters = 0;
    this.#concerned = false;
    this.#fileStarts = [];
  }

  /** What the batch stored is read back, in parts: memory stays flat. */
  #tell(firstSequence: number): void {
    const { ledger, onStored } = this.#options;
    if (onStored === null || !this.#concerned) return;
    let told: StoredEvent[] = [];
    for (const event of ledger.events({ fromSequence: firstSequence })) {
      if (!onStored.codes.has(event.code) || told.push(event) < toldEvents) continue;
      onStored.tell(told);
      told = [];
    }
    if (told.length > 0) onStored.tell(told);
  }

  #conflict({ index, event, stored }: EventConflict): void {
    const { rejects } = this.#options;
    const keep = this.#conflictSamples.length < maxSamples;
    if (!keep && rejects === null) return;
    const file = this.#fileStarts.findLast((start) => start.index <= index)?.file as string;
    const line = this.#eventLines[index] as number;
    if (keep) this.#conflictSamples.push({ file, line, arrived: event, stored });
    rejects?.write(rejectOf(conflictProblem(event, stored), file, line, null, eventText(event)));
  }

  #write(problem: Problem, file: string, line: number, column: number | null, source: string): void {
    const keep = this.#rejectSamples.length < maxSamples;
    if (!keep && this.#options.rejects === null) return;
    const reject = rejectOf(problem, file, line, column, source);
    if (keep) this.#rejectSamples.push(reject);
    this.#options.rejects?.write(reject);
  }
}

export function conflictProblem(event: NewEvent, stored: StoredEvent): Problem {
  return {
    field: 'transaction_id',
    code: 'value_already_exist',
    message: `${JSON.stringify(event.transactionId)} is stored already with other content: ${differences(event, stored)}`,
    suggestion: 'The first event is kept. Give another event another transaction_id.',
  };
}

function differences(event: NewEvent, stored: NewEvent): string {
  const told: string[] = [];
  const compare = (field: string, ours: string | null, theirs: string | null) => {
    if (ours !== theirs) told.push(`${field} was ${theirs}, now ${ours}`);
  };
  compare('code', event.code, stored.code);
  compare('external_subscription_id', event.externalSubscriptionId, stored.externalSubscriptionId);
  compare('timestamp', formatInstantMs(event.timestamp), formatInstantMs(stored.timestamp));
  compare('properties', shortened(event.properties), shortened(stored.properties));
  compare('precise_total_amount_cents', event.preciseTotalAmountCents, stored.preciseTotalAmountCents);
  return told.join('; ');
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function rejectOf(problem: Problem, file: string, line: number, column: number | null, record: string): Reject {
  const { field, code, message, suggestion } = problem;
  return { file, line, column, field, code, message, hint: suggestion ?? null, record };
}

/** An event as Lago's JSON, for the rejects file: its line is no longer at hand. */
function eventText(event: NewEvent): string {
  const fields = {
    transaction_id: event.transactionId,
    code: event.code,
    external_subscription_id: event.externalSubscriptionId,
    timestamp: formatInstantMs(event.timestamp),
    precise_total_amount_cents: event.preciseTotalAmountCents,
  };
  return `${JSON.stringify(fields).slice(0, -1)},"properties":${event.properties}}`;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
