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

/** An event that met an owner in its slot: of the same id, or of another one with the same hash. */
export interface Candidate {
  /** In the batch. */
  readonly position: number;
  /** Sequence of the event that holds the slot. */
  readonly owner: number;
  readonly slot: number;
}

const PAIRS = Array(ROWS).fill('(?,?)').join(',');
const MARKS = Array(ROWS).fill('?').join(',');

export class EventKeys {
  readonly hash: (text: string) => number;
  readonly #statements: Statements;

  constructor(statements: Statements, hash: (text: string) => number) {
    this.#statements = statements;
    this.hash = hash;
  }

  /** Sequence of the event with this transaction id. */
  find(transactionId: string, from = this.hash(transactionId)): number | undefined {
    for (let slot = from; ; slot = nextSlot(slot)) {
      const owner = this.#ownerOf(slot);
      if (owner === undefined || this.#storedId(owner) === transactionId) return owner;
    }
  }

  /** The owners of those of these slots that are taken. */
  owners(slots: readonly number[]): Map<number, number> {
    const owners = new Map<number, number>();
    for (let k = 0; k < slots.length; k += ROWS) {
      const asked = slots.slice(k, k + ROWS);
      while (asked.length < ROWS) asked.push(asked[0] as number);
      const sql = `SELECT hash, seq FROM event_keys WHERE hash IN (${MARKS})`;
      for (const [slot, owner] of this.#statements.rows<[number, number]>(sql, asked)) owners.set(slot, owner);
    }
    return owners;
  }

  /** Fills the free slots of a batch's hashes; answers the events that met an owner in theirs, by position. */
  claim(hashes: Float64Array, sequences: Float64Array): Candidate[] {
    const order = inHashOrder(hashes);
    const candidates: Candidate[] = [];
    const pairs = new Array<number>(2 * ROWS);
    let k = 0;
    if (order.length >= ROWS) {
      const insertMany = this.#statements.writing(`INSERT OR IGNORE INTO event_keys VALUES ${PAIRS}`);
      for (; k + ROWS <= order.length; k += ROWS) {
        for (let j = 0; j < ROWS; j += 1) {
          const position = order[k + j] as number;
          pairs[2 * j] = hashes[position] as number;
          pairs[2 * j + 1] = sequences[position] as number;
        }
        if (insertMany.run(pairs).changes === ROWS) continue;
        const owners = this.owners(pairs.filter((_, i) => i % 2 === 0));
        for (let j = 0; j < ROWS; j += 1) {
          const slot = pairs[2 * j] as number;
          const owner = owners.get(slot) as number;
          if (owner !== pairs[2 * j + 1]) candidates.push({ position: order[k + j] as number, owner, slot });
        }
      }
    }
    const insertOne = this.#statements.writing('INSERT OR IGNORE INTO event_keys VALUES (?,?)');
    for (; k < order.length; k += 1) {
      const position = order[k] as number;
      const slot = hashes[position] as number;
      if (insertOne.run(slot, sequences[position]).changes === 1) continue;
      candidates.push({ position, owner: this.#ownerOf(slot) as number, slot });
    }
    return candidates.sort((a, b) => a.position - b.position);
  }

  /**
   * Another id holds the slot: the next ones are tried. The owner of the id, or undefined when this sequence has claimed
   * it now.
   */
  claimBehind(taken: number, transactionId: string, sequence: number): number | undefined {
    for (let slot = nextSlot(taken); ; slot = nextSlot(slot)) {
      const owner = this.#ownerOf(slot);
      if (owner === undefined) {
        this.#statements.writing('INSERT INTO event_keys VALUES (?,?)').run(slot, sequence);
        return undefined;
      }
      if (this.#storedId(owner) === transactionId) return owner;
    }
  }

  #ownerOf(slot: number): number | undefined {
    return this.#statements.value<number>('SELECT seq FROM event_keys WHERE hash = ?', [slot]);
  }

  #storedId(sequence: number): string | undefined {
    return this.#statements.value<string>('SELECT transaction_id FROM events WHERE seq = ?', [sequence]);
  }
}
