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
  /** By way of reading, then by text: a constant text is found by its identity. */
  readonly #kept = new Map<Way, Map<string, Database.Statement<unknown[]>>>();

  constructor(db: Database.Database) {
    this.db = db;
  }

  /** For writing: `run`. */
  writing(sql: string): Database.Statement<unknown[]> {
    return this.#statement('write', sql);
  }

  /** Rows as arrays, integers as numbers. */
  rows<R extends Row = Row>(sql: string, parameters: Parameters): R[] {
    return this.#statement('rows', sql).all(parameters) as R[];
  }

  /** Rows as arrays, integers as bigints: for sums that pass 2^53. */
  exactRows<R extends Row = Row>(sql: string, parameters: Parameters): R[] {
    return this.#statement('exact rows', sql).all(parameters) as R[];
  }

  /** The first column of every row. */
  column<T>(sql: string, parameters: Parameters = []): T[] {
    return this.#statement('column', sql).all(parameters) as T[];
  }

  /** The first column of the first row. */
  value<T>(sql: string, parameters: Parameters = []): T | undefined {
    return this.#statement('column', sql).get(parameters) as T | undefined;
  }

  #statement(way: Way, sql: string): Database.Statement<unknown[]> {
    let kept = this.#kept.get(way);
    if (kept === undefined) {
      kept = new Map();
      this.#kept.set(way, kept);
    }
    let statement = kept.get(sql);
    if (statement === undefined) {
      if (kept.size >= MOST_KEPT) kept.clear();
      statement = prepared(this.db, way, sql);
      kept.set(sql, statement);
    }
    return statement;
  }
}

type Way = 'write' | 'rows' | 'exact rows' | 'column';

function prepared(db: Database.Database, way: Way, sql: string): Database.Statement<unknown[]> {
  const statement = db.prepare<unknown[]>(sql);
  switch (way) {
    case 'write':
      return statement;
    case 'rows':
      return statement.raw();
    case 'exact rows':
      return statement.raw().safeIntegers();
    case 'column':
      return statement.pluck();
  }
}
