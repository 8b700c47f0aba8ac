/**
 * Many rows to a statement: 50 at once spare 49 calls into SQLite. More than 50 measured no better. The caller writes
 * each row's values in place, so that no object is made per row.
 */
import type { Statements } from './statements.js';

export const ROWS = 50;

/** `insert` is the statement up to VALUES; `suffix` what follows. `fill` writes the columns of row `i` at `at`. */
export function insertRows(
  statements: Statements,
  insert: string,
  columns: number,
  count: number,
  fill: (values: unknown[], at: number, row: number) => void,
  suffix = '',
): void {
  const tuple = `(${Array(columns).fill('?').join(',')})`;
  let row = 0;
  if (count >= ROWS) {
    const many = statements.writing(`${insert} VALUES ${Array(ROWS).fill(tuple).join(',')} ${suffix}`);
    const values = new Array<unknown>(ROWS * columns);
    for (; row + ROWS <= count; row += ROWS) {
      for (let i = 0; i < ROWS; i += 1) fill(values, i * columns, row + i);
      many.run(values);
    }
  }
  if (row === count) return;
  const one = statements.writing(`${insert} VALUES ${tuple} ${suffix}`);
  const values = new Array<unknown>(columns);
  for (; row < count; row += 1) {
    fill(values, 0, row);
    one.run(values);
  }
}
