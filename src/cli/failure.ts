/**
 * How a failure is told: one line and a remedy for people, one JSON document for machines, both on stderr, and the exit
 * code. Source: the output contract, "Exit codes".
 */
import { CommanderError } from 'commander';
import { AssertionError, BillingError, exitCodes, type Problem, type SourceLocation } from '../errors.js';
import { asLedgerError } from '../ledger/ledgerErrors.js';
import { printable, safeJson } from '../render/printable.js';
import type { Session } from './context.js';

export function exitCodeOf(error: unknown): number {
  const known = asBillingError(error);
  if (known !== null) return known.exitCode;
  return isPromptAbort(error) ? exitCodes.interrupted : exitCodes.bug;
}

export function writeError(error: unknown, session: Session, json: boolean): void {
  const { stderr } = session;
  if (isPromptAbort(error)) return;
  const known = asBillingError(error);
  if (json) stderr.write(`${safeJson({ error: errorDocument(error, known) }, 2)}\n`);
  else stderr.write(`${known === null ? bugReport(error) : describeForPeople(known, session)}\n`);
}

/** Failures that are not ours: refusals, wrong command lines, and what the system says of files. */
function asBillingError(error: unknown): BillingError | null {
  if (error instanceof BillingError) return error;
  if (error instanceof CommanderError) return commandLineError(error);
  const ofLedger = asLedgerError(error, 'the file');
  return ofLedger instanceof BillingError ? ofLedger : fileError(error);
}

/** `error: unknown command 'exprt'\n(Did you mean export?)`, in our form. */
function commandLineError({ message: told }: CommanderError): BillingError {
  const [, message = told, hint] = /^(?:error: )?(.*?)(?:\n\((.*)\))?$/s.exec(told) ?? [];
  return new BillingError('usage', {
    message: message === '(outputHelp)' ? 'a command is missing' : message,
    suggestion: hint ?? 'Add --help for the options and an example.',
    exitCode: exitCodes.usage,
  });
}

/** What Node reports of files and folders, in words. */
function fileError(error: unknown): BillingError | null {
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  const file = path === undefined ? 'the file' : JSON.stringify(path);
  const refused = (message: string, suggestion: string) => new BillingError('file_error', { message, suggestion });
  switch (code) {
    case 'ENOENT':
      return new BillingError('file_not_found', { message: `no file ${file}`, suggestion: 'Check the path.' });
    case 'EISDIR':
      return refused(`${file} is a folder`, 'Name a file.');
    case 'ENOTDIR':
    case 'EEXIST':
      return refused(`${file} is a file where a folder is needed`, 'Name a folder.');
    case 'EACCES':
    case 'EPERM':
      return refused(`no permission for ${file}`, 'Check the permissions of the file and of its folder.');
    case 'EROFS':
      return refused(`${file} is on a disk that cannot be written`, 'Name another place.');
    case 'ENOSPC':
      return refused(`there is no space left for ${file}`, 'Free some, and run the command again.');
    case 'EFBIG':
      return refused(`${file} would be larger than what is allowed here`, 'Raise the limit (`ulimit -f`).');
    default:
      if (syscall === undefined || !(error instanceof Error)) return null;
      return refused(`${file} cannot be used: ${error.message}`, 'Check the path and the disk.');
  }
}

function errorDocument(error: unknown, known: BillingError | null): unknown {
  const { problems = [], location, suggestion } = known ?? {};
  return {
    code: known?.code ?? 'internal_error',
    message: messageOf(known ?? error),
    details: detailsOf(problems),
    problems,
    suggestion: suggestion ?? problems.find((problem) => problem.suggestion !== undefined)?.suggestion ?? null,
    location: location ?? problems.find((problem) => problem.location !== undefined)?.location ?? null,
    exit_code: exitCodeOf(error),
  };
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
    lines.push(`${red('error')} ${safe(`${where}${error.message}`)} ${dim(`(${error.code})`)}`);
  }
  const said = error.problems.some((problem) => problem.suggestion === error.suggestion);
  if (error.suggestion !== undefined && !said) lines.push(`  ${safe(error.suggestion)}`);
  return lines.join('\n');
}

export function describeProblem(problem: Problem, kind: string, session: Session): string {
  const { field, message, code, location, suggestion } = problem;
  const where = location === undefined ? '' : `${place(location)}: `;
  const isSaid = message.includes(field) || field === location?.file;
  const line = `${kind} ${safe(`${where}${isSaid ? '' : `${field}: `}${message}`)} ${session.colors.dim(`(${code})`)}`;
  return suggestion === undefined ? line : `${line}\n  ${safe(suggestion)}`;
}

function bugReport(error: unknown): string {
  const kind = error instanceof AssertionError ? 'a promise of the code does not hold' : 'unexpected failure';
  const hint = '`lago-cli db verify` tells whether it is the ledger that is damaged.';
  return `This is a bug in lago-cli (${kind}).\n${(error as Error)?.stack ?? String(error)}\n${hint}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What was typed or read may hold escape sequences; line breaks are ours. */
function safe(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** As messages name it. */
export function fileName(file: string): string {
  return file === '-' ? 'stdin' : file;
}

function place({ file, line, column }: SourceLocation): string {
  return [fileName(file), line, column].filter((part) => part !== undefined).join(':');
}

/** Ctrl-C inside a prompt. */
function isPromptAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'ExitPromptError';
}
