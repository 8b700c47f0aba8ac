/**
 * The definitions that a replay uses in the place of the historic ones: other plans under the codes of those that
 * subscriptions are on, or all definitions of another folder or revision.
 *
 * A plan takes the place of another whole, under the other's code, so that coupons limited to that plan, overrides and
 * changes of plan keep their meaning. What history needs and the other definitions lack stays as it was.
 */
import { createHash } from 'node:crypto';
import { definitionNamed } from '../catalog/named.js';
import type { Catalog, Plan } from '../catalog/types.js';
import { contentOf } from '../operations/effectiveCatalog.js';

/** `NEW` for every plan (`old` null), `NEW=OLD` for one. */
export interface PlanSubstitution {
  readonly newCode: string;
  readonly oldCode: string | null;
}

export function parseSubstitution(text: string): PlanSubstitution {
  const at = text.indexOf('=');
  return at === -1 ? { newCode: text, oldCode: null } : { newCode: text.slice(0, at), oldCode: text.slice(at + 1) };
}

export interface OtherDefinitions {
  /** Where the new plans are defined. */
  readonly source: Catalog;
  readonly substitutions: readonly PlanSubstitution[];
  /** Everything comes from `source`, not the substituted plans alone. */
  readonly wholesale: boolean;
}

/** Errors: `plan_not_found` for a new plan that `source` does not define. */
export function otherDefinitions(other: OtherDefinitions): (historic: Catalog) => Catalog {
  const { source, substitutions, wholesale } = other;
  const plans = substitutions.map(({ newCode, oldCode }) => {
    return { plan: definitionNamed(source.plans, 'plan', newCode), oldCode };
  });
  if (!wholesale && plans.length === 0) return (historic) => historic;
  return (historic) => {
    const base = wholesale ? over(historic, source) : plans.length === 0 ? historic : over(source, historic);
    const substituted = new Map(base.plans);
    for (const { plan, oldCode } of plans) {
      for (const [code, old] of base.plans)
        if (oldCode === null || oldCode === code) substituted.set(code, inPlaceOf(old, plan));
    }
    return hashed({ ...base, plans: substituted });
  };
}

/** What `above` defines, and what only `below` does. */
function over(below: Catalog, above: Catalog): Catalog {
  const merged = <Item>(part: (catalog: Catalog) => ReadonlyMap<string, Item>) =>
    new Map([...part(below), ...part(above)]);
  const customers = new Map([...below.customers, ...above.customers].map((each) => [each.externalId, each]));
  return {
    ...above,
    billableMetrics: merged((catalog) => catalog.billableMetrics),
    plans: merged((catalog) => catalog.plans),
    taxes: merged((catalog) => catalog.taxes),
    coupons: merged((catalog) => catalog.coupons),
    addOns: merged((catalog) => catalog.addOns),
    pricingUnits: merged((catalog) => catalog.pricingUnits),
    customers: [...customers.values()],
  };
}

function inPlaceOf(old: Plan, plan: Plan): Plan {
  return { ...plan, id: old.id, code: old.code };
}

function hashed(catalog: Catalog): Catalog {
  const hash = createHash('sha256')
    .update(contentOf({ ...catalog, hash: '' }))
    .digest('hex');
  return { ...catalog, hash };
}
