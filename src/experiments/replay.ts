/**
 * The ledger's history lived through again under other definitions: every entry of the journal in its order, by the same
 * operations, with all that subscriptions, coupons, wallets and taxes bring along. With its own definitions it gives the
 * invoices that were issued, figure by figure.
 *
 * An operation that the other definitions refuse (a credit note larger than the invoice has become) is left out and
 * reported. `bill` goes customer by customer, so that a refusal of one stops no other.
 */
import type { Catalog } from '../catalog/types.js';
import { BillingError } from '../errors.js';
import type { JournalEntry, Ledger, StoredEvent } from '../ledger/types.js';
import type { OperationContext } from '../operations/context.js';
import { syncDefinitions } from '../operations/define.js';
import { catalogOf } from '../operations/effectiveCatalog.js';
import { billStoredEvents, codesPaidInAdvance, refreshWallets } from '../operations/events.js';
import { operations } from '../operations/verbs.js';
import { formatInstantMs } from '../time/instant.js';
import { ReplayLedger } from './replayLedger.js';

export interface ReplayOptions {
  /** The definitions that take the place of those of that time. */
  readonly definitions: (historic: Catalog) => Catalog;
  readonly onProgress?: (done: number) => void;
}

export interface LeftOutStep {
  readonly sequence: number;
  readonly at: string;
  readonly verb: string;
  /** Null: it concerns no customer by name. */
  readonly externalCustomerId: string | null;
  readonly code: string;
  readonly message: string;
}

export interface Replayed {
  readonly ledger: ReplayLedger;
  /** Entries followed. */
  readonly steps: number;
  readonly leftOut: readonly LeftOutStep[];
}

/** Events stored in one go, and told of at a time, as ingestion does. */
const BATCH = 250_000;
const TOLD = 10_000;

export function replay(real: Ledger, options: ReplayOptions): Replayed {
  const ledger = new ReplayLedger(real);
  const leftOut: LeftOutStep[] = [];
  const catalogs = new Map<string, Catalog>();
  let catalog: Catalog | null = null;
  let steps = 0;
  for (const entry of real.journal()) {
    steps += 1;
    options.onProgress?.(steps);
    if (entry.verb === 'define') {
      catalog = define(real, ledger, entry, options, catalogs);
      continue;
    }
    if (catalog === null) throw incomplete(entry);
    const context: OperationContext = { ledger, catalog, at: entry.at };
    if (entry.verb === 'ingest') ingest(real, ledger, context, entry);
    else follow(context, entry, leftOut);
  }
  return { ledger, steps, leftOut };
}

function define(
  real: Ledger,
  ledger: ReplayLedger,
  entry: JournalEntry,
  options: ReplayOptions,
  catalogs: Map<string, Catalog>,
): Catalog {
  const hash = (entry.input as { readonly definitions_hash: string }).definitions_hash;
  let catalog = catalogs.get(hash);
  if (catalog === undefined) {
    const content = real.definitions(hash);
    if (content === undefined) throw incomplete(entry);
    catalog = options.definitions(catalogOf(content));
    catalogs.set(hash, catalog);
  }
  return syncDefinitions({ ledger, catalog, at: entry.at }).catalog;
}

/** The events are where they were; what they bill at once is billed again. */
function ingest(real: Ledger, ledger: ReplayLedger, context: OperationContext, entry: JournalEntry): void {
  const input = entry.input as {
    readonly first_sequence: number | null;
    readonly last_sequence: number | null;
    readonly files?: unknown;
  };
  const { first_sequence: first, last_sequence: last } = input;
  if (first === null || last === null) return;
  if (input.files === undefined) {
    ledger.through = last;
    billStoredEvents(context, [...real.events({ fromSequence: first, toSequence: last })]);
    return;
  }
  const codes = codesPaidInAdvance(context);
  for (let from = first; codes.size > 0 && from <= last; from += BATCH) {
    ledger.through = Math.min(from + BATCH - 1, last);
    tellInParts(context, eventsOfCodes(real, codes, from, ledger.through));
  }
  ledger.through = last;
  refreshWallets(context);
}

function* eventsOfCodes(
  real: Ledger,
  codes: ReadonlySet<string>,
  fromSequence: number,
  toSequence: number,
): Iterable<StoredEvent> {
  const [code, ...others] = codes;
  const filter = { fromSequence, toSequence, ...(code !== undefined && others.length === 0 ? { code } : {}) };
  for (const event of real.events(filter)) if (codes.has(event.code)) yield event;
}

function tellInParts(context: OperationContext, events: Iterable<StoredEvent>): void {
  let part: StoredEvent[] = [];
  for (const event of events) {
    part.push(event);
    if (part.length < TOLD) continue;
    billStoredEvents(context, part);
    part = [];
  }
  if (part.length > 0) billStoredEvents(context, part);
}

function follow(context: OperationContext, entry: JournalEntry, leftOut: LeftOutStep[]): void {
  const operation = operations[entry.verb];
  if (operation === undefined) throw incomplete(entry);
  const input = (entry.input ?? {}) as Readonly<Record<string, unknown>>;
  const attempts =
    entry.verb === 'bill' && input.external_customer_id == null
      ? context.ledger.customers().map(({ externalId }) => ({ ...input, external_customer_id: externalId }))
      : [entry.input];
  for (const attempt of attempts) {
    try {
      operation(context, attempt);
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
      leftOut.push(leftOutStep(context, entry, attempt, error));
    }
  }
}

function leftOutStep(context: OperationContext, entry: JournalEntry, input: unknown, error: BillingError): LeftOutStep {
  const fields = (input ?? {}) as { external_customer_id?: unknown; external_id?: unknown };
  const ofSubscription = context.ledger.accountOfSubscription(String(fields.external_id ?? ''));
  const named = fields.external_customer_id ?? ofSubscription?.customer.externalId ?? fields.external_id ?? null;
  const { sequence, at, verb } = entry;
  const { code, message } = error;
  return {
    sequence,
    at: formatInstantMs(at),
    verb,
    externalCustomerId: named === null ? null : String(named),
    code,
    message,
  };
}

function incomplete({ sequence, verb }: JournalEntry): BillingError {
  return new BillingError('journal_incomplete', {
    message: `entry ${sequence} of the journal (${verb}) cannot be followed`,
    suggestion: 'A newer lago-cli wrote it: update this one.',
  });
}
