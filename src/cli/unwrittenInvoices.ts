/**
 * Invoices that `bill --out` issued and whose files are not there yet. They are noted in the transaction that issues
 * them: when the process ends before the files are written, the next `bill --out` into that folder writes them.
 */
import { resolve } from 'node:path';
import type { Ledger } from '../ledger/types.js';
import type { Invoice } from '../model.js';
import type { Session } from './context.js';

const NAME = 'unwritten_invoices';

interface Unwritten {
  readonly folder: string;
  readonly ids: readonly string[];
}

/** Part of the transaction that issues them. */
export function noteUnwritten(ledger: Ledger, folder: string, ids: readonly string[]): void {
  if (ids.length === 0) return;
  ledger.putSetting(NAME, JSON.stringify([...unwritten(ledger), { folder: resolve(folder), ids }]));
}

/** Those noted for the folder by runs that were cut short, besides `issued`. */
export async function leftUnwritten(
  session: Session,
  folder: string,
  issued: readonly Invoice[],
): Promise<readonly Invoice[]> {
  const { ledger } = await session.context();
  const known = new Set(issued.map(({ id }) => id));
  const ids = unwritten(ledger).flatMap((each) => (each.folder === resolve(folder) ? each.ids : []));
  return [...new Set(ids)].flatMap((id) =>
    known.has(id) ? [] : (ledger.accountOfInvoice(id)?.get('invoice', id) ?? []),
  );
}

export async function forgetUnwritten(session: Session, folder: string, written: readonly string[]): Promise<void> {
  const { ledger } = await session.context();
  if (unwritten(ledger).length === 0) return;
  const ids = new Set(written);
  ledger.transaction(() => {
    const left = unwritten(ledger)
      .map((each) => (each.folder === resolve(folder) ? { ...each, ids: each.ids.filter((id) => !ids.has(id)) } : each))
      .filter((each) => each.ids.length > 0);
    ledger.putSetting(NAME, JSON.stringify(left));
  });
}

function unwritten(ledger: Ledger): Unwritten[] {
  return JSON.parse(ledger.setting(NAME) ?? '[]') as Unwritten[];
}
