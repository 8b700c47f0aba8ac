/**
 * A bulk run in its transaction, which begins when the first part is written: a slow input locks nobody out while its
 * events gather.
 */
import type { BulkRun } from './bulkRun.js';
import type { BulkAppend, BulkSummary, NewEvent } from './types.js';

/** Events written at a time. */
const PART = 4_096;

export interface BulkTransaction {
  /** False inside another transaction, which stays as it is. */
  readonly begin: () => boolean;
  readonly commit: () => void;
  readonly rollBack: () => void;
  /** The error to throw instead. */
  readonly failure: (error: unknown) => unknown;
}

export class TransactionalBulk implements BulkAppend {
  readonly #transaction: BulkTransaction;
  #waiting: NewEvent[] = [];
  readonly #run: BulkRun;
  #started = false;
  #begun = false;

  constructor(run: BulkRun, transaction: BulkTransaction) {
    this.#run = run;
    this.#transaction = transaction;
  }

  add(event: NewEvent): void {
    if (this.#waiting.push(event) === PART) this.#guarded(() => this.#write());
  }

  finish(alongside?: (summary: BulkSummary) => void): BulkSummary {
    return this.#guarded(() => {
      this.#write();
      const summary = this.#run.finish();
      alongside?.(summary);
      if (this.#begun) this.#transaction.commit();
      this.#reset();
      return summary;
    });
  }

  abandon(): void {
    const begun = this.#begun;
    this.#reset();
    if (begun) this.#transaction.rollBack();
  }

  #write(): void {
    if (!this.#started) {
      this.#begun = this.#transaction.begin();
      this.#run.start();
      this.#started = true;
    }
    const part = this.#waiting;
    this.#waiting = [];
    this.#run.add(part);
  }

  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.abandon();
      throw this.#transaction.failure(error);
    }
  }

  #reset(): void {
    this.#started = false;
    this.#begun = false;
    this.#waiting = [];
  }
}
