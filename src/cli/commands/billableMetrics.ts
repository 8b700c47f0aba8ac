/** `billable-metrics`: what usage is counted by. */
import type { Command } from 'commander';
import { definitionNamed } from '../../catalog/named.js';
import { BillingError, invalid } from '../../errors.js';
import { parseTimestamp } from '../../ingest/timestamp.js';
import { type BillableMetricJson, billableMetricJson } from '../../render/json/billableMetric.js';
import type { Instant } from '../../time/instant.js';
import type { Session } from '../context.js';
import { examples, readText, usage } from '../flags.js';
import { type Columns, printDocument, printList, printOne } from '../output.js';

const columns: Columns<BillableMetricJson> = [
  { path: 'code', header: 'code', shrinks: false },
  { path: 'name', header: 'name' },
  { path: 'aggregation_type', header: 'aggregation', shrinks: false },
  { path: 'field_name', header: 'field' },
  { path: 'recurring', header: 'recurring', shrinks: false },
];

export function register(program: Command, session: Session): void {
  const metrics = program
    .command('billable-metrics')
    .summary('list and try billable metrics')
    .description('The billable metrics of the definition files: how events become units.');

  metrics
    .command('list')
    .description('Lists the billable metrics.')
    .addHelpText('after', examples('billable-metrics list'))
    .action(async () => {
      const catalog = await session.catalog();
      const shown = [...catalog.billableMetrics.values()].map((metric) => billableMetricJson(metric));
      printList(session, 'billable_metrics', shown, columns, 'no billable metrics in the definition files');
    });

  metrics
    .command('get')
    .argument('<code>')
    .description('Shows one billable metric.')
    .addHelpText('after', examples('billable-metrics get api_calls --json'))
    .action(async (code: string) => {
      const metric = definitionNamed((await session.catalog()).billableMetrics, 'billable_metric', code);
      printOne(session, 'billable_metric', billableMetricJson(metric));
    });

  metrics
    .command('evaluate-expression')
    .argument('<expression>')
    .requiredOption('--event <json>', 'an event as JSON; @file or - reads it')
    .description('Computes an expression for one event, as ingestion would.')
    .addHelpText(
      'after',
      `${examples(
        'billable-metrics evaluate-expression "round(event.properties.bytes / 1000000, 2)" --event \'{"properties": {"bytes": 1234567}}\'',
      )}`,
    )
    .action(async (source: string, flags: { event: string }) => {
      const [{ parseExpression }, { evaluateExpression }] = await Promise.all([
        import('../../metering/expression/parse.js'),
        import('../../metering/expression/evaluate.js'),
      ]);
      if (source.trim() === '') {
        throw invalid({ field: 'expression', code: 'value_is_mandatory', message: 'there is no expression' });
      }
      const event = readEvent(flags.event);
      const value = evaluateExpression(parseExpression(source), {
        code: String(event.code ?? ''),
        timestamp: event.timestamp === undefined ? session.at() : timestampOf(event.timestamp),
        properties: event.properties ?? {},
      });
      printDocument(session, { expression_result: { value } }, value);
    });
}

interface SampleEvent {
  readonly code?: unknown;
  readonly timestamp?: unknown;
  readonly properties?: Readonly<Record<string, unknown>>;
}

function readEvent(given: string): SampleEvent {
  const text = given === '-' || given.startsWith('@') ? readText(given.replace(/^@/, '')) : given;
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch (error) {
    throw new BillingError('invalid_json', { message: `--event is not JSON: ${(error as Error).message}` });
  }
  if (event !== null && typeof event === 'object' && !Array.isArray(event)) return event;
  throw invalid({
    field: 'event',
    code: 'invalid_event',
    message: 'an event is a JSON object',
    suggestion: 'Write --event \'{"properties": {"value": 1}}\'.',
  });
}

/** Unix seconds or ISO 8601, as events are written. */
function timestampOf(written: unknown): Instant {
  const at = parseTimestamp(String(written));
  if (typeof at === 'object') throw usage(at.message, at.hint);
  return at;
}
