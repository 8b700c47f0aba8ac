import { describe, expect, it } from 'vitest';
import { parseScenarios } from '../../src/scenarios/parse.js';

const parse = (text: string) => parseScenarios(text, 'file.yaml');
const problemsOf = (text: string) => parse(text).flatMap((scenario) => scenario.problems);

describe('a scenario file', () => {
  it('holds one scenario per document', () => {
    const [first, second] = parse(`# a comment
---
scenario: one
steps:
  - at: 2024-03-05T12:12:00Z
    bill: {}
---
scenario: two
definitions: {plans: []}
steps: []
`);
    expect(first).toMatchObject({ name: 'one', definitions: {}, problems: [], location: { line: 3 } });
    expect(first?.steps).toMatchObject([
      { verb: 'bill', acts: true, input: {}, fails: null, location: { line: 5, column: 5 } },
    ]);
    expect(second).toMatchObject({ name: 'two', definitions: { plans: [] }, steps: [] });
  });

  it('keeps timestamps as text and long figures exact', () => {
    const [scenario] = parse(`scenario: exact
steps:
  - at: 2024-03-05
    ingest: [{code: c, timestamp: 2024-03-05T00:00:00Z, properties: {a: 12345678901234567890.5, b: 0.1, c: 1e3, d: "7"}}]
`);
    expect(scenario?.steps[0]?.input).toEqual([
      {
        code: 'c',
        timestamp: '2024-03-05T00:00:00Z',
        properties: { a: '12345678901234567890.5', b: 0.1, c: 1000, d: '7' },
      },
    ]);
  });

  it.each([
    ['an unknown verb', 'pay_bribe: {}', 'unknown verb pay_bribe', 4, 5],
    ['an unknown field', 'bill: {everyone: true}', 'bill has no field everyone', 4, 5],
    ['a field of an unknown kind', 'expect_usage: {matches: {}}', 'expect_usage has no field matches', 4, 5],
    ['an unknown field of an event', 'ingest: [{cod: c}]', 'ingest has no field cod', 4, 5],
    [
      'two verbs',
      'bill: {}\n    ingest: []',
      'exactly one verb besides at, fails and note; this has bill, ingest',
      3,
      5,
    ],
  ])('names %s with its place', (_what, step, message, line, column) => {
    const [problem] = problemsOf(`scenario: s\nsteps:\n  - at: 2024-03-05\n    ${step}\n`);
    expect(problem?.message).toContain(message);
    expect(problem?.location).toEqual({ file: 'file.yaml', line, column });
  });

  it.each([
    ['no name', 'steps: []', 'a scenario needs a name'],
    ['no steps', 'scenario: s', 'a scenario needs a list of `steps`'],
    ['an unknown field', 'scenario: s\nstep: []\nsteps: []', 'unknown field step'],
    ['a list at the top', '- a', 'a scenario is a mapping'],
    ['no instant', 'scenario: s\nsteps: [{bill: {}}]', '`at` must be an ISO 8601 instant'],
    [
      'an instant that does not exist',
      'scenario: s\nsteps: [{at: 2024-02-30, bill: {}}]',
      '`at` must be an ISO 8601 instant',
    ],
    ['no verb', 'scenario: s\nsteps: [{at: 2024-02-03}]', 'this has none'],
    ['broken YAML', 'scenario: [s', 'Flow sequence'],
    ['a key twice', 'scenario: s\nscenario: t\nsteps: []', 'Map keys must be unique'],
    [
      'time that goes back',
      'scenario: s\nsteps: [{at: 2024-02-03, bill: {}}, {at: 2024-02-02, bill: {}}]',
      'goes back',
    ],
    ['a name used twice', 'scenario: s\nsteps: []\n---\nscenario: s\nsteps: []', 'used twice in this file'],
  ])('refuses %s', (_what, text, message) => {
    expect(
      problemsOf(text)
        .map((problem) => problem.message)
        .join('\n'),
    ).toContain(message);
  });

  it('fails a broken document by itself and reads the others', () => {
    const scenarios = parse('scenario: [broken\n---\nscenario: whole\nsteps: []\n');
    expect(scenarios.map(({ name, problems }) => [name, problems.length > 0])).toEqual([
      ['document at line 1', true],
      ['whole', false],
    ]);
  });
});
