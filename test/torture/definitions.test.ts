/**
 * Definition files that are broken in every way: never a crash or a hang. A file is either refused, with the place of
 * each problem, or it makes a catalog that bills.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadDefinitions } from '../../src/catalog/load.js';
import type { Catalog } from '../../src/catalog/types.js';
import { BillingError } from '../../src/errors.js';
import { openLedger } from '../../src/ledger/open.js';
import { perform, query } from '../../src/operations/perform.js';
import { invoices } from '../../src/operations/views.js';
import { at } from '../support/terms.js';
import { failureProblem, run } from './binary.js';
import { mutated } from './mutate.js';
import { type Chance, chanceOf, each, isLong, patience, rounds } from './rounds.js';
import { removeFolder, temporaryFolder } from './world.js';

const shipped = fileURLToPath(new URL('../../plans', import.meta.url));
const files = rounds(1_000, 5);

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'plans'));
  writeFileSync(join(folder, 'lago.yaml'), 'name: Broken\n');
});
afterAll(() => removeFolder(folder));

/** YAML scalars that break programs. */
const hostileYaml: readonly string[] = [
  '1e400',
  '-1e400',
  '.inf',
  '-.inf',
  '.nan',
  '-0',
  '0x1F',
  '0o17',
  '0b1',
  '1_000',
  '12:30:45',
  '2026-02-30',
  '~',
  'null',
  'yes',
  'NO',
  '""',
  '" "',
  "''",
  '[]',
  '{}',
  '[[[]]]',
  '*nobody',
  '&a',
  '&a [*a]',
  '&a {b: *a}',
  '!!binary aGk=',
  '!!set {a}',
  '!!js/function "x"',
  '!tag x',
  '{<<: *a}',
  '? a',
  '|',
  '>',
  '- x',
  '"\\u0000"',
  '"\\ud800"',
  '"\\x1b[31m"',
  '"\\u202e"',
  '__proto__',
  'constructor',
  'toString',
  '{__proto__: {a: 1}}',
  '"=1+1"',
  '99999999999999999999999999',
  '-5',
  '-0.5',
  `0.${'0'.repeat(60)}1`,
  `${'9'.repeat(400)}`,
  `"${'9'.repeat(400)}"`,
  `"${'x'.repeat(20_000)}"`,
  '"1e5"',
  '"1e400"',
  '"1,5"',
  '"NaN"',
  '"Infinity"',
  '"../../../etc/passwd"',
  `${'['.repeat(500)}${']'.repeat(500)}`,
  `${'{a: '.repeat(500)}1${'}'.repeat(500)}`,
];

function mutatedDefinitions(text: string, texts: readonly string[], chance: Chance): Buffer {
  if (chance.integer(3) === 0) return mutated(text, texts, chance);
  let lines = text.split('\n').filter((line) => !/^\s*(#.*)?$/.test(line));
  for (let times = 1 + chance.integer(3); times > 0; times -= 1) lines = chance.one(lineMutators)(lines, chance);
  return Buffer.from(lines.join(chance.integer(20) === 0 ? '\r\n' : '\n'));
}

type LineMutator = (lines: readonly string[], chance: Chance) => string[];

const hostileScalar: LineMutator = (lines, chance) =>
  withLine(lines, chance, (line) =>
    line.replace(/(:\s+|-\s+)[^:{}[\]]+$/, (_, lead: string) => lead + chance.one(hostileYaml)),
  );
const hostileInline: LineMutator = (lines, chance) =>
  withLine(lines, chance, (line) =>
    line.replace(/: ([^,{}[\]]+)([,}])/, (_, __, tail: string) => `: ${chance.one(hostileYaml)}${tail}`),
  );

const lineMutators: readonly LineMutator[] = [
  hostileScalar,
  hostileScalar,
  hostileInline,
  hostileInline,
  (lines, chance) => withLine(lines, chance, (line) => ` ${line}`),
  (lines, chance) => withLine(lines, chance, (line) => line.replace(/^ {2}/, '')),
  (lines, chance) => withLine(lines, chance, (line) => `${line}\n${line}`),
  (lines, chance) => withLine(lines, chance, (line) => line.replace(/\w+:/, 'unheard_of:')),
  (lines, chance) => withLine(lines, chance, (line) => `\t${line}`),
  (lines, chance) => lines.filter((_, index) => index !== chance.integer(lines.length)),
  (lines, chance) => [...lines, ...lines.slice(chance.integer(lines.length))],
  (lines, chance) => [...lines.slice(0, chance.integer(lines.length)), '---', ...lines],
];

function withLine(lines: readonly string[], chance: Chance, change: (line: string) => string): string[] {
  const chosen = chance.integer(lines.length);
  return lines.map((line, index) => (index === chosen ? change(line) : line));
}

/** Subscribes a customer to each plan and bills two months: refusals are told, nothing else is thrown. */
function bills(catalog: Catalog): void {
  const ledger = openLedger(':memory:');
  try {
    const on = (day: string) => ({ ledger, catalog, at: at(day) });
    const tried = (day: string, verb: string, input: unknown) => {
      try {
        perform(on(day), verb, input);
      } catch (error) {
        if (!(error instanceof BillingError)) throw error;
      }
    };
    for (const plan of catalog.plans.keys()) {
      tried('2026-09-01', 'create_customer', { external_id: `of ${plan}` });
      tried('2026-10-01', 'create_subscription', {
        external_customer_id: `of ${plan}`,
        external_id: plan,
        plan_code: plan,
      });
      for (const [index, metric] of [...catalog.billableMetrics.values()].entries()) {
        const properties = metric.fieldName === null ? {} : { [metric.fieldName]: '7.25' };
        const event = { code: metric.code, external_subscription_id: plan, timestamp: 1_790_900_000, properties };
        tried('2026-10-05', 'ingest', [{ ...event, transaction_id: `${plan}-${index}` }]);
      }
    }
    tried('2026-12-01', 'bill', {});
    try {
      JSON.stringify(query(on('2026-12-01'), (current) => invoices(current, {})));
    } catch (error) {
      if (!(error instanceof BillingError)) throw error;
    }
    expect(ledger.integrityProblems()).toEqual([]);
  } finally {
    ledger.close();
  }
}

describe('mutated definition files', () => {
  it(
    `${files}: each is refused with the place of every problem, or bills`,
    async () => {
      const texts = readdirSync(shipped)
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => readFileSync(join(shipped, name), 'utf8'));
      const file = join(folder, 'plans', 'broken.yaml');
      let accepted = 0;
      await each(files, 1, async (round) => {
        const chance = chanceOf('definitions', round);
        const content = mutatedDefinitions(chance.one(texts), texts, chance);
        writeFileSync(file, content);
        const started = performance.now();
        try {
          const loaded = loadDefinitions({ settings: join(folder, 'lago.yaml'), plans: join(folder, 'plans') });
          for (const problem of loaded.problems) {
            expect(problem.message).not.toBe('');
            expect(problem.location?.file).toBeDefined();
          }
          if (loaded.problems.length === 0) {
            accepted += 1;
            if (accepted % 4 === 0) bills(loaded.catalog);
          }
          expect(performance.now() - started).toBeLessThan(10_000);
        } catch (error) {
          const kept = join(folder, `round-${round}.yaml`);
          writeFileSync(kept, content);
          throw new Error(
            `round ${round}, seed ${chance.seed}: ${(error as Error).stack}\n${content.toString('utf8').slice(0, 3_000)}`,
          );
        }
      });
      expect(accepted).toBeGreaterThan(files / 20);
    },
    patience(files, 0.2),
  );
});

describe('monstrous definition files', () => {
  const bomb = (levels: number) =>
    [
      'a: &a0 [x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: levels }, (_, i) => `b${i}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]`),
    ].join('\n');
  const monsters: readonly (readonly [name: string, content: string | Buffer])[] = [
    ['an anchor bomb', bomb(9)],
    [
      'an anchor bomb of merge keys',
      `a: &a {k: v}\n${Array.from({ length: 3_000 }, (_, i) => `b${i}: {<<: [${Array(50).fill('*a').join(', ')}]}`).join('\n')}`,
    ],
    ['an alias of itself', 'plans: &p\n  - code: x\n    charges: *p\n'],
    ['a mapping that merges itself', 'plans:\n  - &a\n    <<: *a\n    code: x\n'],
    ['a list nested 100,000 deep', '['.repeat(100_000)],
    ['a mapping nested 100,000 deep', '{a: '.repeat(100_000)],
    ['a block nested 5,000 deep', Array.from({ length: 5_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
    ['a list of lists nested 20,000 deep', `plans: ${'- '.repeat(20_000)}x`],
    ['5 MB of one key', `${'k'.repeat(5 << 20)}: 1`],
    ['20 MB of a name', `a: ${'k'.repeat(20 << 20)}`],
    ['1 MB of brackets and quotes', '{["'.repeat((1 << 20) / 3)],
    ['UTF-16', Buffer.from('plans: []\n', 'utf16le')],
    ['NUL bytes', Buffer.alloc(1_000)],
    [
      'keys of every object',
      'plans:\n  - {code: __proto__, constructor: 1, __proto__: {interval: monthly}}\n__proto__: {plans: []}\n',
    ],
    [
      'a plan with 1e400',
      'plans:\n  - {code: x, name: x, interval: monthly, amount_cents: 1e400, amount_currency: USD}\n',
    ],
  ];
  for (const [index, [name, content]] of monsters.entries()) {
    it(`${name}: a message in little time`, async () => {
      const project = join(folder, name.replaceAll(/\W/g, '-'));
      mkdirSync(join(project, 'plans'), { recursive: true });
      writeFileSync(join(project, 'lago.yaml'), 'name: Broken\n');
      writeFileSync(join(project, 'plans', 'monster.yaml'), content);
      const started = performance.now();
      const paths = { settings: join(project, 'lago.yaml'), plans: join(project, 'plans') };
      const { problems } = loadDefinitions(paths);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.length).toBeLessThan(200);
      expect(performance.now() - started).toBeLessThan(20_000);
      // Through the program every fourth one, in the long form all.
      if (index % 4 !== 0 && !isLong) return;
      const ended = await run(project, ['validate']);
      expect([failureProblem(ended), ended.code]).toEqual([null, expect.any(Number)]);
      expect(ended.milliseconds).toBeLessThan(20_000);
      expect(ended.stderr.length + ended.stdout.length).toBeLessThan(100_000);
    }, 60_000);
  }
});
