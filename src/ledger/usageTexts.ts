/**
 * Interns the text values of unique counts to integers, so that a point holds a number and equal texts compare as such.
 * The id is the text's hash, or the next free slot: inserted in sorted order, as event keys are. Ids 0 and 1 are kept
 * back; 1 stands for a missing property, which is a value of its own (usage-and-pricing §2.4.1).
 */
import { insertRows } from './bulkInsert.js';
import { nextSlot } from './hash.js';
import type { Statements } from './statements.js';

const MISSING = 1;

/** More texts than this are looked up again rather than kept. */
const MOST_KEPT = 300_000;

export class UsageTexts {
  readonly #statements: Statements;
  readonly #table: string;
  readonly #hash: (text: string) => number;
  readonly #ids = new Map<string, number>();

  constructor(statements: Statements, table: string, hash: (text: string) => number) {
    this.#statements = statements;
    this.#table = table;
    this.#hash = hash;
  }

  /** The ids of the texts, by position. */
  intern(texts: readonly (string | null)[]): Float64Array {
    const unknown = new Set<string>();
    for (const text of texts) if (text !== null && !this.#ids.has(text)) unknown.add(text);
    if (this.#ids.size + unknown.size > MOST_KEPT) {
      this.#ids.clear();
      for (const text of texts) if (text !== null) unknown.add(text);
    }
    this.#add(unknown);
    const ids = new Float64Array(texts.length);
    for (let i = 0; i < texts.length; i += 1) {
      const text = texts[i] as string | null;
      ids[i] = text === null ? MISSING : (this.#ids.get(text) as number);
    }
    return ids;
  }

  /** After a rollback: ids given in the transaction are void. */
  forget(): void {
    this.#ids.clear();
  }

  #add(texts: ReadonlySet<string>): void {
    const wanted = [...texts].map((text) => ({ text, slot: Math.max(this.#hash(text), MISSING + 1) }));
    wanted.sort((a, b) => a.slot - b.slot || (a.text < b.text ? -1 : 1));
    const claimed = new Map<number, string>();
    for (const { text, slot } of wanted) {
      const id = this.#slotOf(text, slot, claimed);
      this.#ids.set(text, id);
    }
    const added = [...claimed].sort(([a], [b]) => a - b);
    insertRows(this.#statements, `INSERT INTO ${this.#table}`, 2, added.length, (values, at, row) => {
      const [id, text] = added[row] as [number, string];
      values[at] = id;
      values[at + 1] = text;
    });
  }

  /** The slot that holds the text, or the first free one, which it claims. */
  #slotOf(text: string, start: number, claimed: Map<number, string>): number {
    for (let slot = start; ; slot = nextSlot(slot)) {
      const claimant = claimed.get(slot);
      if (claimant !== undefined) continue; // Another new text: the texts of one call differ.
      const holder = this.#statements.value<string>(`SELECT value FROM ${this.#table} WHERE id = ?`, [slot]);
      if (holder === text) return slot;
      if (holder === undefined) {
        claimed.set(slot, text);
        return slot;
      }
    }
  }
}
