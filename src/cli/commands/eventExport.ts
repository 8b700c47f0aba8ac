/** `events export`: stored events to standard output, one after the other, in a form that `ingest` reads back. */
import type { Command } from 'commander';
import type { EventFilter, Ledger, StoredEvent } from '../../ledger/types.js';
import { type EventWriter, eventWriters } from '../../render/eventExport.js';
import { escaped } from '../../render/printable.js';
import type { Session } from '../context.js';
import { type EventFilterFlags, eventFilter, withEventFilter } from '../eventFilter.js';
import { examples, usage } from '../flags.js';
import { counted } from '../output.js';
import { ProgressLine, progressText } from '../progressLine.js';

/** Characters written at a time. */
const CHUNK = 1 << 16;
/** So many are searched for by the filter; for more, one pass over the rest of the ledger is cheaper than a search for each page. */
const FEW = 5_000;
/** Arrivals read at a time in such a pass: the ledger's own pages grow, and with them the memory. */
const WINDOW = 2_000;

export function registerExport(events: Command, session: Session): void {
  withEventFilter(events.command('export'))
    .description(
      'Writes stored events to standard output in order of arrival: NDJSON, -o json or -o csv. Ingested into another ' +
        'ledger (with --as-stored where a metric has an expression) they are the same events.',
    )
    .addHelpText(
      'after',
      examples(
        'events export > events.ndjson',
        'events export --code api_calls --from 2026-10-01 --to 2026-11-01 -o csv | gzip > october.csv.gz',
        'events export | lago-cli --project ../copy ingest - --as-stored',
      ),
    )
    .action(async (flags: EventFilterFlags) => {
      const writer = writerOf(session);
      const { ledger } = await session.context();
      await writeEvents(session, writer, eventFilter(flags), ledger);
    });
}

function writerOf({ format }: Session): EventWriter {
  if (format === 'table') return eventWriters.ndjson;
  if (format === 'ndjson' || format === 'json' || format === 'csv') return eventWriters[format];
  throw usage(`events are not exported as ${format}`, 'Choose -o ndjson, -o json or -o csv.');
}

async function writeEvents(session: Session, writer: EventWriter, filter: EventFilter, ledger: Ledger): Promise<void> {
  const last = ledger.lastSequence();
  const line = new ProgressLine(session);
  let written = 0;
  let text = writer.head;
  for (const event of selected(ledger, filter, last)) {
    if (written > 0) text += writer.between;
    text += writer.line(event);
    written += 1;
    if (text.length < CHUNK) continue;
    // `| head` has seen enough.
    if (!(await put(session, text))) return;
    text = '';
    if (!session.stdout.isTTY) line.show((seconds) => progressText(event.sequence, last, 'events', seconds));
  }
  line.clear();
  if (await put(session, text + writer.tail)) session.note(`${counted(written, 'event')} written`);
}

/** What has arrived by now. */
function* selected(ledger: Ledger, filter: EventFilter, last: number): Iterable<StoredEvent> {
  let found = 0;
  let read = 0;
  for (const event of ledger.events({ ...filter, toSequence: last, limit: FEW })) {
    yield event;
    found += 1;
    read = event.sequence;
  }
  if (found < FEW) return;
  const { externalSubscriptionId: subscription, code, ...times } = filter;
  for (let from = read + 1; from <= last; from += WINDOW) {
    const toSequence = Math.min(from + WINDOW - 1, last);
    for (const event of ledger.events({ ...times, fromSequence: from, toSequence })) {
      if (subscription !== undefined && event.externalSubscriptionId !== subscription) continue;
      if (code === undefined || event.code === code) yield event;
    }
  }
}

/** Waits while the reader is slow; false when there is none any more, of which the callback hears too. */
function put({ stdout }: Session, text: string): Promise<boolean> {
  return new Promise((resolve) => {
    stdout.write(stdout.isTTY ? escaped(text) : text, (error) => setImmediate(() => resolve(error == null)));
  });
}
