/**
 * A usage reader over a list of events, by plain loops: the oracle that the ledger's SQL is compared with, and a
 * source of usage for tests of metering that need no ledger.
 *
 * It reads the rules of `src/metering/usageReader.ts` as literally as it can and shares no code with the ledger. Where
 * the rules leave room: sum, max and latest answer with groups of numeric events only (Lago's queries filter before
 * they group), and `sumPerDay` answers with the days that have a numeric event.
 */
import type { StoredEvent } from '../../src/ledger/types.js';
import type {
  DaySum,
  EventSelection,
  FilterValues,
  GroupedBy,
  UsageEvent,
  UsageReader,
} from '../../src/metering/usageReader.js';
import { Decimal, ZERO } from '../../src/money/decimal.js';
import { instant } from '../../src/time/instant.js';

export function memoryUsageReader(events: readonly StoredEvent[]): UsageReader {
  const ordered = [...events].sort((a, b) => a.timestamp - b.timestamp || a.sequence - b.sequence);
  const select = (selection: EventSelection): UsageEvent[] => selectEvents(ordered, selection);
  const numeric = (selection: EventSelection): NumericEvent[] =>
    select(selection).filter((event): event is NumericEvent => event.value !== null);

  return {
    count: (selection) =>
      byGroup(selection, select(selection)).map(({ groupedBy, members }) => ({
        groupedBy,
        eventsCount: members.length,
      })),

    sum: (selection) =>
      byGroup(selection, numeric(selection)).map(({ groupedBy, members }) => ({
        groupedBy,
        eventsCount: members.length,
        sum: total(members.map((event) => event.value)),
      })),

    max: (selection) =>
      byGroup(selection, numeric(selection)).map(({ groupedBy, members }) => ({
        groupedBy,
        eventsCount: members.length,
        value: members.length === 0 ? null : Decimal.max(...members.map((event) => event.value)),
      })),

    latest: (selection) =>
      byGroup(selection, numeric(selection)).map(({ groupedBy, members }) => ({
        groupedBy,
        eventsCount: members.length,
        value: members.at(-1)?.value ?? null,
      })),

    uniqueCount: (selection) =>
      byGroup(selection, select(selection)).map(({ groupedBy, members }) => {
        const present = new Set<string | null>();
        for (const event of members) {
          if (event.operation === 'add') present.add(event.text);
          else present.delete(event.text);
        }
        return { groupedBy, eventsCount: present.size };
      }),

    sumPerDay: (selection, dayStarts) => {
      const sums: DaySum[] = [];
      for (let day = -1; day < dayStarts.length; day += 1) {
        const first = dayStarts[day] ?? Number.NEGATIVE_INFINITY;
        const next = dayStarts[day + 1] ?? Number.POSITIVE_INFINITY;
        const ofDay = numeric(selection).filter((event) => event.timestamp >= first && event.timestamp < next);
        if (ofDay.length === 0) continue;
        for (const { groupedBy, members } of byGroup(selection, ofDay)) {
          sums.push({ day, groupedBy, eventsCount: members.length, sum: total(members.map((event) => event.value)) });
        }
      }
      return sums;
    },

    sumWithPreciseAmount: (selection) =>
      byGroup(selection, numeric(selection)).map(({ groupedBy, members }) => ({
        groupedBy,
        eventsCount: members.length,
        sum: total(members.map((event) => event.value)),
        preciseTotalAmountCents: total(members.map((event) => event.preciseTotalAmountCents ?? ZERO)),
      })),

    values: (selection) =>
      numeric(selection).map(({ groupedBy, timestamp, value }) => ({ groupedBy, timestamp, millionths: null, value })),

    events: select,
  };
}

type NumericEvent = UsageEvent & { readonly value: Decimal };

function selectEvents(ordered: readonly StoredEvent[], selection: EventSelection): UsageEvent[] {
  const selected: UsageEvent[] = [];
  for (const event of ordered) {
    if (event.externalSubscriptionId !== selection.externalSubscriptionId || event.code !== selection.code) continue;
    if (selection.from !== null && event.timestamp < selection.from) continue;
    if (event.timestamp > selection.to) continue;
    const afterTheLast = selection.toSequence !== null && event.sequence > selection.toSequence;
    if (event.sequence > (selection.throughSequence ?? event.sequence)) continue;
    if (event.timestamp === selection.to && afterTheLast) continue;

    const properties = readProperties(event.properties);
    if (selection.bucket !== null) {
      const { matching, ignored } = selection.bucket;
      if (matching !== null && !satisfies(properties, matching)) continue;
      if (ignored.some((filter) => satisfies(properties, filter))) continue;
    }
    const groupedBy = groupOf(properties, selection.groupKeys);
    if (selection.group !== null && groupName(groupedBy) !== groupName(selection.group)) continue;

    const text = selection.fieldName === null ? null : textOf(properties, selection.fieldName);
    selected.push({
      groupedBy,
      timestamp: instant(event.timestamp),
      sequence: event.sequence,
      transactionId: event.transactionId,
      text,
      value: text !== null && /^-?\d+(\.\d+)?$/.test(text) ? new Decimal(text) : null,
      operation: (textOf(properties, 'operation_type') ?? 'add') === 'add' ? 'add' : 'remove',
      preciseTotalAmountCents:
        event.preciseTotalAmountCents === null ? null : new Decimal(event.preciseTotalAmountCents),
    });
  }
  return selected;
}

/** An event satisfies a filter when every key's text is listed; an empty filter is satisfied by all. */
function satisfies(properties: Properties, filter: FilterValues): boolean {
  return Object.entries(filter).every(([key, values]) => {
    const text = textOf(properties, key);
    return text !== null && values.includes(text);
  });
}

function groupOf(properties: Properties, keys: readonly string[]): GroupedBy {
  return Object.fromEntries(keys.map((key) => [key, textOf(properties, key) || null]));
}

function groupName(group: GroupedBy): string {
  return JSON.stringify(Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byGroup<E extends UsageEvent>(selection: EventSelection, events: readonly E[]) {
  const groups = new Map<string, { readonly groupedBy: GroupedBy; readonly members: E[] }>();
  if (selection.groupKeys.length === 0) groups.set(groupName({}), { groupedBy: {}, members: [] });
  for (const event of events) {
    const name = groupName(event.groupedBy);
    let group = groups.get(name);
    if (group === undefined) {
      group = { groupedBy: event.groupedBy, members: [] };
      groups.set(name, group);
    }
    group.members.push(event);
  }
  return [...groups.values()];
}

function total(values: readonly Decimal[]): Decimal {
  return values.reduce((sum, value) => sum.plus(value), ZERO);
}

type Properties = Readonly<Record<string, unknown>>;

/** Marks a number so that its literal survives JSON.parse: 1.10 → "\u0001" + "1.10". */
const MARK = '\u0001';

function readProperties(json: string): Properties {
  const marked = json.replace(/"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + plainNumber(token)),
  );
  return JSON.parse(marked) as Properties;
}

function textOf(properties: Properties, key: string): string | null {
  if (!Object.hasOwn(properties, key)) return null;
  const value = properties[key];
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value.startsWith(MARK) ? value.slice(1) : value;
  return JSON.stringify(value).replace(/"\\u0001([^"]*)"/g, '$1');
}

/** As written without an exponent; with one, its digits spelled out (1e-7 is 0.00000010: Lago stores 1.0e-07). */
function plainNumber(literal: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(literal);
  if (match === null) return literal;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  const value = new Decimal(literal);
  const places = Math.max(fraction.length - Number(exponent), 0);
  const oneMore = fraction === '' && !value.isZero() && value.e < -4 ? 1 : 0;
  const text = new Decimal(`${whole}.${fraction}0e${exponent}`).toFixed(places + oneMore);
  return sign + text;
}
