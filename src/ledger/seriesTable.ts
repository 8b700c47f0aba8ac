/** Interns (external subscription id, metric code) to one small integer, the series that an event belongs to. */
import type { Statements } from './statements.js';

/** More pairs than this are looked up again rather than kept. */
const MOST_KEPT = 500_000;

export class SeriesTable {
  readonly #statements: Statements;
  readonly #ids = new Map<string, Map<string | null, number>>();
  #kept = 0;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  find(code: string, externalSubscriptionId: string | null): number | undefined {
    const known = this.#ids.get(code)?.get(externalSubscriptionId);
    if (known !== undefined) return known;
    const id = this.#statements.value<number>(
      'SELECT id FROM series WHERE external_subscription_id IS ? AND code = ?',
      [externalSubscriptionId, code],
    );
    if (id !== undefined) this.#keep(code, externalSubscriptionId, id);
    return id;
  }

  findOrAdd(code: string, externalSubscriptionId: string | null): number {
    const known = this.find(code, externalSubscriptionId);
    if (known !== undefined) return known;
    const added = this.#statements
      .writing('INSERT INTO series (code, external_subscription_id) VALUES (?, ?)')
      .run(code, externalSubscriptionId);
    const id = Number(added.lastInsertRowid);
    this.#keep(code, externalSubscriptionId, id);
    return id;
  }

  /** Ids of the series of a code, a subscription, or both; null leaves one open. */
  matching(code: string | null, externalSubscriptionId: string | null): number[] {
    return this.#statements.column<number>(
      `SELECT id FROM series WHERE (@code IS NULL OR code = @code)
         AND (@externalSubscriptionId IS NULL OR external_subscription_id = @externalSubscriptionId)
       ORDER BY id`,
      { code, externalSubscriptionId },
    );
  }

  /** The subscriptions that have events of the code, by series. */
  subscriptionsOf(code: string): ReadonlyMap<number, string | null> {
    const sql = 'SELECT id, external_subscription_id FROM series WHERE code = ?';
    return new Map(this.#statements.rows<readonly [number, string | null]>(sql, [code]));
  }

  lastId(): number {
    return this.#statements.value<number | null>('SELECT max(id) FROM series') ?? 0;
  }

  /** For a series without events. */
  remove(id: number): void {
    this.#statements.writing('DELETE FROM series WHERE id = ?').run(id);
    for (const ofCode of this.#ids.values()) {
      for (const [externalSubscriptionId, known] of ofCode) if (known === id) ofCode.delete(externalSubscriptionId);
    }
  }

  /** After a rollback: numbers given in the transaction are void. */
  forget(): void {
    this.#ids.clear();
    this.#kept = 0;
  }

  #keep(code: string, externalSubscriptionId: string | null, id: number): void {
    if (this.#kept >= MOST_KEPT) this.forget();
    let ofCode = this.#ids.get(code);
    if (ofCode === undefined) {
      ofCode = new Map();
      this.#ids.set(code, ofCode);
    }
    ofCode.set(externalSubscriptionId, id);
    this.#kept += 1;
  }
}
