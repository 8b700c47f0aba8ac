/**
 * Stored events as files that ingestion reads back into the same events: NDJSON, JSON (`{"events": [...]}`, Lago's body)
 * and CSV. Properties go out as the text that is stored (on one line, as ingestion keeps it), so that no digit is lost.
 *
 * CSV has the properties as JSON in one column, and no apostrophes before what a spreadsheet would run: it is for
 * programs, and a changed transaction id would be another event.
 */
import type { StoredEvent } from '../ledger/types.js';
import { formatInstant, type Instant, SECOND } from '../time/instant.js';
import { quotedCell } from './csv.js';

export interface EventWriter {
  /** Before the first event. */
  readonly head: string;
  /** Between two events. */
  readonly between: string;
  readonly tail: string;
  readonly line: (event: StoredEvent) => string;
}

export const eventWriters: Readonly<Record<'ndjson' | 'json' | 'csv', EventWriter>> = {
  ndjson: { head: '', between: '', tail: '', line: (event) => `${eventText(event)}\n` },
  json: { head: '{"events": [\n', between: ',\n', tail: '\n]}\n', line: eventText },
  csv: {
    head: 'transaction_id,code,external_subscription_id,timestamp,precise_total_amount_cents,properties\n',
    between: '',
    tail: '',
    line: eventRow,
  },
};

function eventText(event: StoredEvent): string {
  const { externalSubscriptionId: subscription, preciseTotalAmountCents: amount } = event;
  const pieces = [
    `{"transaction_id":${JSON.stringify(event.transactionId)},"code":${JSON.stringify(event.code)}`,
    ...(subscription === null ? [] : [`"external_subscription_id":${JSON.stringify(subscription)}`]),
    `"timestamp":"${exactTimestamp(event.timestamp)}"`,
    ...(amount === null ? [] : [`"precise_total_amount_cents":"${amount}"`]),
    `"properties":${event.properties}}`,
  ];
  return pieces.join(',');
}

function eventRow(event: StoredEvent): string {
  const cells = [
    event.transactionId,
    event.code,
    event.externalSubscriptionId ?? '',
    exactTimestamp(event.timestamp),
    event.preciseTotalAmountCents ?? '',
    event.properties === '{}' ? '' : event.properties,
  ];
  return `${cells.map(quotedCell).join(',')}\n`;
}

/** To the microsecond: `2026-10-01T04:00:00Z`, `2026-10-01T04:00:00.000001Z`. */
function exactTimestamp(at: Instant): string {
  const micros = ((at % SECOND) + SECOND) % SECOND;
  const seconds = formatInstant(at);
  return micros === 0 ? seconds : `${seconds.slice(0, -1)}.${String(micros).padStart(6, '0').replace(/0+$/, '')}Z`;
}
