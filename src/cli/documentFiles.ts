/** What the files of invoices and of credit notes share: their folder and names, their definitions and logos. */
import { accessSync, constants, readFileSync } from 'node:fs';
import type { Catalog } from '../catalog/types.js';
import type { OperationContext } from '../operations/context.js';
import type { Definitions } from '../render/documentContext.js';
import type { Session } from './context.js';
import { makeFolder } from './makeFolder.js';

/** The folder, made if need be and found writable. Called before billing, so that nothing is billed and then not written. */
export function prepareFolder(folder: string): void {
  makeFolder(folder);
  accessSync(folder, constants.W_OK);
}

/** Only letters, digits, `.`, `_` and `-`, and never a leading dot: no number leads out of the folder. */
export function safeName(number: string): string {
  return number.replace(/[^A-Za-z0-9._-]/g, '_').replace(/^\.+/, '_');
}

/** The definitions that an invoice was computed with, from the ledger, as the documents read them. */
export async function definitionsByHash({ ledger }: OperationContext): Promise<(hash: string) => Definitions> {
  const [{ catalogOf }, { planJson }, { billableMetricJson }, { couponJson }] = await Promise.all([
    import('../operations/effectiveCatalog.js'),
    import('../render/json/plan.js'),
    import('../render/json/billableMetric.js'),
    import('../render/json/coupon.js'),
  ]);
  const known = new Map<string, Definitions>();
  return (hash) => {
    let definitions = known.get(hash);
    if (definitions === undefined) {
      const content = ledger.definitions(hash);
      definitions = content === undefined ? {} : read(catalogOf(content));
      known.set(hash, definitions);
    }
    return definitions;
  };

  function read(catalog: Catalog): Definitions {
    return {
      plans: [...catalog.plans.values()].map((plan) => planJson(plan, catalog)),
      billableMetrics: [...catalog.billableMetrics.values()].map((metric) => billableMetricJson(metric)),
      coupons: [...catalog.coupons.values()].map((coupon) => couponJson(coupon)),
    };
  }
}

/** Each logo is read once. */
export function logos(session: Session): (path: string | null) => Buffer | null {
  const known = new Map<string, Buffer | null>();
  return (path) => {
    if (path === null) return null;
    let logo = known.get(path);
    if (logo === undefined) {
      logo = readLogo(session, path);
      known.set(path, logo);
    }
    return logo;
  };
}

function readLogo(session: Session, path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    session.note(`${session.colors.yellow('warning')} the logo ${path} cannot be read: ${(error as Error).message}`);
    return null;
  }
}
