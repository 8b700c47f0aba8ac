/**
 * A value that an edit takes off a metric's filter leaves the charge filters that name it, in the plans that the edit does
 * not write anew. A key left without values goes, and with the last key the charge filter.
 * Source: usage-and-pricing §2.7.
 */
import { isMapping } from './problems.js';

type Written = Record<string, unknown>;
/** Metric code → filter key → values that are gone; null is the whole key. */
type Withdrawn = Map<unknown, Map<string, ReadonlySet<unknown> | null>>;

/** `merged` is `over` laid over `base`; all three as written. */
export function withoutWithdrawnValues(base: unknown, over: unknown, merged: Written): Written {
  const withdrawn = withdrawnValues(itemsOf(base, 'billable_metrics'), itemsOf(over, 'billable_metrics'));
  if (withdrawn.size === 0) return merged;
  const rewritten = new Set(itemsOf(over, 'plans').map((plan) => plan.code));
  return eachOf(merged, 'plans', (plan) =>
    rewritten.has(plan.code) ? [plan] : [eachOf(plan, 'charges', (charge) => [trimmedCharge(charge, withdrawn)])],
  );
}

function withdrawnValues(before: readonly Written[], after: readonly Written[]): Withdrawn {
  const withdrawn: Withdrawn = new Map();
  for (const metric of after) {
    const standing = before.find((each) => each.code === metric.code);
    if (standing === undefined) continue;
    const kept = valuesByKey(metric);
    const gone = new Map<string, ReadonlySet<unknown> | null>();
    for (const [key, values] of valuesByKey(standing)) {
      const left = kept.get(key);
      const missing = values.filter((value) => left?.includes(value) !== true);
      if (missing.length > 0) gone.set(key, left === undefined ? null : new Set(missing));
    }
    if (gone.size > 0) withdrawn.set(metric.code, gone);
  }
  return withdrawn;
}

function valuesByKey(metric: Written): Map<string, readonly unknown[]> {
  return new Map(
    itemsOf(metric, 'filters').map(({ key, values }) => [String(key), Array.isArray(values) ? values : []]),
  );
}

function trimmedCharge(charge: Written, withdrawn: Withdrawn): Written {
  const gone = withdrawn.get(charge.billable_metric_code);
  if (gone === undefined) return charge;
  return eachOf(charge, 'filters', (filter) => {
    if (!isMapping(filter.values)) return [filter];
    const values = Object.entries(filter.values).flatMap(([key, list]) => trimmedValues(key, list, gone.get(key)));
    return values.length === 0 ? [] : [{ ...filter, values: Object.fromEntries(values) }];
  });
}

function trimmedValues(
  key: string,
  list: unknown,
  gone: ReadonlySet<unknown> | null | undefined,
): (readonly [string, unknown])[] {
  if (gone === undefined || !Array.isArray(list)) return [[key, list]];
  const left = gone === null ? [] : list.filter((value) => !gone.has(value));
  return left.length === 0 ? [] : [[key, left]];
}

/** What is no mapping stays, to be refused as such. */
function eachOf(owner: Written, key: string, change: (item: Written) => Written[]): Written {
  const items = owner[key];
  if (!Array.isArray(items)) return owner;
  return { ...owner, [key]: items.flatMap((item: unknown) => (isMapping(item) ? change(item) : [item])) };
}

function itemsOf(owner: unknown, key: string): Written[] {
  const items = isMapping(owner) ? owner[key] : undefined;
  return Array.isArray(items) ? items.filter(isMapping) : [];
}
