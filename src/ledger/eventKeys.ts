/**
 * Idempotence: one slot per transaction id over the whole ledger, found by a 53-bit hash.
 *
 * A random unique index on long text costs one random page per event. Here the slots of a batch are inserted in the
 * order of their hashes, so that each page is touched once; and because the key is an integer, a page holds hundreds.
 * Candidates are compared in full: two ids that share a hash take neighbouring slots, and neither is taken for the
 * other. Slots are never freed, so a search may stop at the first empty one.
 */

import { ROWS } from './bulkInsert.js';
import { inHashOrder, nextSlot } from './hash.js';
import type { Statements } from './statements.js';
import type { NewEvent } from './types.js';

/** An event that is not stored, because its transaction id is taken. */
export interface Refusal {
  readonly index: number;
  /** Sequence of the event that has the id. */
  readonly owner: number;
}

/** An event that met an owner in its slot: of the same id, or of another one with the same hash. */
interface Candidate extends Refusal {
  readonly slot: number;
}

/** The events that hold the slots a batch meets: stored ones, or earlier ones of the batch itself. */
export interface Owners {
  /** Told which ones will be asked for, so that stored events are read once and in order of arrival. */
  readonly prefetch: (sequences: readonly number[]) => void;
  readonly get: (sequence: number) => NewEvent;
}

const PAIRS = Array(ROWS).fill('(?,?)').join(',');
const MARKS = Array(ROWS).fill('?').join(',');

export class EventKeys {
  readonly #statements: Statements;
  readonly #hash: (text: string) => number;

  constructor(statements: Statements, hash: (text: string) => number) {
    this.#statements = statements;
    this.#hash = hash;
  }

  /** Sequence of the event with this transaction id. */
  find(transactionId: string): number | undefined {
    for (let slot = this.#hash(transactionId); ; slot = nextSlot(slot)) {
      const owner = this.#ownerOf(slot);
      if (owner === undefined || this.#storedId(owner) === transactionId) return owner;
    }
  }

  /**
   * Claims the transaction ids of a batch for the sequences `first`, `first + 1`, …; answers the events whose id was
   * taken, by an earlier event of the batch or by a stored one, ascending.
   */
  claim(events: readonly NewEvent[], first: number, owners: Owners): Refusal[] {
    const hashes = new Float64Array(events.length);
    for (let i = 0; i < events.length; i += 1) hashes[i] = this.#hash((events[i] as NewEvent).transactionId);
    const candidates = this.#insert(hashes, first);
    if (candidates.length === 0) return [];
    owners.prefetch(candidates.map(({ owner }) => owner));
    const refusals: Refusal[] = [];
    for (const { index, owner, slot } of candidates.sort((a, b) => a.index - b.index)) {
      const { transactionId } = events[index] as NewEvent;
      const same = owners.get(owner).transactionId === transactionId;
      const taken = same ? owner : this.#probe(transactionId, slot, first + index, owners);
      if (taken !== undefined) refusals.push({ index, owner: taken });
    }
    return refusals;
  }

  /** Fills the free slots; answers the events that met an owner in theirs. */
  #insert(hashes: Float64Array, first: number): Candidate[] {
    const order = inHashOrder(hashes);
    const candidates: Candidate[] = [];
    const whole = order.length - (order.length % ROWS);
    const pairs = new Array<number>(2 * ROWS);
    const insertMany =
      whole === 0 ? null : this.#statements.writing(`INSERT OR IGNORE INTO event_keys VALUES ${PAIRS}`);
    for (let k = 0; k < whole; k += ROWS) {
      for (let j = 0; j < ROWS; j += 1) {
        const index = order[k + j] as number;
        pairs[2 * j] = hashes[index] as number;
        pairs[2 * j + 1] = first + index;
      }
      if (insertMany?.run(pairs).changes === ROWS) continue;
      const slots = pairs.filter((_, i) => i % 2 === 0);
      const owners = new Map(
        this.#statements.rows(`SELECT hash, seq FROM event_keys WHERE hash IN (${MARKS})`, slots) as [number, number][],
      );
      for (let j = 0; j < ROWS; j += 1) {
        const slot = slots[j] as number;
        const owner = owners.get(slot) as number;
        if (owner !== pairs[2 * j + 1]) candidates.push({ index: order[k + j] as number, owner, slot });
      }
    }
    const insertOne = this.#statements.writing('INSERT OR IGNORE INTO event_keys VALUES (?,?)');
    for (let k = whole; k < order.length; k += 1) {
      const index = order[k] as number;
      const slot = hashes[index] as number;
      if (insertOne.run(slot, first + index).changes === 1) continue;
      candidates.push({ index, owner: this.#ownerOf(slot) as number, slot });
    }
    return candidates;
  }

  /** Another id holds the slot: the next ones are tried. The owner of the id, or undefined when it is claimed now. */
  #probe(transactionId: string, taken: number, sequence: number, owners: Owners): number | undefined {
    for (let slot = nextSlot(taken); ; slot = nextSlot(slot)) {
      const owner = this.#ownerOf(slot);
      if (owner === undefined) {
        this.#statements.writing('INSERT INTO event_keys VALUES (?,?)').run(slot, sequence);
        return undefined;
      }
      if (owners.get(owner).transactionId === transactionId) return owner;
    }
  }

  #ownerOf(slot: number): number | undefined {
    return this.#statements.value<number>('SELECT seq FROM event_keys WHERE hash = ?', [slot]);
  }

  #storedId(sequence: number): string | undefined {
    return this.#statements.value<string>('SELECT transaction_id FROM events WHERE seq = ?', [sequence]);
  }
}
