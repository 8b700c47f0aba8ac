/** Rules of plan overrides: what each names must exist, and what it sets must suit it. Source: periods §1.3, §9. */
import { BillingError, notFound } from '../errors.js';
import { checkConversionRate, checkFilterValues } from './chargeRules.js';
import type { ChargeOverride, FixedChargeOverride, Overrides } from './overrideSchema.js';
import { checkCommitment, checkUnits, checkUsageThresholds } from './planRules.js';
import type { Path, ProblemList } from './problems.js';
import { checkProperties } from './propertiesRules.js';
import { checkCurrency, checkDays, checkTaxCodes } from './ruleContext.js';
import type { WrittenBillableMetric } from './schema.js';
import { suggestCode } from './suggest.js';
import type { Catalog, Charge, FixedCharge, Plan } from './types.js';

/** What refuses, and what it looks codes up in. */
export interface OverrideContext {
  readonly list: ProblemList;
  readonly catalog: Catalog;
  readonly taxCodes: ReadonlySet<string>;
}

/** Each override with the item that it names: by code, by id, or by metric or add-on where only one has it. */
export function matched<Item extends Charge | FixedCharge, Override extends ChargeOverride | FixedChargeOverride>(
  items: readonly Item[],
  overrides: readonly Override[],
  resource: 'charge' | 'fixed_charge',
  baseOf: (item: Item) => string,
): Map<Item, Override> {
  const found = new Map<Item, Override>();
  for (const override of overrides) {
    const base = 'add_on_code' in override ? override.add_on_code : (override as ChargeOverride).billable_metric_code;
    const based = items.filter((item) => baseOf(item) === base);
    const named =
      override.code != null || override.id != null
        ? items.find((item) => item.code === override.code || item.id === override.id || item.parentId === override.id)
        : based.length === 1
          ? based[0]
          : undefined;
    if (named === undefined) {
      const wanted = override.code ?? override.id ?? base ?? '';
      throw notFound(
        resource,
        wanted,
        suggestCode(
          wanted,
          items.map((item) => item.code),
          `a ${resource}`,
        ),
      );
    }
    if (override.charge_model != null && override.charge_model !== named.chargeModel) {
      throw new BillingError('cannot_override_charge_model', {
        message: `${named.code} is priced by the ${named.chargeModel} model, which an override cannot change`,
        suggestion: 'Leave charge_model out, or put the subscription on another plan.',
      });
    }
    found.set(named, override);
  }
  return found;
}

export function checkOverrides(plan: Plan, given: Overrides, context: OverrideContext): void {
  const { list } = context;
  if (given.amount_cents != null && given.amount_cents < 0) {
    list.report(['amount_cents'], { code: 'value_is_out_of_range', message: `${given.amount_cents} is below 0` });
  }
  checkCurrency(given.amount_currency, null, ['amount_currency'], context);
  checkDays(given.trial_period, ['trial_period'], list, Number.NEGATIVE_INFINITY);
  checkTaxCodes(given.tax_codes, [], context);
  if (given.minimum_commitment != null) {
    const standing = plan.parentId === null ? null : plan.minimumCommitment;
    const commitment = { amount_cents: standing?.amountCents, ...given.minimum_commitment };
    checkCommitment(commitment, ['minimum_commitment'], context);
  }
  checkUsageThresholds(given.usage_thresholds ?? [], ['usage_thresholds'], list);
}

export function checkChargeOverride(charge: Charge, given: ChargeOverride, path: Path, context: OverrideContext): void {
  const { list, catalog } = context;
  const metric = catalog.billableMetrics.get(charge.billableMetricCode);
  const pricedBy = { model: charge.chargeModel, aggregationType: metric?.aggregationType, inFilter: false };
  checkProperties(given.properties, pricedBy, [...path, 'properties'], list);
  const written: Pick<WrittenBillableMetric, 'code' | 'filters'> | undefined = metric && {
    code: metric.code,
    filters: metric.filters.map(({ key, values }) => ({ key, values: [...values] })),
  };
  for (const [index, filter] of (given.filters ?? []).entries()) {
    const at = [...path, 'filters', index];
    checkFilterValues(filter.values, written, [...at, 'values'], list);
    checkProperties(filter.properties, { ...pricedBy, inFilter: true }, [...at, 'properties'], list);
  }
  if ((given.min_amount_cents ?? 0) < 0) {
    list.report([...path, 'min_amount_cents'], {
      code: 'value_is_out_of_range',
      message: `${given.min_amount_cents} is below 0`,
    });
  }
  if ((given.min_amount_cents ?? 0) > 0 && charge.payInAdvance) {
    list.report([...path, 'min_amount_cents'], {
      code: 'not_compatible_with_pay_in_advance',
      message: 'a charge paid in advance has no period to take a minimum of',
    });
  }
  checkTaxCodes(given.tax_codes, path, context);
  if (given.applied_pricing_unit != null && charge.appliedPricingUnit !== null) {
    checkConversionRate(given.applied_pricing_unit.conversion_rate, [...path, 'conversion_rate'], list);
  }
}

export function checkFixedChargeOverride(
  charge: FixedCharge,
  given: FixedChargeOverride,
  path: Path,
  context: OverrideContext,
): void {
  checkUnits(given.units, [...path, 'units'], context.list);
  checkTaxCodes(given.tax_codes, path, context);
  const pricedBy = { model: charge.chargeModel, inFilter: false };
  checkProperties(given.properties, pricedBy, [...path, 'properties'], context.list);
}
