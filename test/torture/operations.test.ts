/**
 * Operations with input that nobody means: values of every type in every field of every verb, in the middle of a history
 * that was right until then. Each is done or refused in words; whatever it was, the ledger still adds up afterwards, and
 * everything in it can be shown.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BillingError } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/open.js';
import type { Ledger } from '../../src/ledger/types.js';
import { creditNotes } from '../../src/operations/creditViews.js';
import { type DefinitionState, defineInitially, defineMore } from '../../src/operations/define.js';
import { perform, query } from '../../src/operations/perform.js';
import { operations } from '../../src/operations/verbs.js';
import { customers, invoices, subscriptions } from '../../src/operations/views.js';
import { parseScenarios, type Scenario, type Step } from '../../src/scenarios/parse.js';
import { DAY, type Instant, parseInstant } from '../../src/time/instant.js';
import { type Chance, chanceOf, each, patience, rounds } from './rounds.js';

const folders = ['conformance/charges', 'conformance/invoicing', 'conformance/lifecycle', 'scenarios'];
const root = join(import.meta.dirname, '..');
const count = rounds(200, 2);

/** What JSON and YAML can hold, and what only a program could pass. */
const hostileValues: readonly unknown[] = [
  null,
  true,
  false,
  '',
  ' ',
  [],
  {},
  [null],
  [[]],
  0,
  -0,
  -1,
  0.5,
  1e-7,
  1.0000000000000002,
  2 ** 31,
  2 ** 53,
  -(2 ** 53),
  1e15,
  1e21,
  1e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  '0',
  '-0',
  '-1',
  '1e5',
  '1e400',
  'NaN',
  'Infinity',
  '1,5',
  ' 1 ',
  '+1',
  '.5',
  '5.',
  '٣',
  '0x1F',
  '9'.repeat(14),
  '9'.repeat(40),
  '9'.repeat(400),
  `0.${'0'.repeat(60)}1`,
  'x'.repeat(100_000),
  '\u0000',
  '\ud800',
  '\u202e\u001b[31m',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  JSON.parse('{"__proto__": {"a": 1}}'),
  '2026-02-30',
  '0001-01-01',
  '1700-01-01',
  '2199-12-31T23:59:59Z',
  '9999-12-31',
  '2026-10-01T00:00:00+99:99',
  'Nowhere/City',
  'JPY',
  'XXX',
  'finalized',
];

interface Corpus {
  readonly scenario: Scenario;
  /** Places of the steps whose input can be spoilt. */
  readonly acting: readonly number[];
}

function corpus(): Corpus[] {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(root, folder, name)),
  );
  return files
    .flatMap((file) => parseScenarios(readFileSync(file, 'utf8'), file))
    .filter(({ problems }) => problems.length === 0)
    .map((scenario) => ({
      scenario,
      acting: scenario.steps.flatMap(({ verb, fails }, index) => (verb in operations && fails === null ? [index] : [])),
    }))
    .filter(({ acting }) => acting.length > 0);
}

/** Paths of all values inside, the whole included. */
function pathsOf(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (value === null || typeof value !== 'object') return [path];
  return [path, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...path, key]))];
}

function withValue(value: unknown, path: readonly (string | number)[], put: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return put;
  if (Array.isArray(value))
    return value.map((item, index) => (index === Number(key) ? withValue(item, rest, put) : item));
  const record = value as Record<string, unknown>;
  return { ...record, [key]: withValue(record[key], rest, put) };
}

function spoilt(input: unknown, chance: Chance): unknown {
  const paths = pathsOf(input).filter((path) => path.length > 0);
  const path = paths.length === 0 || chance.integer(50) === 0 ? [] : chance.one(paths);
  return withValue(input, path, chance.one(hostileValues));
}

/** Acts out the history; only refusals in words are allowed. Answers whether the spoilt step was accepted. */
function actOut(steps: readonly Step[], definitions: unknown, place: number, ledger: Ledger): boolean {
  let state: DefinitionState;
  try {
    state = defineInitially(ledger, definitions, steps[0]?.at as Instant);
  } catch (error) {
    if (!(error instanceof BillingError)) throw error;
    return false;
  }
  let accepted = place < 0;
  const tried = (work: () => void) => {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
      if (error.message === '' || error.code === '') throw new Error('a refusal without words');
      return false;
    }
  };
  for (const [index, { verb, input, at }] of steps.entries()) {
    if (verb === 'define') tried(() => (state = defineMore(ledger, state, input, at)));
    else if (verb in operations) {
      const done = tried(() => perform({ ledger, catalog: state.catalog, at }, verb, input));
      if (index === place) accepted = done;
    }
  }
  const later = ((steps.at(-1)?.at as number) + 40 * DAY) as Instant;
  const context = { ledger, catalog: state.catalog, at: later };
  tried(() => perform(context, 'bill', {}));
  tried(() =>
    JSON.stringify(
      query(context, (current) => [
        invoices(current, {}),
        creditNotes(current, {}),
        customers(current),
        subscriptions(current, {}),
      ]),
    ),
  );
  return accepted;
}

describe('operations', () => {
  it(
    `with ${count} spoilt inputs: done or refused in words, and the ledger adds up`,
    async () => {
      const histories = corpus();
      expect(histories.length).toBeGreaterThan(500);
      let accepted = 0;
      const failures: string[] = [];
      await each(count, 1, async (round) => {
        const chance = chanceOf('operations', round);
        const { scenario, acting } = chance.one(histories);
        // Before the first step: the definitions.
        const place = chance.integer(3) === 0 ? -1 : chance.one(acting);
        const definitions = place < 0 ? spoilt(scenario.definitions, chance) : scenario.definitions;
        const steps = scenario.steps.map((step, index) =>
          index === place ? { ...step, input: spoilt(step.input, chance) } : step,
        );
        const ledger = openLedger(':memory:');
        const told = () =>
          `round ${round}: ${scenario.name}, step ${place + 1}, ${steps[place]?.verb ?? 'definitions'} ${JSON.stringify(place < 0 ? definitions : steps[place]?.input)?.slice(0, 2_000)}`;
        try {
          if (actOut(steps, definitions, place, ledger)) accepted += 1;
          const problems = ledger.integrityProblems();
          if (problems.length > 0) throw new Error(problems.join('; '));
        } catch (error) {
          failures.push(`${told()}\n${(error as Error).stack}`);
        } finally {
          ledger.close();
        }
      });
      expect(failures).toEqual([]);
      expect(accepted).toBeGreaterThan(count / 20);
      expect(accepted).toBeLessThan(count * 0.9);
    },
    patience(count, 1),
  );
});

describe('instants at the ends of what can be written', () => {
  it('are billed and shown like any other', () => {
    for (const text of ['1700-01-01', '2199-12-31T23:59:59.999999Z']) {
      const at = parseInstant(text) as Instant;
      const plan = { code: 'p', name: 'P', interval: 'yearly', amount_cents: 100, amount_currency: 'USD' };
      const ledger = openLedger(':memory:');
      const { catalog } = defineInitially(
        ledger,
        { plans: [{ ...plan, pay_in_advance: true, trial_period: 18_250 }] },
        at,
      );
      const context = { ledger, catalog, at };
      perform(context, 'create_customer', { external_id: 'c', timezone: 'Pacific/Apia' });
      perform(context, 'create_subscription', {
        external_customer_id: 'c',
        external_id: 's',
        plan_code: 'p',
        billing_time: 'anniversary',
      });
      perform(context, 'bill', {});
      expect(query(context, (current) => subscriptions(current, {}))).toMatchObject([{ status: 'active' }]);
      expect(ledger.integrityProblems()).toEqual([]);
      ledger.close();
    }
  });

  it('and beyond are refused, wherever they are written', () => {
    for (const text of ['0001-01-01', '1699-12-31', '2200-01-01', '9999-12-31T23:59:59Z']) {
      expect(parseInstant(text)).toBeNull();
    }
    const tooLong = { plans: [], organization: { net_payment_term: 18_251 } };
    expect(() => defineInitially(openLedger(':memory:'), tooLong, 0 as Instant)).toThrow('18251 days is above 18250');
  });
});
