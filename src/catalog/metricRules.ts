/** Rules of billable metrics. Source: usage-and-pricing §2.1, §2.6, §2.7, §10. */
import { BillingError } from '../errors.js';
import { parseExpression } from '../metering/expression/parse.js';
import { isBlank, type Path } from './problems.js';
import { checkMandatory, checkUnique, type RuleContext } from './ruleContext.js';
import type { WrittenBillableMetric } from './schema.js';

const NEVER_RECURRING = ['count_agg', 'max_agg', 'latest_agg'];

export function checkMetric(metric: WrittenBillableMetric, path: Path, context: RuleContext): void {
  const { list } = context;
  const { aggregation_type: aggregation } = metric;
  checkMandatory(metric, ['code', 'name', 'aggregation_type'], path, context);
  if (aggregation === 'custom_agg') {
    list.report([...path, 'aggregation_type'], {
      code: 'forbidden',
      message: 'custom_agg runs code of the user and is not available',
      suggestion: 'Use sum_agg with an expression.',
    });
    checkMandatory(metric, ['custom_aggregator'], path, context);
  } else if (aggregation && aggregation !== 'count_agg') checkMandatory(metric, ['field_name'], path, context);
  if (metric.recurring === true && aggregation && NEVER_RECURRING.includes(aggregation)) {
    list.report([...path, 'recurring'], {
      code: 'not_compatible_with_aggregation_type',
      message: `a ${aggregation} metric cannot be recurring`,
      suggestion: 'Only sum_agg, unique_count_agg and weighted_sum_agg carry units from period to period.',
    });
  }
  if (aggregation === 'weighted_sum_agg' && isBlank(metric.weighted_interval)) {
    list.report([...path, 'weighted_interval'], {
      code: 'value_is_invalid',
      message: 'a weighted sum needs its weighted_interval',
      suggestion: 'Add weighted_interval: seconds.',
    });
  }
  checkExpression(metric, path, context);
  checkFilters(metric, path, context);
}

function checkExpression(metric: WrittenBillableMetric, path: Path, { list }: RuleContext): void {
  const { expression } = metric;
  if (isBlank(expression)) return;
  try {
    parseExpression(expression as string);
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    for (const { code, message, suggestion } of error.problems) {
      list.report([...path, 'expression'], { code, message, ...(suggestion === undefined ? {} : { suggestion }) });
    }
  }
  if (metric.aggregation_type === 'count_agg') {
    list.warn([...path, 'expression'], {
      code: 'has_no_effect',
      message: 'the expression of a count_agg metric is not used: it counts events',
      suggestion: 'Use sum_agg with a field_name, or remove the expression.',
    });
  }
}

function checkFilters(metric: WrittenBillableMetric, path: Path, context: RuleContext): void {
  const filters = metric.filters ?? [];
  for (const [index, filter] of filters.entries()) {
    const at = [...path, 'filters', index];
    checkMandatory(filter, ['key'], at, context);
    if ((filter.values ?? []).length > 0) continue;
    context.list.report([...at, 'values'], {
      code: 'value_is_mandatory',
      message: 'declares no value',
      suggestion: 'List the values that charges may name.',
    });
  }
  checkUnique(filters, 'key', [...path, 'filters'], context);
}
