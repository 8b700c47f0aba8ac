/** What `test` prints: for each failed scenario its step and what differs, and the count on the last line. */
import type { SourceLocation } from '../errors.js';
import type { Difference } from './match.js';
import type { Failure, ScenarioResult } from './run.js';

/** How the report marks its parts; plain in a pipe. */
export interface ReportStyle {
  readonly failed: (text: string) => string;
  readonly expected: (text: string) => string;
  readonly actual: (text: string) => string;
  readonly quiet: (text: string) => string;
}

export const plainStyle: ReportStyle = {
  failed: (text) => text,
  expected: (text) => text,
  actual: (text) => text,
  quiet: (text) => text,
};

export function formatReport(results: readonly ScenarioResult[], style: ReportStyle = plainStyle): string {
  const blocks = results.filter((result) => result.failures.length > 0).map((result) => formatResult(result, style));
  return [...blocks, summary(results)].join('\n');
}

export function summary(results: readonly ScenarioResult[]): string {
  const failed = results.filter((result) => result.failures.length > 0).length;
  return `${results.length - failed} passed, ${failed} failed`;
}

/** The same for machines. */
export function reportJson(results: readonly ScenarioResult[]): unknown {
  const failed = results.filter((result) => result.failures.length > 0);
  return {
    passed: results.length - failed.length,
    failed: failed.length,
    failures: failed.map(({ name, location, failures }) => ({
      scenario: name,
      location,
      problems: failures.map((failure) => ({
        ...failure,
        differences: failure.differences.map((difference) => ({ ...difference, actual: difference.actual ?? null })),
      })),
    })),
  };
}

function formatResult(result: ScenarioResult, style: ReportStyle): string {
  const lines = [style.failed(`FAILED ${place(result.location)} ${result.name}`)];
  for (const failure of result.failures) {
    lines.push(`  ${heading(failure, style)}`);
    for (const difference of failure.differences) lines.push(...formatDifference(difference, style));
  }
  return `${lines.join('\n')}\n`;
}

function heading(failure: Failure, style: ReportStyle): string {
  const where = style.quiet(`(${place(failure.location)})`);
  if (failure.step === null) return `${failure.message} ${where}`;
  return `step ${failure.step}, ${failure.verb} at ${failure.at} ${where}: ${failure.message}`;
}

function formatDifference({ path, expected, actual }: Difference, style: ReportStyle): string[] {
  return [
    `    ${path}`,
    style.expected(`      - expected ${show(expected)}`),
    style.actual(`      + actual   ${show(actual)}`),
  ];
}

function show(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

function place({ file, line, column }: SourceLocation): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}
