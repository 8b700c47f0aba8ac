/** Carries an edit of the plan files to every account that it touches. Runs inside the edit's own transaction. */
import type { Catalog } from '../catalog/types.js';
import { applyPlanEdits } from '../lifecycle/planEdits.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import { saveWork } from './saveWork.js';

export function onPlansChanged(context: OperationContext, before: Catalog, after: Catalog): void {
  const edited = [...after.plans].some(([code, plan]) => {
    const old = before.plans.get(code);
    return old !== undefined && JSON.stringify(old) !== JSON.stringify(plan);
  });
  if (!edited) return;
  for (const customer of context.ledger.customers()) {
    const work = billingWork({ ...context, catalog: after }, context.ledger.accountOf(customer));
    applyPlanEdits(work, before);
    saveWork(context, work);
  }
}
