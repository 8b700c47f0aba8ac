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
    const ids = new Float64Array(texts.length);
    const unknown = new Set<string>();
    for (let i = 0; i < texts.length; i += 1) {
      const text = texts[i] as string | null;
      const id = text === null ? MISSING : this.#ids.get(text);
      if (id === undefined) unknown.add(text as string);
      else ids[i] = id;
    }
    if (unknown.size === 0) return ids;
    if (this.#ids.size + unknown.size > MOST_KEPT) this.#ids.clear();
    this.#add(unknown);
    for (let i = 0; i < texts.length; i += 1) {
      if (ids[i] === 0) ids[i] = this.#ids.get(texts[i] as string) as number;
    }
    return ids;
  }

  /** The id of a text that was interned; undefined for one that no event brought. */
  find(text: string): number | undefined {
    const kept = this.#ids.get(text);
    if (kept !== undefined) return kept;
    for (let slot = this.#firstSlot(text); ; slot = nextSlot(slot)) {
      const holder = this.#holder(slot);
      if (holder === undefined) return undefined;
      if (holder === text) return slot;
    }
  }

  /** After a rollback: ids given in the transaction are void. */
  forget(): void {
    this.#ids.clear();
  }

  #add(texts: ReadonlySet<string>): void {
    const wanted = [...texts].map(unsliced).map((text) => ({ text, slot: this.#firstSlot(text) }));
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

  #firstSlot(text: string): number {
    return Math.max(this.#hash(text), MISSING + 1);
  }

  #holder(slot: number): string | undefined {
    return this.#statements.value<string>(`SELECT value FROM ${this.#table} WHERE id = ?`, [slot]);
  }

  /** The slot that holds the text, or the first free one, which it claims. */
  #slotOf(text: string, start: number, claimed: Map<number, string>): number {
    for (let slot = start; ; slot = nextSlot(slot)) {
      const claimant = claimed.get(slot);
      if (claimant !== undefined) continue; // Another new text: the texts of one call differ.
      const holder = this.#holder(slot);
      if (holder === text) return slot;
      if (holder === undefined) {
        claimed.set(slot, text);
        return slot;
      }
    }
  }
}

/** A piece of a long text keeps the whole of it in memory: V8 shares the characters of pieces longer than this. */
const LONGEST_COPIED = 12;

function unsliced(text: string): string {
  return text.length > LONGEST_COPIED ? Buffer.from(text, 'utf16le').toString('utf16le') : text;
}
