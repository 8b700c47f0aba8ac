/**
 * The fees that an event would bill at once, if it came now, on charges paid in advance. Nothing is stored.
 *
 * Checked in this order: a running subscription, a timestamp that is one (though the event's time is always now), an id that
 * is free, a known metric, its expression, a numeric property.
 * Source: usage-and-pricing §1.7, §2.6, §10.
 */
import type { BillableMetric } from '../catalog/types.js';
import { invalid, notFound } from '../errors.js';
import { fromPlain, type JsonObject, writeJson } from '../exactJson.js';
import { applyExpression } from '../ingest/intake.js';
import { Recognition } from '../ingest/recognition.js';
import { parseTimestamp } from '../ingest/timestamp.js';
import { putChargeFee } from '../invoicing/chargeFees.js';
import { runningWindow } from '../invoicing/runningUsage.js';
import { termsOf } from '../invoicing/subscriptionInvoice.js';
import { estimateFees as computeEstimate } from '../rating/estimate.js';
import { InAdvanceRecords } from '../rating/inAdvanceRecords.js';
import { type FeeJson, feeJson } from '../render/json/fee.js';
import { billingWork } from './billingWork.js';
import type { OperationContext } from './context.js';
import type { ViewFields } from './lists.js';
import { activeSubscription } from './usageViews.js';

/** Fields: `event`, as one is ingested. */
export function estimateFees(context: OperationContext, fields: ViewFields): FeeJson[] {
  const event = (fields.event ?? {}) as ViewFields;
  const { external_subscription_id: externalId, precise_total_amount_cents: preciseCents } = event;
  const { account, subscription } = activeSubscription(context, externalId, 'subscription_not_found');
  const transactionId = checkedTransactionId(context, event);
  const metric = context.catalog.billableMetrics.get(String(event.code));
  if (metric === undefined) throw notFound('billable_metric', String(event.code));
  const work = billingWork(context, account.fork());
  const terms = termsOf(work, subscription);
  const estimated = computeEstimate({
    metric,
    plan: terms.plan,
    externalSubscriptionId: subscription.externalId,
    subscriptionId: subscription.id,
    window: runningWindow(work, terms, context.at),
    usage: work.usage,
    inAdvanceUsages: new InAdvanceRecords(work.account.all('in_advance_usage')),
    at: context.at,
    event: {
      transactionId,
      timestamp: context.at,
      sequence: null,
      properties: propertiesOf(context, metric, event.properties),
      preciseTotalAmountCents: preciseCents == null ? null : String(preciseCents),
    },
  });
  return estimated.map(({ charge, fee }, index) => {
    const given = { id: `estimate-${index}`, invoiceId: null };
    const record = putChargeFee({ work, terms, invoice: null }, charge, metric, fee, given);
    return { ...feeJson(record, { externalCustomerId: account.customer.externalId }), lago_id: null };
  });
}

function checkedTransactionId({ ledger }: OperationContext, event: ViewFields): string {
  const { timestamp, transaction_id: transactionId } = event;
  if (timestamp !== undefined && timestamp !== null && typeof parseTimestamp(String(timestamp)) !== 'number') {
    throw invalid({
      field: 'timestamp',
      code: 'invalid_format',
      message: `${JSON.stringify(timestamp)} is not a time`,
    });
  }
  if (typeof transactionId !== 'string') return '';
  if (ledger.event(transactionId) === undefined) return transactionId;
  throw invalid({
    field: 'transaction_id',
    code: 'value_is_missing_or_already_exists',
    message: `an event ${JSON.stringify(transactionId)} is stored already`,
  });
}

/** The properties as they would be stored: with the result of the metric's expression. */
function propertiesOf({ catalog, at }: OperationContext, metric: BillableMetric, written: unknown): string {
  const value = fromPlain(written ?? {});
  const properties: JsonObject = value instanceof Map ? value : new Map();
  const recognized = new Recognition(catalog.billableMetrics, () => true).code(metric.code);
  const failure = applyExpression(recognized, { code: metric.code, timestamp: at, properties });
  if (failure !== null) throw invalid(failure);
  return writeJson(properties);
}
