/**
 * What operations see of edited definitions: the files as written, except for what an edit may not change once a plan
 * has had a subscription, and for definitions that left the files while subscriptions still need them.
 *
 * - An attached plan keeps its interval, timing, currency, trial and monthly-parts flags, whatever the edit says; its
 *   fixed charges keep their model and timing (periods §1.2). Everything else is taken from the files.
 * - A plan that is gone from the files but attached stays as it was last written, with its metrics and add-ons, so that
 *   running subscriptions are billed to their end. A tax or coupon that is gone stays readable and applies no more.
 */
import { createHash } from 'node:crypto';
import type { Catalog, FixedCharge, Plan } from '../catalog/types.js';

export function effectiveCatalog(written: Catalog, before: Catalog, attachedPlans: ReadonlySet<string>): Catalog {
  const plans = new Map<string, Plan>();
  let changed = false;
  for (const [code, plan] of written.plans) {
    const standing = before.plans.get(code);
    const kept = standing !== undefined && attachedPlans.has(code) ? keepTerms(plan, standing) : plan;
    changed ||= kept !== plan;
    plans.set(code, kept);
  }
  const needed: Plan[] = [];
  for (const code of attachedPlans) {
    const standing = before.plans.get(code);
    if (standing === undefined || plans.has(code)) continue;
    plans.set(code, standing);
    needed.push(standing);
  }
  const metricCodes = new Set(needed.flatMap((plan) => plan.charges.map((charge) => charge.billableMetricCode)));
  const addOnCodes = new Set(needed.flatMap((plan) => plan.fixedCharges.map((charge) => charge.addOnCode)));
  const catalog: Omit<Catalog, 'hash'> = {
    organization: written.organization,
    billableMetrics: withMissing(written.billableMetrics, before.billableMetrics, (code) => metricCodes.has(code)),
    plans,
    taxes: withMissing(
      written.taxes,
      before.taxes,
      () => true,
      (tax) => ({ ...tax, appliedToOrganization: false }),
    ),
    coupons: withMissing(
      written.coupons,
      before.coupons,
      () => true,
      (coupon) => ({ ...coupon, status: 'terminated' }),
    ),
    addOns: withMissing(written.addOns, before.addOns, (code) => addOnCodes.has(code)),
    pricingUnits: withMissing(written.pricingUnits, before.pricingUnits, () => needed.length > 0),
    customers: written.customers,
  };
  changed ||= (['billableMetrics', 'plans', 'taxes', 'coupons', 'addOns', 'pricingUnits'] as const).some(
    (part) => catalog[part].size !== written[part].size,
  );
  if (!changed) return written;
  const hash = createHash('sha256')
    .update(written.hash)
    .update(contentOf({ ...catalog, hash: '' }))
    .digest('hex');
  return { ...catalog, hash };
}

/** The catalog as the JSON text that the ledger keeps. */
export function contentOf(catalog: Catalog): string {
  return JSON.stringify(catalog, (_key, value) => (value instanceof Map ? [...value.values()] : value));
}

/** The catalog back from the ledger's text. */
export function catalogOf(content: string): Catalog {
  const parsed = JSON.parse(content) as { [K in keyof Catalog]: unknown };
  const byCode = (part: unknown) =>
    new Map((part as { readonly code: string }[]).map((definition) => [definition.code, definition]));
  return {
    ...parsed,
    billableMetrics: byCode(parsed.billableMetrics),
    plans: byCode(parsed.plans),
    taxes: byCode(parsed.taxes),
    coupons: byCode(parsed.coupons),
    addOns: byCode(parsed.addOns),
    pricingUnits: byCode(parsed.pricingUnits),
  } as unknown as Catalog;
}

function keepTerms(plan: Plan, standing: Plan): Plan {
  const { interval, payInAdvance, amountCurrency, trialPeriod, billChargesMonthly, billFixedChargesMonthly } = standing;
  const kept: Plan = {
    ...plan,
    interval,
    payInAdvance,
    amountCurrency,
    trialPeriod,
    billChargesMonthly,
    billFixedChargesMonthly,
    fixedCharges: plan.fixedCharges.map((charge) => {
      const before = standing.fixedCharges.find((candidate) => candidate.code === charge.code);
      return before === undefined ? charge : keepFixedChargeTerms(charge, before);
    }),
  };
  return JSON.stringify(kept) === JSON.stringify(plan) ? plan : kept;
}

/** The prices of another model cannot be read by the frozen one, so they stay with it. */
function keepFixedChargeTerms(charge: FixedCharge, standing: FixedCharge): FixedCharge {
  const { chargeModel, payInAdvance, prorated, addOnCode } = standing;
  const prices = charge.chargeModel === chargeModel ? charge.prices : standing.prices;
  return { ...charge, chargeModel, prices, payInAdvance, prorated, addOnCode };
}

function withMissing<Definition>(
  written: ReadonlyMap<string, Definition>,
  before: ReadonlyMap<string, Definition>,
  needed: (code: string) => boolean,
  retire: (definition: Definition) => Definition = (definition) => definition,
): ReadonlyMap<string, Definition> {
  const missing = [...before].filter(([code]) => !written.has(code) && needed(code));
  if (missing.length === 0) return written;
  return new Map([...written, ...missing.map(([code, definition]) => [code, retire(definition)] as const)]);
}
