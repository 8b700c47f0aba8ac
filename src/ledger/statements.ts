/**
 * Prepared statements, each compiled once per connection and kept by its text.
 *
 * The four ways of reading are kept apart because better-sqlite3 sets them on the statement itself.
 */
import type Database from 'better-sqlite3';

export type Parameters = Readonly<Record<string, unknown>> | readonly unknown[];
export type Row = readonly unknown[];

/** Texts vary with the number of filter values, so that their number has no natural bound. */
const MOST_KEPT = 1_000;

export class Statements {
  readonly db: Database.Database;
  readonly #kept = new Map<string, Database.Statement<unknown[]>>();

  constructor(db: Database.Database) {
    this.db = db;
  }

  /** For writing: `run`. */
  writing(sql: string): Database.Statement<unknown[]> {
    return this.#statement(`w${sql}`, sql, (statement) => statement);
  }

  /** Rows as arrays, integers as numbers. */
  rows<R extends Row = Row>(sql: string, parameters: Parameters): R[] {
    return this.#statement(`r${sql}`, sql, (statement) => statement.raw()).all(parameters) as R[];
  }

  /** Rows as arrays, integers as bigints: for sums that pass 2^53. */
  exactRows(sql: string, parameters: Parameters): Row[] {
    return this.#statement(`e${sql}`, sql, (statement) => statement.raw().safeIntegers()).all(parameters) as Row[];
  }

  /** The first column of every row. */
  column<T>(sql: string, parameters: Parameters = []): T[] {
    return this.#statement(`c${sql}`, sql, (statement) => statement.pluck()).all(parameters) as T[];
  }

  /** The first column of the first row. */
  value<T>(sql: string, parameters: Parameters = []): T | undefined {
    return this.#statement(`c${sql}`, sql, (statement) => statement.pluck()).get(parameters) as T | undefined;
  }

  #statement(
    key: string,
    sql: string,
    prepare: (statement: Database.Statement<unknown[]>) => Database.Statement<unknown[]>,
  ): Database.Statement<unknown[]> {
    let statement = this.#kept.get(key);
    if (statement === undefined) {
      if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
      statement = prepare(this.db.prepare(sql));
      this.#kept.set(key, statement);
    }
    return statement;
  }
}
