/**
 * Lago API JSON → definitions in today's shape, as commented YAML: `{"plan": …}`, `{"plans": […]}`,
 * `{"billable_metric": …}`, `{"billable_metrics": […]}`, or a bare plan or metric.
 *
 * Read here and written in the current form: graduated `properties` as a bare list of ranges, volume `ranges`,
 * `billable_metric_id` holding a code, `grouped_by`, prices as numbers, `taxes` as objects. What only an answer of the
 * API carries (ids, counters, dates) is left out; anything else that is not known is left out with a warning.
 */
import { invalid } from '../errors.js';
import { type ImportWarnings, metricCodes, readMetric, readPlan } from './importShapes.js';
import { printDefinitions } from './importYaml.js';
import { isMapping, shown } from './problems.js';

export interface Imported {
  readonly yaml: string;
  readonly warnings: readonly string[];
  readonly definitions: Readonly<Record<string, readonly unknown[]>>;
}

/** Plans and metrics, wherever they stand in the document. */
export function importDefinitions(json: unknown): Imported {
  const warnings: ImportWarnings = [];
  const plans = itemsOf(json, 'plan');
  const metrics = itemsOf(json, 'billable_metric');
  if (plans.length + metrics.length === 0) {
    throw invalid({
      field: 'plan',
      code: 'value_is_mandatory',
      message: `there is no plan and no billable metric in ${shown(json)}`,
      suggestion: 'Give what Lago answers to GET /api/v1/plans/CODE: {"plan": {…}}.',
    });
  }
  const codes = metricCodes(metrics);
  const definitions = {
    ...(metrics.length === 0 ? {} : { billable_metrics: metrics.map((metric) => readMetric(metric, warnings)) }),
    ...(plans.length === 0 ? {} : { plans: plans.map((plan) => readPlan(plan, codes, warnings)) }),
  };
  return { yaml: printDefinitions(definitions), warnings, definitions };
}

type Noun = 'plan' | 'billable_metric';

function itemsOf(json: unknown, noun: Noun): Record<string, unknown>[] {
  if (Array.isArray(json)) return json.flatMap((item) => itemsOf(item, noun));
  if (!isMapping(json)) return [];
  const nested = [json[noun], json[`${noun}s`]].flat().filter(isMapping);
  return nested.length === 0 && isBare(json, noun) ? [json] : nested;
}

function isBare(json: Record<string, unknown>, noun: Noun): boolean {
  return 'code' in json && (noun === 'plan' ? 'interval' in json : 'aggregation_type' in json);
}
