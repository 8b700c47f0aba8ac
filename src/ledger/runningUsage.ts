/**
 * Answers usage up to an event, for one event after another: what charges that are paid in advance ask of each of them.
 *
 * A query for each would read the period again for every event of it. So inside a transaction, until it stores an event, a
 * series that is asked about again and again is read once, and answered from its running totals. Which way is taken changes
 * no figure.
 */
import type {
  EventSelection,
  GroupCount,
  GroupSum,
  GroupValue,
  PreciseSum,
  UsageReader,
} from '../metering/usageReader.js';
import { ZERO } from '../money/decimal.js';
import { type Instant, instant } from '../time/instant.js';
import type { Projection } from './projection.js';
import { RunningTotals } from './runningTotals.js';
import type { SplitUsage } from './splitUsage.js';
import type { Statements } from './statements.js';
import type { MeteredField } from './types.js';
import { empty } from './usageAnswers.js';

/** Reading a series costs about as much as asking it so often. */
const ENOUGH = 8;
/** Points and questions kept at a time. */
const MOST_POINTS = 2_000_000;
const MOST_QUESTIONS = 100_000;

/** A series from some instant on, through one bucket. */
interface Question {
  asked: number;
  /** By the values of the group; null until it was asked often enough. */
  totals: Map<string, RunningTotals> | null;
}

export class RunningUsage implements UsageReader {
  readonly #single: SplitUsage;
  readonly #statements: Statements;
  readonly #projection: Projection;
  readonly #questions = new Map<string, Question>();
  #points = 0;
  #revision = -1;

  constructor(single: SplitUsage, statements: Statements, projection: Projection) {
    this.#single = single;
    this.#statements = statements;
    this.#projection = projection;
  }

  /** What was read holds in one transaction only. */
  forget(): void {
    this.#questions.clear();
    this.#points = 0;
  }

  count(selection: EventSelection): GroupCount[] {
    const answer = this.#totals(selection, 'none');
    if (answer === null) return this.#single.count(selection);
    const eventsCount = answer.totals?.count(selection) ?? 0;
    return eventsCount === 0 ? empty(selection, { eventsCount: 0 }) : [{ groupedBy: answer.groupedBy, eventsCount }];
  }

  sum(selection: EventSelection): GroupSum[] {
    const answer = this.#totals(selection, 'number');
    if (answer === null) return this.#single.sum(selection);
    const eventsCount = answer.totals?.count(selection) ?? 0;
    if (answer.totals === undefined || eventsCount === 0) return empty(selection, { eventsCount: 0, sum: ZERO });
    return [{ groupedBy: answer.groupedBy, eventsCount, sum: answer.totals.sum(selection) }];
  }

  sumWithPreciseAmount(selection: EventSelection): PreciseSum[] {
    const answer = this.#totals(selection, 'number', true);
    if (answer === null) return this.#single.sumWithPreciseAmount(selection);
    const { totals, groupedBy } = answer;
    const eventsCount = totals?.count(selection) ?? 0;
    if (totals === undefined || eventsCount === 0) {
      return empty(selection, { eventsCount: 0, sum: ZERO, preciseTotalAmountCents: ZERO });
    }
    const preciseTotalAmountCents = totals.preciseAmount(selection);
    return [{ groupedBy, eventsCount, sum: totals.sum(selection), preciseTotalAmountCents }];
  }

  /** A group whose values were all removed again is a group still, at 0. */
  uniqueCount(selection: EventSelection): GroupCount[] {
    const text = onlyText(selection);
    const answer = this.#totals(text === null ? selection : withoutField(selection), 'text');
    if (answer === null) return this.#single.uniqueCount(selection);
    const { totals, groupedBy } = answer;
    if (totals === undefined) return empty(selection, { eventsCount: 0 });
    if (text === null) {
      if (totals.count(selection) === 0) return empty(selection, { eventsCount: 0 });
      return [{ groupedBy, eventsCount: totals.presentCount(selection) }];
    }
    const [id] = this.#projection.textIds(this.#schemaFor(selection, 'text'), [text]);
    const last = id === undefined ? null : totals.lastOf(id, selection);
    if (last === null) return empty(selection, { eventsCount: 0 });
    return [{ groupedBy, eventsCount: last === 'added' ? 1 : 0 }];
  }

  max(selection: EventSelection): GroupValue[] {
    return this.#single.max(selection);
  }

  latest(selection: EventSelection): GroupValue[] {
    return this.#single.latest(selection);
  }

  sumPerDay(selection: EventSelection, dayStarts: readonly Instant[]) {
    return this.#single.sumPerDay(selection, dayStarts);
  }

  values(selection: EventSelection) {
    return this.#single.values(selection);
  }

  events(selection: EventSelection) {
    return this.#single.events(selection);
  }

  /** Null: ask the series itself. `totals` is undefined for a group that no event is of. */
  #totals(selection: EventSelection, kind: MeteredField['kind'], precise = false) {
    const { toSequence, throughSequence, groupKeys, group } = selection;
    if (toSequence === null || !this.#statements.db.inTransaction) return null;
    if (groupKeys.length > 0 && group === null) return null;
    if (this.#revision !== this.#projection.revision || this.#questions.size >= MOST_QUESTIONS) this.forget();
    this.#revision = this.#projection.revision;
    const { externalSubscriptionId, code, fieldName, from, bucket } = selection;
    const asKnown = throughSequence !== undefined;
    const name = JSON.stringify([
      kind,
      precise,
      asKnown,
      externalSubscriptionId,
      code,
      fieldName,
      from,
      bucket,
      groupKeys,
    ]);
    let question = this.#questions.get(name);
    if (question === undefined) {
      question = { asked: 0, totals: null };
      this.#questions.set(name, question);
    }
    question.asked += 1;
    if (question.totals === null && question.asked < ENOUGH) return null;
    if (question.totals === null) {
      if (this.#points > MOST_POINTS) this.forget();
      question.totals = this.#read(selection, kind, precise);
      this.#questions.set(name, question);
    }
    const groupedBy = group ?? {};
    return { groupedBy, totals: question.totals.get(nameOf(groupKeys.map((key) => groupedBy[key] ?? null))) };
  }

  #read(selection: EventSelection, kind: MeteredField['kind'], precise: boolean): Map<string, RunningTotals> {
    const totals = new Map<string, RunningTotals>();
    const { throughSequence: _, ...always } = selection;
    const everything = { ...always, to: instant(Number.MAX_SAFE_INTEGER), toSequence: null, group: null };
    for (const point of this.#single.points(everything, kind, precise)) {
      const name = nameOf(point.group);
      let ofGroup = totals.get(name);
      if (ofGroup === undefined) {
        ofGroup = new RunningTotals(kind);
        totals.set(name, ofGroup);
      }
      ofGroup.add(point);
      this.#points += 1;
    }
    return totals;
  }

  #schemaFor({ code, fieldName }: EventSelection, kind: MeteredField['kind']): 'main' | 'temp' {
    return this.#projection.schemaFor({ code, fieldName, kind });
  }
}

function nameOf(group: readonly (string | null)[]): string {
  return group.length === 0 ? '' : JSON.stringify(group);
}

/** The one value of the counted property that the selection asks for. */
function onlyText({ bucket, fieldName }: EventSelection): string | null {
  const texts = fieldName === null ? undefined : bucket?.matching?.[fieldName];
  return texts?.length === 1 ? (texts[0] as string) : null;
}

function withoutField(selection: EventSelection): EventSelection {
  const { bucket, fieldName } = selection;
  const others = Object.entries(bucket?.matching ?? {}).filter(([key]) => key !== fieldName);
  return { ...selection, bucket: { matching: Object.fromEntries(others), ignored: bucket?.ignored ?? [] } };
}
