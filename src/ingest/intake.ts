/**
 * From records to events: every format's records end here and leave as events ready to be stored, or as rejects.
 *
 * Ordinary lines and rows take a short way that makes one object and three strings an event; all others, and everything
 * that is wrong, take the careful way through `readEventRecord`, which alone words the problems. Wrappers that Lago's API
 * and functions use (`{"event": {...}}`, `{"events": [...]}`) are opened here.
 */
import { isUtf8 } from 'node:buffer';
import { BillingError, type Problem } from '../errors.js';
import { JsonNumber, type JsonObject, JsonProblem, type JsonValue, parseJson, writeJson } from '../exactJson.js';
import type { NewEvent } from '../ledger/types.js';
import { evaluateExpression } from '../metering/expression/evaluate.js';
import { propertyText } from '../metering/propertyText.js';
import type { Instant } from '../time/instant.js';
import type { CsvRow } from './csv.js';
import { CsvEvents } from './csvEvents.js';
import { type EventRecord, type EventRules, preciseAmount, readEventRecord } from './eventRecord.js';
import { FlatEventScanner, flatField, isNumericSpan } from './flatEvent.js';
import { timestampOfSpan } from './flatTimestamp.js';
import type { Mapped, Mapping } from './mapping.js';
import {
  countEvent,
  type NamedCode,
  type PropertyState,
  propertyState,
  type Recognition,
  strictProblem,
} from './recognition.js';
import { type RecordIntake, shownBytes } from './recordIntake.js';

/** Where the events of an input go. `line` is that of the record, `source` its text as it came (its beginning, when long). */
export interface EventSink {
  event(event: NewEvent, line: number): void;
  reject(problem: Problem, line: number, column: number | null, source: string): void;
  /** A record that the mapping leaves out on purpose. */
  skip(reason: string): void;
}

export interface IntakeOptions {
  readonly rules: EventRules;
  readonly recognition: Recognition;
  readonly mapping: Mapping | null;
  readonly strict: boolean;
}

export class Intake implements RecordIntake {
  readonly #options: IntakeOptions;
  readonly #sink: EventSink;
  readonly #scanner = new FlatEventScanner();
  #csv: CsvEvents | null = null;

  constructor(options: IntakeOptions, sink: EventSink) {
    this.#options = options;
    this.#sink = sink;
  }

  flat(bytes: Buffer, start: number, line: number, wholeLine: boolean): number {
    const scanner = this.#scanner;
    if (this.#options.mapping !== null || !scanner.scan(bytes, start, wholeLine)) return -1;
    const { from, to } = scanner;
    const timestamp = timestampOfSpan(bytes, from[flatField.timestamp] as number, to[flatField.timestamp] as number);
    if (timestamp === null) return -1;
    const { recognition } = this.#options;
    const code = recognition.codeAt(bytes, from[flatField.code] as number, to[flatField.code] as number);
    const subscription = recognition.subscriptionAt(
      bytes,
      from[flatField.externalSubscriptionId] as number,
      to[flatField.externalSubscriptionId] as number,
    );
    const transactionId = scanner.field(bytes, flatField.transactionId);
    if (code.expression !== null || isBlank(transactionId) || isBlank(code.code)) return -1;
    if (isBlank(subscription.externalId ?? '')) return -1;
    const state = flatState(scanner, bytes, code);
    if (this.#options.strict && strictProblem(code, subscription, state) !== null) return -1;
    let preciseTotalAmountCents: string | null = null;
    if (scanner.hasPreciseAmount) {
      const amount = preciseAmount(scanner.field(bytes, flatField.preciseTotalAmountCents));
      if (amount.unreadable) return -1;
      preciseTotalAmountCents = amount.text;
    }
    countEvent(code, subscription, state);
    this.#sink.event(
      {
        transactionId,
        code: code.code,
        externalSubscriptionId: subscription.externalId,
        timestamp,
        properties: scanner.field(bytes, flatField.properties),
        preciseTotalAmountCents,
      },
      line,
    );
    return scanner.end;
  }

  json(bytes: Buffer, from: number, to: number, line: number): void {
    const source = () => beginning(bytes, from, to);
    if (!isUtf8(bytes.subarray(from, to))) {
      this.unreadable(notUtf8, line, null, source());
      return;
    }
    const text = bytes.toString('utf8', from, to);
    let value: JsonValue;
    try {
      value = parseJson(text);
    } catch (error) {
      if (!(error instanceof JsonProblem)) throw error;
      const [atLine, column] = placeOf(text, error.offset, line);
      const problem = { field: 'record', code: error.code, message: error.message, suggestion: hints[error.code] };
      this.unreadable(problem, atLine, column, source());
      return;
    }
    this.#records(value, line, source);
  }

  columns(names: readonly string[]): Problem | null {
    this.#csv = new CsvEvents(names, this.#options.mapping !== null);
    return this.#csv.problem;
  }

  row(row: CsvRow, line: number): void {
    const csv = this.#csv as CsvEvents;
    const { mapping } = this.#options;
    if (mapping === null && this.#plainRow(csv, row, line)) return;
    const record = csv.record(row);
    if ('field' in record) this.#sink.reject(record, line, null, row.source());
    else this.#mapped(record, line, () => row.source());
  }

  unreadable(problem: Problem, line: number, column: number | null, text: string): void {
    this.#sink.reject(problem, line, column, text);
  }

  #plainRow(csv: CsvEvents, row: CsvRow, line: number): boolean {
    const event = csv.plainEvent(row);
    if (event === null) return false;
    const { recognition, strict } = this.#options;
    const code = recognition.code(event.code);
    if (code.expression !== null) return false;
    const subscription = recognition.subscription(event.externalSubscriptionId);
    const state = propertyState(code, code.fieldName === null ? undefined : csv.property(row, code.fieldName));
    if (strict && strictProblem(code, subscription, state) !== null) return false;
    countEvent(code, subscription, state);
    this.#sink.event({ ...event, code: code.code, externalSubscriptionId: subscription.externalId }, line);
    return true;
  }

  /** Opens lists and wrappers. */
  #records(value: JsonValue, line: number, source: () => string): void {
    const list = value instanceof Map ? value.get('events') : value;
    if (Array.isArray(list)) {
      for (const item of list) this.#records(item, line, () => writeJson(item).slice(0, shownBytes));
    } else if (value instanceof Map) {
      const event = value.get('event');
      this.#mapped(event instanceof Map && this.#options.mapping === null ? event : value, line, source);
    } else {
      this.#sink.reject(notAnObject, line, null, source());
    }
  }

  #mapped(record: JsonObject, line: number, source: () => string): void {
    const mapped: Mapped = this.#options.mapping?.(record) ?? { outcome: 'event', record };
    if (mapped.outcome === 'skipped') {
      this.#sink.skip(mapped.reason);
      return;
    }
    const problem = mapped.outcome === 'refused' ? mapped.problem : this.#event(mapped.record, line);
    if (problem !== null) this.#sink.reject(problem, line, null, source());
  }

  /** Hands the record's event on, or returns what is wrong with it. */
  #event(record: JsonObject, line: number): Problem | null {
    const { recognition, rules, strict } = this.#options;
    const read = readEventRecord(record, rules);
    if (Array.isArray(read)) return allOf(read);
    const code = recognition.code(read.code);
    const subscription = recognition.subscription(read.externalSubscriptionId);
    const failure = applyExpression(code, read);
    if (failure !== null) return failure;
    const state = propertyState(code, code.fieldName === null ? undefined : read.properties.get(code.fieldName));
    const problem = strict ? strictProblem(code, subscription, state) : null;
    if (problem !== null) return problem;
    countEvent(code, subscription, state);
    if (read.unreadableAmount) code.unreadableAmounts++;
    this.#sink.event(toNewEvent(read), line);
    return null;
  }
}

export function toNewEvent(read: EventRecord): NewEvent {
  return {
    transactionId: read.transactionId,
    code: read.code,
    externalSubscriptionId: read.externalSubscriptionId,
    timestamp: read.timestamp,
    properties: writeJson(read.properties),
    preciseTotalAmountCents: read.preciseTotalAmountCents,
    ...(read.timestampIsArrival ? { timestampIsArrival: true } : {}),
  };
}

/** Writes the result of the metric's expression into its field, once and for all (§2.6). Returns what failed. */
export function applyExpression(
  code: NamedCode,
  event: { code: string; timestamp: Instant; properties: JsonObject },
): Problem | null {
  if (code.expression === null) return null;
  try {
    const value = evaluateExpression(code.expression, {
      code: event.code,
      timestamp: event.timestamp,
      properties: (name) => exactProperty(event.properties.get(name)),
    });
    event.properties.set(code.metric?.fieldName as string, value);
    return null;
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    return {
      field: 'properties',
      code: error.code,
      message: error.message,
      ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
    };
  }
}

function exactProperty(value: JsonValue | undefined) {
  if (value === undefined) return undefined;
  const kind = value instanceof JsonNumber ? ('number' as const) : ('string' as const);
  return { kind, text: propertyText(value) ?? '' };
}

function flatState(scanner: FlatEventScanner, bytes: Buffer, code: NamedCode): PropertyState {
  if (code.fieldBytes === null) return 'usable';
  const property = scanner.property(bytes, code.fieldBytes);
  if (property < 0) return 'missing';
  const from = scanner.valueFrom[property] as number;
  const to = scanner.valueTo[property] as number;
  if (code.readsNumbers && isNumericSpan(bytes, from, to)) return 'usable';
  if (to - from === 4 && bytes[from - 1] !== 34 && bytes[from] === 110) return 'missing';
  return code.readsNumbers ? 'non_numeric' : 'usable';
}

/** One reject a record: the first problem, with the others in its message. */
function allOf(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems;
  if (others.length === 0) return first as Problem;
  const rest = others.map((problem) => `${problem.message} (${problem.field}: ${problem.code})`);
  return { ...(first as Problem), message: [first?.message, ...rest].join('; ') };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function beginning(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, Math.min(to, from + shownBytes));
}

/** Line and column of an index into a text that begins on `line`. */
function placeOf(text: string, offset: number, line: number): [line: number, column: number] {
  const before = text.slice(0, offset);
  const breaks = before.split('\n');
  return [line + breaks.length - 1, (breaks.at(-1) as string).length + 1];
}

const hints: Record<JsonProblem['code'], string> = {
  invalid_json: 'Each line must be one complete JSON value.',
  duplicate_key: 'Keep one of the two: readers disagree about which counts.',
  too_deep: 'Send the usage properties flat.',
  invalid_number: 'Send large figures as strings, in plain notation.',
  invalid_character: 'Remove the character, or correct the encoding of the text at its source.',
};

const notUtf8: Problem = {
  field: 'record',
  code: 'invalid_character',
  message: 'the record is not valid UTF-8',
  suggestion: 'Convert the file: iconv -t UTF-8.',
};

const notAnObject: Problem = {
  field: 'record',
  code: 'invalid_type',
  message: 'an event must be a JSON object',
  suggestion:
    'Send {"transaction_id": ..., "code": ..., "external_subscription_id": ..., "timestamp": ..., "properties": {...}}.',
};
