/** Imported definitions as YAML that reads like a file written by hand: comments in words, tiers on one line each. */
import { Document, isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml';
import { exponent, fromCents, isCurrency } from '../money/currency.js';
import { schemaFiles } from './jsonSchema.js';

type Json = Readonly<Record<string, unknown>>;

export function printDefinitions(definitions: Readonly<Record<string, readonly Json[]>>): string {
  const document = new Document(definitions);
  document.commentBefore =
    ` yaml-language-server: $schema=../schema/${schemaFiles.plans}\n` +
    ' Imported from Lago. Amounts in `amount_cents` are cents; prices in `properties` are whole units, quoted.';
  for (const [section, describe] of Object.entries({ plans: planComment, billable_metrics: metricComment })) {
    const items = document.get(section);
    if (!isSeq(items)) continue;
    for (const [index, item] of (items as YAMLSeq<YAMLMap>).items.entries()) {
      item.commentBefore = ` ${describe(definitions[section]?.[index] ?? {})}`;
      flowSmall(item);
    }
  }
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

/** `120.00 USD monthly, in advance, after 14 days of trial`. */
function planComment(plan: Json): string {
  const { amount_cents: cents, amount_currency: currency, trial_period: trial } = plan;
  const amount =
    typeof cents === 'number' && isCurrency(currency)
      ? `${fromCents(cents, currency).toFixed(exponent(currency))} ${currency}`
      : 'Base fee';
  const timing = plan.pay_in_advance === true ? 'in advance' : 'in arrears';
  const afterTrial = typeof trial === 'number' && trial > 0 ? `, after ${trial} days of trial` : '';
  return `${amount} ${String(plan.interval ?? '')}, ${timing}${afterTrial}`;
}

function metricComment(metric: Json): string {
  const field = metric.field_name === undefined ? 'events' : `\`${String(metric.field_name)}\` of the events`;
  return `${AGGREGATIONS[String(metric.aggregation_type)] ?? 'From'} ${field}`;
}

const AGGREGATIONS: Readonly<Record<string, string>> = {
  count_agg: 'The number of',
  sum_agg: 'The sum of',
  max_agg: 'The highest',
  latest_agg: 'The latest',
  unique_count_agg: 'The number of different',
  weighted_sum_agg: 'The level of',
};

/** Mappings and lists of plain values fit on a line; the item itself and its parts stay as blocks. */
function flowSmall(node: YAMLMap | YAMLSeq): void {
  for (const item of node.items) {
    const value = isMap(node) ? (item as { value?: unknown }).value : item;
    if (!isMap(value) && !isSeq(value)) continue;
    const parts: unknown[] = isMap(value) ? value.items.map((pair) => pair.value) : value.items;
    if (parts.every((part) => !isMap(part) && !isSeq(part))) value.flow = true;
    else flowSmall(value);
  }
}
