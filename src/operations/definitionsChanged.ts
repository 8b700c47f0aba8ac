/**
 * Carries an edit of the definition files to every account that it touches: running subscriptions follow their plans,
 * drafts follow plans, metrics, taxes and settings. Runs inside the edit's own transaction. (periods §1.2, invoicing §6.3)
 */
import type { Catalog } from '../catalog/types.js';
import { redateDrafts, refreshDrafts } from '../lifecycle/drafts.js';
import { applyPlanEdits } from '../lifecycle/planEdits.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { saveWork } from './saveWork.js';

export function onDefinitionsChanged(context: OperationContext, before: Catalog, after: Catalog): void {
  const current = { ...context, catalog: after };
  if (anyEdited(before.plans, after.plans)) {
    for (const customer of context.ledger.customers()) {
      const work = billingWork(current, context.ledger.accountOf(customer));
      applyPlanEdits(work, before);
      saveWork(current, work);
    }
  }
  const refreshed = affectsFigures(before, after);
  if (!refreshed && sameJson(before.organization, after.organization)) return;
  for (const customer of context.ledger.customersWithDrafts()) {
    const work = billingWork(current, context.ledger.accountOf(customer));
    redateDrafts(work, { customer, organization: before.organization });
    if (refreshed) refreshDrafts(work);
    saveWork(current, work);
  }
}

function affectsFigures(before: Catalog, after: Catalog): boolean {
  return (
    anyEdited(before.plans, after.plans) ||
    anyEdited(before.billableMetrics, after.billableMetrics) ||
    anyEdited(before.taxes, after.taxes) ||
    before.taxes.size !== after.taxes.size ||
    !sameJson(before.organization.taxCodes, after.organization.taxCodes)
  );
}

/** An item that stood before reads otherwise now. */
function anyEdited(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): boolean {
  return [...after].some(([code, item]) => before.has(code) && !sameJson(before.get(code), item));
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
