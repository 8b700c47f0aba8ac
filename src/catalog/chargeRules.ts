/** Rules of a plan's charges: which options go together, filters, pricing units. Source: usage-and-pricing §4, §5.1, §6, §10. */
import { Decimal } from '../money/decimal.js';
import type { WrittenCharge } from './planSchema.js';
import { isBlank, isMapping, type Path, type ProblemList, shown } from './problems.js';
import { checkProperties } from './propertiesRules.js';
import { checkTaxCodes, type RuleContext } from './ruleContext.js';
import type { WrittenBillableMetric } from './schema.js';
import { nearest, suggestCode } from './suggest.js';
import { type AggregationType, ALL_FILTER_VALUES, type ChargeModel } from './types.js';

export function checkCharge(charge: WrittenCharge, path: Path, context: RuleContext): void {
  const metric = chargedMetric(charge, path, context);
  const model = charge.charge_model ?? 'standard';
  checkModel(model, metric, path, context.list);
  checkTiming(charge, model, metric, path, context.list);
  checkProration(charge, model, metric, path, context.list);
  checkMinimum(charge, path, context.list);
  checkTaxCodes(charge.tax_codes, path, context);
  checkPricingUnit(charge, path, context);
  if (model === 'custom') return;
  const aggregationType = availableAggregation(metric);
  checkProperties(
    charge.properties,
    { model, aggregationType, inFilter: false },
    [...path, 'properties'],
    context.list,
  );
  checkFilters(charge, model, metric, path, context.list);
}

function chargedMetric(charge: WrittenCharge, path: Path, context: RuleContext): WrittenBillableMetric | undefined {
  const { billable_metric_code: code } = charge;
  const metric = code ? context.metrics.get(code) : undefined;
  if (metric === undefined) {
    context.list.report([...path, 'billable_metric_code'], {
      code: 'billable_metrics_not_found',
      message: isBlank(code) ? 'names no billable metric' : `no billable metric ${shown(code)}`,
      suggestion: suggestCode(code ?? '', context.metrics.keys(), 'a billable metric'),
    });
  }
  return metric;
}

function availableAggregation(metric: WrittenBillableMetric | undefined): AggregationType | undefined {
  const type = metric?.aggregation_type;
  return type === 'custom_agg' ? undefined : (type ?? undefined);
}

const MISMATCH = 'invalid_aggregation_type_or_charge_model';

function checkModel(
  model: ChargeModel | 'custom',
  metric: WrittenBillableMetric | undefined,
  path: Path,
  list: ProblemList,
): void {
  const aggregation = metric?.aggregation_type;
  if (model === 'custom') {
    const fits = aggregation === 'custom_agg';
    list.report([...path, 'charge_model'], {
      code: fits ? 'forbidden' : MISMATCH,
      message: fits ? 'the custom model is not available' : 'the custom model prices custom_agg metrics only',
      suggestion: 'Use another charge model.',
    });
  }
  if (model === 'dynamic' && aggregation && aggregation !== 'sum_agg') {
    list.report([...path, 'charge_model'], {
      code: MISMATCH,
      message: `the dynamic model prices sum_agg metrics only, not ${aggregation}`,
      suggestion: 'Use another charge model, or a sum_agg metric.',
    });
  }
}

const IN_ADVANCE_AGGREGATIONS = ['count_agg', 'sum_agg', 'unique_count_agg', 'custom_agg'];

function checkTiming(
  charge: WrittenCharge,
  model: ChargeModel | 'custom',
  metric: WrittenBillableMetric | undefined,
  path: Path,
  list: ProblemList,
): void {
  const inAdvance = charge.pay_in_advance === true;
  const aggregation = metric?.aggregation_type;
  if (inAdvance && model === 'volume') {
    list.report([...path, 'pay_in_advance'], {
      code: MISMATCH,
      message: 'the volume model is not known before the period ends, so it cannot be paid in advance',
      suggestion: 'Remove pay_in_advance, or use the graduated model.',
    });
  } else if (inAdvance && aggregation && !IN_ADVANCE_AGGREGATIONS.includes(aggregation)) {
    list.report([...path, 'pay_in_advance'], {
      code: MISMATCH,
      message: `a ${aggregation} metric cannot be paid in advance`,
      suggestion: 'Only count_agg, sum_agg and unique_count_agg can.',
    });
  }
  if (charge.invoiceable === false && !inAdvance) {
    list.report([...path, 'invoiceable'], {
      code: 'must_be_true_unless_pay_in_advance',
      message: 'a charge in arrears is always invoiced',
      suggestion: 'Remove invoiceable: false, or add pay_in_advance: true.',
    });
  }
  if (charge.regroup_paid_fees === 'invoice' && !(inAdvance && charge.invoiceable === false)) {
    list.report([...path, 'regroup_paid_fees'], {
      code: 'only_compatible_with_pay_in_advance_and_non_invoiceable',
      message: 'only fees that are paid in advance and not invoiced at once can be regrouped',
      suggestion: 'Add pay_in_advance: true and invoiceable: false, or remove regroup_paid_fees.',
    });
  }
}

/** Only a recurring sum or unique count has days to count (usage-and-pricing §3.1). */
function checkProration(
  charge: WrittenCharge,
  model: ChargeModel | 'custom',
  metric: WrittenBillableMetric | undefined,
  path: Path,
  list: ProblemList,
): void {
  if (charge.prorated !== true || metric === undefined) return;
  const aggregation = metric.aggregation_type;
  const isHeld = metric.recurring === true && (aggregation === 'sum_agg' || aggregation === 'unique_count_agg');
  const models: readonly string[] = charge.pay_in_advance === true ? ['standard'] : ['standard', 'graduated', 'volume'];
  if (isHeld && models.includes(model)) return;
  list.report([...path, 'prorated'], {
    code: 'invalid_billable_metric_or_charge_model',
    message: isHeld
      ? `the ${model} model cannot be prorated ${charge.pay_in_advance === true ? 'in advance' : 'in arrears'}`
      : 'only a recurring sum_agg or unique_count_agg metric can be prorated',
    suggestion: isHeld
      ? `Use ${models.join(' or ')}, or remove prorated.`
      : 'Add recurring: true to the metric, or remove prorated.',
  });
}

function checkMinimum(charge: WrittenCharge, path: Path, list: ProblemList): void {
  const minimum = charge.min_amount_cents ?? 0;
  if (minimum < 0) {
    list.report([...path, 'min_amount_cents'], { code: 'value_is_out_of_range', message: `${minimum} is below 0` });
  }
  if (minimum > 0 && charge.pay_in_advance === true) {
    list.report([...path, 'min_amount_cents'], {
      code: 'not_compatible_with_pay_in_advance',
      message: 'a charge paid in advance has no period to take a minimum of',
      suggestion: "Remove min_amount_cents, or use the plan's minimum_commitment.",
    });
  }
}

function checkPricingUnit(charge: WrittenCharge, path: Path, { list, pricingUnitCodes }: RuleContext): void {
  const { applied_pricing_unit: applied } = charge;
  if (applied === null || applied === undefined) return;
  const at = [...path, 'applied_pricing_unit'];
  if (isBlank(applied.code) || !pricingUnitCodes.has(applied.code as string)) {
    list.report([...at, 'code'], {
      code: 'relation_must_exist',
      field: 'pricing_unit',
      message: isBlank(applied.code) ? 'names no pricing unit' : `no pricing unit ${shown(applied.code)}`,
      suggestion: suggestCode(applied.code ?? '', pricingUnitCodes, 'a pricing unit'),
    });
  }
  checkConversionRate(applied.conversion_rate, [...at, 'conversion_rate'], list);
}

export function checkConversionRate(rate: unknown, path: Path, list: ProblemList): void {
  if (isBlank(rate)) {
    list.report(path, {
      code: 'value_is_mandatory',
      message: 'the pricing unit has no conversion_rate',
      suggestion: 'Give the plan currency per pricing unit: "0.25".',
    });
  } else if (!isDecimal(rate)) {
    list.report(path, { code: 'value_is_invalid', message: `conversion_rate ${shown(rate)} is not a decimal` });
  } else if (!new Decimal(rate).gt(0)) {
    list.report(path, { code: 'value_is_out_of_range', message: `conversion_rate ${rate} is not above 0` });
  }
}

/** A finite number, or the plain text of one. */
export function isDecimal(value: unknown): value is number | string {
  if (typeof value === 'number') return Number.isFinite(value);
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
}

function checkFilters(
  charge: WrittenCharge,
  model: ChargeModel,
  metric: WrittenBillableMetric | undefined,
  path: Path,
  list: ProblemList,
): void {
  for (const [index, filter] of (charge.filters ?? []).entries()) {
    const at = [...path, 'filters', index];
    checkFilterValues(filter.values, metric, [...at, 'values'], list);
    const pricedBy = { model, aggregationType: availableAggregation(metric), inFilter: true };
    checkProperties(filter.properties, pricedBy, [...at, 'properties'], list);
  }
}

export function checkFilterValues(
  values: unknown,
  metric: Pick<WrittenBillableMetric, 'code' | 'filters'> | undefined,
  path: Path,
  list: ProblemList,
): void {
  if (isBlank(values) || (isMapping(values) && Object.keys(values).length === 0)) {
    list.report(path, {
      code: 'value_is_mandatory',
      field: 'values',
      message: 'names no value',
      suggestion: 'Write values: {region: [europe]}.',
    });
    return;
  }
  if (!isMapping(values)) {
    list.report(path, { code: 'value_is_invalid', field: 'values', message: `${shown(values)} is not a mapping` });
    return;
  }
  if (metric === undefined) return;
  const declared = new Map((metric.filters ?? []).map((filter) => [filter.key ?? '', filter.values ?? []]));
  for (const [key, wanted] of Object.entries(values)) {
    checkFilterKey(key, wanted, declared, metric.code ?? '', [...path, key], list);
  }
}

function checkFilterKey(
  key: string,
  wanted: unknown,
  declared: ReadonlyMap<string, readonly string[]>,
  metricCode: string,
  path: Path,
  list: ProblemList,
): void {
  const report = (code: string, message: string, suggestion: string): void =>
    list.report(path, { code, field: 'values', message, suggestion });
  const known = declared.get(key);
  if (known === undefined) {
    const near = nearest(key, declared.keys());
    const remedy = near === undefined ? `Declare it under the metric's filters.` : `Did you mean ${near}?`;
    report('value_is_invalid', `${key} is not a filter of the metric ${metricCode}`, remedy);
  } else if (!Array.isArray(wanted)) {
    report('value_is_invalid', `the values of ${key} are not a list`, `Write ${key}: [${String(wanted)}].`);
  } else if (wanted.length === 0) {
    report('value_is_mandatory', `${key} names no value`, 'Name at least one value.');
  } else if (wanted.length > 1 || wanted[0] !== ALL_FILTER_VALUES) {
    for (const value of wanted.filter((each) => !known.includes(String(each)))) {
      const remedy =
        value === ALL_FILTER_VALUES
          ? `${ALL_FILTER_VALUES} stands alone.`
          : suggestCode(String(value), known, 'the value on the metric, not a filter');
      report('value_is_invalid', `${shown(value)} is not a value of ${key} of the metric ${metricCode}`, remedy);
    }
  }
}
