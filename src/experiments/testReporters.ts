/** Results of scenarios for continuous integration: JUnit XML, and the annotations that GitHub shows beside the lines. */
import { printedText } from '../render/printable.js';
import { summary } from '../scenarios/report.js';
import type { Failure, ScenarioResult } from '../scenarios/run.js';

export const testReporters = ['junit', 'github'] as const;
export type TestReporter = (typeof testReporters)[number];

export function reportFor(reporter: TestReporter, results: readonly ScenarioResult[]): string {
  return reporter === 'junit' ? junit(results) : github(results);
}

/** A suite for each file, a case for each scenario. */
function junit(results: readonly ScenarioResult[]): string {
  const files = new Map<string, ScenarioResult[]>();
  for (const result of results) files.set(result.location.file, [...(files.get(result.location.file) ?? []), result]);
  const failed = (of: readonly ScenarioResult[]) => of.filter((result) => result.failures.length > 0).length;
  const suites = [...files].flatMap(([file, own]) => [
    `  <testsuite name=${xml(file)} tests="${own.length}" failures="${failed(own)}">`,
    ...own.flatMap(junitCase),
    '  </testsuite>',
  ]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="lago-cli test" tests="${results.length}" failures="${failed(results)}">`,
    ...suites,
    '</testsuites>',
  ].join('\n');
}

function junitCase({ name, location, failures }: ScenarioResult): string[] {
  const head = `    <testcase name=${xml(name)} classname=${xml(location.file)} file=${xml(location.file)} line="${location.line ?? 1}"`;
  if (failures.length === 0) return [`${head}/>`];
  const bodies = failures.map(
    (failure) => `      <failure message=${xml(sentence(failure))}>${escaped(differencesText(failure))}</failure>`,
  );
  return [`${head}>`, ...bodies, '    </testcase>'];
}

/** `::error file=…,line=…::…`, and the count at the end. */
function github(results: readonly ScenarioResult[]): string {
  const annotations = results.flatMap(({ name, failures }) =>
    failures.map((failure) => {
      const { file, line = 1, column = 1 } = failure.location;
      const place = `file=${property(file)},line=${line},col=${column},title=${property(name)}`;
      const text = [sentence(failure), differencesText(failure)].filter((part) => part !== '').join('\n');
      return `::error ${place}::${message(text)}`;
    }),
  );
  return [...annotations, summary(results)].join('\n');
}

function sentence({ step, verb, at, message: said }: Failure): string {
  return step === null ? said : `step ${step}, ${verb} at ${at}: ${said}`;
}

function differencesText({ differences }: Failure): string {
  const show = (value: unknown) => (value === undefined ? 'absent' : JSON.stringify(value));
  return differences
    .map(({ path, expected, actual }) => `${path}: expected ${show(expected)}, actual ${show(actual)}`)
    .join('\n');
}

function message(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function xml(text: string): string {
  return `"${escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;')}"`;
}

function escaped(text: string): string {
  return printedText(text, true).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
