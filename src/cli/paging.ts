/** Long lists in parts: `--limit` and `--page`, as Lago's `per_page` and `page`. A list is whole unless a part is asked for. */
import type { Command } from 'commander';
import type { Session } from './context.js';
import { count, usage } from './flags.js';
import { type Columns, printList } from './output.js';

export interface PageFlags {
  readonly limit?: number;
  readonly page?: number;
}

/** Which part a view reads. */
export interface Part {
  readonly offset?: number;
  readonly limit?: number;
}

/** `usual`: what the limit is when none is given. */
export function paged(command: Command, usual?: number): Command {
  return command
    .option('--limit <count>', 'at most so many', count, usual)
    .option('--page <number>', 'with --limit: 2 goes on where the first page ended', count);
}

export interface List<T> {
  /** Lago's plural root: `invoices`. */
  readonly root: string;
  readonly columns: Columns<T>;
  /** What is said when there is nothing. */
  readonly empty?: string;
  readonly read: (part: Part) => Promise<readonly T[]>;
}

/** Reads one more than is shown, to know whether there are more, and says so: a list that was cut must not pass for all. */
export async function printPage<T extends object>(session: Session, flags: PageFlags, list: List<T>): Promise<void> {
  const { root, columns, empty } = list;
  const { limit, page: number = 1 } = flags;
  if (limit === undefined) {
    if (flags.page !== undefined) throw usage('--page needs --limit', 'Say how many a page has: --limit 100 --page 2.');
    printList(session, root, await list.read({}), columns, empty);
    return;
  }
  const read = await list.read({ offset: (number - 1) * limit, limit: limit + 1 });
  const hasMore = read.length > limit;
  printList(session, root, read.slice(0, limit), columns, empty, { number, limit, hasMore });
  if (hasMore) session.note(`there are more: --limit ${limit} --page ${number + 1}`);
}
