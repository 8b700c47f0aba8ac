/**
 * From events to units, as arithmetic: for each aggregation the facts (how many events, which one decided) and steps
 * whose last result is the aggregate before metric rounding (usage-and-pricing §2.4, §3).
 *
 * A sum of a few events shows each value; of many, the sums of spans of days. Proration shows every day with its weight.
 */
import { aggregate, roundUnits } from '../../metering/aggregate.js';
import { subscribedDays } from '../../metering/days.js';
import { type AggregationInput, groupKey, type Metered, periodStart, selectionOf } from '../../metering/metered.js';
import type { DaySum, EventSelection, UsageEvent } from '../../metering/usageReader.js';
import { Decimal, ratio, ZERO } from '../../money/decimal.js';
import { type Instant, instant, SECOND } from '../../time/instant.js';
import { addDays, daysBetween, type LocalDate } from '../../time/localDate.js';
import { localDateOf, startOfDay } from '../../time/zone.js';
import { type Step, step, sumOf } from '../arithmetic.js';
import { units as shown } from '../figures.js';
import { signed } from '../priceSteps.js';
import type { Fact } from './explanation.js';
import { localTime } from './localTime.js';

export interface UnitsExplained {
  readonly metered: Metered;
  readonly facts: readonly Fact[];
  readonly steps: readonly Step[];
}

/** More values than this are added up by spans of days. */
const MOST_TERMS = 12;

/** The group of `input` that `groupedBy` names; its events, aggregate and arithmetic. */
export function unitsSteps(input: AggregationInput, groupedBy: Metered['groupedBy']): UnitsExplained {
  const metered = meteredGroup(input, groupedBy);
  const selection = groupSelection(input, groupedBy);
  const { facts, steps } = aggregateSteps(input, metered, selection);
  return { metered, facts, steps: [...steps, ...roundingSteps(input, metered)] };
}

export function meteredGroup(input: AggregationInput, groupedBy: Metered['groupedBy']): Metered {
  const groups = aggregate(input);
  const key = groupKey(groupedBy);
  const found = groups.find((group) => groupKey(group.groupedBy) === key);
  // A group without events is priced on nothing.
  return found ?? (aggregate({ ...input, group: groupedBy })[0] as Metered);
}

export function groupSelection(input: AggregationInput, groupedBy: Metered['groupedBy']): EventSelection {
  return { ...selectionOf(input), group: input.groupKeys.length === 0 ? null : groupedBy };
}

interface Steps {
  readonly facts: readonly Fact[];
  readonly steps: readonly Step[];
}

function aggregateSteps(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const { metric } = input;
  switch (metric.aggregationType) {
    case 'count_agg':
      return { facts: [eventsFact(metered.eventsCount, 'counted')], steps: [step('units', plain(metered.units))] };
    case 'sum_agg':
      return input.prorated ? proratedSum(input, metered, selection) : sum(input, metered, selection);
    case 'max_agg':
    case 'latest_agg':
      return deciding(input, metered, selection);
    case 'unique_count_agg':
      return input.prorated ? proratedUniqueCount(input, metered) : uniqueCount(input, metered, selection);
    case 'weighted_sum_agg':
      return weightedSum(input, metered, selection);
  }
}

function eventsFact(count: number, what: string): Fact {
  return { label: 'events', text: `${shown(count)} ${what}` };
}

function sum(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const field = input.metric.fieldName;
  const since = input.metric.recurring ? ', from the first one on, for the metric is recurring' : '';
  const facts = [eventsFact(metered.eventsCount, `with a number in ${field}${since}`)];
  if (metered.eventsCount <= MOST_TERMS) {
    const values: Decimal[] = [];
    for (const { value } of input.reader.events(selection)) if (value !== null) values.push(value);
    return { facts, steps: [step(values.length === 1 ? 'units' : 'units, event by event', sumOf(values))] };
  }
  const { starts, days } = spansOf(input);
  const sums = input.reader.sumPerDay(selection, starts).sort((a, b) => a.day - b.day);
  const label = days === 1 ? 'units, day by day' : `units, by ${days} days`;
  return {
    facts,
    steps: [
      step(
        `${label}${sums[0]?.day === -1 ? ', those before the period first' : ''}`,
        sumOf(sums.map((each) => each.sum)),
      ),
    ],
  };
}

/** At most a dozen spans of whole local days. */
function spansOf({ window }: AggregationInput): { starts: Instant[]; days: number } {
  const first = localDateOf(window.from, window.zone);
  const last = localDateOf(window.to, window.zone);
  const days = Math.ceil((daysBetween(first, last) + 1) / MOST_TERMS);
  const starts: Instant[] = [];
  for (let day = first; day <= last; day = addDays(day, days)) {
    starts.push(day === first ? periodStart({ window }) : startOfDay(day, window.zone));
  }
  return { starts, days };
}

function deciding(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const isLatest = input.metric.aggregationType === 'latest_agg';
  let found: UsageEvent | null = null;
  for (const event of input.reader.events(selection)) {
    if (event.value === null) continue;
    if (found === null || isLatest || event.value.gt(found.value as Decimal)) found = event;
  }
  const facts = [eventsFact(metered.eventsCount, `with a number in ${input.metric.fieldName}`)];
  if (found !== null) {
    const when = localTime(found.timestamp, input.window.zone);
    facts.push({
      label: isLatest ? 'latest' : 'highest',
      text: `${plain(found.value as Decimal)}, event ${found.transactionId} at ${when}`,
    });
  }
  return { facts, steps: [step('units', sumOf([metered.units]))] };
}

function uniqueCount(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const [counted] = input.reader.count(selection);
  const since = input.metric.recurring ? ', from the first one on' : '';
  return {
    facts: [
      eventsFact(
        counted?.eventsCount ?? 0,
        `with ${shown(metered.units)} different values of ${input.metric.fieldName} present at the end${since}`,
      ),
    ],
    steps: [step('units', plain(metered.units))],
  };
}

/** What was held weighs the whole period, what came in it the days that were left. */
function proratedSum(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const { window } = input;
  const days: LocalDate[] = [];
  const last = localDateOf(window.to, window.zone);
  for (let day = localDateOf(window.from, window.zone); day <= last; day = addDays(day, 1)) days.push(day);
  const starts = days.map((day, index) => (index === 0 ? periodStart(input) : startOfDay(day, window.zone)));
  const sums: DaySum[] = input.reader.sumPerDay(selection, starts).sort((a, b) => a.day - b.day);
  const steps = sums.map(({ day, sum: value }) => {
    if (day < 0) {
      return step(
        'held before the period',
        `${signed(value)} × double(${subscribedDays(window)} ÷ ${window.durationDays})`,
      );
    }
    const at = days[day] as LocalDate;
    return step(`${at}`, `${signed(value)} × ratio(${daysBetween(at, last) + 1}, ${window.durationDays})`);
  });
  return {
    facts: [
      eventsFact(
        metered.eventsCount,
        `with a number in ${input.metric.fieldName}, ${shown(metered.fullUnits)} units held at the end`,
      ),
    ],
    steps: [...steps, step('units, up to the next 0.00001', `ceil(${sumOf(steps.map((each) => each.result))}, 5)`)],
  };
}

/** Each value weighs the days that it was present: ratio(days, days of the period). */
function proratedUniqueCount(input: AggregationInput, metered: Metered): Steps {
  const { durationDays } = input.window;
  const counts = new Map<number, number>();
  for (const { prorated } of metered.proratedEntries()) {
    // The entry is rounded up at five decimals, so its days are the whole part.
    const days = Math.floor(prorated.times(durationDays).toNumber());
    if (days > 0) counts.set(days, (counts.get(days) ?? 0) + 1);
  }
  const steps = [...counts]
    .sort(([a], [b]) => b - a)
    .map(([days, count]) =>
      step(`present ${days} of ${durationDays} days`, `${count} × ratio(${days}, ${durationDays})`),
    );
  return {
    facts: [
      { label: 'values', text: `${shown(metered.fullUnits)} values of ${input.metric.fieldName} present at the end` },
    ],
    steps: [...steps, step('units, up to the next 0.00001', `ceil(${sumOf(steps.map((each) => each.result))}, 5)`)],
  };
}

/** The level times its seconds over the seconds of the period, change by change. */
function weightedSum(input: AggregationInput, metered: Metered, selection: EventSelection): Steps {
  const { window } = input;
  const seconds = window.durationDays * 86_400;
  const start = input.startLevels.find((each) => groupKey(each.groupedBy) === groupKey(metered.groupedBy));
  let level = start?.level ?? ZERO;
  let since = periodStart(input);
  const intervals: { readonly label: string; readonly expression: string; readonly value: Decimal }[] = [];
  const pass = (to: Instant) => {
    const elapsed = new Decimal(to - since).div(SECOND);
    if (elapsed.gt(0) && !level.isZero()) {
      const expression = `ratio(${signed(level)} × ${plain(elapsed)}, ${seconds})`;
      intervals.push({
        label: `level ${plain(level)} from ${localTime(since, window.zone)}`,
        expression,
        value: ratio(level.times(elapsed), seconds),
      });
    }
    if (to > since) since = to;
  };
  for (const event of input.reader.events({ ...selection, from: periodStart(input) })) {
    if (event.value === null) continue;
    pass(event.timestamp);
    level = level.plus(event.value);
  }
  pass(instant(Math.ceil(window.to / SECOND) * SECOND));
  const facts = [
    ...(start === undefined ? [] : [{ label: 'carried over', text: `a level of ${shown(start.level)} at the start` }]),
    eventsFact(metered.eventsCount, `that change ${input.metric.fieldName}; level ${shown(level)} at the end`),
  ];
  if (intervals.length <= MOST_TERMS * 3) {
    const steps = intervals.map(({ label, expression }) => step(label, expression));
    return { facts, steps: [...steps, step('units', sumOf(steps.map((each) => each.result)))] };
  }
  const size = Math.ceil(intervals.length / MOST_TERMS);
  const sums: Decimal[] = [];
  for (let index = 0; index < intervals.length; index += size) {
    sums.push(intervals.slice(index, index + size).reduce((total, each) => total.plus(each.value), ZERO));
  }
  return { facts, steps: [step(`units, by ${size} changes of level`, sumOf(sums))] };
}

function roundingSteps({ metric }: AggregationInput, metered: Metered): Step[] {
  if (metric.roundingFunction === null) return [];
  const places = metric.roundingPrecision ?? 0;
  // Places below zero (tens, hundreds) are written with the sign that the reader of the expression knows.
  const text = `${metric.roundingFunction}(${signed(metered.units)}, ${places < 0 ? `−${-places}` : places})`;
  const rounded = step('rounded as the metric says', text);
  return rounded.result === roundUnits(metric, metered.units).toFixed() ? [rounded] : [];
}

function plain(value: Decimal): string {
  return sumOf([value]);
}
