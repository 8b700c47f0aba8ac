/**
 * A customer's real history as a scenario file: the definitions that it used, every operation that concerned the customer
 * as a dated step, their events, and the invoices that came of it as what must be true. Run on other prices, or after a
 * change of the program, it says what differs.
 */
import type { Catalog } from '../catalog/types.js';
import { notFound } from '../errors.js';
import type { JournalEntry, Ledger, StoredEvent } from '../ledger/types.js';
import type { Invoice } from '../model.js';
import { catalogOf } from '../operations/effectiveCatalog.js';
import { safeJson } from '../render/printable.js';
import { safeYaml } from '../render/yaml.js';
import { formatInstantMs, type Instant } from '../time/instant.js';
import { writtenCatalog } from './writtenCatalog.js';

interface Step {
  readonly at: string;
  readonly [verb: string]: unknown;
}

export function journalScenario(ledger: Ledger, externalCustomerId: string): string {
  const history = new CustomerHistory(ledger, externalCustomerId);
  for (const entry of ledger.journal()) history.follow(entry);
  const account = ledger.account(externalCustomerId);
  const steps = [...history.steps, ...(account === undefined ? [] : [history.expectation(account.all('invoice'))])];
  const document = {
    scenario: `history of ${externalCustomerId}`,
    definitions: history.definitions ?? {},
    steps,
  };
  const head = `# What happened to customer ${safeJson(externalCustomerId)}, from the journal. Run it: lago-cli test FILE\n`;
  return head + safeYaml(document, { lineWidth: 0 });
}

class CustomerHistory {
  readonly steps: Step[] = [];
  definitions: Record<string, unknown> | null = null;
  readonly #ledger: Ledger;
  readonly #customer: string;
  readonly #subscriptions: ReadonlySet<string>;
  readonly #plans: Set<string>;
  readonly #coupons: Set<string>;
  readonly #invoices: readonly Invoice[];
  #last: Instant | null = null;

  constructor(ledger: Ledger, externalCustomerId: string) {
    const account = ledger.account(externalCustomerId);
    if (account === undefined)
      throw notFound('customer', externalCustomerId, 'See them with `lago-cli customers list`.');
    const subscriptions = account.all('subscription');
    this.#ledger = ledger;
    this.#customer = externalCustomerId;
    this.#subscriptions = new Set(subscriptions.map((each) => each.externalId));
    this.#plans = new Set(subscriptions.map((each) => each.planCode));
    this.#coupons = new Set();
    // A plan may have been named and replaced since, a coupon applied and removed.
    for (const entry of ledger.journal()) {
      const input = (entry.input ?? {}) as Readonly<Record<string, unknown>>;
      if (input.external_customer_id !== externalCustomerId) continue;
      if (typeof input.plan_code === 'string') this.#plans.add(input.plan_code);
      if (typeof input.coupon_code === 'string') this.#coupons.add(input.coupon_code);
    }
    this.#invoices = account.all('invoice').filter((invoice) => invoice.status !== 'closed');
  }

  follow(entry: JournalEntry): void {
    if (entry.verb === 'define') this.#define(entry);
    else if (entry.verb === 'ingest') this.#ingest(entry);
    else {
      const input = this.#ownInput(entry);
      if (input !== null) this.#add(entry.at, entry.verb, input);
    }
  }

  /** The invoices as they are listed: a scenario that gives others differs. */
  expectation(invoices: readonly Invoice[]): Step {
    const account = this.#ledger.account(this.#customer);
    const fees = account?.all('fee') ?? [];
    const all = invoices
      .filter(({ status }) => status !== 'closed' && status !== 'open')
      .map((invoice) => ({
        invoice_type: invoice.invoiceType,
        status: invoice.status,
        issuing_date: invoice.issuingDate,
        fees_amount_cents: invoice.feesAmountCents,
        coupons_amount_cents: invoice.couponsAmountCents,
        taxes_amount_cents: invoice.taxesAmountCents,
        credit_notes_amount_cents: invoice.creditNotesAmountCents,
        prepaid_credit_amount_cents: invoice.prepaidCreditAmountCents,
        total_amount_cents: invoice.totalAmountCents,
        fees: fees
          .filter((fee) => fee.invoiceId === invoice.id)
          .map((fee) => ({ item: { code: fee.item.code }, units: fee.units, amount_cents: fee.amountCents })),
      }));
    const at = this.#last === null ? '1970-01-01T00:00:00.000Z' : formatInstantMs(this.#last);
    return { at, expect_invoices: { external_customer_id: this.#customer, count: all.length, all } };
  }

  #define({ at, input }: JournalEntry): void {
    const content = this.#ledger.definitions((input as { definitions_hash: string }).definitions_hash);
    if (content === undefined) return;
    const catalog = catalogOf(content);
    const written = { ...writtenCatalog(catalog, this.#plans, this.#coupons), ...this.#definedCustomer(catalog) };
    if (this.definitions === null) this.definitions = written;
    else if (JSON.stringify(written) !== JSON.stringify(this.definitions)) this.#add(at, 'define', written);
  }

  #definedCustomer({ customers }: Catalog): Record<string, unknown> {
    const own = customers.filter((each) => each.externalId === this.#customer);
    return own.length === 0 ? {} : { customers: own.map((each) => each.attributes) };
  }

  #ingest({ at, input }: JournalEntry): void {
    const { first_sequence: first, last_sequence: last } = input as Record<string, number | null>;
    if (typeof first !== 'number' || typeof last !== 'number') return;
    const events: StoredEvent[] = [];
    for (const externalSubscriptionId of this.#subscriptions) {
      for (const event of this.#ledger.events({ externalSubscriptionId, fromSequence: first, toSequence: last }))
        events.push(event);
    }
    if (events.length > 0) this.#add(at, 'ingest', events.sort((a, b) => a.sequence - b.sequence).map(writtenEvent));
  }

  /** The operation's input where it concerns the customer, in the scenario's own references; else null. */
  #ownInput({ verb, input }: JournalEntry): unknown {
    const fields = (input ?? {}) as Readonly<Record<string, unknown>>;
    const named = fields.external_customer_id;
    if (verb === 'bill')
      return named == null || named === this.#customer ? { ...fields, external_customer_id: this.#customer } : null;
    if (named !== undefined && named !== null) return named === this.#customer ? fields : null;
    if (verb.endsWith('_customer')) return fields.external_id === this.#customer ? fields : null;
    if (verb.endsWith('_subscription')) return this.#subscriptions.has(String(fields.external_id)) ? fields : null;
    return this.#ownInvoiceInput(fields);
  }

  /** Numbers differ in a ledger with one customer; a place among the customer's invoices does not. */
  #ownInvoiceInput(fields: Readonly<Record<string, unknown>>): unknown {
    const { invoice } = fields;
    if (typeof invoice === 'string') {
      const index = this.#invoices.findIndex((each) => each.id === invoice || each.number === invoice);
      return index === -1 ? null : { ...fields, invoice: { external_customer_id: this.#customer, index } };
    }
    const isOwn = (invoice as { external_customer_id?: unknown } | undefined)?.external_customer_id === this.#customer;
    return isOwn ? fields : null;
  }

  /** A command may have been given an earlier instant than the one before it; a scenario's never go back. */
  #add(at: Instant, verb: string, input: unknown): void {
    this.#last = this.#last === null || at > this.#last ? at : this.#last;
    this.steps.push({ at: formatInstantMs(this.#last), [verb]: input });
  }
}

function writtenEvent(event: StoredEvent): Record<string, unknown> {
  const { timestamp, preciseTotalAmountCents: precise } = event;
  const isWholeMillisecond = timestamp % 1000 === 0;
  return {
    transaction_id: event.transactionId,
    external_subscription_id: event.externalSubscriptionId,
    code: event.code,
    timestamp: isWholeMillisecond
      ? formatInstantMs(timestamp)
      : `${Math.floor(timestamp / 1e6)}.${String(timestamp % 1e6).padStart(6, '0')}`,
    ...(event.properties === '{}' ? {} : { properties: exactJson(event.properties) }),
    ...(precise === null ? {} : { precise_total_amount_cents: precise }),
  };
}

/** Numbers that a double cannot hold become their text, which counts the same. */
function exactJson(text: string): unknown {
  const exact = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') || String(Number(token)) === token ? token : JSON.stringify(token),
  );
  return JSON.parse(exact);
}
