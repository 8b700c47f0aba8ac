/** What commands share: reading flags and files into an operation's snake_case input, running verbs, prompting. */
import { readFileSync, statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { BillingError, exitCodes, invalid } from '../errors.js';
import type { OperationContext } from '../operations/context.js';
import { printable } from '../render/printable.js';
import { type Instant, instantForms, parseInstant } from '../time/instant.js';
import type { Session } from './context.js';

/** Fields without the ones that were not given. */
export function given(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** `--from-json FILE` (`-` is stdin): a whole input, as the API takes it, with or without its root key. */
export function inputFromFile(file: string | undefined, root: string): Record<string, unknown> {
  if (file === undefined) return {};
  const text = readText(file);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BillingError('invalid_json', {
      message: `${file} is not JSON: ${(error as Error).message}`,
      location: { file },
    });
  }
  const wrapped = isRecord(parsed) && isRecord(parsed[root]) ? parsed[root] : parsed;
  if (!isRecord(wrapped)) {
    throw new BillingError('invalid_json', { message: `${file} must hold one JSON object`, location: { file } });
  }
  return wrapped;
}

/** The text of a file, without a byte order mark; `-` is stdin. */
export function readText(file: string): string {
  return readWhole(file).replace(/^\uFEFF/, '');
}

function readWhole(file: string): string {
  if (file === '-') return readFileSync(0, 'utf8');
  // Reading a folder fails without naming it.
  if (statSync(file).isDirectory()) {
    throw new BillingError('file_error', {
      message: `${JSON.stringify(file)} is a folder`,
      suggestion: 'Name a file.',
    });
  }
  return readFileSync(file, 'utf8');
}

export function integer(text: string): number {
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a whole number.`);
  }
  return Number(text);
}

/** A number of things to show. */
export function count(text: string): number {
  const number = integer(text);
  if (number < 1) throw new InvalidArgumentError('Name 1 or more.');
  return number;
}

/** An option that takes one of these values, and names them when another is given. */
export function oneOf(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices(values);
}

/** `key=value`, several times. */
export function keyValues(text: string, earlier: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError(`${JSON.stringify(text)} must be written key=value.`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
}

/** An instant that a flag gives. */
export function instantFlag(flag: string, text: string): Instant {
  const at = parseInstant(text);
  if (at === null) throw usage(`${flag}: ${JSON.stringify(text)} is not an ISO 8601 instant`, instantForms);
  return at;
}

export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

export function usage(message: string, suggestion?: string): BillingError {
  return new BillingError('usage', {
    message,
    exitCode: exitCodes.usage,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}

/** A flag's value; asked for at a terminal; refused elsewhere. */
export async function required(
  session: Session,
  value: string | undefined,
  flag: string,
  question: string,
  choices?: () => Promise<readonly string[]>,
): Promise<string> {
  if (value !== undefined && value !== '') return value;
  if (!session.interactive) {
    const isFlag = flag.startsWith('--');
    throw invalid({
      field: flag.replace(/^--/, '').replaceAll('-', '_'),
      code: 'value_is_mandatory',
      message: `${flag} is missing`,
      suggestion: isFlag ? `Add ${flag}.` : 'Give it behind the command: see --help for an example.',
    });
  }
  const prompts = await import('@inquirer/prompts');
  const known = choices === undefined ? [] : await choices();
  if (known.length > 0) {
    return prompts.select({ message: question, choices: known.map((value) => ({ name: printable(value), value })) });
  }
  return prompts.input({
    message: question,
    validate: (answer) => answer.trim() !== '' || 'Something is needed here.',
  });
}

export interface VerbRun<Result, Shown> {
  readonly verb: string;
  readonly input: unknown;
  readonly dryRun?: boolean | undefined;
  readonly onProgress?: OperationContext['onProgress'] | undefined;
  /** What to print of the outcome. */
  readonly view: (context: OperationContext, result: Result) => Shown;
}

/** Runs a verb and answers what to print; a dry run says on stderr that nothing was kept. */
export async function runVerb<Result, Shown>(session: Session, run: VerbRun<Result, Shown>): Promise<Shown> {
  const { perform } = await import('../operations/perform.js');
  const opened = await session.context();
  const context = run.onProgress === undefined ? opened : { ...opened, onProgress: run.onProgress };
  const dryRun = run.dryRun === true;
  const shown = perform<Result, Shown>(context, run.verb, run.input, { dryRun, view: run.view });
  if (dryRun) session.note('dry run: nothing was changed');
  return shown;
}

/** Reads the ledger. */
export async function runQuery<Shown>(session: Session, view: (context: OperationContext) => Shown): Promise<Shown> {
  const { query } = await import('../operations/perform.js');
  return query(await session.context(), view);
}

/** A command with the flag that every state change has. */
export function changing(command: Command): Command {
  return command.option('--dry-run', 'print what would be committed, commit nothing');
}

export function examples(...lines: readonly string[]): string {
  return `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  $ lago-cli ${line}`).join('\n')}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
