/**
 * How a failure is told: one line and a remedy for people, one JSON document for machines, both on stderr, and the exit
 * code. Source: the output contract, "Exit codes".
 */
import { AssertionError, BillingError, exitCodes, type Problem, type SourceLocation } from '../errors.js';
import type { Session } from './context.js';

export function exitCodeOf(error: unknown): number {
  if (error instanceof BillingError) return error.exitCode;
  if (isPromptAbort(error)) return exitCodes.interrupted;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR' || code === 'EACCES') return exitCodes.notFound;
  if (typeof code === 'string' && code.startsWith('SQLITE_BUSY')) return exitCodes.ledgerUnavailable;
  return exitCodes.bug;
}

export function writeError(error: unknown, session: Session, json: boolean): void {
  const { stderr } = session;
  if (isPromptAbort(error)) return;
  const exitCode = exitCodeOf(error);
  if (json) {
    stderr.write(`${JSON.stringify({ error: errorDocument(error, exitCode) }, null, 2)}\n`);
    return;
  }
  if (error instanceof BillingError) stderr.write(`${describeForPeople(error, session)}\n`);
  else if (exitCode === exitCodes.bug) stderr.write(`${bugReport(error)}\n`);
  else stderr.write(`${session.colors.red('error')} ${messageOf(error)}\n`);
}

function errorDocument(error: unknown, exitCode: number): unknown {
  if (error instanceof BillingError) {
    return {
      code: error.code,
      message: error.message,
      details: detailsOf(error.problems),
      problems: error.problems,
      suggestion: error.suggestion ?? null,
      location: error.location ?? error.problems.find((problem) => problem.location !== undefined)?.location ?? null,
      exit_code: exitCode,
    };
  }
  const code = exitCode === exitCodes.bug ? 'internal_error' : 'file_error';
  return { code, message: messageOf(error), details: {}, suggestion: null, location: null, exit_code: exitCode };
}

/** Lago's `error_details`: codes by field. */
function detailsOf(problems: readonly Problem[]): Record<string, string[]> {
  const details: Record<string, string[]> = {};
  for (const { field, code } of problems) details[field] = [...(details[field] ?? []), code];
  return details;
}

function describeForPeople(error: BillingError, session: Session): string {
  const { red, dim } = session.colors;
  const lines: string[] = [];
  if (error.problems.length > 0) {
    for (const problem of error.problems) lines.push(describeProblem(problem, red('error'), session));
  } else {
    const where = error.location === undefined ? '' : `${place(error.location)}: `;
    lines.push(`${red('error')} ${where}${error.message} ${dim(`(${error.code})`)}`);
  }
  const said = error.problems.some((problem) => problem.suggestion === error.suggestion);
  if (error.suggestion !== undefined && !said) lines.push(`  ${error.suggestion}`);
  return lines.join('\n');
}

export function describeProblem(problem: Problem, kind: string, session: Session): string {
  const where = problem.location === undefined ? '' : `${place(problem.location)}: `;
  const subject = problem.message.includes(problem.field) ? '' : `${problem.field}: `;
  const line = `${kind} ${where}${subject}${problem.message} ${session.colors.dim(`(${problem.code})`)}`;
  return problem.suggestion === undefined ? line : `${line}\n  ${problem.suggestion}`;
}

function bugReport(error: unknown): string {
  const kind = error instanceof AssertionError ? 'a promise of the code does not hold' : 'unexpected failure';
  return `This is a bug in lago-cli (${kind}). Nothing was changed.\n${(error as Error)?.stack ?? String(error)}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function place({ file, line, column }: SourceLocation): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

/** Ctrl-C inside a prompt. */
function isPromptAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}
